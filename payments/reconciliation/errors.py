"""Why money was not allocated."""

from __future__ import annotations

from foundation.errors import N_, Conflict, NotFound


class AllocationNotFound(NotFound):
    code = "reconciliation.not_found"
    sentence = N_("Không có lần phân bổ này.")


class MoreThanWaiting(Conflict):
    """Somebody was faster, or the page is old."""

    code = "reconciliation.more_than_waiting"
    sentence = N_("Giao dịch này chỉ còn %(waiting)s chưa phân bổ. Xem lại số tiền.")
    field = "amount"


class BalanceTooSmall(Conflict):
    code = "reconciliation.balance_too_small"
    sentence = N_("Số dư của người này chỉ còn %(balance)s.")
    field = "amount"


class WentOut(Conflict):
    code = "reconciliation.went_out"
    sentence = N_("Đây là tiền ra khỏi tài khoản, không dùng để thu khoản nào được.")


class IsFrozen(Conflict):
    code = "reconciliation.is_frozen"
    sentence = N_("Ngân hàng đang yêu cầu phong toả khoản tiền này. Gỡ phong toả rồi mới làm tiếp.")


class UndoneAlready(Conflict):
    code = "reconciliation.undone_already"
    sentence = N_("Lần phân bổ này đã được gỡ trước đó.")
