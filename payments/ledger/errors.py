"""Why nothing was posted."""

from __future__ import annotations

from foundation.errors import N_, Conflict, Invalid, NotFound


class Unbalanced(Invalid):
    code = "ledger.unbalanced"
    sentence = N_("Bút toán không cân: tổng các dòng phải bằng không.")


class PostedDifferently(Conflict):
    """The same key was posted before with other legs."""

    code = "ledger.posted_differently"
    sentence = N_("Bút toán này đã ghi với số tiền khác.")


class JournalNotFound(NotFound):
    code = "ledger.journal_not_found"
    sentence = N_("Không có bút toán này.")


class AccountNotFound(NotFound):
    code = "ledger.account_not_found"
    sentence = N_("Không có tài khoản này trong sổ.")


class ReversedBefore(Conflict):
    """A journal is undone once."""

    code = "ledger.reversed_before"
    sentence = N_("Bút toán này đã được ghi đảo.")


class PeriodTooLong(Invalid):
    """A file would hold more lines than a spreadsheet bears."""

    code = "ledger.period_too_long"
    sentence = N_("Kỳ này nhiều hơn %(most)s dòng. Chọn kỳ ngắn hơn rồi tải từng phần.")
