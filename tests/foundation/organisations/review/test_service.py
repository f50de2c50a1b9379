from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from foundation.accounts.models import Person
from foundation.audit.errors import CannotMove
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from foundation.notifications.models import Message, Notification
from foundation.organisations import queries as organisations
from foundation.organisations.errors import (
    ChangedMeanwhile,
    OrganisationNotFound,
    OwnApplication,
    ReasonMissing,
)
from foundation.organisations.models import Kind, Membership, Organisation, State
from foundation.organisations.review import service
from foundation.organisations.rules import Decision
from foundation.outbox.models import OutboxEvent
from foundation.text import fold, sort_key
from tests.conftest import NOON
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory
from tests.unguarded import unguard


@pytest.fixture
def officer(session: Session) -> Actor:
    return Actor.person(PersonFactory().id)


@pytest.fixture
def waiting(session: Session) -> Organisation:
    return MembershipFactory(
        organisation=OrganisationFactory(state=State.SUBMITTED, submitted_at=NOON)
    ).organisation


def decide(
    session: Session,
    organisation: Organisation,
    decision: Decision,
    officer: Actor,
    *,
    note: str = "Ảnh mờ.",
    version: int | None = None,
) -> Organisation:
    return service.decide(
        session,
        organisation.public_id,
        decision,
        note=note,
        version=organisation.version if version is None else version,
        actor=officer,
        now=NOON,
    )


def untouched(session: Session, organisation: Organisation) -> bool:
    session.flush()
    return not (
        session.scalars(select(OutboxEvent.id)).all()
        or session.scalars(select(AuditEntry.id)).all()
        or session.scalars(select(Notification.id)).all()
        or organisation.review_note
    )


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (Decision.ACCEPT, State.VERIFIED),
        (Decision.ASK_MORE, State.NEEDS_MORE),
        (Decision.REJECT, State.REJECTED),
    ],
)
def test_an_answer_is_told_to_every_member(
    session: Session, waiting: Organisation, officer: Actor, decision: Decision, state: State
) -> None:
    colleague = MembershipFactory(organisation=waiting).person_id

    decide(session, waiting, decision, officer)

    assert (waiting.state, waiting.review_note, waiting.decided_at) == (state, "Ảnh mờ.", NOON)
    told = session.execute(select(Notification.person_id, Notification.kind)).all()
    assert {kind for _, kind in told} == {f"organisation.{state.value}"}
    assert colleague in {person_id for person_id, _ in told}
    assert len(told) == 2
    stored = session.execute(
        select(OutboxEvent.name, OutboxEvent.body).order_by(OutboxEvent.id)
    ).all()
    assert [tuple(row) for row in stored] == [
        ("OrganisationDecided", {"organisation_id": waiting.id, "state": state.value}),
        ("OrganisationChanged", {"organisation_id": waiting.id}),
    ]
    [entry] = session.scalars(select(AuditEntry))
    assert entry.facts == {"before": "submitted", "reason": "Ảnh mờ."}


def test_an_acceptance_needs_no_words(
    session: Session, waiting: Organisation, officer: Actor
) -> None:
    decide(session, waiting, Decision.ACCEPT, officer, note="  ")

    assert waiting.state is State.VERIFIED


@pytest.mark.parametrize("decision", [Decision.ASK_MORE, Decision.REJECT])
def test_anything_else_does(
    session: Session, waiting: Organisation, officer: Actor, decision: Decision
) -> None:
    with pytest.raises(ReasonMissing):
        decide(session, waiting, decision, officer, note=" \n ")

    assert waiting.state is State.SUBMITTED
    assert untouched(session, waiting)


@pytest.mark.parametrize(
    "state", [State.NEEDS_MORE, State.VERIFIED, State.REJECTED, State.SUSPENDED]
)
def test_what_does_not_wait_cannot_be_answered(
    session: Session, officer: Actor, state: State
) -> None:
    organisation = OrganisationFactory(state=state)

    with pytest.raises(CannotMove):
        decide(session, organisation, Decision.ACCEPT, officer)

    assert organisation.state is state
    assert untouched(session, organisation)


def test_a_draft_and_an_authority_are_not_there_to_answer(session: Session, officer: Actor) -> None:
    for hidden in (
        OrganisationFactory(state=State.DRAFT),
        OrganisationFactory(state=State.SUBMITTED, kind=Kind.AUTHORITY),
    ):
        with pytest.raises(OrganisationNotFound):
            decide(session, hidden, Decision.ACCEPT, officer)
        assert untouched(session, hidden)


