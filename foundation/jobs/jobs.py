"""Running jobs: the queue they come through, one run from start to end, and the regular work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import structlog
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey
from huey.serializer import SignedSerializer

from foundation import clock
from foundation.config import Config
from foundation.db import extension, transaction
from foundation.jobs import queries, service
from foundation.jobs.service import every, job
from foundation.outbox import service as outbox

log = structlog.get_logger(__name__)

NET_AFTER = timedelta(seconds=60)
KEPT = timedelta(days=7)


class HueyQueue:
    """Huey carries the keys of runs; what a run is stands in the database."""

    def __init__(self, huey: Huey, inside: Callable[[], AbstractContextManager[object]]) -> None:
        self.huey = huey

        def performed(run_id: int) -> None:
            with inside():
                perform(run_id)

        self._task = huey.task(name="perform")(performed)

    def send(self, run_id: int, *, delay: timedelta = timedelta()) -> None:
        """Pass a run's key on, to be taken up after `delay`."""
        if delay:
            self._task.schedule(args=(run_id,), delay=delay.total_seconds())
        else:
            self._task(run_id)

    def waiting(self) -> int:
        """Return how many keys nobody has taken yet. Raises whatever the store raises when it
        cannot be reached."""
        return int(self.huey.pending_count())


def make_queue(config: Config, inside: Callable[[], AbstractContextManager[object]]) -> HueyQueue:
    """Return the queue of this configuration: Redis, a file in the data folder, or, in tests, no
    queue at all: jobs then run at once. `inside` opens the application's context around a run."""
    # Signed, so that whoever can write to the store cannot make the worker unpickle their bytes.
    signed = SignedSerializer(secret=config.secret_key)
    if config.profile == "test":
        return HueyQueue(MemoryHuey("phiencho", results=False, immediate=True), inside)
    if config.redis_url:
        return HueyQueue(
            RedisHuey("phiencho", url=config.redis_url, results=False, serializer=signed), inside
        )
    path = str(config.data_dir / "jobs.sqlite")
    return HueyQueue(
        SqliteHuey("phiencho", filename=path, results=False, serializer=signed), inside
    )


def perform(run_id: int) -> None:
    """Run one stored job from start to end; a failure is written down and tried again later."""
    with transaction() as session:
        taken = service.take(session, run_id, now=clock.now())
    if taken is None:
        return
    known, args = taken
    token = service.current_run.set(run_id)
    try:
        result = known.call(**args)
    except Exception as error:  # whatever it was, the run must not hang
        log.exception("jobs.failed", job=known.name, run_id=run_id)
        with transaction() as session:
            wait = service.note_failure(session, run_id, repr(error), now=clock.now())
        if wait is not None:
            service.send(run_id, delay=wait)
    else:
        with transaction() as session:
            service.note_done(session, run_id, result, now=clock.now())
    finally:
        service.current_run.reset(token)


def do_in_turn(name: str) -> bool:
    """Do a regular job if it is its turn. Say whether it was done without a fault."""
    known = service.JOBS[name]
    if known.period is None:
        raise ValueError(f"{name} is not a regular job")
    with transaction() as session:
        if not service.claim_period(session, name, known.period, now=clock.now()):
            return False
    try:
        known.call()
    except Exception:  # its next turn comes; the others must have theirs
        log.exception("jobs.failed", job=name)
        return False
    return True


def deliver_events() -> int:
    """Tell waiting facts to whoever listens. Return how many were told to all."""
    return outbox.deliver(extension("phiencho_sessions"), extension("listeners"), now=clock.now())


@every(seconds=30)
@job("jobs.pick_up_lost")
def pick_up_lost() -> None:
    """Send runs on whose call got lost between the database and the queue, or with a worker."""
    with transaction() as session:
        lost = queries.overdue(session, before=clock.now() - NET_AFTER)
    for run_id in lost:
        service.send(run_id)


@every(seconds=3600)
@job("jobs.forget")
def forget() -> None:
    """Let go of what is long over: finished runs and facts told to all."""
    before = clock.now() - KEPT
    with transaction() as session:
        service.forget(session, before=before)
        outbox.forget(session, before=before)
