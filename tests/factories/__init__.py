"""Rows for tests, made with factory-boy and flushed into the test's session."""

from __future__ import annotations

from tests.factories.base import use
from tests.factories.catalog import (
    CategoryFactory,
    PhotoFactory,
    ProductFactory,
    StoredFileFactory,
    VariantFactory,
)
from tests.factories.foundation import (
    PASSWORD,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    sign_in_token,
)
from tests.factories.ocop import CertificateFactory
from tests.factories.organisations import DocumentFactory, InvitationFactory
from tests.factories.payments import (
    BankAccountFactory,
    IntentFactory,
    IntentLineFactory,
    MovementFactory,
)
from tests.factories.payments_feeds import FEED_KEY, BankFeedFactory, InboxMessageFactory

__all__ = [
    "FEED_KEY",
    "PASSWORD",
    "BankAccountFactory",
    "BankFeedFactory",
    "CategoryFactory",
    "CertificateFactory",
    "DocumentFactory",
    "InboxMessageFactory",
    "IntentFactory",
    "IntentLineFactory",
    "InvitationFactory",
    "MembershipFactory",
    "MovementFactory",
    "OrganisationFactory",
    "PersonFactory",
    "PhotoFactory",
    "ProductFactory",
    "StoredFileFactory",
    "VariantFactory",
    "sign_in_token",
    "use",
]
