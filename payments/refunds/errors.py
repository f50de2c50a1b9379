"""Why money was not given back."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotAllowed, NotFound


class RefundNotFound(NotFound):
    code = "refunds.not_found"
    sentence = N_("Không có khoản hoàn này.")


class SourceNotFound(NotFound):
    """What the money would come out of is not there, or is a stranger's."""

    code = "refunds.source_not_found"
    sentence = N_("Không tìm thấy khoản tiền định hoàn.")


class AmountTooSmall(Invalid):
    code = "refunds.amount_too_small"
    sentence = N_("Số tiền hoàn phải từ 1 đồng.")
    field = "amount"


class AboveAvailable(Conflict):
    """More would be given back than is left; `left` is among the facts."""

    code = "refunds.above_available"
    sentence = N_("Chỉ còn hoàn được %(left)s. Nhập số tiền không quá số này.")
    field = "amount"


class StaleAvailable(Conflict):
    """Another refund or decision took some of it since the page was shown: nothing was done."""

    code = "refunds.stale_available"
    sentence = N_(
        "Số tiền còn hoàn được vừa đổi, nay là %(left)s. Chưa ghi gì cả; xem lại rồi gửi lần nữa."
    )
    field = "amount"


class ReasonMissing(Invalid):
    code = "refunds.reason_missing"
    sentence = N_("Ghi lý do, ngắn gọn dưới 200 chữ.")
    field = "reason"


class BankUnknown(Invalid):
    code = "refunds.bank_unknown"
    sentence = N_("Chọn ngân hàng của người nhận.")
    field = "bank_bin"


class AccountUnreadable(Invalid):
    code = "refunds.account_unreadable"
    sentence = N_("Số tài khoản có từ 4 đến 19 chữ số hoặc chữ cái, viết liền.")
    field = "account_number"


class HolderMissing(Invalid):
    code = "refunds.holder_missing"
    sentence = N_("Ghi tên chủ tài khoản như ngân hàng hiện ra.")
    field = "holder"


class NotPaidByCard(Invalid):
    code = "refunds.not_paid_by_card"
    sentence = N_("Khoản này không trả bằng thẻ nên không hoàn về thẻ được.")
    field = "means"


class KeyUsedOtherwise(Conflict):
    """The same key came before with another amount, source or account."""

    code = "refunds.key_used_otherwise"
    sentence = N_("Yêu cầu hoàn này đã gửi trước đó với nội dung khác nên không nhận lại.")


class SamePerson(NotAllowed):
    """Above the limit whoever asks may not approve."""

    code = "refunds.same_person"
    sentence = N_(
        "Khoản hoàn này do chính bạn đề nghị. Số tiền trên %(limit)s cần người khác duyệt."
    )


class AuthorityDecides(NotAllowed):
    """Nobody else in the organisation could approve, so the authority does."""

    code = "refunds.authority_decides"
    sentence = N_("Khoản hoàn này không do sở duyệt.")


class NotTheLastAttempt(Conflict):
    """Somebody tried again meanwhile."""

    code = "refunds.not_the_last_attempt"
    sentence = N_("Lần chuyển này đã được thay bằng lần khác. Tải lại trang để xem.")


class NotByThisMeans(Conflict):
    code = "refunds.not_by_this_means"
    sentence = N_("Khoản hoàn này đi bằng cách khác.")


class MovementUnfit(Conflict):
    """A movement that is not out, not of this amount, or explained already."""

    code = "refunds.movement_unfit"
    sentence = N_("Giao dịch này không phải lần chuyển đi đúng số tiền của khoản hoàn.")
    field = "movement"
