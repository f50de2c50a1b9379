"""Why a movement of money was not taken."""

from __future__ import annotations

from foundation.errors import N_, Conflict, NotFound


class MovementNotFound(NotFound):
    code = "credits.not_found"
    sentence = N_("Không có giao dịch này.")


class RecordedDifferently(Conflict):
    """The same key was recorded before with another amount."""

    code = "credits.recorded_differently"
    sentence = N_("Khoản này đã ghi với số tiền khác.")
