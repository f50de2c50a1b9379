"""What is owed runs out by itself."""

from __future__ import annotations

from foundation import clock
from foundation.db import transaction
from foundation.jobs.service import every, job
from payments.intents import service


@every(seconds=60)
@job("intents.expire_due")
def expire_due() -> None:
    """Write expiries down, batch by batch. Pages count them as they read, whenever this runs."""
    more = True
    while more:
        with transaction() as session:
            more = service.expire_due(session, now=clock.now()) == service.EXPIRY_BATCH
