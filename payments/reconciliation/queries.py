"""Reads of what became of money; always within one organisation."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from payments.reconciliation.errors import AllocationNotFound
from payments.reconciliation.models import Allocation


def balance(session: Session, organisation_id: int, payer: str) -> int:
    """Return the đồng an organisation keeps for a payer."""
    kept = session.scalar(
        select(func.coalesce(func.sum(Allocation.amount), 0)).where(
            Allocation.organisation_id == organisation_id, Allocation.payer == payer
        )
    )
    used = session.scalar(
        select(func.coalesce(func.sum(Allocation.amount), 0)).where(
            Allocation.organisation_id == organisation_id, Allocation.from_payer == payer
        )
    )
    return int(kept or 0) - int(used or 0)


def lock_balance(session: Session, organisation_id: int, payer: str) -> int:
    """Return a payer's balance, which nobody else can use until the transaction ends."""
    # Every balance begins with a row that keeps money; whoever uses it locks those rows first.
    session.scalars(
        select(Allocation.id)
        .where(Allocation.organisation_id == organisation_id, Allocation.payer == payer)
        .order_by(Allocation.id)
        .with_for_update()
    ).all()
    return balance(session, organisation_id, payer)


def of_movement(session: Session, organisation_id: int, movement_id: int) -> Sequence[Allocation]:
    """Return everything decided about a movement, also what was undone, oldest first."""
    return session.scalars(
        select(Allocation)
        .where(Allocation.organisation_id == organisation_id, Allocation.movement_id == movement_id)
        .order_by(Allocation.id)
    ).all()


def standing(session: Session, organisation_id: int, movement_id: int) -> Sequence[Allocation]:
    """Return what was decided about a movement and not undone, newest first."""
    undoing = aliased(Allocation)
    return session.scalars(
        select(Allocation)
        .where(
            Allocation.organisation_id == organisation_id,
            Allocation.movement_id == movement_id,
            Allocation.amount > 0,
            ~select(undoing.id).where(undoing.undoes_id == Allocation.id).exists(),
        )
        .order_by(Allocation.id.desc())
    ).all()


def of_intent(session: Session, organisation_id: int, intent_id: int) -> Sequence[Allocation]:
    """Return everything allocated to an intent, also what was undone, oldest first."""
    return session.scalars(
        select(Allocation)
        .where(Allocation.organisation_id == organisation_id, Allocation.intent_id == intent_id)
        .order_by(Allocation.id)
    ).all()


def by_public_id(session: Session, organisation_id: int, public_id: str) -> Allocation:
    """Return an allocation of this organisation. Raises AllocationNotFound."""
    found = session.scalars(
        select(Allocation).where(
            Allocation.organisation_id == organisation_id, Allocation.public_id == public_id
        )
    ).one_or_none()
    if found is None:
        raise AllocationNotFound
    return found


def is_undone(session: Session, allocation: Allocation) -> bool:
    """Say whether an allocation was taken back."""
    undoing = select(Allocation.id).where(Allocation.undoes_id == allocation.id)
    return session.scalar(undoing) is not None
