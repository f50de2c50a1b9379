"""Jobs are stored with what asked for them, taken up by one worker, and tried again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from foundation import clock
from foundation.db import Sessions, transaction
from foundation.jobs import jobs, queries, service
from foundation.jobs.models import JobPeriod, JobRun, RunState
from foundation.jobs.service import every, job
from foundation.outbox.service import Listener
from tests.conftest import NOON, make_config


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the test's own jobs have done."""
    monkeypatch.setattr(service, "JOBS", {})
    done: list[object] = []

    @job("test.add")
    def add(first: int, second: int) -> dict[str, int]:
        with transaction() as session:
            service.note_progress(session, first, total=second)
        done.append(first + second)
        return {"sum": first + second}

    @job("test.break", tries=3)
    def break_down() -> None:
        done.append("broken")
        raise OSError("no paper")

    @every(seconds=60)
    @job("test.regular")
    def regular() -> None:
        done.append("regular")

    return done


def run_of(session: Session) -> JobRun:
    session.expire_all()
    return session.scalars(select(JobRun)).one()


def test_a_job_runs_after_the_commit(app: Flask, session: Session, declared: list[object]) -> None:
    with app.app_context():
        with transaction() as writing:
            asked = service.enqueue(writing, "test.add", first=2, second=3)
            assert declared == []
        assert declared == [5]
    run = run_of(session)
    assert (run.state, run.result, run.finished_at) == (RunState.DONE, {"sum": 5}, NOON)
    assert (run.progress, run.total, run.tries) == (2, 3, 1)
    assert queries.run(session, asked.public_id) is run
    assert queries.open_count(session) == 0


def test_what_is_rolled_back_asks_for_nothing(
    app: Flask, session: Session, declared: list[object]
) -> None:
    def refused() -> None:
        with transaction() as writing:
            service.enqueue(writing, "test.add", first=2, second=3)
            raise ValueError

    with app.app_context(), pytest.raises(ValueError):  # noqa: PT011  # our own
        refused()
    assert declared == []
    assert session.scalars(select(JobRun)).all() == []


def test_an_unknown_job_cannot_be_asked_for(session: Session) -> None:
    with pytest.raises(KeyError):
        service.enqueue(session, "test.nonesuch")
    assert session.scalars(select(JobRun)).all() == []


def test_two_jobs_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match=r"test\.add"):
        job("test.add")(lambda: None)


def test_a_failure_is_tried_again_with_growing_pauses_and_ends(
    app: Flask, session: Session, declared: list[object]
) -> None:
    with app.app_context():
        with transaction() as writing:
            service.enqueue(writing, "test.break")
        waits = []
        while run_of(session).state is RunState.WAITING:
            waits.append((run_of(session).next_try_at - NOON).total_seconds())
            run_of(session).next_try_at = NOON
            session.commit()
            jobs.perform(run_of(session).id)
    assert waits == [10, 20]
    assert declared == ["broken"] * 3
    run = run_of(session)
    assert (run.state, run.error) == (RunState.FAILED, "OSError('no paper')")


def test_a_run_in_hand_is_not_taken_twice_until_it_counts_as_lost(session: Session) -> None:
    run = service.enqueue(session, "test.add", first=1, second=1)
    run.next_try_at = NOON
    session.flush()
    assert service.take(session, run.id, now=NOON)
    assert service.take(session, run.id, now=NOON + timedelta(minutes=29)) is None
    assert service.take(session, run.id, now=NOON + timedelta(minutes=30))
    assert run.tries == 2


def test_a_run_lost_too_often_or_of_no_known_job_ends(session: Session) -> None:
    lost = service.enqueue(session, "test.add", first=1, second=1)
    strange = service.enqueue(session, "test.add", first=1, second=1)
    lost.tries, strange.name = 5, "test.removed"
    lost.next_try_at = strange.next_try_at = NOON
    session.flush()
    for run in (lost, strange):
        assert service.take(session, run.id, now=NOON) is None
    assert [lost.state, strange.state] == [RunState.FAILED] * 2
    assert [lost.error, strange.error] == ["lost", "no such job"]


