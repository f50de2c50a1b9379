"""Why something is not owed that way, or not settled."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotFound


class IntentNotFound(NotFound):
    code = "intents.not_found"
    sentence = N_("Không có khoản thanh toán này.")


class AmountTooSmall(Invalid):
    code = "intents.amount_too_small"
    sentence = N_("Số tiền phải từ 1 đồng trở lên.")
    field = "amount"


class AmountTooLarge(Invalid):
    """NAPAS carries transfers of less than 500 million đồng."""

    code = "intents.amount_too_large"
    sentence = N_(
        "Chuyển nhanh liên ngân hàng chỉ nhận dưới 500 triệu đồng mỗi lần. "
        "Chia thành nhiều khoản nhỏ hơn rồi thu từng khoản."
    )
    field = "amount"


class LinesDoNotSum(Invalid):
    code = "intents.lines_do_not_sum"
    sentence = N_("Các dòng cộng lại không bằng số tiền phải trả.")
    field = "lines"


class LineUnclear(Invalid):
    """A line lacks its kind, subject or label, is too long in one of them, or is below zero."""

    code = "intents.line_unclear"
    sentence = N_("Mỗi dòng cần nội dung ngắn gọn và số tiền không âm.")
    field = "lines"


class PurposeMissing(Invalid):
    code = "intents.purpose_missing"
    sentence = N_("Ghi khoản này thu để làm gì.")
    field = "purpose"


class PurposeTooLong(Invalid):
    code = "intents.purpose_too_long"
    sentence = N_("Nội dung thu dài nhất 120 chữ. Bớt lại một chút.")
    field = "purpose"


class PayerTooLong(Invalid):
    code = "intents.payer_too_long"
    sentence = N_("Tên hoặc mã người trả quá dài.")
    field = "payer_name"


class KeyUnfit(Invalid):
    code = "intents.key_unfit"
    sentence = N_("Khoá của yêu cầu phải có từ 1 đến 120 ký tự.")
    field = "key"


class ExpiryPast(Invalid):
    code = "intents.expiry_past"
    sentence = N_("Hạn thanh toán đã qua. Chọn một thời điểm sau lúc này.")
    field = "expires_at"


class ReasonMissing(Invalid):
    code = "intents.reason_missing"
    sentence = N_("Ghi lý do huỷ, ngắn gọn dưới 200 chữ.")
    field = "reason"


class KeyUsedOtherwise(Conflict):
    """The same key came before with another amount, purpose, payer or lines."""

    code = "intents.key_used_otherwise"
    sentence = N_("Yêu cầu này đã gửi trước đó với nội dung khác nên không nhận lại.")


class NotPayable(Conflict):
    """It is cancelled, or expired and not wanted any more."""

    code = "intents.not_payable"
    sentence = N_("Khoản này đã đóng, không nhận thêm tiền.")


class AboveDue(Conflict):
    """More would be settled than is due."""

    code = "intents.above_due"
    sentence = N_("Số tiền lớn hơn phần còn phải trả.")


class MoreThanSettled(Conflict):
    """More would be taken back, or given back, than was settled and is still there."""

    code = "intents.more_than_settled"
    sentence = N_("Số tiền lớn hơn phần đã thu của khoản này.")


class HasMoney(Conflict):
    """Money was settled or waits for it: whoever allocated it must undo that first."""

    code = "intents.has_money"
    sentence = N_(
        "Khoản này đã có tiền vào nên không huỷ được. Gỡ hoặc hoàn số tiền đó trước rồi hãy huỷ."
    )


class CannotReplace(Conflict):
    """The newer one is another payee's, closed itself, or led to from the one it would replace."""

    code = "intents.cannot_replace"
    sentence = N_("Không thay được bằng khoản này.")
