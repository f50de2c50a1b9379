"""What a cashier decides about money that waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from foundation.db import Sessions
from foundation.errors import DomainError
from payments.bank_accounts.models import BankAccount
from payments.credits.errors import MovementNotFound
from payments.credits.models import Direction, Movement, Outcome, State
from payments.intents.errors import AboveDue, IntentNotFound
from payments.intents.models import Intent
from payments.intents.models import State as IntentState
from payments.ledger import queries as ledger
from payments.ledger.models import AccountKind
from payments.reconciliation import queries, service
from payments.reconciliation.decisions import errors
from payments.reconciliation.decisions import service as decisions
from payments.reconciliation.errors import (
    AllocationNotFound,
    BalanceTooSmall,
    IsFrozen,
    MoreThanWaiting,
    UndoneAlready,
)
from payments.reconciliation.models import Allocation, AllocationKind
from tests import factories
from tests.conftest import NOON
from tests.payments.conservation import check_books
from tests.payments.reconciliation.test_matching import arrive, intent_at
from tests.unguarded import wipe

WHY = "Khách gọi xác nhận"


@pytest.fixture
def account(session: Session) -> BankAccount:
    made: BankAccount = factories.BankAccountFactory()
    return made


@pytest.fixture
def cashier(account: BankAccount) -> dict[str, Any]:
    actor = Actor.person(factories.PersonFactory().id, organisation_id=account.organisation_id)
    return {"actor": actor, "now": NOON, "reason": WHY}


def facts(session: Session) -> tuple[Any, ...]:
    """Everything a refusal must leave as it was."""
    session.flush()
    return (
        session.execute(
            select(Movement.id, Movement.state, Movement.allocated, Movement.frozen)
        ).all(),
        session.execute(select(Intent.id, Intent.state, Intent.settled, Intent.excess)).all(),
        session.scalar(select(func.count(Allocation.id))),
    )


def refused(session: Session, refusal: type[DomainError], call: Callable[[], object]) -> None:
    before = facts(session)
    with pytest.raises(refusal), session.begin_nested():
        call()
    session.expire_all()
    assert facts(session) == before


def test_a_cashier_says_what_it_is_for(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    first, second = intent_at(account, 50_000), intent_at(account, 80_000)
    movement = arrive(session, account, 100_000, "hoc phi chau Lan")

    decisions.allocate(
        session,
        account.organisation_id,
        movement.public_id,
        {first.public_id: 50_000, second.public_id: 50_000},
        **cashier,
    )

    check_books(session)
    assert (movement.state, movement.waiting) == (State.DECIDED, 0)
    assert (first.state, second.state) == (IntentState.PAID, IntentState.PART_PAID)
    made = queries.of_movement(session, account.organisation_id, movement.id)
    assert {(one.by_person_id, one.reason) for one in made} == {(cashier["actor"].person_id, WHY)}
    moved = select(AuditEntry).where(AuditEntry.action == "movements.decided")
    assert session.scalars(moved).one().facts["reason"] == WHY


def test_invariant_07_more_than_waits_is_refused(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    intent = intent_at(account, 200_000)
    movement = arrive(session, account, 100_000, "")
    shares = {intent.public_id: 100_001}

    refused(
        session,
        MoreThanWaiting,
        lambda: decisions.allocate(
            session, account.organisation_id, movement.public_id, shares, **cashier
        ),
    )


def test_invariant_07_more_than_is_due_is_refused_whole(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    first, second = intent_at(account, 10_000), intent_at(account, 10_000)
    movement = arrive(session, account, 100_000, "")
    shares = {first.public_id: 10_000, second.public_id: 10_001}

    refused(
        session,
        AboveDue,
        lambda: decisions.allocate(
            session, account.organisation_id, movement.public_id, shares, **cashier
        ),
    )


@pytest.mark.parametrize("shares", [{}, {"x": 0}, {"x": -5}])
def test_nothing_chosen_is_refused(
    session: Session, account: BankAccount, cashier: dict[str, Any], shares: dict[str, int]
) -> None:
    movement = arrive(session, account, 100_000, "")

    refused(
        session,
        errors.NothingChosen,
        lambda: decisions.allocate(
            session, account.organisation_id, movement.public_id, shares, **cashier
        ),
    )


@pytest.mark.parametrize("what", ["allocate", "keep", "not ours", "freeze"])
def test_no_reason_no_decision(
    session: Session, account: BankAccount, cashier: dict[str, Any], what: str
) -> None:
    intent = intent_at(account, 100_000)
    movement = arrive(session, account, 100_000, "")
    ours, silent = account.organisation_id, {**cashier, "reason": "  "}
    calls: dict[str, Callable[[], object]] = {
        "allocate": lambda: decisions.allocate(
            session, ours, movement.public_id, {intent.public_id: 1}, **silent
        ),
        "keep": lambda: decisions.keep(session, ours, movement.public_id, "an", 1, **silent),
        "not ours": lambda: decisions.mark_not_ours(session, ours, movement.public_id, **silent),
        "freeze": lambda: decisions.freeze(session, ours, movement.public_id, 1, **silent),
    }

    refused(session, errors.ReasonMissing, calls[what])


def test_invariant_20_a_stranger_s_rows_are_not_there(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    other = factories.BankAccountFactory()
    theirs = intent_at(other)
    movement = arrive(session, account, 100_000, "")
    shares = {theirs.public_id: 1_000}

    refused(
        session,
        IntentNotFound,
        lambda: decisions.allocate(
            session, account.organisation_id, movement.public_id, shares, **cashier
        ),
    )
    refused(
        session,
        MovementNotFound,
        lambda: decisions.mark_not_ours(
            session, other.organisation_id, movement.public_id, **cashier
        ),
    )


def test_money_is_kept_for_its_payer_and_used(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    movement = arrive(session, account, 100_000, "")
    ours = account.organisation_id

    decisions.keep(session, ours, movement.public_id, "pupil:9", 100_000, **cashier)
    assert queries.balance(session, ours, "pupil:9") == 100_000

    intent = intent_at(account, 60_000)
    who = {"actor": cashier["actor"], "now": NOON}
    service.use_balance(session, ours, "pupil:9", intent.public_id, 60_000, **who)

    check_books(session)
    assert (movement.state, intent.state) == (State.DECIDED, IntentState.PAID)
    assert queries.balance(session, ours, "pupil:9") == 40_000
    refused(
        session,
        BalanceTooSmall,
        lambda: service.return_balance(session, ours, "pupil:9", 40_001, **cashier),
    )


def test_a_balance_needs_somebody(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    movement = arrive(session, account, 100_000, "")
    ours = account.organisation_id

    refused(
        session,
        errors.PayerMissing,
        lambda: decisions.keep(session, ours, movement.public_id, "  ", 1, **cashier),
    )


def test_what_is_not_ours_leaves_suspense(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    movement = arrive(session, account, 100_000, "lai tien gui")

    decisions.mark_not_ours(session, account.organisation_id, movement.public_id, **cashier)

    check_books(session)
    assert movement.state is State.DECIDED
    assert ledger.balance(session, account.organisation_id, AccountKind.NOT_OURS) == -100_000


def test_deciding_about_the_rest_ends_the_overpayment(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    intent = intent_at(account)
    movement = arrive(session, account, 150_000, intent.reference)
    assert intent.state is IntentState.OVERPAID

    decisions.keep(
        session, account.organisation_id, movement.public_id, "khach:1", 30_000, **cashier
    )

    check_books(session)
    assert (intent.state, intent.excess) == (IntentState.PAID, 0)
    assert movement.state is State.DECIDED


def test_invariant_05_an_allocation_is_undone_and_owed_again(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    intent = intent_at(account)
    movement = arrive(session, account, 120_000, intent.reference)
    (made,) = queries.of_movement(session, account.organisation_id, movement.id)

    decisions.undo(session, account.organisation_id, made.public_id, **cashier)

    check_books(session)
    assert (intent.state, intent.due) == (IntentState.OPEN, 120_000)
    assert (movement.state, movement.outcome) == (State.WAITING, Outcome.UNDONE)
    service.match(session, [movement.id], now=NOON)
    assert intent.state is IntentState.OPEN, "what a person has undone is not matched by itself"
    refused(
        session,
        UndoneAlready,
        lambda: decisions.undo(session, account.organisation_id, made.public_id, **cashier),
    )


def test_undoing_an_overpaid_one_leaves_nothing_behind(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    intent = intent_at(account)
    movement = arrive(session, account, 150_000, intent.reference)
    (made,) = queries.of_movement(session, account.organisation_id, movement.id)

    decisions.undo(session, account.organisation_id, made.public_id, **cashier)

    check_books(session)
    assert (intent.state, intent.settled, intent.excess) == (IntentState.OPEN, 0, 0)
    assert movement.waiting == 150_000


def test_a_spent_balance_is_not_undone(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    ours = account.organisation_id
    movement = arrive(session, account, 50_000, "")
    kept = decisions.keep(session, ours, movement.public_id, "an", 50_000, **cashier)
    intent = intent_at(account, 20_000)
    who = {"actor": cashier["actor"], "now": NOON}
    service.use_balance(session, ours, "an", intent.public_id, 20_000, **who)

    refused(
        session,
        BalanceTooSmall,
        lambda: decisions.undo(session, ours, kept.public_id, **cashier),
    )


def test_what_is_being_given_back_is_not_undone_here(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    movement = arrive(session, account, 50_000, "")
    made = service.allocate_return(session, movement, 50_000, **cashier)
    check_books(session)

    refused(
        session,
        errors.NotUndoneHere,
        lambda: decisions.undo(session, account.organisation_id, made.public_id, **cashier),
    )
    refused(
        session,
        AllocationNotFound,
        lambda: decisions.undo(session, account.organisation_id, "0" * 14, **cashier),
    )


def test_invariant_06_recalled_money_is_frozen_and_what_it_paid_is_owed_again(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    ours = account.organisation_id
    intent = intent_at(account)
    movement = arrive(session, account, 120_000, intent.reference)

    decisions.freeze(session, ours, movement.public_id, 120_000, **cashier)

    check_books(session)
    assert (movement.state, movement.waiting) == (State.FROZEN, 0)
    assert intent.state is IntentState.OPEN
    assert ledger.balance(session, ours, AccountKind.FROZEN) == -120_000
    shares = {intent.public_id: 1}
    refused(
        session,
        IsFrozen,
        lambda: decisions.allocate(session, ours, movement.public_id, shares, **cashier),
    )
    decisions.unfreeze(session, ours, movement.public_id, **cashier)
    check_books(session)
    assert (movement.state, movement.waiting) == (State.WAITING, 120_000)


def test_the_bank_takes_frozen_money_back(
    session: Session, account: BankAccount, cashier: dict[str, Any]
) -> None:
    ours = account.organisation_id
    movement = arrive(session, account, 100_000, "chuyen nham")
    decisions.freeze(session, ours, movement.public_id, 60_000, **cashier)
    debit = factories.MovementFactory(
        bank_account=account, direction=Direction.OUT, amount=60_000, memo="THU HOI"
    )

    decisions.reverse(session, ours, movement.public_id, debit.public_id, **cashier)

    check_books_of_reversed(session, movement, debit)
    refused(
        session,
        errors.NotFrozen,
        lambda: decisions.unfreeze(session, ours, movement.public_id, **cashier),
    )


def check_books_of_reversed(session: Session, movement: Movement, debit: Movement) -> None:
    assert movement.state is State.REVERSED
    assert movement.taken_back_by_id == debit.id
    assert (debit.state, debit.waiting) == (State.DECIDED, 0)
    ours = movement.organisation_id
    assert ledger.balance(session, ours, AccountKind.FROZEN) == 0
    assert ledger.balance(session, ours, AccountKind.SUSPENSE) == -40_000


@pytest.mark.parametrize("amount", [0, -1, 100_001])
def test_only_what_arrived_is_frozen(
    session: Session, account: BankAccount, cashier: dict[str, Any], amount: int
) -> None:
    movement = arrive(session, account, 100_000, "")
    ours = account.organisation_id

    refused(
        session,
        errors.MoreThanArrived,
        lambda: decisions.freeze(session, ours, movement.public_id, amount, **cashier),
    )


@pytest.fixture
def committed(engine: Engine) -> Iterator[Sessions]:
    """Sessions that really commit, on PostgreSQL; what they leave is wiped."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    yield Sessions(engine)
    wipe(engine)


