"""Recording facts and telling them: at least once, to listeners that bear hearing them twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, get_type_hints

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from foundation.db import Sessions
from foundation.outbox.events import Event
from foundation.outbox.models import OutboxEvent, OutboxHearing

log = structlog.get_logger(__name__)

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Listener:
    """`hear` is called with a writing session and the event, inside one transaction."""

    event: type[Event]
    name: str
    hear: Callable[[Session, Any], object]


def record(session: Session, event: Event) -> None:
    """Store a fact together with what made it true; it is told after the commit."""
    body = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in asdict(event).items()
        if name != "occurred_at"
    }
    session.add(
        OutboxEvent(
            name=type(event).__name__,
            body=body,
            occurred_at=event.occurred_at,
            next_try_at=event.occurred_at,
        )
    )


def deliver(sessions: Sessions, listeners: Sequence[Listener], *, now: datetime) -> int:
    """Tell every waiting fact to whoever has not heard it. Return how many were told to all.

    Each (event, listener) pair is one transaction, which also notes the hearing, so a listener
    that only writes to the database hears a fact exactly once. One that fails is tried again
    later, with growing pauses, and holds nobody else up.
    """
    with sessions.reading() as session:
        waiting = session.scalars(
            select(OutboxEvent.id)
            .where(OutboxEvent.delivered_at.is_(None), OutboxEvent.next_try_at <= now)
            .order_by(OutboxEvent.id)
            .limit(BATCH)
        ).all()
    return sum(_tell(sessions, listeners, event_id, now) for event_id in waiting)


def _tell(sessions: Sessions, listeners: Sequence[Listener], event_id: int, now: datetime) -> bool:
    failure: str | None = None
    with sessions.reading() as session:
        stored = session.get_one(OutboxEvent, event_id)
        heard = set(
            session.scalars(
                select(OutboxHearing.listener).where(OutboxHearing.event_id == event_id)
            )
        )
    for listener in listeners:
        if listener.event.__name__ != stored.name or listener.name in heard:
            continue
        try:
            with sessions.writing.begin() as session:
                session.add(OutboxHearing(event_id=event_id, listener=listener.name, heard_at=now))
                session.flush()
                listener.hear(session, revive(listener.event, stored))
        except Exception as error:  # one listener's fault must not silence the others
            failure = f"{listener.name}: {error!r}"
            log.exception("outbox.listener_failed", event_id=event_id, listener=listener.name)
    _note(sessions, event_id, failure, now)
    return failure is None


def _note(sessions: Sessions, event_id: int, failure: str | None, now: datetime) -> None:
    with sessions.writing.begin() as session:
        stored = session.get_one(OutboxEvent, event_id)
        if failure is None:
            stored.delivered_at = now
            return
        stored.tries += 1
        stored.last_error = failure[:2000]
        stored.next_try_at = now + min(FIRST_WAIT * 2 ** min(stored.tries, 12), LONGEST_WAIT)


def revive(kind: type[Event], stored: OutboxEvent) -> Event:
    """Return the stored fact as the event it was."""
    hints = get_type_hints(kind)
    facts: dict[str, Any] = {"occurred_at": stored.occurred_at}
    for part in fields(kind):
        if part.name in stored.body:
            facts[part.name] = _read(hints[part.name], stored.body[part.name])
    return kind(**facts)


def _read(hint: object, value: Any) -> Any:
    if value is None or not isinstance(value, str):
        return value
    if hint in (datetime, datetime | None):
        return datetime.fromisoformat(value)
    if hint in (date, date | None):
        return date.fromisoformat(value)
    return value


def forget(session: Session, *, before: datetime) -> int:
    """Delete facts that were told to all before this moment. Return how many."""
    old = session.scalars(
        select(OutboxEvent).where(
            OutboxEvent.delivered_at < before, or_(OutboxEvent.tries == 0, OutboxEvent.tries > 0)
        )
    ).all()
    for event in old:
        session.delete(event)
    return len(old)
