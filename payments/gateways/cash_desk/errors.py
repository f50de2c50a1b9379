"""Why no cash was taken, counted or moved."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotAllowed, NotFound


class DeskNotFound(NotFound):
    code = "cash_desk.not_found"
    sentence = N_("Không có quầy này.")


class ShiftNotFound(NotFound):
    code = "cash_desk.shift_not_found"
    sentence = N_("Không có ca này.")


class EntryNotFound(NotFound):
    code = "cash_desk.entry_not_found"
    sentence = N_("Không có lần thu này.")


class NameMissing(Invalid):
    code = "cash_desk.name_missing"
    sentence = N_("Đặt tên quầy để phân biệt, ví dụ Quầy 1.")
    field = "name"


class NameTaken(Conflict):
    code = "cash_desk.name_taken"
    sentence = N_("Đã có quầy tên này.")
    field = "name"


class DeskInUse(Conflict):
    """Somebody else, or another window, opened a shift there first."""

    code = "cash_desk.in_use"
    sentence = N_("Quầy này đang có ca mở. Đóng ca ấy trước khi mở ca mới.")


class FloatDiffers(Invalid):
    code = "cash_desk.float_differs"
    sentence = N_(
        "Ca trước để lại %(left)s, đếm được %(counted)s. Đếm lại; nếu đúng thì ghi lý do lệch."
    )
    field = "reason"


class ShiftClosed(Conflict):
    code = "cash_desk.shift_closed"
    sentence = N_("Ca này đã đóng. Mở ca mới để thu tiền.")


class NotYourShift(NotAllowed):
    """Who counted the till answers for it; nobody else puts money in."""

    code = "cash_desk.not_your_shift"
    sentence = N_("Ca này của người khác. Mỗi người thu tiền trong ca của mình.")


class NothingDue(Conflict):
    code = "cash_desk.nothing_due"
    sentence = N_("Khoản này không còn phải thu.")


class MoreThanDue(Invalid):
    code = "cash_desk.more_than_due"
    sentence = N_("Khoản này chỉ còn phải thu %(due)s.")
    field = "amount"


class AmountMissing(Invalid):
    code = "cash_desk.amount_missing"
    sentence = N_("Ghi số tiền, từ 1.000 ₫ trở lên.")
    field = "amount"


class GivenTooLittle(Invalid):
    code = "cash_desk.given_too_little"
    sentence = N_("Khách đưa ít hơn số tiền thu. Xem lại, hoặc thu một phần.")
    field = "given"


class NotInTill(Conflict):
    code = "cash_desk.not_in_till"
    sentence = N_("Trong két chỉ có %(inside)s.")
    field = "amount"


class ReasonMissing(Invalid):
    code = "cash_desk.reason_missing"
    sentence = N_("Ghi lý do để người sau xem lại còn hiểu.")
    field = "reason"


class DifferenceUnexplained(Invalid):
    code = "cash_desk.difference_unexplained"
    sentence = N_(
        "Đếm được %(counted)s, sổ ghi %(expected)s, lệch %(difference)s. "
        "Đếm lại một lần; nếu vẫn lệch thì ghi lý do rồi đóng ca."
    )
    field = "reason"


class UndoneAlready(Conflict):
    code = "cash_desk.undone_already"
    sentence = N_("Lần thu này đã huỷ rồi.")


class NotUndone(Conflict):
    """It is no taking, or its money was decided upon otherwise since."""

    code = "cash_desk.not_undone"
    sentence = N_("Chỉ huỷ được lần thu tiền còn nguyên. Đã hoàn thì xem ở trang hoàn tiền.")
