"""What the board needs done by itself."""

from __future__ import annotations

from foundation import clock
from foundation.db import transaction
from foundation.jobs.service import every, job
from payments.reconciliation.board import service

QUARTER_OF_AN_HOUR = 900


@every(seconds=QUARTER_OF_AN_HOUR)
@job("board.remind")
def remind() -> None:
    """Remind of waiting money. Every quarter of an hour, so that it is told early and also where
    the worker was not running at half past seven."""
    with transaction() as session:
        service.remind(session, now=clock.now())
