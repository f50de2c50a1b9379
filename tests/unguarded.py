"""Tidying up after tests that really commit."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session


def unguard(session: Session) -> None:
    """Let this transaction delete what the database keeps for good. PostgreSQL only: there races
    are run; SQLite has one writer."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
