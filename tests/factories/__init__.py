"""Rows for tests, made with factory-boy: one file a package, all flushed into the test's session."""

from __future__ import annotations

from tests.factories.base import use
from tests.factories.foundation import (
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    sign_in_token,
)

__all__ = [
    "MembershipFactory",
    "OrganisationFactory",
    "PersonFactory",
    "sign_in_token",
    "use",
]
