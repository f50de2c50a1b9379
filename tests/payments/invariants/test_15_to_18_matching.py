"""Nos. 15 to 18: damaged memos, late money, replaced codes, and refunds of money that was split.

What the features' own tests leave open; the rest stands under the same numbers in
tests/payments/reconciliation and tests/payments/refunds."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM
from payments.bank_accounts.models import BankAccount
from payments.bank_accounts.models import State as AccountState
from payments.credits.models import Outcome, State
from payments.intents import service as intents
from payments.intents.models import State as IntentState
from payments.intents.rules import new_reference, references_in
from payments.ledger.models import AccountKind
from payments.refunds.asking import service as asking
from payments.refunds.errors import AboveAvailable, StaleAvailable
from payments.refunds.models import Source
from tests import factories
from tests.conftest import NOON
from tests.payments.conservation import check_books
from tests.payments.reconciliation.test_matching import arrive, intent_at
from tests.payments.refunds import books

BEFORE = {
    IntentState.PART_PAID: (50_000,),
    IntentState.PAID: (120_000,),
    IntentState.OVERPAID: (130_000,),
}


@pytest.fixture
def account(session: Session) -> BankAccount:
    made: BankAccount = factories.BankAccountFactory()
    return made


@pytest.mark.parametrize("cut", [35, 50, 210])
def test_invariant_15_a_memo_cut_short_is_read_or_left_alone(cut: int) -> None:
    """Banks cut memos at 35, 50 or 210 characters: a code that is still whole is found, one that
    was cut through is not, wherever it stood."""
    reference = new_reference()
    for at in range(cut + 20):
        memo = ("X" * at + reference + "CHUYEN TIEN " * 20)[:cut]
        assert references_in(memo) == ([reference] if at + len(reference) <= cut else [])


def test_invariant_15_a_cut_code_waits_for_a_person(session: Session, account: BankAccount) -> None:
    intent = intent_at(account)

    movement = arrive(session, account, 120_000, f"CHUYEN TIEN {intent.reference[:-1]}")

    assert (movement.state, movement.outcome) == (State.WAITING, Outcome.NO_REFERENCE)
    assert intent.settled == 0


@pytest.mark.parametrize("payer", [None, "pupil:1"])
@pytest.mark.parametrize("settles_late", [True, False])
@pytest.mark.parametrize("state", list(IntentState))
def test_invariant_16_money_is_never_refused_whatever_became_of_it(
    session: Session,
    account: BankAccount,
    state: IntentState,
    settles_late: bool,
    payer: str | None,
) -> None:
    """Paid, overpaid, expired, cancelled: the money is taken in, and every đồng of it settles,
    is kept for the payer, or waits for somebody to decide."""
    intent = intent_at(account, settles_late=settles_late, payer=payer)
    for earlier in BEFORE.get(state, ()):
        arrive(session, account, earlier, intent.reference)
    if state is IntentState.EXPIRED:
        intent.expires_at = NOON - timedelta(minutes=1)
        intents.expire_due(session, now=NOON)
    if state is IntentState.CANCELLED:
        intents.cancel(
            session,
            account.organisation_id,
            intent.public_id,
            reason="Khách đổi ý",
            actor=SYSTEM,
            now=NOON,
        )
    settled = intent.settled

    movement = arrive(session, account, 120_000, intent.reference)

    due = 120_000 - settled
    if state is IntentState.CANCELLED or (state is IntentState.EXPIRED and not settles_late):
        due = 0
    assert intent.settled == settled + due
    assert movement.waiting == (0 if payer else 120_000 - due)
    assert (movement.state is State.WAITING) is bool(movement.waiting)
    check_books(session)


def test_invariant_16_money_at_a_closed_account_is_taken_in(
    session: Session, account: BankAccount
) -> None:
    intent = intent_at(account)
    account.state, account.main = AccountState.CLOSED, False
    session.flush()

    movement = arrive(session, account, 120_000, intent.reference)

    assert (movement.outcome, intent.state) == (Outcome.EXACT, IntentState.PAID)


@pytest.mark.parametrize(
    ("newer", "state", "waiting"),
    [
        (120_000, IntentState.PAID, 0),
        (100_000, IntentState.OVERPAID, 20_000),
        (150_000, IntentState.PART_PAID, 0),
    ],
)
def test_invariant_17_the_difference_is_treated_as_any_other(
    session: Session, account: BankAccount, newer: int, state: IntentState, waiting: int
) -> None:
    """The payer follows the old code: too much, too little or just right for what replaced it."""
    old, new = intent_at(account), intent_at(account, newer)
    intents.replace(session, old, new, reason="Sửa số lượng", actor=SYSTEM, now=NOON)

    movement = arrive(session, account, 120_000, old.reference)

    assert (old.state, old.settled) == (IntentState.CANCELLED, 0)
    assert (new.state, movement.waiting) == (state, waiting)


def test_invariant_17_what_was_replaced_and_then_withdrawn_waits(
    session: Session, account: BankAccount
) -> None:
    old, new = intent_at(account), intent_at(account)
    intents.replace(session, old, new, reason="Sửa số lượng", actor=SYSTEM, now=NOON)
    intents.cancel(
        session,
        account.organisation_id,
        new.public_id,
        reason="Không bán nữa",
        actor=SYSTEM,
        now=NOON,
    )

    movement = arrive(session, account, 120_000, old.reference)

    assert (movement.state, movement.outcome) == (State.WAITING, Outcome.LATE)


def test_invariant_18_money_split_over_two_is_given_back_from_each(session: Session) -> None:
    """One transfer paid two: each gives back what it holds, never the other's share."""
    shop = books.shop()
    first, second = intent_at(shop.account, 50_000), intent_at(shop.account, 70_000)
    arrive(session, shop.account, 120_000, f"{first.reference} {second.reference}")
    who = {"actor": shop.asker, "now": NOON}

    too_much = books.wanted(Source.INTENT, first.public_id, 50_001, 50_000)
    with pytest.raises(AboveAvailable), session.begin_nested():
        asking.request(session, shop.id, too_much, **who)
    session.expire_all()
    for one in (first, second):
        wanted = books.wanted(Source.INTENT, one.public_id, one.settled)
        asking.request(session, shop.id, wanted, **who)

    assert (first.refunded, second.refunded) == (50_000, 70_000)
    assert shop.balance(session, AccountKind.RETURNS_DUE) == -120_000
    check_books(session)


def test_invariant_18_a_stale_belief_is_a_conflict(session: Session) -> None:
    shop = books.shop()
    intent = books.paid(session, shop, 100_000)

    wanted = books.wanted(Source.INTENT, intent.public_id, 10_000, 90_000)
    with pytest.raises(StaleAvailable) as refusal, session.begin_nested():
        asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)

    assert refusal.value.status is HTTPStatus.CONFLICT
    session.expire_all()
    assert intent.refunded == 0
