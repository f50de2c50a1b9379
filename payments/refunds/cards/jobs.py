"""What is done about refunds to cards while nobody looks."""

from __future__ import annotations

from foundation import clock
from foundation.config import Config
from foundation.db import extension, sessions, transaction
from foundation.jobs.service import every, job
from payments.gateways.registry import gateways
from payments.refunds.cards import queries, service

BATCH = 20


@every(seconds=30)
@job("refunds.to_cards")
def to_cards() -> None:
    """Have card providers give back what was approved, and ask about what they have in hand."""
    config: Config = extension("config")
    with transaction() as session:
        due = queries.due(session, now=clock.now(), limit=BATCH)
    for refund_id in due:
        service.give_back(sessions(), gateways(config), refund_id, now=clock.now())
