"""Papers of applications and invitations."""

from __future__ import annotations

from datetime import timedelta

import factory

from foundation import ids
from foundation.accounts.queries import token_hash
from foundation.organisations.models import (
    Invitation,
    OrganisationDocument,
    Paper,
    Role,
)
from foundation.storage.models import FileKind
from tests.factories.base import MOMENT, Stored
from tests.factories.catalog import StoredFileFactory


class DocumentFactory(Stored):
    class Meta:
        model = OrganisationDocument

    class Params:
        organisation = None

    organisation_id = factory.LazyAttribute(lambda row: row.organisation.id)
    file = factory.SubFactory(
        StoredFileFactory,
        kind=FileKind.DOCUMENT,
        name="giay-dang-ky.pdf",
        content_type="application/pdf",
        organisation_id=factory.SelfAttribute("..organisation_id"),
    )
    paper = Paper.BUSINESS_REGISTRATION
    title = ""
    added_at = MOMENT


class InvitationFactory(Stored):
    """`token` is what the address in the message holds."""

    class Meta:
        model = Invitation

    class Params:
        token = factory.LazyFunction(ids.new_token)

    phone = factory.Sequence(lambda n: f"08{n:08d}")
    role = Role.SELLER
    token_hash = factory.LazyAttribute(lambda row: token_hash(row.token))
    created_at = MOMENT + timedelta(days=20)
    expires_at = factory.LazyAttribute(lambda row: row.created_at + timedelta(days=7))
