"""Running jobs: what is due, one run from start to end, and the regular work."""

from __future__ import annotations

from datetime import timedelta

import structlog

from foundation import clock
from foundation.config import Config
from foundation.db import extension, sessions, transaction
from foundation.jobs import queries, service
from foundation.jobs.service import every, job
from foundation.outbox import service as outbox

log = structlog.get_logger(__name__)

KEPT = timedelta(days=7)


class InstantQueue:
    """For tests: runs happen as soon as they are asked for."""

    def asked(self, run_id: int) -> None:
        """Perform the run."""
        perform(run_id)


def make_queue(config: Config) -> service.Queue:
    """Return what a process that asks for jobs does with them."""
    return InstantQueue() if config.profile == "test" else service.WorkersQueue()


def hand_on() -> list[int]:
    """Claim the runs that are due and return their keys, for the worker to queue."""
    now = clock.now()
    with sessions().reading() as session:  # asked without the lock that writing takes
        if not queries.any_due(session, now=now):
            return []
    with transaction() as session:
        return service.hand_on(session, now=now)


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
            service.note_failure(session, run_id, repr(error), now=clock.now())
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


@every(seconds=3600)
@job("jobs.forget")
def forget() -> None:
    """Let go of what is long over: finished runs and facts told to all."""
    before = clock.now() - KEPT
    with transaction() as session:
        service.forget(session, before=before)
        outbox.forget(session, before=before)
