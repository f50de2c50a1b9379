"""Why a cashier's decision was not taken."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid


class ReasonMissing(Invalid):
    code = "reconciliation.reason_missing"
    sentence = N_("Ghi lý do để người sau xem lại còn hiểu.")
    field = "reason"


class NothingChosen(Invalid):
    code = "reconciliation.nothing_chosen"
    sentence = N_("Chọn khoản và số tiền cần phân bổ.")
    field = "amount"


class PayerMissing(Invalid):
    code = "reconciliation.payer_missing"
    sentence = N_("Ghi rõ giữ số dư cho ai.")
    field = "payer"


class NotUndoneHere(Conflict):
    """What is on its way back is taken back where it was asked for."""

    code = "reconciliation.not_undone_here"
    sentence = N_(
        "Khoản này gắn với một lần hoàn tiền hoặc chuyển tiền người bán. "
        "Xử lý ở đó thay vì gỡ ở đây."
    )


class MoreThanArrived(Invalid):
    code = "reconciliation.more_than_arrived"
    sentence = N_("Số tiền phải khớp với giao dịch: %(amount)s.")
    field = "amount"


class NotFrozen(Conflict):
    code = "reconciliation.not_frozen"
    sentence = N_("Khoản tiền này không bị phong toả.")


class SomeDecided(Conflict):
    """Of several ticked at once, some were decided about meanwhile. Nothing was done."""

    code = "reconciliation.some_decided"
    sentence = N_(
        "%(count)s giao dịch đã được người khác xử lý trong lúc này nên chưa ghi gì. "
        "Xem lại danh sách rồi làm lại."
    )
