"""Why nothing was posted."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid


class Unbalanced(Invalid):
    code = "ledger.unbalanced"
    sentence = N_("Bút toán không cân: tổng các dòng phải bằng không.")


class PostedDifferently(Conflict):
    """The same key was posted before with other legs."""

    code = "ledger.posted_differently"
    sentence = N_("Bút toán này đã ghi với số tiền khác.")
