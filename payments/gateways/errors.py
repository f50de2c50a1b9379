"""Why a card was not charged, or a notice not believed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from foundation.errors import N_, Conflict, DomainError, Invalid, NotAllowed, NotFound


class CardsNotOffered(NotFound):
    code = "gateways.not_offered"
    sentence = N_("Khoản này không trả được bằng thẻ. Quét mã VietQR để chuyển khoản.")


class ChargeNotFound(NotFound):
    code = "gateways.charge_not_found"
    sentence = N_("Không có lần trả thẻ này.")


class NothingDue(Conflict):
    """It is paid, cancelled, or expired and not wanted any more."""

    code = "gateways.nothing_due"
    sentence = N_("Khoản này không còn phải trả.")


class AmountChanged(Conflict):
    """Some of it was paid otherwise since the page was opened."""

    code = "gateways.amount_changed"
    sentence = N_("Số tiền còn phải trả vừa thay đổi. Mở lại trang trả bằng thẻ.")


class AmountBeyondCard(Invalid):
    code = "gateways.amount_beyond_card"
    sentence = N_("Thẻ chỉ trả được từ %(least)s đến %(most)s. Quét mã VietQR để chuyển khoản.")


class GatewayDown(DomainError):
    """The provider did not answer, or refused us: nobody's card was charged by this."""

    status = HTTPStatus.BAD_GATEWAY
    code = "gateways.down"
    sentence = N_("Chưa nối được với bên nhận thẻ. Thử lại sau ít phút hoặc quét mã VietQR.")


class BadNotice(NotAllowed):
    """What came says it is from the provider and is not, is too old, or cannot be read."""

    code = "gateways.bad_notice"
    sentence = N_("Chữ ký không đúng.")


class GatewayError(Exception):
    """A call to a provider did not work. `permanent`: the same call will not work later either.

    `unsure`: the provider may have done it all the same, so it has to be asked.
    """

    def __init__(self, words: str, *, permanent: bool = False, unsure: bool = False) -> None:
        super().__init__(words)
        self.permanent: Final = permanent
        self.unsure: Final = unsure
