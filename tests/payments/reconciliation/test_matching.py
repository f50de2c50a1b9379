"""What money is for, by its memo alone."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM
from foundation.outbox.models import OutboxEvent
from payments.bank_accounts.models import BankAccount
from payments.credits import service as credits_service
from payments.credits.models import Direction, Movement, Outcome, State
from payments.credits.rules import Telling
from payments.intents import service as intents
from payments.intents.models import Intent
from payments.intents.models import State as IntentState
from payments.ledger import queries as ledger
from payments.ledger.models import AccountKind
from payments.reconciliation import queries, service
from payments.reconciliation.models import Allocation, AllocationKind
from payments.reconciliation.rules import Owed, decide
from tests import factories
from tests.conftest import NOON
from tests.payments.conservation import check_books

numbers = itertools.count(1)


@pytest.fixture
def account(session: Session) -> BankAccount:
    made: BankAccount = factories.BankAccountFactory()
    return made


def intent_at(account: BankAccount, amount: int = 120_000, **more: Any) -> Intent:
    made: Intent = factories.IntentFactory(
        organisation=account.organisation, bank_account=account, amount=amount, **more
    )
    return made


def arrive(session: Session, account: BankAccount, amount: int, memo: str) -> Movement:
    number = next(numbers)
    telling = Telling(
        source="sepay",
        told_id=str(number),
        bank_account_id=account.id,
        direction=Direction.IN,
        amount=amount,
        booked_on=date(2026, 11, 22),
        memo=memo,
        bank_reference=f"FT{number:012d}",
        origin="inbox:1",
    )
    (heard,) = credits_service.take_in(session, [telling], now=NOON)
    assert heard.movement_id is not None
    service.match(session, [heard.movement_id], now=NOON)
    session.flush()
    check_books(session)
    return session.get_one(Movement, heard.movement_id)


def test_the_exact_amount_pays_it(session: Session, account: BankAccount) -> None:
    intent = intent_at(account)

    movement = arrive(session, account, 120_000, f"MBVCB.1.{intent.reference.lower()}.CT tu 0")

    assert (movement.state, movement.outcome) == (State.MATCHED, Outcome.EXACT)
    assert (intent.state, intent.settled) == (IntentState.PAID, 120_000)
    (made,) = queries.of_intent(session, account.organisation_id, intent.id)
    assert (made.kind, made.amount, made.by_person_id) == (AllocationKind.INTENT, 120_000, None)
    assert ledger.balance(session, account.organisation_id, AccountKind.RECEIVED) == -120_000
    assert ledger.balance(session, account.organisation_id, AccountKind.SUSPENSE) == 0
    told = session.scalars(select(OutboxEvent).where(OutboxEvent.name == "IntentMoved")).all()
    assert [event.body["state"] for event in told] == ["paid"]


def test_matching_again_changes_nothing(session: Session, account: BankAccount) -> None:
    intent = intent_at(account)
    movement = arrive(session, account, 120_000, intent.reference)

    service.match(session, [movement.id, movement.id], now=NOON)

    assert len(queries.of_movement(session, account.organisation_id, movement.id)) == 1
    check_books(session)


def test_invariant_14_too_little_pays_a_part(session: Session, account: BankAccount) -> None:
    intent = intent_at(account)

    first = arrive(session, account, 119_999, intent.reference)
    assert (first.state, first.outcome) == (State.MATCHED, Outcome.UNDER)
    assert (intent.state, intent.due) == (IntentState.PART_PAID, 1)

    second = arrive(session, account, 1, intent.reference)
    assert second.outcome is Outcome.EXACT
    assert intent.state is IntentState.PAID


def test_invariant_14_too_much_pays_and_the_rest_waits(
    session: Session, account: BankAccount
) -> None:
    intent = intent_at(account)

    movement = arrive(session, account, 120_001, intent.reference)

    assert (movement.state, movement.outcome, movement.waiting) == (State.WAITING, Outcome.OVER, 1)
    assert (intent.state, intent.settled, intent.excess) == (IntentState.OVERPAID, 120_000, 1)


def test_too_much_from_a_known_payer_is_kept_for_them(
    session: Session, account: BankAccount
) -> None:
    intent = intent_at(account, payer="pupil:1")

    movement = arrive(session, account, 150_000, intent.reference)

    assert (movement.state, movement.outcome) == (State.MATCHED, Outcome.OVER)
    assert intent.state is IntentState.PAID
    assert queries.balance(session, account.organisation_id, "pupil:1") == 30_000


def test_invariant_16_paid_a_second_time_it_waits(session: Session, account: BankAccount) -> None:
    intent = intent_at(account)
    arrive(session, account, 120_000, intent.reference)

    again = arrive(session, account, 120_000, intent.reference)

    assert (again.state, again.outcome, again.waiting) == (
        State.WAITING,
        Outcome.DUPLICATE,
        120_000,
    )
    assert (intent.state, intent.excess) == (IntentState.OVERPAID, 120_000)


def test_invariant_16_money_for_an_expired_intent_still_settles_it(
    session: Session, account: BankAccount
) -> None:
    intent = intent_at(account, expires_at=NOON - timedelta(minutes=1))

    movement = arrive(session, account, 120_000, intent.reference)

    assert (movement.outcome, intent.state) == (Outcome.EXACT, IntentState.PAID)


@pytest.mark.parametrize("how", ["not wanted late", "cancelled"])
def test_invariant_16_late_money_is_never_refused(
    session: Session, account: BankAccount, how: str
) -> None:
    intent = intent_at(account, expires_at=NOON - timedelta(minutes=1), settles_late=False)
    if how == "cancelled":
        intents.cancel(
            session,
            account.organisation_id,
            intent.public_id,
            reason="Khách đổi ý",
            actor=SYSTEM,
            now=NOON,
        )

    movement = arrive(session, account, 120_000, intent.reference)

    assert (movement.state, movement.outcome) == (State.WAITING, Outcome.LATE)
    assert movement.waiting == 120_000
    assert intent.settled == 0


def test_invariant_17_the_old_code_pays_what_replaced_it(
    session: Session, account: BankAccount
) -> None:
    old, newer, newest = (intent_at(account, amount) for amount in (120_000, 110_000, 100_000))
    for before, after in ((old, newer), (newer, newest)):
        intents.replace(session, before, after, reason="Sửa tiền ăn", actor=SYSTEM, now=NOON)

    movement = arrive(session, account, 120_000, old.reference)

    assert (newest.state, newest.settled) == (IntentState.OVERPAID, 100_000)
    assert (movement.outcome, movement.waiting) == (Outcome.OVER, 20_000)


def test_invariant_15_two_codes_split_only_on_the_exact_sum(
    session: Session, account: BankAccount
) -> None:
    first, second = intent_at(account, 50_000), intent_at(account, 70_000)
    memo = f"{first.reference} {second.reference}"

    short = arrive(session, account, 119_000, memo)
    assert (short.state, short.outcome) == (State.WAITING, Outcome.SEVERAL)
    assert (first.settled, second.settled) == (0, 0)

    exact = arrive(session, account, 120_000, memo)
    assert (exact.state, exact.outcome) == (State.MATCHED, Outcome.SPLIT)
    assert (first.state, second.state) == (IntentState.PAID, IntentState.PAID)


def test_invariant_15_nothing_crosses_from_payee_to_payee(
    session: Session, account: BankAccount
) -> None:
    theirs: Intent = factories.IntentFactory(amount=120_000)
    ours = intent_at(account, 70_000)

    strange = arrive(session, account, 120_000, theirs.reference)
    mixed = arrive(session, account, 190_000, f"{ours.reference} {theirs.reference}")

    assert (strange.state, strange.outcome) == (State.WAITING, Outcome.WRONG_ACCOUNT)
    assert strange.about_intent_id is None
    assert mixed.outcome is Outcome.SEVERAL
    assert (theirs.settled, ours.settled) == (0, 0)


@pytest.mark.parametrize(
    ("memo", "outcome"),
    [
        ("", Outcome.NO_REFERENCE),
        ("IBT From SeABank", Outcome.NO_REFERENCE),
        ("PZC2Z0QD6N23TFRE", Outcome.UNKNOWN_REFERENCE),
    ],
)
def test_what_names_nothing_waits(
    session: Session, account: BankAccount, memo: str, outcome: Outcome
) -> None:
    movement = arrive(session, account, 120_000, memo)

    assert (movement.state, movement.outcome) == (State.WAITING, outcome)


def test_a_fuller_telling_is_matched_after_all(session: Session, account: BankAccount) -> None:
    intent = intent_at(account)
    movement = arrive(session, account, 120_000, "")
    row = Telling(
        source="statement:1",
        told_id="1",
        bank_account_id=account.id,
        direction=Direction.IN,
        amount=120_000,
        booked_on=movement.booked_on,
        memo=f"ND:CT DEN:591978255731 {intent.reference}; tai Napas",
        origin="statement:1:1",
    )

    (heard,) = credits_service.take_in(session, [row], now=NOON)
    assert (heard.movement_id, heard.news) == (movement.id, True)
    service.match(session, [movement.id], now=NOON)

    assert (movement.outcome, intent.state) == (Outcome.EXACT, IntentState.PAID)
    check_books(session)


def test_money_going_out_is_left_alone(session: Session, account: BankAccount) -> None:
    intent = intent_at(account)
    movement = factories.MovementFactory(
        bank_account=account, direction=Direction.OUT, amount=120_000, memo=intent.reference
    )

    service.match(session, [movement.id], now=NOON)

    assert (movement.state, movement.outcome) == (State.WAITING, Outcome.NEW)
    assert intent.settled == 0
    assert session.scalars(select(Allocation)).all() == []


def test_two_movements_of_one_call_pay_in_turn(session: Session, account: BankAccount) -> None:
    intent = intent_at(account)
    tellings = [
        Telling(
            source="sepay",
            told_id=f"both{number}",
            bank_account_id=account.id,
            direction=Direction.IN,
            amount=100_000,
            booked_on=date(2026, 11, 22),
            memo=intent.reference,
            bank_reference=f"BOTH{number:08d}",
            origin="inbox:1",
        )
        for number in (1, 2)
    ]
    heard = credits_service.take_in(session, tellings, now=NOON)

    service.match(session, [one.movement_id or 0 for one in heard], now=NOON)

    outcomes = [session.get_one(Movement, one.movement_id).outcome for one in heard]
    assert outcomes == [Outcome.UNDER, Outcome.OVER]
    assert (intent.settled, intent.excess) == (120_000, 80_000)
    check_books(session)


def test_statements_do_not_grow_with_the_movements(
    session: Session, account: BankAccount, statements: list[str]
) -> None:
    def arrive_many(count: int) -> int:
        made = [intent_at(account, 1_000) for _ in range(count)]
        tellings = [
            Telling(
                source="sepay",
                told_id=f"{count}-{number}",
                bank_account_id=account.id,
                direction=Direction.IN,
                amount=1_000,
                booked_on=date(2026, 11, 22),
                memo=intent.reference,
                bank_reference=f"{count}MANY{number:08d}",
                origin="inbox:1",
            )
            for number, intent in enumerate(made)
        ]
        heard = credits_service.take_in(session, tellings, now=NOON)
        session.flush()
        statements.clear()
        service.match(session, [one.movement_id or 0 for one in heard], now=NOON)
        session.flush()
        assert all(intent.state is IntentState.PAID for intent in made)
        # SQLite stores rows without a sentinel one by one; that is no round trip.
        return len([one for one in statements if not one.startswith("INSERT")])

    arrive_many(2)
    assert arrive_many(60) <= arrive_many(10) + 1


def owed(intent_id: int, due: int, **more: Any) -> Owed:
    facts: dict[str, Any] = {
        "organisation_id": 1,
        "state": IntentState.OPEN,
        "settles_late": True,
        "payer": None,
    }
    return Owed(intent_id=intent_id, due=due, **{**facts, **more})


@pytest.mark.parametrize("state", list(IntentState))
@pytest.mark.parametrize("settles_late", [True, False])
@pytest.mark.parametrize("payer", [None, "pupil:1"])
@pytest.mark.parametrize("amount", [1, 99, 100, 101, 499_999_999])
def test_invariant_07_a_verdict_never_gives_out_more_than_arrived(
    state: IntentState, settles_late: bool, payer: str | None, amount: int
) -> None:
    due = 0 if state in (IntentState.PAID, IntentState.OVERPAID) else 100
    one = owed(7, due, state=state, settles_late=settles_late, payer=payer)

    verdict = decide(amount, 1, [one], named=True)

    given_out = sum(share.amount for share in verdict.shares)
    assert 0 <= given_out <= min(amount, due)
    assert 0 <= given_out + verdict.keep + verdict.excess <= amount
    if payer is not None:
        assert given_out + verdict.keep == amount