def test_invariant_08_two_cashiers_at_once_give_it_out_once(committed: Sessions) -> None:
    with committed.transaction() as session:
        factories.use(session)
        account = factories.BankAccountFactory()
        targets = [intent_at(account, 100_000).public_id for _ in range(2)]
        movement = arrive(session, account, 100_000, "")
        actor = Actor.person(factories.PersonFactory().id, organisation_id=account.organisation_id)
    gate = Barrier(4)

    def decide(number: int) -> str:
        gate.wait(timeout=20)
        try:
            with committed.transaction() as session:
                decisions.allocate(
                    session,
                    account.organisation_id,
                    movement.public_id,
                    {targets[number % 2]: 100_000},
                    reason=WHY,
                    actor=actor,
                    now=NOON + timedelta(seconds=number),
                )
        except DomainError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(decide, range(4)))

    assert results.count("done") == 1
    assert set(results) == {"done", "reconciliation.more_than_waiting"}
    with committed.reading() as session:
        check_books(session)
        assert session.scalar(select(func.sum(Allocation.amount))) == 100_000
        assert AllocationKind.INTENT in session.scalars(select(Allocation.kind)).all()


def test_invariant_08_two_payers_at_once_pay_once(committed: Sessions) -> None:
    with committed.transaction() as session:
        factories.use(session)
        account = factories.BankAccountFactory()
        intent = intent_at(account, 100_000)
        paid = [
            factories.MovementFactory(
                bank_account=account, amount=100_000, memo=intent.reference
            ).id
            for _ in range(4)
        ]
    gate = Barrier(4)

    def match(movement_id: int) -> None:
        gate.wait(timeout=20)
        with committed.transaction() as session:
            service.match(session, [movement_id], now=NOON)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(match, paid))

    with committed.reading() as session:
        outcomes = sorted(session.scalars(select(Movement.outcome)))
        stored = session.get_one(Intent, intent.id)
        assert outcomes == sorted([Outcome.EXACT, *[Outcome.DUPLICATE] * 3])
        assert (stored.settled, stored.excess) == (100_000, 300_000)
