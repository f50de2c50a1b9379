"""Named jobs: declaring them, asking for one, and keeping the record of each run.

A job is a function of JSON arguments that opens its own transactions and bears being run twice:
after a crash it is. Declare it in a feature's jobs.py, which marketplace/wiring.py loads:

    @job("products.export")
    def export(organisation_id: int) -> None: ...

    @every(seconds=3600)
    @job("ocop.warn_of_expiry")
    def warn_of_expiry() -> None: ...
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation import clock, ids
from foundation.db import after_commit, extension
from foundation.jobs.models import JobPeriod, JobRun, RunState
from foundation.jobs.queries import OPEN

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
# A run still queued after this long is queued again: its key may have died with a worker.
LONGEST_QUEUE = timedelta(minutes=10)
# The worker's clock and the database's never agree to the millisecond.
EARLY = timedelta(seconds=2)
Function = TypeVar("Function", bound=Callable[..., object])

JOBS: dict[str, Job] = {}
current_run: ContextVar[int | None] = ContextVar("current_run", default=None)


class Queue(Protocol):
    """What happens to a run right after the commit that asked for it."""

    def asked(self, run_id: int) -> None: ...


class WorkersQueue:
    """Nothing: the row is the call, and the worker looks for rows once a second. So a web process
    needs no line to the worker that could be down."""

    def asked(self, run_id: int) -> None:
        """Leave the run to the worker."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A declared job. `longest` is the time after which a run counts as lost and is run again."""

    name: str
    call: Callable[..., object]
    tries: int
    longest: timedelta

    @property
    def period(self) -> timedelta | None:
        """How often the worker does this by itself, None for jobs that are asked for."""
        seconds = getattr(self.call, "__every__", None)
        return None if seconds is None else timedelta(seconds=seconds)


def job(
    name: str, *, tries: int = 5, longest: timedelta = timedelta(minutes=30)
) -> Callable[[Function], Function]:
    """Declare a function as the job of this name, tried so often with growing pauses."""

    def declare(function: Function) -> Function:
        if name in JOBS and JOBS[name].call.__qualname__ != function.__qualname__:
            raise ValueError(f"two jobs are called {name}")
        JOBS[name] = Job(name=name, call=function, tries=tries, longest=longest)
        return function

    return declare


def every(*, seconds: int) -> Callable[[Function], Function]:
    """Let the worker call a job, which takes no arguments, once in so many seconds."""

    def declare(function: Function) -> Function:
        function.__every__ = seconds  # type: ignore[attr-defined]  # Job.period reads it
        return function

    return declare


def enqueue(session: Session, name: str, **args: Any) -> JobRun:
    """Ask for a job once this transaction is committed. Arguments must be JSON.

    Returns the run, whose public_id can be shown to whoever waits for it. KeyError if there is
    no job of this name.
    """
    now = clock.now()
    run = JobRun(
        public_id=ids.new_public_id(),
        name=JOBS[name].name,
        args=args,
        created_at=now,
        next_try_at=now,
    )
    session.add(run)
    session.flush()
    run_id = run.id
    after_commit(session, lambda: _asked(run_id))
    return run


def _asked(run_id: int) -> None:
    queue: Queue = extension("queue")
    queue.asked(run_id)


def hand_on(session: Session, *, now: datetime, limit: int = 100) -> list[int]:
    """Claim the runs that are due, for this worker to put into the queue. Return their keys."""
    due = session.scalars(
        select(JobRun)
        .where(JobRun.state.in_(OPEN), JobRun.next_try_at <= now)
        .order_by(JobRun.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for run in due:
        run.state, run.next_try_at = RunState.QUEUED, now + LONGEST_QUEUE
    return [run.id for run in due]


def take(session: Session, run_id: int, *, now: datetime) -> tuple[Job, dict[str, Any]] | None:
    """Take a run up. None when another worker has it, it is over, or it is not due."""
    run = session.scalars(
        select(JobRun)
        .where(
            JobRun.id == run_id,
            JobRun.state.in_(OPEN),
            or_(JobRun.state == RunState.QUEUED, JobRun.next_try_at <= now),
        )
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if run is None:
        return None
    known = JOBS.get(run.name)
    if known is None or run.tries >= known.tries:
        run.state, run.finished_at = RunState.FAILED, now
        run.error = run.error or ("lost" if known else "no such job")
        return None
    run.state, run.started_at = RunState.RUNNING, now
    run.tries += 1
    run.next_try_at = now + known.longest
    return known, dict(run.args)


def note_progress(session: Session, done: int, total: int | None = None) -> None:
    """Write down how far the job being run has come; outside a run this does nothing."""
    run_id = current_run.get()
    if run_id is None:
        return
    run = _locked(session, run_id)
    run.progress = done
    run.total = run.total if total is None else total


def note_done(session: Session, run_id: int, result: object, *, now: datetime) -> None:
    """Write down that a run has ended well. A dict is kept as its result."""
    run = _locked(session, run_id)
    run.state, run.finished_at, run.error = RunState.DONE, now, None
    run.result = result if isinstance(result, dict) else None


def note_failure(session: Session, run_id: int, error: str, *, now: datetime) -> None:
    """Write down that a run failed: it is tried again after a pause, unless that was its last."""
    run = _locked(session, run_id)
    run.error = error[:2000]
    if run.tries >= JOBS[run.name].tries:
        run.state, run.finished_at = RunState.FAILED, now
        return
    wait = min(FIRST_WAIT * (1 << min(run.tries - 1, 12)), LONGEST_WAIT)
    run.state, run.next_try_at = RunState.WAITING, now + wait


def claim_period(session: Session, name: str, period: timedelta, *, now: datetime) -> bool:
    """Claim a regular job's turn. False when it is not due, or another worker has claimed it."""
    if session.scalar(select(JobPeriod.id).where(JobPeriod.name == name)) is None:
        try:
            with session.begin_nested():
                session.add(JobPeriod(name=name, next_at=now))
                session.flush()
        except IntegrityError:  # another worker started at the same moment, and has the turn
            return False
    due = session.scalars(
        select(JobPeriod)
        .where(JobPeriod.name == name, JobPeriod.next_at <= now + min(period / 4, EARLY))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if due is None:
        return False
    due.next_at = now + period
    return True


def forget(session: Session, *, before: datetime) -> None:
    """Delete the record of runs that were over before this moment."""
    session.execute(delete(JobRun).where(JobRun.state.not_in(OPEN), JobRun.finished_at < before))


def _locked(session: Session, run_id: int) -> JobRun:
    return session.scalars(
        select(JobRun)
        .where(JobRun.id == run_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
