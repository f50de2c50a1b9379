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

__all__ = [
    "PASSWORD",
    "CategoryFactory",
    "CertificateFactory",
    "DocumentFactory",
    "InvitationFactory",
    "MembershipFactory",
    "OrganisationFactory",
    "PersonFactory",
    "PhotoFactory",
    "ProductFactory",
    "StoredFileFactory",
    "VariantFactory",
    "sign_in_token",
    "use",
]
