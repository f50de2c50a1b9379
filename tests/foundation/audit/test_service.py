"""Every change leaves a trace, and no trace can be altered."""

from __future__ import annotations

from enum import StrEnum

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from foundation.audit import queries, service
from foundation.audit.errors import CannotMove
from foundation.audit.models import AuditEntry
from foundation.audit.rules import SYSTEM, Actor
from foundation.organisations.models import Organisation, State
from tests.conftest import NOON
from tests.factories import OrganisationFactory, PersonFactory

NEXT: dict[StrEnum, frozenset[StrEnum]] = {State.VERIFIED: frozenset({State.SUSPENDED})}


def entry(session: Session) -> AuditEntry:
    return session.scalars(select(AuditEntry)).one()


def test_a_trace_says_who_did_what_to_which_row(session: Session) -> None:
    shop, person = OrganisationFactory(), PersonFactory()
    actor = Actor.person(person.id, organisation_id=shop.id, request_id="0123456789abcd")
    service.record(
        session, "organisations.renamed", shop, actor=actor, now=NOON, before="Cũ", reason=None
    )
    session.flush()
    kept = entry(session)
    assert (kept.at, kept.action, kept.actor_kind) == (NOON, "organisations.renamed", "person")
    assert (kept.actor_person_id, kept.organisation_id) == (person.id, shop.id)
    assert (kept.subject_kind, kept.subject_id) == ("organisations", shop.id)
    assert (kept.facts, kept.request_id) == ({"before": "Cũ"}, "0123456789abcd")


def test_a_row_that_is_not_stored_yet_is_stored_first(session: Session) -> None:
    shop = OrganisationFactory.build()
    session.add(shop)
    service.record(session, "organisations.begun", shop, actor=SYSTEM, now=NOON)
    session.flush()
    assert entry(session).subject_id == shop.id


def test_a_move_changes_the_state_and_leaves_a_trace(session: Session) -> None:
    shop: Organisation = OrganisationFactory()
    service.move(
        session, shop, State.SUSPENDED, next_states=NEXT, actor=SYSTEM, now=NOON, reason="giả"
    )
    session.flush()
    assert shop.state is State.SUSPENDED
    (kept,) = queries.history(session, "organisations", shop.id)
    assert kept.action == "organisations.suspended"
    assert kept.facts == {"before": "verified", "reason": "giả"}


def test_a_move_the_table_does_not_know_is_refused(session: Session) -> None:
    shop: Organisation = OrganisationFactory(state=State.SUSPENDED)
    with pytest.raises(CannotMove):
        service.move(session, shop, State.VERIFIED, next_states=NEXT, actor=SYSTEM, now=NOON)
    assert shop.state is State.SUSPENDED
    assert queries.history(session, "organisations", shop.id) == []


@pytest.mark.parametrize(
    "attempt", [update(AuditEntry).values(action="nothing"), delete(AuditEntry)]
)
def test_the_database_refuses_to_alter_a_trace(session: Session, attempt: object) -> None:
    shop = OrganisationFactory()
    service.record(session, "organisations.renamed", shop, actor=SYSTEM, now=NOON)
    session.flush()
    with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
        session.execute(attempt)
    assert entry(session).action == "organisations.renamed"
