"""Why a courier's money was not noted."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotFound


class CourierNotFound(NotFound):
    code = "cod.courier_not_found"
    sentence = N_("Không có đơn vị giao hàng này.")


class CollectionNotFound(NotFound):
    code = "cod.not_found"
    sentence = N_("Không có khoản thu hộ này.")


class NameMissing(Invalid):
    code = "cod.name_missing"
    sentence = N_("Ghi tên đơn vị giao hàng.")
    field = "name"


class NameTaken(Conflict):
    code = "cod.name_taken"
    sentence = N_("Đã có đơn vị giao hàng tên này.")
    field = "name"


class NobodyHolds(Conflict):
    """Nobody runs the platform yet, so nobody could be handed the money."""

    code = "cod.no_operator"
    sentence = N_("Chưa thu hộ được: chợ chưa có cơ quan vận hành.")


class NothingDue(Conflict):
    code = "cod.nothing_due"
    sentence = N_("Khoản này không còn phải thu.")


class AskedDifferently(Conflict):
    """The same key was used before for another intent, courier or amount."""

    code = "cod.asked_differently"
    sentence = N_("Khoản thu hộ này đã ghi với nội dung khác.")


class ReasonMissing(Invalid):
    code = "cod.reason_missing"
    sentence = N_("Ghi lý do để người sau xem lại còn hiểu.")
    field = "reason"


class NothingChosen(Invalid):
    code = "cod.nothing_chosen"
    sentence = N_("Chọn những kiện mà đơn vị giao hàng nộp tiền.")
    field = "chosen"


class MoreThanHeld(Invalid):
    """Money for parcels that were not chosen, or that nobody noted as collected."""

    code = "cod.more_than_held"
    sentence = N_(
        "Các kiện đã chọn chỉ còn nợ %(held)s. Chọn thêm kiện, hoặc ghi nhận đã thu trước."
    )
    field = "received"


class AmountMissing(Invalid):
    code = "cod.amount_missing"
    sentence = N_("Ghi số tiền nhận được.")
    field = "received"


class NotHeld(Conflict):
    """It was handed over meanwhile, or never collected."""

    code = "cod.not_held"
    sentence = N_("Có kiện vừa được người khác ghi nhận. Tải lại trang rồi chọn lại.")
