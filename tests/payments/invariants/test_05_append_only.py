"""No. 5: what was written down stays. Tables that record what happened refuse UPDATE and DELETE in
the database itself; a correction is another row that names the first."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from foundation.db import Base
from payments.reconciliation.decisions import service as decisions
from tests import factories
from tests.conftest import NOON
from tests.payments.refunds import books

KEPT = (
    "allocations",
    "audit_entries",
    "cash_entries",
    "cod_handover_lines",
    "cod_handovers",
    "inbox_messages",
    "inbox_results",
    "ledger_accounts",
    "ledger_journals",
    "ledger_postings",
    "payout_exports",
    "provider_events",
    "statement_originals",
    "telling_decisions",
    "told_movements",
)
FILLED = (
    "allocations",
    "audit_entries",
    "inbox_messages",
    "ledger_accounts",
    "ledger_journals",
    "ledger_postings",
    "told_movements",
)


@pytest.fixture
def corrected(session: Session) -> books.Shop:
    """Money was allocated and taken back again; a message lies in the inbox."""
    shop = books.shop()
    movement = books.told(session, shop, 50_000)
    who = {"reason": "Nhầm", "actor": shop.asker, "now": NOON}
    kept = decisions.keep(session, shop.id, movement.public_id, "khach:1", 50_000, **who)
    decisions.undo(session, shop.id, kept.public_id, **who)
    factories.InboxMessageFactory()
    session.flush()
    return shop


@pytest.mark.parametrize("table", KEPT)
def test_invariant_05_the_database_guards_every_record(session: Session, table: str) -> None:
    assert table in Base.metadata.tables
    if session.get_bind().dialect.name == "sqlite":
        found = session.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"),
            {"table": table},
        )
        assert {f"{table}_no_update", f"{table}_no_delete"} <= set(found)
        return
    for change in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(change))


@pytest.mark.parametrize("table", FILLED)
def test_invariant_05_no_row_is_changed_or_deleted(
    session: Session, corrected: books.Shop, table: str
) -> None:
    before = session.execute(text(f"SELECT * FROM {table} ORDER BY 1")).all()
    assert before
    column = inspect(Base.metadata.tables[table]).primary_key.columns.values()[0].name
    for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
            session.execute(text(change))
    assert session.execute(text(f"SELECT * FROM {table} ORDER BY 1")).all() == before


def test_invariant_05_a_correction_names_what_it_corrects(
    session: Session, corrected: books.Shop
) -> None:
    made, undone = session.execute(
        text("SELECT id, undoes_id, amount FROM allocations ORDER BY id")
    ).all()
    assert (undone.undoes_id, undone.amount, made.undoes_id) == (made.id, -made.amount, None)
    legs = session.execute(
        text(
            "SELECT p.account_id, sum(p.amount) FROM ledger_postings p JOIN ledger_journals j "
            "ON j.id = p.journal_id WHERE j.key LIKE 'allocation:%' GROUP BY p.account_id"
        )
    ).all()
    assert legs
    assert {amount for _, amount in legs} == {0}
    days = session.scalars(text("SELECT day FROM ledger_journals WHERE key LIKE 'allocation:%'"))
    assert {str(day) for day in days} == {str(date(2026, 11, 22))}
