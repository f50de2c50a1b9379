"""Tidying up after tests that really commit."""

from __future__ import annotations

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from foundation.db import Base

# What tests/reference.py loads stays.
KEPT = {"admin_units", "old_units", "old_areas", "place_words", "successions", "categories"}


def unguard(session: Session) -> None:
    """Let this transaction delete what the database keeps for good. PostgreSQL only: there races
    are run; SQLite has one writer."""
    session.execute(text("SET LOCAL session_replication_role = replica"))


def wipe(engine: Engine) -> None:
    """Delete everything that tests have committed."""
    with Session(engine) as session, session.begin():
        unguard(session)
        for table in Base.metadata.sorted_tables:
            if table.name not in KEPT:
                session.execute(table.delete())


def left_behind(engine: Engine) -> dict[str, int]:
    """Return the tables in which tests have left rows, with their number."""
    with Session(engine) as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name not in KEPT
        }
    return {name: count for name, count in counts.items() if count}
