"""Leaving a trace, and moving a row from state to state with one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy.orm import Session

from foundation.audit.errors import CannotMove
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor


class Stateful(Protocol):
    __tablename__: str
    id: Any
    state: Any


def record(
    session: Session,
    action: str,
    subject: Any,
    *,
    actor: Actor,
    now: datetime,
    **facts: object,
) -> None:
    """Write down that `actor` did `action` (a dotted name) to `subject` (a stored row)."""
    if subject.id is None:
        session.flush()
    session.add(
        AuditEntry(
            at=now,
            action=action,
            actor_kind=actor.kind,
            actor_person_id=actor.person_id,
            organisation_id=actor.organisation_id,
            subject_kind=subject.__tablename__,
            subject_id=subject.id,
            facts={name: value for name, value in facts.items() if value is not None},
            request_id=actor.request_id,
        )
    )


def move(
    session: Session,
    row: Stateful,
    wanted: StrEnum,
    *,
    next_states: Mapping[Any, frozenset[Any]],
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Move a locked row to another state, if the table of next states allows it, with a trace.

    Raises CannotMove.
    """
    present = row.state
    if wanted not in next_states.get(present, frozenset()):
        raise CannotMove(row.__tablename__, str(present), str(wanted))
    row.state = wanted
    record(
        session,
        f"{row.__tablename__}.{wanted.value}",
        row,
        actor=actor,
        now=now,
        before=str(present),
        reason=reason,
    )
