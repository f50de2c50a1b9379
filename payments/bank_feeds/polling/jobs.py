"""The safety net below webhooks: every five minutes the providers' lists are asked."""

from __future__ import annotations

import structlog

from foundation import clock
from foundation.config import Config
from foundation.db import extension, sessions, transaction
from foundation.jobs.service import every, job
from payments.bank_feeds.polling import service
from payments.bank_feeds.polling.service import SepayLister

log = structlog.get_logger(__name__)


@every(seconds=300)
@job("bank_feeds.poll")
def poll() -> None:
    """Ask for what was missed, feed by feed; one that does not answer does not stop the others."""
    config: Config = extension("config")
    with sessions().reading() as session:  # given back before anybody is asked
        feeds = service.to_ask(session, data_key=config.data_key)
    for asked in feeds:
        found = service.ask(
            asked, lambda token: SepayLister(config.sepay_api_url, token), now=clock.now()
        )
        if found.error:
            log.warning("bank_feeds.poll_failed", feed_id=asked.feed_id, error=found.error)
        with transaction() as session:
            service.note(session, asked.feed_id, found, now=clock.now())
