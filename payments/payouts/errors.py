"""Why nothing was paid out."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotAllowed, NotFound


class BatchNotFound(NotFound):
    code = "payouts.batch_not_found"
    sentence = N_("Không có bảng chuyển tiền này.")


class PayoutNotFound(NotFound):
    code = "payouts.not_found"
    sentence = N_("Không có lệnh chuyển này.")


class HoldNotFound(NotFound):
    code = "payouts.hold_not_found"
    sentence = N_("Không có lệnh giữ tiền này, hoặc đã bỏ trước đó.")


class SellerNotFound(NotFound):
    code = "payouts.seller_not_found"
    sentence = N_("Không có người bán này.")


class NoOperator(Conflict):
    """No authority has been verified yet: nobody holds sellers' money."""

    code = "payouts.no_operator"
    sentence = N_("Chưa có cơ quan nào vận hành sàn.")


class DraftOpen(Conflict):
    """`number` is the batch that waits for approval."""

    code = "payouts.draft_open"
    sentence = N_("Bảng %(number)s còn chờ duyệt. Duyệt hoặc bỏ bảng đó rồi mới lập bảng mới.")


class NothingToPay(Conflict):
    code = "payouts.nothing_to_pay"
    sentence = N_("Chưa có người bán nào để chuyển tiền lúc này.")


class FeeUnfit(Invalid):
    code = "payouts.fee_unfit"
    sentence = N_("Phí mỗi lệnh từ 0 đến 100.000 đồng.")
    field = "fee"


class SamePerson(NotAllowed):
    """Whoever drew a batch up may not approve it."""

    code = "payouts.same_person"
    sentence = N_("Bảng này do chính bạn lập. Cần người khác duyệt.")


class OutOfDate(Conflict):
    """Since the batch was drawn up something changed for these sellers: what they are owed, their
    account, a hold. Nothing was approved."""

    code = "payouts.out_of_date"
    sentence = N_("Từ lúc lập bảng đã có thay đổi ở: %(sellers)s. Bỏ bảng này rồi lập lại.")


class NotApproved(Conflict):
    code = "payouts.not_approved"
    sentence = N_("Bảng này chưa được duyệt nên chưa xuất tệp được.")


class NotUnderWay(Conflict):
    code = "payouts.not_under_way"
    sentence = N_("Bảng này không ở bước đang chuyển.")


class ReasonMissing(Invalid):
    code = "payouts.reason_missing"
    sentence = N_("Ghi lý do, ngắn gọn dưới 200 chữ.")
    field = "reason"


class AmountTooSmall(Invalid):
    code = "payouts.amount_too_small"
    sentence = N_("Số tiền giữ lại phải từ 1 đồng.")
    field = "amount"


class MovementUnfit(Conflict):
    """A movement that goes the other way, is of another amount, or is explained already."""

    code = "payouts.movement_unfit"
    sentence = N_("Giao dịch này không đúng chiều, không đúng số tiền, hoặc đã dùng cho việc khác.")
    field = "movement"
