"""Every đồng accounted for: what must hold at any moment, checked on the rows themselves."""

from __future__ import annotations

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from payments.credits.models import Direction, Movement, State
from payments.intents.models import Intent
from payments.ledger.models import AccountKind, LedgerAccount, Posting
from payments.reconciliation.models import Allocation, AllocationKind


def check_books(session: Session) -> None:
    """Assert that nothing was lost or made: movements, allocations, intents and the ledger."""
    session.flush()
    _movements_hold_their_allocations(session)
    _intents_hold_their_allocations(session)
    assert session.scalar(select(func.coalesce(func.sum(Posting.amount), 0))) == 0
    for organisation_id in session.scalars(select(Movement.organisation_id).distinct()):
        _money_in_is_all_accounted_for(session, organisation_id)
        _books_agree(session, organisation_id)


def _movements_hold_their_allocations(session: Session) -> None:
    rows = session.execute(
        select(Allocation.movement_id, func.sum(Allocation.amount))
        .where(Allocation.movement_id.is_not(None))
        .group_by(Allocation.movement_id)
    )
    allocated = {row[0]: row[1] for row in rows}
    for movement in session.scalars(select(Movement).where(Movement.direction == Direction.IN)):
        assert movement.allocated == allocated.get(movement.id, 0), movement.memo
        assert 0 <= movement.allocated + movement.frozen <= movement.amount


def _intents_hold_their_allocations(session: Session) -> None:
    rows = session.execute(
        select(Allocation.intent_id, func.sum(Allocation.amount))
        .where(Allocation.intent_id.is_not(None))
        .group_by(Allocation.intent_id)
    )
    settled = {row[0]: row[1] for row in rows}
    for intent in session.scalars(select(Intent)):
        assert intent.settled == settled.get(intent.id, 0)
        assert 0 <= intent.refunded <= intent.settled <= intent.amount


def _sums(session: Session, organisation_id: int) -> dict[AllocationKind, int]:
    """What left the movements, by kind; the balances net of what was used of them."""
    rows = session.execute(
        select(
            Allocation.kind,
            func.sum(case((Allocation.from_payer.is_(None), Allocation.amount), else_=0)),
            func.sum(case((Allocation.from_payer.is_not(None), Allocation.amount), else_=0)),
        )
        .where(Allocation.organisation_id == organisation_id)
        .group_by(Allocation.kind)
    ).all()
    sums = dict.fromkeys(AllocationKind, 0)
    for kind, from_movements, from_balances in rows:
        sums[kind] += from_movements + from_balances
        sums[AllocationKind.BALANCE] -= from_balances
    return sums


def _money_in_is_all_accounted_for(session: Session, organisation_id: int) -> None:
    arrived, waiting, frozen = session.execute(
        select(
            func.coalesce(func.sum(Movement.amount), 0),
            func.coalesce(func.sum(Movement.amount - Movement.allocated - Movement.frozen), 0),
            func.coalesce(func.sum(Movement.frozen), 0),
        ).where(Movement.organisation_id == organisation_id, Movement.direction == Direction.IN)
    ).one()
    assert arrived == sum(_sums(session, organisation_id).values()) + waiting + frozen


def _books_agree(session: Session, organisation_id: int) -> None:
    held = dict.fromkeys(AccountKind, 0)
    rows = session.execute(
        select(LedgerAccount.kind, func.sum(Posting.amount))
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .where(LedgerAccount.organisation_id == organisation_id)
        .group_by(LedgerAccount.kind)
    )
    for kind, amount in rows:
        held[kind] = int(amount)
    assert sum(held.values()) == 0
    waiting, frozen = session.execute(
        select(
            func.coalesce(func.sum(Movement.amount - Movement.allocated - Movement.frozen), 0),
            func.coalesce(
                func.sum(case((Movement.state == State.FROZEN, Movement.frozen), else_=0)), 0
            ),
        ).where(Movement.organisation_id == organisation_id, Movement.direction == Direction.IN)
    ).one()
    # A movement that a test stored by hand has no journal of its own.
    assert held[AccountKind.SUSPENSE] == -waiting
    assert held[AccountKind.FROZEN] == -frozen
    sums = _sums(session, organisation_id)
    assert held[AccountKind.PAYER_BALANCE] == -sums[AllocationKind.BALANCE]
    assert held[AccountKind.NOT_OURS] == -sums[AllocationKind.NOT_OURS]
