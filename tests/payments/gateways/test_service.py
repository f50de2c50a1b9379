from __future__ import annotations

import dataclasses
import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from foundation.audit.models import AuditEntry
from foundation.audit.rules import SYSTEM
from foundation.db import Sessions
from foundation.errors import DomainError
from foundation.jobs.models import JobRun
from foundation.notifications.models import Notification
from foundation.organisations.models import Kind, Organisation
from payments.credits.models import Channel, Movement, Outcome
from payments.credits.models import State as MovementState
from payments.gateways import noting, queries, service
from payments.gateways.errors import (
    AmountBeyondCard,
    AmountChanged,
    CardsNotOffered,
    GatewayDown,
    GatewayError,
    NothingDue,
)
from payments.gateways.models import About, CardCharge, ChargeState, ProviderEvent
from payments.gateways.null import Null
from payments.gateways.rules import OPEN_FOR, Asked, Facts, Notice
from payments.intents.events import IntentMoved
from payments.intents.models import Intent
from payments.intents.models import State as IntentState
from payments.ledger import queries as ledger
from payments.ledger.models import Journal
from payments.ledger.rules import AccountKind
from tests import factories
from tests.conftest import NOON, JoinedSessions
from tests.unguarded import wipe

GATEWAY = Null()


class Scripted(Null):
    """Answers what the test says, or fails as it says; notes what it was asked."""

    def __init__(self, *answers: Facts | GatewayError) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, Asked]] = []

    def _answer(self, what: str, asked: Asked) -> Facts:
        self.calls.append((what, asked))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, GatewayError):
            raise answer
        return answer

    def begin(self, asked: Asked) -> Facts:
        return self._answer("begin", asked)

    def ask(self, asked: Asked) -> Facts:
        return self._answer("ask", asked)

    def confirm(self, asked: Asked) -> Facts:
        return self._answer("confirm", asked)

    def cancel(self, asked: Asked) -> Facts:
        return self._answer("cancel", asked)


def facts(state: ChargeState, **more: object) -> Facts:
    received = 120_000 if state is ChargeState.SUCCEEDED else 0
    return dataclasses.replace(Facts(provider_id="pi_1", state=state, received=received), **more)  # type: ignore[arg-type]


PENDING = facts(ChargeState.PENDING)
PAID = facts(ChargeState.SUCCEEDED)
DECLINED = facts(ChargeState.FAILED, failure="card_declined")
CANCELLED = facts(ChargeState.CANCELLED)


def begin(
    sessions: Sessions, intent: Intent, gateway: Null = GATEWAY, now: datetime = NOON
) -> CardCharge:
    standing = service.begin(
        sessions, gateway, intent.public_id, return_url="/back", actor=SYSTEM, now=now
    )
    with sessions.reading() as session:
        return queries.one(session, intent.public_id, standing.charge)


def pay(sessions: Sessions, intent: Intent) -> CardCharge:
    charge = begin(sessions, intent)
    service.agree(sessions, GATEWAY, charge, actor=SYSTEM, now=NOON)
    with sessions.reading() as session:
        return queries.one(session, intent.public_id, charge.public_id)


def reread(session: Session, intent: Intent) -> Intent:
    session.refresh(intent)
    return intent


