"""What is done about card payments while nobody looks."""

from __future__ import annotations

from foundation import clock
from foundation.config import Config
from foundation.db import extension, sessions, transaction
from foundation.jobs.service import every, job
from payments.gateways import queries, service
from payments.gateways.registry import gateways

BATCH = 50


@job("gateways.follow")
def follow(event_id: int) -> None:
    """Act on a notice of a provider."""
    config: Config = extension("config")
    service.follow(sessions(), gateways(config), event_id, now=clock.now())


@every(seconds=20)
@job("gateways.ask_again")
def ask_again() -> None:
    """Ask about payments that are open, or whose outcome is unknown; close those nobody wants."""
    config: Config = extension("config")
    known = gateways(config)
    with transaction() as session:
        due = queries.due(session, sorted(known), now=clock.now(), limit=BATCH)
    for charge_id, provider in due:
        service.ask(sessions(), known[provider], charge_id, now=clock.now())
