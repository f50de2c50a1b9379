"""A row that may not go where it was told to."""

from __future__ import annotations

from foundation.errors import N_, Conflict


class CannotMove(Conflict):
    """The row's present state does not lead to the state asked for."""

    code = "audit.cannot_move"
    sentence = N_("Việc này đã có người làm rồi, hoặc không còn làm được. Tải lại trang để xem.")

    def __init__(self, subject: str, present: str, wanted: str) -> None:
        super().__init__(subject=subject, present=present, wanted=wanted)
