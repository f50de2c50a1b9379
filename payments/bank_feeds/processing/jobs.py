"""Processing the inbox, within a moment of a message's arrival."""

from __future__ import annotations

import time
from threading import Event

import structlog

from foundation import clock
from foundation.db import sessions, transaction
from foundation.jobs.service import every, job
from payments.bank_feeds.processing import queries, service

log = structlog.get_logger(__name__)

BATCH = 200
LOOK_AGAIN = 0.2  # seconds
# The worker starts a regular job only when its last run is over: one run looks again and again,
# and lasts no longer than a worker that was asked to stop may take.
LASTS = 4.0


@every(seconds=1)
@job("bank_feeds.process")
def process() -> None:
    """Process what waits in the inbox, and what comes in during the next seconds."""
    watch(LASTS)


def watch(lasts: float) -> None:
    """Process what comes into the inbox for so many seconds, and at least what is there now."""
    pause = Event()
    until = time.monotonic() + lasts
    drain()
    while time.monotonic() < until:
        pause.wait(LOOK_AGAIN)
        drain()


def drain() -> int:
    """Process all that is due. Return how many messages were looked at."""
    with sessions().reading() as session:  # asked without the lock that writing takes
        if not queries.any_due(session, now=clock.now()):
            return 0
    total = 0
    while (done := _batch()) > 0:
        total += done
        if done < BATCH:
            break
    return total


def _batch() -> int:
    ids: list[int] = []
    try:
        with transaction() as session:
            taken = queries.take(session, now=clock.now(), limit=BATCH)
            ids += [one.id for one in taken]
            service.process(session, taken, now=clock.now())
    except Exception:  # one message must not stop the others
        if not ids:
            raise
        log.exception("bank_feeds.batch_failed", messages=len(ids))
        for message_id in ids:
            _alone(message_id)
    return len(ids)


def _alone(message_id: int) -> None:
    try:
        with transaction() as session:
            taken = queries.take(session, now=clock.now(), limit=1, only=message_id)
            service.process(session, taken, now=clock.now())
    except Exception as error:  # whatever it was, it is written down and tried again later
        log.exception("bank_feeds.message_failed", message_id=message_id)
        with transaction() as session:
            service.note_failure(session, message_id, repr(error), now=clock.now())
