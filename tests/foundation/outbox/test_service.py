"""Facts are told at least once, heard exactly once, and nobody holds anybody up."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from foundation.db import Sessions, after_commit
from foundation.outbox import queries, service
from foundation.outbox.events import Event
from foundation.outbox.models import OutboxEvent, OutboxHearing
from foundation.outbox.service import Listener
from tests.conftest import NOON, JoinedSessions


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Ripened(Event):
    tree: int
    on: date | None = None
    at: datetime | None = None
    colour: Colour = Colour.RED
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Fell(Event):
    tree: int


@pytest.fixture
def sessions(connection: Any) -> Sessions:
    return JoinedSessions(connection)


def ripen(session: Session, tree: int = 1) -> None:
    service.record(session, Ripened(occurred_at=NOON, tree=tree))
    session.commit()


def listener(name: str, hear: Any, event: type[Event] = Ripened) -> Listener:
    return Listener(event=event, name=name, hear=lambda _session, told: hear(told))


def stored(session: Session) -> OutboxEvent:
    session.expire_all()
    return session.scalars(select(OutboxEvent)).one()


def refuse(_event: Event) -> None:
    raise OSError("the line is dead")


def test_a_fact_is_heard_as_it_was_recorded(session: Session, sessions: Sessions) -> None:
    fact = Ripened(occurred_at=NOON, tree=7, on=NOON.date(), at=NOON, note="2026-11-22")
    service.record(session, fact)
    session.commit()
    heard: list[Event] = []
    assert service.deliver(sessions, [listener("a", heard.append)], now=NOON) == 1
    assert heard == [fact]
    assert isinstance(heard[0], Ripened)
    assert heard[0].colour is Colour.RED
    assert stored(session).delivered_at == NOON


def test_a_told_fact_is_not_told_again(session: Session, sessions: Sessions) -> None:
    ripen(session)
    heard: list[Event] = []
    for _ in range(2):
        service.deliver(sessions, [listener("a", heard.append)], now=NOON)
    assert len(heard) == 1


def test_facts_are_told_in_the_order_they_were_stored(session: Session, sessions: Sessions) -> None:
    for tree in (3, 1, 2):
        ripen(session, tree)
    heard: list[Any] = []
    service.deliver(sessions, [listener("a", heard.append)], now=NOON)
    assert [told.tree for told in heard] == [3, 1, 2]


def test_a_fact_nobody_listens_to_is_let_go(session: Session, sessions: Sessions) -> None:
    ripen(session)
    assert service.deliver(sessions, [listener("a", refuse, Fell)], now=NOON) == 1
    assert stored(session).delivered_at == NOON


def test_one_that_fails_does_not_silence_the_others(session: Session, sessions: Sessions) -> None:
    ripen(session)
    heard: list[Event] = []
    listeners = [listener("deaf", refuse), listener("b", heard.append)]
    assert service.deliver(sessions, listeners, now=NOON) == 0
    assert len(heard) == 1
    event = stored(session)
    assert (event.delivered_at, event.tries) == (None, 1)
    assert event.last_error == "deaf: OSError('the line is dead')"
    listeners[0] = listener("deaf", heard.append)
    later = NOON + timedelta(seconds=5)
    assert service.deliver(sessions, listeners, now=later - timedelta(seconds=1)) == 0
    assert service.deliver(sessions, listeners, now=later) == 1
    assert len(heard) == 2


def test_waits_grow_up_to_an_hour(session: Session, sessions: Sessions) -> None:
    ripen(session)
    now, waits = NOON, []
    for _ in range(12):
        service.deliver(sessions, [listener("deaf", refuse)], now=now)
        waits.append((stored(session).next_try_at - now).total_seconds())
        now = stored(session).next_try_at
    assert waits[:4] == [5, 10, 20, 40]
    assert waits[-1] == 3600


def test_what_a_failing_listener_wrote_is_undone(session: Session, sessions: Sessions) -> None:
    ripen(session)

    def write_and_fail(writing: Session, _event: Event) -> None:
        service.record(writing, Fell(occurred_at=NOON, tree=1))
        writing.flush()
        raise OSError

    broken = Listener(event=Ripened, name="broken", hear=write_and_fail)
    service.deliver(sessions, [broken], now=NOON)
    assert stored(session).name == "Ripened"


def test_a_kill_between_two_listeners_leaves_nothing_half(
    session: Session, sessions: Sessions
) -> None:
    """The process dies after the first listener has written: what it wrote goes with it."""
    ripen(session)

    def write(writing: Session, _event: Event) -> None:
        service.record(writing, Fell(occurred_at=NOON, tree=1))
        writing.flush()

    def die(_event: Event) -> None:
        raise KeyboardInterrupt

    first = Listener(event=Ripened, name="first", hear=write)
    with pytest.raises(KeyboardInterrupt):
        service.deliver(sessions, [first, listener("second", die)], now=NOON)
    assert stored(session).delivered_at is None
    heard: list[Event] = []
    assert service.deliver(sessions, [first, listener("second", heard.append)], now=NOON) == 1
    assert len(heard) == 1
    fell = select(func.count(OutboxEvent.id)).where(OutboxEvent.name == "Fell")
    assert session.scalar(fell) == 1


def test_a_kill_before_the_mark_repeats_nothing(
    session: Session, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told one by one, since another fails: everybody heard, but the process dies before the
    event is marked as told to all."""
    ripen(session)
    heard: list[Event] = []
    good = listener("a", heard.append)

    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    def fail(*_args: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(service, "_tell_together", fail)
        patch.setattr(service, "_note_told", die)
        with pytest.raises(KeyboardInterrupt):
            service.deliver(sessions, [good], now=NOON)
    assert stored(session).delivered_at is None
    assert service.deliver(sessions, [good], now=NOON) == 1
    assert len(heard) == 1


def test_facts_are_told_a_few_at_a_time(session: Session, sessions: Sessions) -> None:
    for _ in range(service.CHUNK + 3):
        ripen(session)
    heard: list[Event] = []
    assert service.deliver(sessions, [listener("a", heard.append)], now=NOON) == service.CHUNK + 3
    assert len(heard) == service.CHUNK + 3
    assert service.deliver(sessions, [listener("a", heard.append)], now=NOON) == 0


def test_a_listener_added_later_hears_what_still_waits(
    session: Session, sessions: Sessions
) -> None:
    ripen(session)
    service.deliver(sessions, [listener("deaf", refuse)], now=NOON)
    heard: list[Event] = []
    both = [listener("deaf", heard.append), listener("new", heard.append)]
    service.deliver(sessions, both, now=NOON + timedelta(seconds=5))
    assert len(heard) == 2


def test_what_a_listener_wants_done_after_the_commit_is_done(
    session: Session, sessions: Sessions
) -> None:
    ripen(session)
    done: list[str] = []

    def hear(writing: Session, _event: Event) -> None:
        after_commit(writing, lambda: done.append("sent"))

    service.deliver(sessions, [Listener(event=Ripened, name="a", hear=hear)], now=NOON)
    assert done == ["sent"]


def test_old_facts_are_forgotten_waiting_ones_are_not(session: Session, sessions: Sessions) -> None:
    ripen(session)
    service.deliver(sessions, [listener("a", lambda _event: None)], now=NOON)
    ripen(session, tree=2)
    service.forget(session, before=NOON + timedelta(days=7))
    session.flush()
    assert stored(session).body["tree"] == 2
    assert session.scalars(select(OutboxHearing)).all() == []


def test_the_lag_is_the_age_of_the_oldest_waiting_fact(session: Session) -> None:
    assert queries.lag(session, now=NOON) == 0
    ripen(session)
    assert queries.lag(session, now=NOON + timedelta(seconds=9)) == 9
    assert queries.waiting_count(session) == 1


@pytest.fixture
def committed(engine: Engine) -> Iterator[Sessions]:
    """Sessions that really commit, for two workers at once; emptied afterwards."""
    makers = Sessions(engine)
    with makers.transaction() as session:
        for tree in range(20):
            service.record(session, Ripened(occurred_at=NOON, tree=tree))
    yield makers
    with makers.transaction() as session:
        session.execute(delete(OutboxEvent))


def test_two_workers_tell_each_fact_once(committed: Sessions) -> None:
    heard: list[int] = []
    hearer = listener("a", lambda told: heard.append(told.tree))
    with ThreadPoolExecutor(2) as workers:
        told = list(workers.map(lambda _: service.deliver(committed, [hearer], now=NOON), range(2)))
    assert sorted(heard) == list(range(20))
    assert sum(told) >= 1
    service.deliver(committed, [hearer], now=NOON)
    with committed.reading() as session:
        assert queries.waiting_count(session) == 0
    assert len(heard) == 20
