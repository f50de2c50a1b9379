"""What people are told when the second factor does not fit."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid


class WrongSecondFactor(Invalid):
    """The one answer to a wrong code, one used before, and one try too many."""

    code = "second_factor.wrong"
    sentence = N_(
        "Mã chưa đúng. Chờ ứng dụng hiện mã mới rồi nhập lại; nhập sai nhiều lần thì phải chờ "
        "ít phút."
    )
    field = "code"


class AlreadyOn(Conflict):
    code = "second_factor.already_on"
    sentence = N_("Xác thực hai lớp đã bật rồi.")


class NotOn(Conflict):
    code = "second_factor.not_on"
    sentence = N_("Xác thực hai lớp chưa bật.")
