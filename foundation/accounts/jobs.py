"""Keeping house: what need not be remembered is forgotten."""

from __future__ import annotations

from foundation import clock
from foundation.accounts import service
from foundation.db import transaction
from foundation.jobs.service import every, job


@every(seconds=6 * 3600)
@job("accounts.forget")
def forget() -> None:
    """Delete knocks, codes and sign-ins that are of no more use."""
    with transaction() as session:
        service.forget(session, now=clock.now())
