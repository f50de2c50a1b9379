"""Why a decision about an unclear telling was not taken."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotFound


class TellingNotFound(NotFound):
    code = "tellings.not_found"
    sentence = N_("Không có tin báo này.")


class DecidedAlready(Conflict):
    code = "tellings.decided_already"
    sentence = N_("Tin báo này đã có người quyết định rồi.")


class NotThisMovement(Invalid):
    """Another account, or the other direction: it cannot be the same money."""

    code = "tellings.not_this_movement"
    sentence = N_("Giao dịch này ở tài khoản khác hoặc ngược chiều nên không thể là một.")
    field = "movement"


class AnswerMissing(Invalid):
    code = "tellings.answer_missing"
    sentence = N_("Chọn tin báo này là giao dịch nào.")
    field = "movement"
