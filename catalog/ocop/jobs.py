"""What certificates need done by themselves."""

from __future__ import annotations

from catalog.ocop import service
from foundation import clock
from foundation.db import transaction
from foundation.jobs.service import every, job

HOURLY = 3600


@every(seconds=HOURLY)
@job("ocop.warn_of_lapses")
def warn_of_lapses() -> None:
    """Warn 90, 30 and 7 days ahead. Hourly, so that a lapse is told early on its day."""
    with transaction() as session:
        service.warn_of_lapses(session, now=clock.now())
