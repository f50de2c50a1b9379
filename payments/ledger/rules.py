"""The chart of accounts, and what makes a journal one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from foundation.errors import N_
from payments.ledger.errors import Unbalanced


class AccountKind(StrEnum):
    """What an account stands for. Debits are positive: assets grow by them."""

    BANK = "bank"  # subject: the bank account's public id
    CASH = "cash"  # subject: the desk
    CARD = "card"  # money a card provider holds; subject: the provider
    COURIER = "courier"  # money a courier collected and has not handed over; subject: the courier
    SUSPENSE = "suspense"  # arrived, not yet known what for
    RECEIVED = "received"  # arrived for something that was owed
    PAYER_BALANCE = "payer_balance"  # kept for a payer; subject: the payer
    RETURNS_DUE = "returns_due"  # to be given back, not yet gone
    NOT_OURS = "not_ours"  # arrived, and is none of our business: own transfers, interest
    FROZEN = "frozen"  # recalled by the bank, held until it is decided
    GONE = "gone"  # left the bank account, not yet known what for
    OWED_TO_SELLER = "owed_to_seller"  # the operator's debt; subject: the seller's public id
    OWED_BY_OPERATOR = "owed_by_operator"  # the same, in the seller's books
    IN_TRANSIT = "in_transit"  # paid out, not yet heard of
    FEES = "fees"
    CASH_DIFFERENCE = "cash_difference"
    OPENING = "opening"


ACCOUNT_NAMES: dict[AccountKind, str] = {
    AccountKind.BANK: N_("Tiền gửi ngân hàng"),
    AccountKind.CASH: N_("Tiền mặt tại quầy"),
    AccountKind.CARD: N_("Tiền thẻ chờ chuyển về"),
    AccountKind.COURIER: N_("Tiền đơn vị giao hàng đang giữ"),
    AccountKind.SUSPENSE: N_("Tiền đã vào, chưa rõ của khoản nào"),
    AccountKind.RECEIVED: N_("Đã thu cho các khoản phải thu"),
    AccountKind.PAYER_BALANCE: N_("Số dư giữ hộ người trả"),
    AccountKind.RETURNS_DUE: N_("Tiền chờ hoàn lại"),
    AccountKind.NOT_OURS: N_("Tiền không thuộc khoản thu"),
    AccountKind.FROZEN: N_("Tiền bị phong toả"),
    AccountKind.GONE: N_("Tiền đã ra, chưa rõ lý do"),
    AccountKind.OWED_TO_SELLER: N_("Phải trả người bán"),
    AccountKind.OWED_BY_OPERATOR: N_("Sàn còn phải chuyển"),
    AccountKind.IN_TRANSIT: N_("Tiền đang chuyển"),
    AccountKind.FEES: N_("Phí"),
    AccountKind.CASH_DIFFERENCE: N_("Thừa, thiếu quỹ"),
    AccountKind.OPENING: N_("Số dư đầu kỳ"),
}


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One line of a journal: đồng into an account (positive) or out of it (negative)."""

    account: AccountKind
    amount: int
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A journal to be posted into one organisation's books.

    `key` is unique in the whole ledger and names what is posted ("movement:12", "allocation:7"):
    posting a key a second time does nothing. `day` is the day it counts for.
    """

    key: str
    organisation_id: int
    day: date
    memo: str
    legs: tuple[Leg, ...]
    reverses: str | None = None

    def __post_init__(self) -> None:
        if not self.legs or sum(leg.amount for leg in self.legs) != 0:
            raise Unbalanced(key=self.key)


def transfer(
    amount: int, source: tuple[AccountKind, str], target: tuple[AccountKind, str]
) -> tuple[Leg, ...]:
    """Return the legs that move đồng from one account, (kind, subject), into another: the target
    is debited, the source credited."""
    return (
        Leg(account=target[0], subject=target[1], amount=amount),
        Leg(account=source[0], subject=source[1], amount=-amount),
    )


def mirrored(legs: Sequence[Leg]) -> tuple[Leg, ...]:
    """Return the legs that undo these."""
    return tuple(Leg(account=leg.account, subject=leg.subject, amount=-leg.amount) for leg in legs)
