"""Recording facts and telling them: at least once, to listeners that bear hearing them twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import structlog
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from foundation.db import Sessions
from foundation.outbox.events import Event
from foundation.outbox.models import OutboxEvent, OutboxHearing

log = structlog.get_logger(__name__)

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
BATCH = 200
CHUNK = 25


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
        for name, value in vars(event).items()
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
    """Tell waiting facts, in the order they were stored, to whoever has not heard them; one batch
    at a time. Return how many were told to all.

    A few facts at a time are told in one transaction, which also notes who heard them and that
    they are told, so a listener that only writes to the database hears a fact exactly once,
    whatever dies in between and however many workers deliver. A listener that reaches outside may
    hear it again. When one of them fails, nothing of that transaction stays, and each (event,
    listener) pair has one of its own: what fails is tried again later, with growing pauses, and
    holds nobody else up. So later facts may overtake: a listener must look at the rows as they
    stand rather than count on order. A listener added later hears what has not been told to all by
    then.
    """
    wanted: dict[str, list[Listener]] = defaultdict(list)
    for listener in listeners:
        wanted[listener.event.__name__].append(listener)
    with sessions.reading() as session:
        waiting = session.execute(
            select(OutboxEvent.id, OutboxEvent.name)
            .where(OutboxEvent.delivered_at.is_(None), OutboxEvent.next_try_at <= now)
            .order_by(OutboxEvent.id)
            .limit(BATCH)
        ).all()
    told = 0
    for start in range(0, len(waiting), CHUNK):
        some = [row.id for row in waiting[start : start + CHUNK]]
        try:
            told += _tell_together(sessions, wanted, some, now)
        except Exception:  # somebody's fault: each alone, so that it holds up nobody else
            told += sum(
                _tell(sessions, wanted[row.name], row.id, now)
                for row in waiting[start : start + CHUNK]
            )
    return told


def _tell_together(
    sessions: Sessions,
    wanted: Mapping[str, Sequence[Listener]],
    event_ids: Sequence[int],
    now: datetime,
) -> int:
    """Tell several facts in one transaction, with the notes of who heard them: all, or none."""
    with sessions.transaction() as session:
        stored = session.scalars(
            select(OutboxEvent)
            .where(OutboxEvent.id.in_(event_ids), OutboxEvent.delivered_at.is_(None))
            .order_by(OutboxEvent.id)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        heard = {
            (row.event_id, row.listener)
            for row in session.execute(
                select(OutboxHearing.event_id, OutboxHearing.listener).where(
                    OutboxHearing.event_id.in_(event_ids)
                )
            )
        }
        news = []
        for event in stored:
            for listener in wanted.get(event.name, ()):
                if (event.id, listener.name) not in heard:
                    listener.hear(session, revive(listener.event, event))
                    news.append({"event_id": event.id, "listener": listener.name, "heard_at": now})
        if news:
            session.execute(insert(OutboxHearing), news)
        session.execute(
            update(OutboxEvent)
            .where(OutboxEvent.id.in_([event.id for event in stored]))
            .values(delivered_at=now)
            .execution_options(synchronize_session=False)
        )
        return len(stored)


def _tell(sessions: Sessions, listeners: Sequence[Listener], event_id: int, now: datetime) -> bool:
    failure: str | None = None
    for listener in listeners:
        try:
            with sessions.transaction() as session:
                if not _hear(session, listener, event_id, now):
                    return False
        except Exception as error:  # one listener's fault must not silence the others
            failure = f"{listener.name}: {error!r}"
            log.exception("outbox.listener_failed", event_id=event_id, listener=listener.name)
    if failure is None:
        _note_told(sessions, [event_id], now)
        return True
    _note_failure(sessions, event_id, failure, now)
    return False


def _hear(session: Session, listener: Listener, event_id: int, now: datetime) -> bool:
    """Let one listener hear one event, unless it has. False when another worker has the event."""
    stored = _locked(session, event_id)
    if stored is None:
        return False
    heard = select(OutboxHearing.id).where(
        OutboxHearing.event_id == event_id, OutboxHearing.listener == listener.name
    )
    if session.scalar(heard) is None:
        listener.hear(session, revive(listener.event, stored))
        session.add(OutboxHearing(event_id=event_id, listener=listener.name, heard_at=now))
    return True


def _locked(session: Session, event_id: int) -> OutboxEvent | None:
    return session.scalars(
        select(OutboxEvent)
        .where(OutboxEvent.id == event_id, OutboxEvent.delivered_at.is_(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _note_told(sessions: Sessions, event_ids: Sequence[int], now: datetime) -> None:
    with sessions.transaction() as session:
        session.execute(
            update(OutboxEvent).where(OutboxEvent.id.in_(event_ids)).values(delivered_at=now)
        )


def _note_failure(sessions: Sessions, event_id: int, failure: str, now: datetime) -> None:
    with sessions.transaction() as session:
        stored = _locked(session, event_id)
        if stored is None:
            return  # another worker has it in hand and will see for itself
        stored.tries += 1
        stored.last_error = failure[:2000]
        stored.next_try_at = now + min(FIRST_WAIT * (1 << min(stored.tries - 1, 12)), LONGEST_WAIT)


def revive(kind: type[Event], stored: OutboxEvent) -> Event:
    """Return the stored fact as the event it was."""
    hints = get_type_hints(kind)
    facts: dict[str, Any] = {"occurred_at": stored.occurred_at}
    for part in fields(kind):
        if part.name in stored.body:
            facts[part.name] = _read(hints[part.name], stored.body[part.name])
    return kind(**facts)


def _read(hint: Any, value: Any) -> Any:
    """Return a JSON value as the type a field declares; `hint` may also be a union with None."""
    if not isinstance(value, str):
        return value
    for wanted in get_args(hint) or (hint,):
        if wanted in (datetime, date):
            return wanted.fromisoformat(value)
        if isinstance(wanted, type) and issubclass(wanted, StrEnum):
            return wanted(value)
    return value


def forget(session: Session, *, before: datetime) -> None:
    """Delete facts that were told to all before this moment, with the notes of who heard them."""
    session.execute(delete(OutboxEvent).where(OutboxEvent.delivered_at < before))
