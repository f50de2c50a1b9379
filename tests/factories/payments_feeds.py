"""Lines to providers, and messages of the raw inbox."""

from __future__ import annotations

import factory

from foundation import crypto
from payments.bank_feeds.models import (
    BankFeed,
    FeedState,
    InboxMessage,
    InboxWaiting,
    Provider,
)
from tests.factories.base import MOMENT, Stored
from tests.factories.foundation import OrganisationFactory

DATA_KEY = "test-" + "d4ta-" * 8  # as in tests/conftest.py
FEED_KEY = "khoa-bi-mat-cua-hop-tac-xa"


class BankFeedFactory(Stored):
    """A line to SePay in use; `key`, `old_key` and `poll_key` are given plain."""

    class Meta:
        model = BankFeed

    class Params:
        organisation = factory.SubFactory(OrganisationFactory)
        key = FEED_KEY
        old_key: str | None = None
        poll_key: str | None = None

    organisation_id = factory.LazyAttribute(lambda row: row.organisation.id)
    provider = Provider.SEPAY
    key_encrypted = factory.LazyAttribute(lambda row: crypto.encrypt(row.key, DATA_KEY))
    old_key_encrypted = factory.LazyAttribute(
        lambda row: crypto.encrypt(row.old_key, DATA_KEY) if row.old_key else None
    )
    poll_key_encrypted = factory.LazyAttribute(
        lambda row: crypto.encrypt(row.poll_key, DATA_KEY) if row.poll_key else None
    )
    state = FeedState.ACTIVE
    created_at = MOMENT


class InboxMessageFactory(Stored):
    """A message that waits to be processed."""

    class Meta:
        model = InboxMessage

    class Params:
        feed = factory.SubFactory(BankFeedFactory)

    feed_id = factory.LazyAttribute(lambda row: row.feed.id)
    received_at = MOMENT
    source = "103.255.238.9"
    headers = factory.LazyFunction(dict)
    body = b"{}"

    @factory.post_generation
    def waiting(self: InboxMessage, create: bool, extracted: object, **_more: object) -> None:
        if extracted is not False:
            InboxWaitingFactory(message_id=self.id)  # type: ignore[attr-defined]


class InboxWaitingFactory(Stored):
    class Meta:
        model = InboxWaiting

    tries = 0
    next_try_at = MOMENT
