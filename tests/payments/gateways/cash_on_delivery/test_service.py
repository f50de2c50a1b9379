from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from foundation.audit.errors import CannotMove
from foundation.audit.rules import SYSTEM, Actor
from foundation.errors import DomainError
from foundation.organisations.models import Kind, Organisation
from payments.credits.models import Channel, Movement, Outcome
from payments.gateways.cash_on_delivery import queries, rules, service
from payments.gateways.cash_on_delivery.errors import (
    AmountMissing,
    AskedDifferently,
    CollectionNotFound,
    MoreThanHeld,
    NameMissing,
    NameTaken,
    NobodyHolds,
    NotHeld,
    NothingChosen,
    NothingDue,
    ReasonMissing,
)
from payments.gateways.cash_on_delivery.models import (
    CodCollection,
    CodHandover,
    CodHandoverLine,
    CodState,
    Courier,
    HandedBy,
)
from payments.gateways.cash_on_delivery.rules import Held
from payments.intents.models import State as IntentState
from payments.ledger import queries as ledger
from payments.ledger.rules import AccountKind
from tests import factories
from tests.conftest import NOON
from tests.unguarded import wipe

DUE = date(2026, 11, 25)


@pytest.fixture
def courier(session: Session) -> Courier:
    return service.add_courier(session, "Giao Nhanh mẫu", actor=SYSTEM, now=NOON)


@pytest.fixture
def officer(session: Session, operator: Organisation) -> Actor:
    return Actor.person(factories.MembershipFactory(organisation=operator).person_id)


def expected(
    session: Session, courier: Courier, *, amount: int = 120_000, **intent: object
) -> CodCollection:
    made = service.expect(
        session,
        factories.IntentFactory(amount=amount, **intent),
        courier,
        key="parcel-1",
        due_on=DUE,
        parcel="VD001",
        actor=SYSTEM,
        now=NOON,
    )
    session.flush()
    return made


def held(session: Session, courier: Courier, *, amount: int = 120_000) -> CodCollection:
    made = expected(session, courier, amount=amount)
    service.collected(session, made.operator_id, made.public_id, actor=SYSTEM, now=NOON)
    session.flush()
    return made


def hand_over(
    session: Session,
    courier: Courier,
    officer: Actor,
    chosen: list[CodCollection],
    received: int,
    *,
    key: str = "form-1",
    by: HandedBy = HandedBy.CASH,
) -> CodHandover:
    operator_id = chosen[0].operator_id if chosen else 0
    made = service.hand_over(
        session,
        operator_id,
        courier,
        [one.public_id for one in chosen],
        received,
        handed_by=by,
        key=key,
        actor=officer,
        now=NOON,
    )
    session.flush()
    return made


def balance(session: Session, of: int, kind: AccountKind, subject: str = "") -> int:
    return ledger.balance(session, of, kind, subject)