def test_progress_outside_a_run_is_let_go(session: Session) -> None:
    service.note_progress(session, 3, total=9)
    assert session.scalars(select(JobRun)).all() == []


def test_regular_work_is_done_once_a_period(
    app: Flask, session: Session, declared: list[object]
) -> None:
    with app.app_context():
        assert jobs.do_in_turn("test.regular")
        assert not jobs.do_in_turn("test.regular")
    assert declared == ["regular"]
    late = NOON + timedelta(seconds=60)
    period = timedelta(seconds=60)
    assert service.claim_period(session, "test.regular", period, now=late)
    assert session.scalars(select(JobPeriod)).one().next_at == late + period


def test_regular_work_that_fails_has_its_next_turn(
    app: Flask, declared: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    every(seconds=60)(service.JOBS["test.break"].call)
    with app.app_context():
        assert not jobs.do_in_turn("test.break")
        assert not jobs.do_in_turn("test.break")
    assert declared == ["broken"]


def test_due_runs_are_handed_on_once_and_again_when_they_get_lost(
    app: Flask, session: Session, declared: list[object]
) -> None:
    run = service.enqueue(session, "test.add", first=4, second=4)
    session.commit()
    with app.app_context():
        assert jobs.hand_on() == [run.id]
        assert run_of(session).state is RunState.QUEUED
        assert jobs.hand_on() == []
        with clock.frozen(NOON + service.LONGEST_QUEUE):
            assert jobs.hand_on() == [run.id]
        jobs.perform(run.id)
        jobs.perform(run.id)
    assert declared == [8]


def test_outside_tests_a_run_waits_for_the_worker(
    app: Flask, session: Session, declared: list[object], tmp_path: Path
) -> None:
    app.extensions["queue"] = jobs.make_queue(
        make_config("sqlite://", tmp_path, profile="development")
    )
    with app.app_context(), transaction() as writing:
        service.enqueue(writing, "test.add", first=1, second=1)
    assert declared == []
    assert run_of(session).state is RunState.WAITING


def test_finished_runs_are_forgotten(app: Flask, session: Session) -> None:
    with app.app_context():
        for name in ("test.add", "test.break"):
            with transaction() as writing:
                args = {"first": 1, "second": 1} if name == "test.add" else {}
                service.enqueue(writing, name, **args)
        service.forget(session, before=NOON + timedelta(days=1))
        jobs.forget()
    assert run_of(session).name == "test.break"


def test_events_reach_the_listeners_of_the_application(app: Flask) -> None:
    app.extensions["listeners"] = tuple[Listener, ...]()
    with app.app_context():
        assert jobs.deliver_events() == 0


@pytest.fixture
def committed(engine: Engine) -> Iterator[Sessions]:
    makers = Sessions(engine)
    yield makers
    with makers.transaction() as session:
        session.execute(delete(JobRun))
        session.execute(delete(JobPeriod))


def test_two_workers_do_not_hand_on_the_same_run(committed: Sessions) -> None:
    with committed.transaction() as session:
        run = service.enqueue(session, "test.add", first=1, second=1)
        run.next_try_at = NOON
        session.info.clear()

    def hand_on(_worker: int) -> list[int]:
        with committed.transaction() as session:
            return service.hand_on(session, now=NOON)

    with ThreadPoolExecutor(2) as workers:
        assert sorted(workers.map(hand_on, range(2))) == [[], [run.id]]


def test_two_workers_do_not_take_the_same_run(committed: Sessions) -> None:
    with committed.transaction() as session:
        run = service.enqueue(session, "test.add", first=1, second=1)
        run.next_try_at = NOON
        session.info.clear()

    def take(_worker: int) -> bool:
        with committed.transaction() as session:
            return service.take(session, run.id, now=NOON) is not None

    with ThreadPoolExecutor(2) as workers:
        assert sorted(workers.map(take, range(2))) == [False, True]


def test_two_workers_do_not_take_the_same_turn(committed: Sessions) -> None:
    def claim(_worker: int) -> bool:
        with committed.transaction() as session:
            return service.claim_period(session, "x", timedelta(hours=1), now=NOON)

    with ThreadPoolExecutor(2) as workers:
        assert sorted(workers.map(claim, range(2))) == [False, True]
