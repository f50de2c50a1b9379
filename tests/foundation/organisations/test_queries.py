from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from foundation.organisations import queries
from foundation.organisations.errors import (
    ApplicationClosed,
    ChangedMeanwhile,
    OrganisationNotFound,
)
from foundation.organisations.models import Kind, Paper, State
from tests.factories import DocumentFactory, MembershipFactory, OrganisationFactory


def test_only_verified_ones_have_a_public_address(session: Session) -> None:
    for state in State:
        organisation = OrganisationFactory(state=state)
        found = queries.by_slug(session, organisation.slug)
        assert (found is organisation) == (state is State.VERIFIED)
    assert queries.by_slug(session, "khong-co") is None


def test_those_suspended_are_hidden(session: Session) -> None:
    hidden = [OrganisationFactory(state=state) for state in State][-1]

    assert queries.hidden_ids(session) == {hidden.id}


def test_memberships_come_with_their_organisations(session: Session, statements: list[str]) -> None:
    first = MembershipFactory()
    MembershipFactory(person_id=first.person_id)
    person_id = first.person_id
    session.expire_all()
    statements.clear()

    names = [one.organisation.name for one in queries.memberships_of(session, person_id)]

    assert len(names) == 2
    assert len(statements) == 1


def test_an_organisation_that_is_not_there(session: Session) -> None:
    with pytest.raises(OrganisationNotFound):
        queries.own(session, 0)
    with pytest.raises(OrganisationNotFound):
        queries.lock(session, 0)


@pytest.mark.parametrize("state", list(State))
def test_an_application_is_open_only_in_its_owners_hands(session: Session, state: State) -> None:
    organisation = OrganisationFactory(state=state)

    if state in (State.DRAFT, State.NEEDS_MORE, State.REJECTED):
        assert queries.lock_open(session, organisation.id) is organisation
    else:
        with pytest.raises(ApplicationClosed):
            queries.lock_open(session, organisation.id)


def test_a_page_of_another_version_is_stale(session: Session) -> None:
    organisation = OrganisationFactory()

    queries.hold_to_version(organisation, organisation.version)
    with pytest.raises(ChangedMeanwhile):
        queries.hold_to_version(organisation, organisation.version + 1)


def test_the_checklist_counts_papers_of_the_kind(session: Session) -> None:
    organisation = OrganisationFactory(kind=Kind.SCHOOL, tax_code="0100109106", phone="x")
    DocumentFactory(organisation=organisation, paper=Paper.FOUNDING_DECISION)

    items = queries.checklist(organisation, queries.documents(session, organisation.id))

    missing = [item.name for item in items if not item.done]
    assert missing == ["representative", "commune", "address"]


def test_the_operator_is_the_first_verified_authority(session: Session) -> None:
    assert queries.operator(session) is None

    OrganisationFactory()
    OrganisationFactory(kind=Kind.AUTHORITY, state=State.SUSPENDED)
    first = OrganisationFactory(kind=Kind.AUTHORITY)
    OrganisationFactory(kind=Kind.AUTHORITY)

    assert queries.operator(session) == first
