"""What was told twice and unlike: shown with both versions, decided by a person, once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from foundation.audit.rules import Actor
from foundation.db import Sessions
from foundation.errors import DomainError
from foundation.organisations.models import Role
from payments.credits import service as credits_service
from payments.credits.errors import MovementNotFound
from payments.credits.models import Direction, Movement, TellingDecision, Told, ToldMovement
from payments.credits.rules import Telling
from payments.intents.models import State as IntentState
from payments.reconciliation.decisions.errors import ReasonMissing
from payments.reconciliation.tellings import queries, service
from payments.reconciliation.tellings.errors import (
    DecidedAlready,
    NotThisMovement,
    TellingNotFound,
)
from tests import factories
from tests.conftest import NOON, SignInAs
from tests.payments.conservation import check_books
from tests.payments.reconciliation.desk import Desk, leave, make_desk
from tests.payments.reconciliation.test_matching import arrive, intent_at
from tests.unguarded import wipe

WHY = "Sao kê ghi 120.000"


@pytest.fixture
def desk(session: Session) -> Desk:
    return make_desk(session)


def tell_unlike(session: Session, desk: Desk) -> Telling:
    known = arrive(session, desk.account, 100_000, "TIEN HANG")
    telling = Telling(
        source="statement:1",
        told_id="1:7",
        bank_account_id=desk.account.id,
        direction=Direction.IN,
        amount=120_000,
        booked_on=date(2026, 11, 22),
        memo="TIEN HANG",
        origin="statement:1:7",
        bank_reference=known.bank_reference,
    )
    (heard,) = credits_service.take_in(session, [telling], now=NOON)
    assert heard.told is Told.CONFLICT
    return telling


@pytest.fixture
def told(session: Session, desk: Desk) -> Telling:
    """A statement that gives the reference of a known movement another amount."""
    telling = tell_unlike(session, desk)
    session.commit()
    return telling


@pytest.fixture
def accountant(desk: Desk) -> dict[str, Any]:
    person = desk.people[Role.ACCOUNTANT]
    actor = Actor.person(person.id, organisation_id=desk.organisation.id)
    return {"actor": actor, "now": NOON, "reason": WHY}


def open_one(session: Session, desk: Desk) -> ToldMovement:
    (doubt,) = queries.waiting(session, desk.organisation.id)
    return doubt.telling


def facts(session: Session) -> tuple[Any, ...]:
    return (
        session.scalar(select(func.count(Movement.id))),
        session.scalar(select(func.count(TellingDecision.id))),
    )


def test_both_versions_are_shown_and_one_is_chosen(
    client: FlaskClient, session: Session, desk: Desk, told: Telling, sign_in_as: SignInAs
) -> None:
    sign_in_as(desk.people[Role.ACCOUNTANT], second_factor=True)
    known = session.scalars(select(Movement)).one()
    assert "Cần xem: 1 tin báo" in client.get(desk.path).text

    page = client.get(f"{desk.path}/tellings").text

    assert "120.000" in page
    assert "100.000" in page
    path = f"{desk.path}/tellings/{open_one(session, desk).id}"
    assert client.get(path).status_code == 200
    assert client.post(path, data={"reason": WHY}).status_code == 422
    assert client.post(path, data={"movement": known.public_id}).status_code == 422

    answer = client.post(path, data={"movement": known.public_id, "reason": WHY})

    assert answer.status_code == 303
    assert queries.count(session, desk.organisation.id) == 0
    assert client.get(path).status_code == 409
    assert "Sao kê" in client.get(desk.page(known)).text
    session.expire_all()
    check_books(session)


def test_its_own_movement_is_booked_and_matched(
    session: Session, desk: Desk, told: Telling, accountant: dict[str, Any]
) -> None:
    intent = intent_at(desk.account, 70_000)
    arrived = arrive(session, desk.account, 1, "x")
    telling = replace(
        told,
        told_id="1:8",
        amount=70_000,
        memo=intent.reference,
        bank_reference=arrived.bank_reference,
    )
    credits_service.take_in(session, [telling], now=NOON)
    doubts = queries.waiting(session, desk.organisation.id)

    made = service.its_own(session, desk.organisation.id, doubts[1].telling.id, **accountant)

    check_books(session)
    movement = session.get_one(Movement, made.movement_id)
    assert movement.amount == 70_000
    assert intent.state is IntentState.PAID
    # The source's next telling of it, and another source's, are known from now on.
    again = credits_service.take_in(
        session,
        [telling, replace(telling, source="sepay", told_id="77", origin="inbox:1")],
        now=NOON,
    )
    assert [one.told for one in again] == [Told.REPEAT, Told.MERGED]
    assert again[1].movement_id == movement.id
    check_books(session)


def test_a_movement_decided_upon_is_not_told_of_again_by_that_source(
    session: Session, desk: Desk, told: Telling, accountant: dict[str, Any]
) -> None:
    known = session.scalars(select(Movement)).one()
    service.same_as(
        session, desk.organisation.id, open_one(session, desk).id, known.public_id, **accountant
    )

    second = replace(told, told_id="1:9", amount=100_000, bank_reference="")
    (heard,) = credits_service.take_in(session, [second], now=NOON)

    assert heard.told is Told.NEW
    check_books(session)


@pytest.mark.parametrize("what", ["reason", "stranger", "movement", "other", "twice"])
def test_what_is_refused_changes_nothing(
    session: Session, desk: Desk, told: Telling, accountant: dict[str, Any], what: str
) -> None:
    own, telling = desk.organisation.id, open_one(session, desk)
    known = session.scalars(select(Movement)).one().public_id
    refusal: type[DomainError] = ReasonMissing
    if what == "reason":
        accountant["reason"] = " "
    elif what == "stranger":
        own, refusal = factories.OrganisationFactory.create().id, TellingNotFound
    elif what == "movement":
        known, refusal = "0" * 14, MovementNotFound
    elif what == "other":
        known, refusal = leave(session, desk.account, 5, "RUT").public_id, NotThisMovement
    else:
        service.same_as(session, own, telling.id, known, **accountant)
        refusal = DecidedAlready
    before = facts(session)

    with pytest.raises(refusal):
        service.same_as(session, own, telling.id, known, **accountant)

    assert facts(session) == before
    check_books(session)


def test_who_may_only_look_decides_nothing(
    client: FlaskClient, session: Session, desk: Desk, told: Telling, sign_in_as: SignInAs
) -> None:
    sign_in_as(desk.people[Role.SELLER], second_factor=True)
    path = f"{desk.path}/tellings/{open_one(session, desk).id}"

    assert client.get(f"{desk.path}/tellings").status_code == 200
    assert client.post(path, data={"movement": "own", "reason": WHY}).status_code == 403
    assert facts(session) == (1, 0)


@pytest.fixture
def committed(engine: Engine) -> Iterator[Sessions]:
    """Sessions that really commit, on PostgreSQL; what they leave is wiped."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    yield Sessions(engine)
    wipe(engine)


def test_two_people_at_once_make_one_movement(committed: Sessions) -> None:
    with committed.transaction() as session:
        factories.use(session)
        account = factories.BankAccountFactory()
        people = [factories.PersonFactory().id for _ in range(3)]
        tell_unlike(session, Desk(account.organisation, {}, account))
        ours = account.organisation_id
        (doubt,) = queries.waiting(session, ours)
        telling_id = doubt.telling.id
    gate = Barrier(3)

    def decide(person_id: int) -> str:
        gate.wait(timeout=20)
        actor = Actor.person(person_id, organisation_id=ours)
        try:
            with committed.transaction() as session:
                service.its_own(session, ours, telling_id, reason=WHY, actor=actor, now=NOON)
        except DomainError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(decide, people))

    assert sorted(results) == ["done", *["tellings.decided_already"] * 2]
    with committed.reading() as session:
        check_books(session)
        assert facts(session) == (2, 1)
