"""Double entry, append-only: a journal is never changed, only undone by another one.

The database itself holds two promises, on PostgreSQL and SQLite alike: rows are neither changed
nor deleted, and a transaction that leaves a journal unbalanced cannot commit.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, Dong, Key, PublicId, append_only
from payments.ledger.rules import AccountKind

__all__ = ["AccountKind", "Journal", "LedgerAccount", "Posting"]


class LedgerAccount(Base):
    """An account in an organisation's books. Its balance is the sum of its postings."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (UniqueConstraint("organisation_id", "kind", "subject"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[AccountKind]
    subject: Mapped[str] = mapped_column(String(120), default="")


class Journal(Base):
    """A balanced set of postings. `day` is the day it counts for, `posted_at` when it was made."""

    __tablename__ = "ledger_journals"
    __table_args__ = (Index("ix_ledger_journals_day", "organisation_id", "day", "id"),)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    day: Mapped[date]
    posted_at: Mapped[datetime]
    memo: Mapped[str] = mapped_column(String(200))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_journals.id"), unique=True)


class Posting(Base):
    """One line: đồng into an account (positive, a debit) or out of it (negative, a credit)."""

    __tablename__ = "ledger_postings"
    __table_args__ = (
        Index("ix_ledger_postings_account", "account_id", "day", "id"),
        Index("ix_ledger_postings_journal", "journal_id"),
    )

    id: Mapped[Key]
    journal_id: Mapped[int] = mapped_column(ForeignKey("ledger_journals.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    day: Mapped[date]
    amount: Mapped[Dong]


append_only(LedgerAccount.__table__)
append_only(Journal.__table__)
append_only(Posting.__table__)