def count(session: Session, model: type[object]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


# --- paying -------------------------------------------------------------------------------------


def test_invariant_06_a_card_payment_settles_the_intent_and_stands_in_both_books(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    seller = intent.organisation

    charge = pay(sessions, intent)

    assert charge.state is ChargeState.SUCCEEDED
    assert charge.received == 120_000
    assert reread(session, intent).state is IntentState.PAID
    movement = session.get_one(Movement, charge.movement_id)
    assert (movement.channel, movement.holder) == (Channel.CARD, "null")
    assert movement.state is MovementState.MATCHED

    def balance(organisation: Organisation, kind: AccountKind, subject: str = "") -> int:
        return ledger.balance(session, organisation.id, kind, subject)

    assert balance(seller, AccountKind.OWED_BY_OPERATOR) == 120_000
    assert balance(seller, AccountKind.RECEIVED) == -120_000
    assert balance(seller, AccountKind.SUSPENSE) == 0
    assert balance(operator, AccountKind.CARD, "null") == 120_000
    assert balance(operator, AccountKind.OWED_TO_SELLER, seller.public_id) == -120_000


def test_our_key_is_stored_before_the_provider_is_called(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    class Looking(Null):
        def begin(self, asked: Asked) -> Facts:
            stored = session.scalars(select(CardCharge)).one()
            assert (stored.key, stored.state) == (asked.key, ChargeState.CREATED)
            return super().begin(asked)

    charge = begin(sessions, factories.IntentFactory(), Looking())

    assert charge.state is ChargeState.PENDING


def test_opening_the_card_form_twice_is_one_payment(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()

    first, second = begin(sessions, intent), begin(sessions, intent)

    assert first.public_id == second.public_id
    assert count(session, CardCharge) == 1


def test_what_was_paid_otherwise_meanwhile_is_not_charged_again(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    first = begin(sessions, intent)
    intent.settled, intent.state = 20_000, IntentState.PART_PAID
    session.flush()

    second = begin(sessions, intent)

    session.refresh(first := session.get_one(CardCharge, first.id))
    assert first.state is ChargeState.CANCELLED
    assert second.amount == 100_000


def test_a_declined_card_takes_nothing_and_another_may_be_tried(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory(amount=45_402)

    charge = pay(sessions, intent)

    assert (charge.state, charge.failure) == (ChargeState.FAILED, "card_declined")
    assert reread(session, intent).settled == 0
    assert count(session, Movement) == 0
    assert begin(sessions, intent).id == charge.id


@pytest.mark.parametrize(
    ("made", "refusal"),
    [
        ({"state": IntentState.CANCELLED}, NothingDue),
        ({"state": IntentState.PAID, "settled": 120_000}, NothingDue),
        ({"expires_at": NOON, "settles_late": False}, NothingDue),
        ({"amount": 999}, AmountBeyondCard),
        ({"amount": 100_000_000}, AmountBeyondCard),
    ],
)
def test_what_cannot_be_paid_by_card_opens_nothing(
    session: Session,
    sessions: JoinedSessions,
    operator: Organisation,
    made: dict[str, object],
    refusal: type[DomainError],
) -> None:
    intent = factories.IntentFactory(**made)

    with pytest.raises(refusal):
        begin(sessions, intent)

    assert count(session, CardCharge) == 0


def test_nobody_pays_by_card_before_somebody_holds_the_money(
    session: Session, sessions: JoinedSessions
) -> None:
    intent = factories.IntentFactory()

    with pytest.raises(CardsNotOffered):
        begin(sessions, intent)

    assert count(session, CardCharge) == 0


def test_an_old_amount_is_neither_agreed_to_nor_left_open(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    charge = begin(sessions, intent)
    intent.settled, intent.state = 20_000, IntentState.PART_PAID
    session.flush()

    with pytest.raises(AmountChanged):
        service.agree(sessions, GATEWAY, charge, actor=SYSTEM, now=NOON)
    service.ask(sessions, GATEWAY, charge.id, now=NOON)

    session.expire_all()
    assert session.get_one(CardCharge, charge.id).state is ChargeState.CANCELLED
    assert count(session, Movement) == 0


def test_a_payment_that_is_over_cannot_be_agreed_to(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    charge = pay(sessions, intent)

    with pytest.raises(NothingDue):
        service.agree(sessions, GATEWAY, charge, actor=SYSTEM, now=NOON)

    assert count(session, Movement) == 1


# --- no answer ----------------------------------------------------------------------------------


def test_a_lost_answer_is_asked_for_until_it_is_known(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory(amount=45_408)
    charge = pay(sessions, intent)
    assert charge.state is ChargeState.UNKNOWN
    assert queries.due(session, ["null"], now=NOON, limit=9) == []

    later = NOON + timedelta(minutes=5)
    assert queries.due(session, ["null"], now=later, limit=9) == [(charge.id, "null")]
    service.ask(sessions, GATEWAY, charge.id, now=later)

    assert reread(session, intent).state is IntentState.PAID
    assert count(session, Movement) == 1


def test_a_beginning_without_an_answer_goes_on_with_the_same_key(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    gateway = Scripted(GatewayError("time-out", unsure=True), PENDING)
    with pytest.raises(GatewayDown):
        begin(sessions, intent, gateway)
    assert session.scalars(select(CardCharge.state)).one() is ChargeState.UNKNOWN

    charge = begin(sessions, intent, gateway)

    assert charge.state is ChargeState.PENDING
    assert len({asked.key for _, asked in gateway.calls}) == 1


def test_a_beginning_that_was_refused_is_over_and_another_has_another_key(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    gateway = Scripted(GatewayError("no such account", permanent=True), PENDING)
    with pytest.raises(GatewayDown):
        begin(sessions, intent, gateway)

    begin(sessions, intent, gateway)

    assert len({asked.key for _, asked in gateway.calls}) == 2
    states = session.scalars(select(CardCharge.state).order_by(CardCharge.id)).all()
    assert states == [ChargeState.CANCELLED, ChargeState.PENDING]


def test_an_unanswered_question_changes_nothing_and_is_put_off(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    charge = begin(sessions, intent, Scripted(PENDING))

    for _ in range(3):
        service.ask(sessions, Scripted(GatewayError("busy")), charge.id, now=NOON)

    session.refresh(stored := session.get_one(CardCharge, charge.id))
    assert stored.state is ChargeState.PENDING
    assert stored.next_ask_at > NOON + timedelta(minutes=2)
    assert count(session, Movement) == 0


def test_a_payment_left_open_or_not_wanted_any_more_is_closed_at_the_provider(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    left, unwanted = factories.IntentFactory(), factories.IntentFactory()
    charges = [begin(sessions, each) for each in (left, unwanted)]
    unwanted.settled, unwanted.state = 120_000, IntentState.PAID
    session.flush()
    service.hear_intent_moved(
        session,
        IntentMoved(
            intent_id=unwanted.id,
            organisation_id=unwanted.organisation_id,
            before=IntentState.OPEN,
            state=IntentState.PAID,
            occurred_at=NOON,
        ),
    )

    assert queries.due(session, ["null"], now=NOON, limit=9) == [(charges[1].id, "null")]
    service.ask(sessions, GATEWAY, charges[1].id, now=NOON)
    service.ask(sessions, GATEWAY, charges[0].id, now=NOON)
    assert session.get_one(CardCharge, charges[0].id).state is ChargeState.PENDING
    service.ask(sessions, GATEWAY, charges[0].id, now=NOON + OPEN_FOR + timedelta(seconds=1))

    session.expire_all()
    states = set(session.scalars(select(CardCharge.state)))
    assert states == {ChargeState.CANCELLED}


# --- notices ------------------------------------------------------------------------------------


def notice(event_id: str = "evt_1", about: About = About.PAYMENT, **more: str) -> Notice:
    return Notice(event_id=event_id, kind=f"{about}.happened", about=about, **more)


def hear(session: Session, told: Notice) -> int | None:
    return service.hear(session, "null", told, headers={}, body=b"{}", now=NOON)


def test_invariant_02_the_same_notice_again_does_nothing(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    heard = [hear(session, notice()) for _ in range(3)]

    assert [event_id is None for event_id in heard] == [False, True, True]
    assert count(session, ProviderEvent) == 1
    assert count(session, JobRun) == 1


@pytest.mark.parametrize(
    "answers", [(DECLINED, PAID), (PAID, DECLINED), (PAID, PENDING), (PAID, CANCELLED)]
)
def test_invariant_10_the_order_of_notices_does_not_matter(
    session: Session, sessions: JoinedSessions, operator: Organisation, answers: tuple[Facts, Facts]
) -> None:
    intent = factories.IntentFactory()
    charge = begin(sessions, intent, Scripted(PENDING))
    for number, answer in enumerate(answers):
        event_id = hear(session, notice(f"evt_{number}", provider_id="pi_1"))
        assert event_id is not None
        service.follow(sessions, {"null": Scripted(answer)}, event_id, now=NOON)

    session.expire_all()
    assert session.get_one(CardCharge, charge.id).state is ChargeState.SUCCEEDED
    assert intent.state is IntentState.PAID
    assert count(session, Movement) == 1


def test_invariant_11_a_notice_finds_a_payment_whose_answer_was_lost(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    with pytest.raises(GatewayDown):
        begin(sessions, intent, Scripted(GatewayError("time-out", unsure=True)))
    charge = session.scalars(select(CardCharge)).one()

    event_id = hear(session, notice(provider_id="pi_1", charge=charge.public_id))
    assert event_id is not None
    for _ in range(2):  # a worker that died after its commit does it again
        service.follow(sessions, {"null": Scripted(PAID)}, event_id, now=NOON)

    session.expire_all()
    assert (charge.provider_id, charge.state) == ("pi_1", ChargeState.SUCCEEDED)
    assert count(session, Movement) == 1


def test_a_notice_that_is_none_of_ours_changes_nothing(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    charge = begin(sessions, factories.IntentFactory(), Scripted(PENDING))
    event_id = hear(session, notice(provider_id="pi_other"))
    assert event_id is not None

    service.follow(sessions, {"null": Scripted(PAID)}, event_id, now=NOON)

    session.expire_all()
    assert session.get_one(CardCharge, charge.id).state is ChargeState.PENDING


def test_following_a_notice_is_tried_again_when_the_provider_is_silent(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    begin(sessions, factories.IntentFactory(), Scripted(PENDING))
    event_id = hear(session, notice(provider_id="pi_1"))
    assert event_id is not None

    with pytest.raises(GatewayError):
        service.follow(sessions, {"null": Scripted(GatewayError("busy"))}, event_id, now=NOON)

    assert count(session, Movement) == 0


def test_a_dispute_is_told_once_to_the_seller_and_the_operator(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    people = {
        factories.MembershipFactory(organisation=each).person_id
        for each in (intent.organisation, operator)
    }
    begin(sessions, intent, Scripted(PENDING))
    for number in range(2):
        told = notice(f"evt_{number}", About.DISPUTE, provider_id="pi_1")
        event_id = hear(session, told)
        assert event_id is not None
        service.follow(sessions, {"null": Scripted(PAID)}, event_id, now=NOON)

    told_to = session.scalars(select(Notification.person_id)).all()
    assert set(told_to) == people
    assert len(told_to) == 2
    actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("card_charges.disputed") == 1


def dispute(session: Session, sessions: Sessions, answer: Facts) -> None:
    event_id = hear(session, notice("evt_d", About.DISPUTE, provider_id="pi_1"))
    assert event_id is not None
    service.follow(sessions, {"null": Scripted(answer)}, event_id, now=NOON)
    session.expire_all()


def test_disputed_money_is_frozen_and_owed_again(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    charge = begin(sessions, intent, Scripted(PENDING))
    service.ask(sessions, Scripted(PAID), charge.id, now=NOON)

    dispute(session, sessions, PAID)

    assert session.scalars(select(Movement.state)).one() is MovementState.FROZEN
    assert (intent.state, intent.settled) == (IntentState.OPEN, 0)
    assert ledger.balance(session, intent.organisation_id, AccountKind.FROZEN) == -120_000


def test_a_dispute_heard_of_before_the_money_freezes_it_when_it_comes(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    charge = begin(sessions, factories.IntentFactory(), Scripted(PENDING))
    dispute(session, sessions, PENDING)
    assert count(session, Movement) == 0

    service.ask(sessions, Scripted(PAID), charge.id, now=NOON)

    assert session.scalars(select(Movement.state)).one() is MovementState.FROZEN


def test_invariant_05_what_a_provider_told_cannot_be_changed(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    hear(session, notice())
    event = session.scalars(select(ProviderEvent)).one()
    event.kind = "something.else"

    with pytest.raises(DBAPIError), session.begin_nested():
        session.flush()
    session.expunge(event)


# --- late, twice, too much ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "outcome", "settled"),
    [
        ({"state": IntentState.CANCELLED}, Outcome.LATE, 0),
        ({"state": IntentState.PAID, "settled": 120_000}, Outcome.DUPLICATE, 120_000),
        ({"state": IntentState.PART_PAID, "settled": 90_000}, Outcome.OVER, 120_000),
    ],
)
def test_invariant_16_money_that_is_not_owed_any_more_is_kept_and_waits(
    session: Session,
    sessions: JoinedSessions,
    operator: Organisation,
    changed: dict[str, object],
    outcome: Outcome,
    settled: int,
) -> None:
    intent = factories.IntentFactory()
    charge = begin(sessions, intent, Scripted(PENDING))
    before = changed.get("settled", 0)
    for name, value in changed.items():
        setattr(intent, name, value)
    session.flush()

    service.ask(sessions, Scripted(PAID), charge.id, now=NOON)

    session.expire_all()
    movement = session.scalars(select(Movement)).one()
    assert movement.outcome is outcome
    assert intent.settled == settled
    assert movement.waiting == 120_000 - (settled - int(str(before)))


def test_a_refund_leaves_both_books_once(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    seller = intent.organisation
    charge = noting.locked(session, pay(sessions, intent).id)

    first = noting.note_refund(session, charge, 20_000, key="r1", now=NOON)
    again = noting.note_refund(session, charge, 20_000, key="r1", now=NOON)

    assert first.id == again.id
    assert ledger.balance(session, seller.id, AccountKind.OWED_BY_OPERATOR) == 100_000
    assert ledger.balance(session, operator.id, AccountKind.CARD, "null") == 100_000
    owed = ledger.balance(session, operator.id, AccountKind.OWED_TO_SELLER, seller.public_id)
    assert owed == -100_000


def test_invariant_20_a_strangers_payment_is_not_found_by_its_movement(
    session: Session, sessions: JoinedSessions, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    charge = pay(sessions, intent)
    assert charge.movement_id is not None

    mine = queries.of_movement(session, intent.organisation_id, charge.movement_id)
    assert mine is not None
    assert queries.of_movement(session, operator.id, charge.movement_id) is None


# --- two at the same moment ---------------------------------------------------------------------


def test_invariant_08_two_notices_at_one_moment_are_one_movement(engine: Engine) -> None:
    """On PostgreSQL the payment is locked; SQLite lets one writer in at a time."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    sessions = Sessions(engine)
    with sessions.transaction() as session:
        factories.use(session)
        factories.OrganisationFactory(kind=Kind.AUTHORITY)
        intent = factories.IntentFactory()
    start = threading.Barrier(4)
    faults: list[Exception] = []
    charge = begin(sessions, intent, Scripted(PENDING))

    def ask() -> None:
        start.wait()
        try:
            service.ask(sessions, Scripted(PAID), charge.id, now=NOON)
        except Exception as error:  # told in the main thread
            faults.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions.reading() as session:
        movements, journals = count(session, Movement), count(session, Journal)
        settled = session.get_one(Intent, intent.id).settled
    wipe(engine)
    assert faults == []
    assert (movements, journals, settled) == (1, 3, 120_000)


def test_two_at_once_open_one_payment(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    sessions = Sessions(engine)
    with sessions.transaction() as session:
        factories.use(session)
        factories.OrganisationFactory(kind=Kind.AUTHORITY)
        intent = factories.IntentFactory()
    start = threading.Barrier(3)
    opened: list[str] = []

    def open_form() -> None:
        start.wait()
        opened.append(begin(sessions, intent).public_id)

    threads = [threading.Thread(target=open_form) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wipe(engine)
    assert len(opened) == 3
    assert len(set(opened)) == 1