def test_what_was_changed_since_the_page_was_opened_is_looked_at_again(
    session: Session, waiting: Organisation, officer: Actor
) -> None:
    with pytest.raises(ChangedMeanwhile):
        decide(session, waiting, Decision.ACCEPT, officer, version=waiting.version - 1)

    assert waiting.state is State.SUBMITTED
    assert untouched(session, waiting)


def test_nobody_judges_what_they_work_for(session: Session, waiting: Organisation) -> None:
    [member] = organisations.member_ids(session, waiting.id)

    with pytest.raises(OwnApplication):
        decide(session, waiting, Decision.ACCEPT, Actor.person(member))

    assert waiting.state is State.SUBMITTED
    assert untouched(session, waiting)


def test_suspending_hides_and_lifting_shows_again(session: Session, officer: Actor) -> None:
    organisation = MembershipFactory().organisation

    service.suspend(
        session,
        organisation.public_id,
        reason="Bán hàng giả nhãn.",
        version=1,
        actor=officer,
        now=NOON,
    )

    assert organisations.hidden_ids(session) == {organisation.id}
    assert organisations.by_slug(session, organisation.slug) is None

    service.lift_suspension(
        session, organisation.public_id, note="", version=2, actor=officer, now=NOON
    )

    assert organisations.hidden_ids(session) == frozenset()
    assert organisations.by_slug(session, organisation.slug) is organisation
    told = session.scalars(select(Notification.kind).order_by(Notification.id)).all()
    assert told == ["organisation.suspended", "organisation.resumed"]
    changed = session.scalars(
        select(OutboxEvent.name).where(OutboxEvent.name == "OrganisationChanged")
    ).all()
    assert len(changed) == 2


def test_a_suspension_has_a_reason(session: Session, officer: Actor) -> None:
    organisation = OrganisationFactory()

    with pytest.raises(ReasonMissing):
        service.suspend(
            session, organisation.public_id, reason=" ", version=1, actor=officer, now=NOON
        )

    assert organisation.state is State.VERIFIED
    assert untouched(session, organisation)


@pytest.mark.parametrize("state", [State.SUBMITTED, State.NEEDS_MORE, State.SUSPENDED])
def test_only_what_is_verified_is_suspended(session: Session, officer: Actor, state: State) -> None:
    organisation = OrganisationFactory(state=state)

    with pytest.raises(CannotMove):
        service.suspend(
            session, organisation.public_id, reason="Vì", version=1, actor=officer, now=NOON
        )

    assert organisation.state is state


@pytest.mark.parametrize("state", [State.SUBMITTED, State.VERIFIED, State.REJECTED])
def test_only_a_suspension_is_lifted(session: Session, officer: Actor, state: State) -> None:
    organisation = OrganisationFactory(state=state)

    with pytest.raises(CannotMove):
        service.lift_suspension(
            session, organisation.public_id, note="", version=1, actor=officer, now=NOON
        )

    assert organisation.state is state


@pytest.fixture
def raced(engine: Engine) -> Iterator[tuple[str, int]]:
    """A stored application and an officer, outside any test's transaction."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    with Session(engine) as session, session.begin():
        officer = Person(
            full_name="Lê Văn Đua", phone="0970000009", password_hash="!", created_at=NOON
        )
        organisation = Organisation(
            kind=Kind.FARMER,
            state=State.SUBMITTED,
            slug="vuon-dua",
            name="Vườn đua",
            sort_key=sort_key("Vườn đua"),
            fold_key=fold("Vườn đua"),
            created_at=NOON,
            submitted_at=NOON,
        )
        session.add_all([officer, organisation])
        session.flush()
        made = organisation.public_id, officer.id
    yield made
    with Session(engine) as session, session.begin():
        unguard(session)
        for table in (OutboxEvent, AuditEntry, Message, Notification, Membership):
            session.execute(delete(table))
        session.execute(delete(Organisation))
        session.execute(delete(Person))


def test_of_two_officers_at_once_the_second_is_told(engine: Engine, raced: tuple[str, int]) -> None:
    public_id, officer_id = raced
    start = Barrier(2)

    def answer(decision: Decision) -> str:
        with Session(engine) as session:
            start.wait()
            try:
                with session.begin():
                    service.decide(
                        session,
                        public_id,
                        decision,
                        note="Đua",
                        version=1,
                        actor=Actor.person(officer_id),
                        now=NOON,
                    )
            except CannotMove:
                return "told"
        return "decided"

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(answer, [Decision.ACCEPT, Decision.REJECT]))

    assert sorted(answers) == ["decided", "told"]
    with Session(engine) as session:
        decided = session.scalars(
            select(OutboxEvent.name).where(OutboxEvent.name == "OrganisationDecided")
        ).all()
    assert len(decided) == 1
