"""Rows for tests, made with factory-boy: one file a package, all flushed into the test's session."""

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
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    sign_in_token,
)

__all__ = [
    "VariantFactory",
    "StoredFileFactory",
    "ProductFactory",
    "PhotoFactory",
    "CategoryFactory",
    "MembershipFactory",
    "OrganisationFactory",
    "PersonFactory",
    "sign_in_token",
    "use",
]
