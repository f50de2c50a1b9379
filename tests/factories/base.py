"""The session all factories write to."""

from __future__ import annotations

from datetime import UTC, datetime

import factory
from sqlalchemy.orm import Session

MOMENT = datetime(2026, 11, 1, 2, tzinfo=UTC)
_current: list[Session] = []


def use(session: Session) -> None:
    """Make every factory write to this session from now on."""
    _current[:] = [session]


def session() -> Session:
    """Return the session the running test writes to."""
    return _current[0]


class Stored(factory.alchemy.SQLAlchemyModelFactory):
    """The base of every factory: built rows are flushed, so they have their keys."""

    class Meta:
        abstract = True
        sqlalchemy_session_factory = session
        sqlalchemy_session_persistence = "flush"
