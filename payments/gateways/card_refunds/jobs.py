"""Sending approved refunds to card providers."""

from __future__ import annotations

from foundation import clock
from foundation.config import Config
from foundation.db import extension, sessions
from foundation.jobs.service import every, job
from payments.gateways.card_refunds import queries, service
from payments.gateways.registry import gateways

BATCH = 50


@every(seconds=30)
@job("gateways.send_refunds")
def send_refunds() -> None:
    """Ask providers for the refunds that were approved."""
    config: Config = extension("config")
    with sessions().reading() as session:
        due = queries.due(session, limit=BATCH)
    for refund_id in due:
        service.send(sessions(), gateways(config), refund_id, now=clock.now())
