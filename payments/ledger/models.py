"""Double entry, append-only: a journal is never changed, only undone by another one.

The database itself holds two promises, on PostgreSQL and SQLite alike: rows are neither changed
nor deleted, and a transaction that leaves a journal unbalanced cannot commit.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    DDL,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, BigInt, Dong, Key, PublicId, append_only
from payments.ledger.rules import AccountKind

__all__ = ["AccountKind", "Journal", "LedgerAccount", "Posting", "UnbalancedJournal"]


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
        # With the amount in it a balance is read from the index alone.
        Index("ix_ledger_postings_account", "account_id", "day", "id", "amount"),
        Index("ix_ledger_postings_journal", "journal_id"),
    )

    id: Mapped[Key]
    journal_id: Mapped[int] = mapped_column(ForeignKey("ledger_journals.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"))
    day: Mapped[date]
    amount: Mapped[Dong]


class UnbalancedJournal(Base):
    """A journal that does not add up to nothing yet. No transaction can commit while one is here.

    Triggers on the postings put a row here and take it away again; `never_id` points at a row
    that cannot exist, which both databases notice when the transaction commits and not before.
    """

    __tablename__ = "ledger_unbalanced"
    __table_args__ = (CheckConstraint("journal_id > 0 AND never_id = -1", name="points_nowhere"),)

    journal_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    never_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_unbalanced.journal_id", deferrable=True, initially="DEFERRED"),
        server_default=text("-1"),
    )


append_only(LedgerAccount.__table__)
append_only(Journal.__table__)
append_only(Posting.__table__)


def balance_ddl(dialect: str) -> list[str]:
    """Return the statements that have this database watch the balance of journals: whoever makes
    `ledger_postings` and `ledger_unbalanced`, or makes them anew, runs these afterwards."""
    return _SQLITE_BALANCE if dialect == "sqlite" else _POSTGRESQL_BALANCE


_SQLITE_BALANCE = [
    "CREATE TRIGGER ledger_postings_balance AFTER INSERT ON ledger_postings BEGIN "
    "INSERT INTO ledger_unbalanced (journal_id) SELECT NEW.journal_id "
    "WHERE (SELECT sum(amount) FROM ledger_postings WHERE journal_id = NEW.journal_id) <> 0 "
    "AND NOT EXISTS (SELECT 1 FROM ledger_unbalanced WHERE journal_id = NEW.journal_id); "
    "DELETE FROM ledger_unbalanced WHERE journal_id = NEW.journal_id "
    "AND (SELECT sum(amount) FROM ledger_postings WHERE journal_id = NEW.journal_id) = 0; END",
    # REPLACE would take a posting away without calling the trigger that refuses deletion.
    "CREATE TRIGGER ledger_postings_no_replace BEFORE INSERT ON ledger_postings "
    "WHEN EXISTS (SELECT 1 FROM ledger_postings WHERE id = NEW.id) "
    "BEGIN SELECT RAISE(ABORT, 'ledger_postings is append-only'); END",
    "CREATE TRIGGER ledger_unbalanced_no_update BEFORE UPDATE ON ledger_unbalanced "
    "BEGIN SELECT RAISE(ABORT, 'ledger_unbalanced follows the postings'); END",
    "CREATE TRIGGER ledger_unbalanced_no_delete BEFORE DELETE ON ledger_unbalanced "
    "WHEN (SELECT sum(amount) FROM ledger_postings WHERE journal_id = OLD.journal_id) <> 0 "
    "BEGIN SELECT RAISE(ABORT, 'ledger_unbalanced follows the postings'); END",
]
# Postings that balance within one statement, as the service writes them, change nothing here.
_POSTGRESQL_BALANCE = [
    "CREATE OR REPLACE FUNCTION ledger_note_balance() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "DECLARE changed bigint; BEGIN FOR changed IN "
    "SELECT journal_id FROM fresh GROUP BY journal_id HAVING sum(amount) <> 0 ORDER BY 1 LOOP "
    "IF (SELECT sum(amount) FROM ledger_postings WHERE journal_id = changed) = 0 "
    "THEN DELETE FROM ledger_unbalanced WHERE journal_id = changed; "
    "ELSE INSERT INTO ledger_unbalanced (journal_id) VALUES (changed) ON CONFLICT DO NOTHING; "
    "END IF; END LOOP; RETURN NULL; END $$",
    "CREATE TRIGGER ledger_postings_balance AFTER INSERT ON ledger_postings "
    "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION ledger_note_balance()",
    "CREATE OR REPLACE FUNCTION ledger_keep_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN IF TG_OP = 'DELETE' AND "
    "(SELECT sum(amount) FROM ledger_postings WHERE journal_id = OLD.journal_id) = 0 "
    "THEN RETURN OLD; END IF; "
    "RAISE EXCEPTION 'ledger_unbalanced follows the postings'; END $$",
    "CREATE TRIGGER ledger_unbalanced_kept BEFORE UPDATE OR DELETE ON ledger_unbalanced "
    "FOR EACH ROW EXECUTE FUNCTION ledger_keep_unbalanced()",
    "CREATE TRIGGER ledger_unbalanced_no_truncate BEFORE TRUNCATE ON ledger_unbalanced "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep_unbalanced()",
]


def _watch_balance(postings: Any, unbalanced: Any) -> None:
    made: Table = unbalanced
    made.add_is_dependent_on(postings)  # the triggers name both, so it is made after the postings
    for dialect in ("sqlite", "postgresql"):
        for statement in balance_ddl(dialect):
            guard = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(made, "after_create", guard.execute_if(dialect=dialect))


_watch_balance(Posting.__table__, UnbalancedJournal.__table__)