def count(session: Session, model: type[object]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_what_a_courier_collects_settles_and_stands_in_both_books(
    session: Session, operator: Organisation, courier: Courier
) -> None:
    one = held(session, courier)

    assert one.state is CodState.COLLECTED
    assert one.intent.state is IntentState.PAID
    movement = session.get_one(Movement, one.movement_id)
    assert (movement.channel, movement.holder) == (Channel.COURIER, courier.public_id)
    seller = one.organisation
    assert balance(session, seller.id, AccountKind.OWED_BY_OPERATOR) == 120_000
    assert balance(session, operator.id, AccountKind.COURIER, courier.public_id) == 120_000
    owed = balance(session, operator.id, AccountKind.OWED_TO_SELLER, seller.public_id)
    assert owed == -120_000


def test_collected_is_noted_once(
    session: Session, operator: Organisation, courier: Courier
) -> None:
    one = held(session, courier)

    service.collected(session, operator.id, one.public_id, actor=SYSTEM, now=NOON)

    assert count(session, Movement) == 1


def test_the_same_parcel_is_expected_once(
    session: Session, operator: Organisation, courier: Courier
) -> None:
    one = expected(session, courier)
    again = {"key": "parcel-1", "due_on": DUE, "actor": SYSTEM, "now": NOON}
    assert service.expect(session, one.intent, courier, **again).id == one.id  # type: ignore[arg-type]
    other = service.add_courier(session, "Khác", actor=SYSTEM, now=NOON)

    with pytest.raises(AskedDifferently):
        service.expect(session, one.intent, other, **again)  # type: ignore[arg-type]

    assert count(session, CodCollection) == 1


@pytest.mark.parametrize(
    "made",
    [{"state": IntentState.PAID, "settled": 120_000}, {"state": IntentState.CANCELLED}],
)
def test_nothing_is_collected_for_what_is_not_owed(
    session: Session, operator: Organisation, courier: Courier, made: dict[str, object]
) -> None:
    with pytest.raises(NothingDue):
        expected(session, courier, **made)

    assert count(session, CodCollection) == 0


def test_nothing_is_collected_before_somebody_runs_the_platform(
    session: Session, courier: Courier
) -> None:
    with pytest.raises(NobodyHolds):
        expected(session, courier)

    assert count(session, CodCollection) == 0


def test_invariant_16_money_for_what_was_paid_meanwhile_waits(
    session: Session, operator: Organisation, courier: Courier
) -> None:
    one = expected(session, courier)
    one.intent.settled, one.intent.state = 120_000, IntentState.PAID
    session.flush()

    service.collected(session, operator.id, one.public_id, actor=SYSTEM, now=NOON)

    movement = session.scalars(select(Movement)).one()
    assert (movement.outcome, movement.waiting) == (Outcome.DUPLICATE, 120_000)


def test_a_parcel_that_came_back_owes_nothing(
    session: Session, operator: Organisation, courier: Courier
) -> None:
    one = expected(session, courier)
    with pytest.raises(ReasonMissing):
        service.returned(session, operator.id, one.public_id, reason="", actor=SYSTEM, now=NOON)
    assert one.state is CodState.OWED

    service.returned(
        session, operator.id, one.public_id, reason="Không nhận", actor=SYSTEM, now=NOON
    )

    assert (one.state, one.left) == (CodState.RETURNED, 0)
    assert count(session, Movement) == 0
    with pytest.raises(CannotMove):
        service.collected(session, operator.id, one.public_id, actor=SYSTEM, now=NOON)


def test_what_was_collected_does_not_come_back(
    session: Session, operator: Organisation, courier: Courier
) -> None:
    one = held(session, courier)

    with pytest.raises(CannotMove):
        service.returned(session, operator.id, one.public_id, reason="x", actor=SYSTEM, now=NOON)

    assert one.state is CodState.COLLECTED


@pytest.mark.parametrize(
    ("by", "account"),
    [(HandedBy.CASH, AccountKind.CASH), (HandedBy.BANK, AccountKind.IN_TRANSIT)],
)
def test_handed_over_whole(
    session: Session,
    operator: Organisation,
    courier: Courier,
    officer: Actor,
    by: HandedBy,
    account: AccountKind,
) -> None:
    both = [held(session, courier), held(session, courier, amount=30_000)]

    hand_over(session, courier, officer, both, 150_000, by=by)

    assert {one.state for one in both} == {CodState.HANDED_OVER}
    assert balance(session, operator.id, AccountKind.COURIER, courier.public_id) == 0
    assert balance(session, operator.id, account) == 150_000


def test_what_is_short_stays_owed_by_the_last_ones(
    session: Session, operator: Organisation, courier: Courier, officer: Actor
) -> None:
    first, last = held(session, courier), held(session, courier, amount=30_000)

    handover = hand_over(session, courier, officer, [first, last], 140_000)

    assert (handover.received, handover.owed) == (140_000, 150_000)
    assert (first.state, last.state) == (CodState.HANDED_OVER, CodState.COLLECTED)
    assert last.left == 10_000
    assert balance(session, operator.id, AccountKind.COURIER, courier.public_id) == 10_000
    hand_over(session, courier, officer, [last], 10_000, key="form-2")
    assert last.state is CodState.HANDED_OVER
    assert balance(session, operator.id, AccountKind.COURIER, courier.public_id) == 0


def test_a_form_sent_twice_is_one_hand_over(
    session: Session, operator: Organisation, courier: Courier, officer: Actor
) -> None:
    one = held(session, courier)

    first = hand_over(session, courier, officer, [one], 50_000)
    again = hand_over(session, courier, officer, [one], 50_000)

    assert first.id == again.id
    assert one.left == 70_000


@pytest.mark.parametrize(("received", "refusal"), [(120_001, MoreThanHeld), (0, AmountMissing)])
def test_amounts_that_cannot_be_are_refused(
    session: Session,
    operator: Organisation,
    courier: Courier,
    officer: Actor,
    received: int,
    refusal: type[DomainError],
) -> None:
    one = held(session, courier)

    with pytest.raises(refusal):
        hand_over(session, courier, officer, [one], received)

    assert count(session, CodHandover) == 0
    assert one.left == 120_000


def test_only_what_this_courier_holds_is_handed_over(
    session: Session, operator: Organisation, courier: Courier, officer: Actor
) -> None:
    on_the_way = expected(session, courier)
    other = service.add_courier(session, "Khác", actor=SYSTEM, now=NOON)
    elsewhere = held(session, other)
    for chosen in ([on_the_way], [elsewhere]):
        with pytest.raises(NotHeld):
            hand_over(session, courier, officer, chosen, 1_000)
    with pytest.raises(NothingChosen):
        hand_over(session, courier, officer, [], 1_000)

    assert count(session, CodHandoverLine) == 0


def test_another_operators_collection_is_not_found(
    session: Session, operator: Organisation, courier: Courier
) -> None:
    one = expected(session, courier)

    with pytest.raises(CollectionNotFound):
        service.collected(session, one.organisation_id, one.public_id, actor=SYSTEM, now=NOON)

    assert one.state is CodState.OWED


@pytest.mark.parametrize(("name", "refusal"), [(" ", NameMissing), ("Giao Nhanh mẫu", NameTaken)])
def test_a_courier_needs_a_name_of_its_own(
    session: Session, courier: Courier, name: str, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        service.add_courier(session, name, actor=SYSTEM, now=NOON)

    assert count(session, Courier) == 1


def test_what_each_courier_holds_is_summed_in_few_statements(
    session: Session, operator: Organisation, courier: Courier, statements: list[str]
) -> None:
    for amount in (10_000, 20_000):
        held(session, courier, amount=amount)
    expected(session, courier)
    service.add_courier(session, "Không giữ gì", actor=SYSTEM, now=NOON)
    session.flush()
    statements.clear()

    holdings = queries.holdings(session, operator.id)

    assert [(one.held, one.parcels, one.on_the_way) for one in holdings] == [
        (30_000, 2, 1),
        (0, 0, 0),
    ]
    assert len(statements) == 2


def test_a_seller_sees_only_own_parcels(
    session: Session, operator: Organisation, courier: Courier
) -> None:
    mine, _other = expected(session, courier), expected(session, courier)

    found = queries.of_organisation(session, mine.organisation_id)

    assert [one.id for one in found] == [mine.id]


@given(
    left=st.lists(st.integers(1, 10**7), min_size=1, max_size=20),
    part=st.floats(0.000001, 1),
)
def test_no_dong_of_a_hand_over_is_lost(left: list[int], part: float) -> None:
    received = max(1, int(sum(left) * part))

    shares = rules.spread(received, [Held(id=at, left=one) for at, one in enumerate(left)])

    assert sum(amount for _, amount in shares) == received
    assert all(0 < amount <= left[at] for at, amount in shares)
    assert [at for at, _ in shares] == list(range(len(shares)))


@pytest.mark.parametrize(("days", "group"), [(0, 0), (2, 0), (3, 1), (6, 1), (7, 2), (90, 2)])
def test_ages(days: int, group: int) -> None:
    assert rules.age_group(days) == group
    assert rules.age(DUE, today=DUE + timedelta(days)) == days


def test_of_two_who_note_the_same_parcel_one_does(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        factories.use(session)
        operator = factories.OrganisationFactory(kind=Kind.AUTHORITY)
        officer = Actor.person(factories.MembershipFactory(organisation=operator).person_id)
        courier = service.add_courier(session, "Giao", actor=SYSTEM, now=NOON)
        one = held(session, courier)
    start = threading.Barrier(2)
    said: list[str] = []

    def note(key: str) -> None:
        with Session(engine) as session:
            start.wait()
            try:
                hand_over(
                    session,
                    session.get_one(Courier, courier.id),
                    officer,
                    [session.get_one(CodCollection, one.id)],
                    120_000,
                    key=key,
                )
                session.commit()
                said.append("done")
            except DomainError as refusal:
                said.append(refusal.code)

    threads = [threading.Thread(target=note, args=(key,)) for key in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        left = balance(session, operator.id, AccountKind.COURIER, courier.public_id)
    wipe(engine)
    assert sorted(said) == ["cod.not_held", "done"]
    assert left == 0
