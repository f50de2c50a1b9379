"""Reading organisations and who works for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from foundation.organisations import rules
from foundation.organisations.errors import (
    ApplicationClosed,
    ChangedMeanwhile,
    OrganisationNotFound,
)
from foundation.organisations.models import (
    Kind,
    Membership,
    Organisation,
    OrganisationDocument,
    State,
)


def memberships_of(session: Session, person_id: int) -> Sequence[Membership]:
    """Return what a person works for, the organisations loaded, oldest first."""
    return session.scalars(
        select(Membership)
        .join(Membership.organisation)
        .options(contains_eager(Membership.organisation))
        .where(Membership.person_id == person_id)
        .order_by(Membership.id)
    ).all()


def hidden_ids(session: Session) -> frozenset[int]:
    """Return the organisations whose goods nobody may see just now: those suspended."""
    return frozenset(session.scalars(_hidden()))


@cache
def _hidden() -> Select[int]:
    # Built once, since every listing asks.
    return select(Organisation.id).where(Organisation.state == State.SUSPENDED)


def by_slug(session: Session, slug: str) -> Organisation | None:
    """Return the verified organisation at this address, its logo loaded; None for all others."""
    return session.scalars(
        select(Organisation)
        .options(joinedload(Organisation.logo))
        .where(Organisation.slug == slug, Organisation.state == State.VERIFIED)
    ).one_or_none()


def own(session: Session, organisation_id: int) -> Organisation:
    """Return an organisation for its members, its logo loaded. Raises OrganisationNotFound."""
    found = session.scalars(
        select(Organisation)
        .options(joinedload(Organisation.logo))
        .where(Organisation.id == organisation_id)
    ).one_or_none()
    if found is None:
        raise OrganisationNotFound()
    return found


def lock(session: Session, organisation_id: int) -> Organisation:
    """Return an organisation as it is now, locked until the transaction ends.

    Raises OrganisationNotFound.
    """
    found = session.scalars(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise OrganisationNotFound()
    return found


def lock_open(session: Session, organisation_id: int) -> Organisation:
    """Return the locked row of an application that is with the applicant.

    Raises ApplicationClosed while it is with the authority, or once it was answered.
    """
    organisation = lock(session, organisation_id)
    if organisation.state not in rules.APPLICATION_OPEN:
        raise ApplicationClosed(state=organisation.state.value)
    return organisation


def hold_to_version(organisation: Organisation, version: int) -> None:
    """Refuse a change made on a page of another version. Raises ChangedMeanwhile."""
    if organisation.version != version:
        raise ChangedMeanwhile()


def documents(session: Session, organisation_id: int) -> Sequence[OrganisationDocument]:
    """Return the papers of an application, their files loaded, oldest first."""
    return session.scalars(
        select(OrganisationDocument)
        .options(joinedload(OrganisationDocument.file))
        .where(OrganisationDocument.organisation_id == organisation_id)
        .order_by(OrganisationDocument.id)
    ).all()


def checklist(
    organisation: Organisation, papers: Sequence[OrganisationDocument]
) -> list[rules.Item]:
    """Return what the application needs, and whether each thing is there."""
    filled = {
        "tax_code": bool(organisation.tax_code or organisation.personal_number_hash),
        "representative": bool(organisation.representative),
        "phone": bool(organisation.phone),
        "commune": organisation.commune_code is not None,
        "address": bool(organisation.address),
    }
    return rules.checklist(organisation.kind, filled, {document.paper for document in papers})


def member_ids(session: Session, organisation_id: int) -> Sequence[int]:
    """Return the people who work for an organisation."""
    return session.scalars(
        select(Membership.person_id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.id)
    ).all()


def operator(session: Session) -> Organisation | None:
    """Return the organisation that runs the platform and holds what cards and couriers bring in:
    the authority verified first. None before there is one."""
    return session.scalars(
        select(Organisation)
        .where(Organisation.kind == Kind.AUTHORITY, Organisation.state == State.VERIFIED)
        .order_by(Organisation.id)
        .limit(1)
    ).one_or_none()
