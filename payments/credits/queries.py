"""Reads of movements; always within one organisation."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from payments.credits.errors import MovementNotFound
from payments.credits.models import Movement, State, TellingDecision, ToldMovement


def by_public_id(session: Session, organisation_id: int, public_id: str) -> Movement:
    """Return a movement of this organisation. Raises MovementNotFound."""
    found = session.scalars(
        select(Movement).where(
            Movement.organisation_id == organisation_id, Movement.public_id == public_id
        )
    ).one_or_none()
    if found is None:
        raise MovementNotFound
    return found


def lock(session: Session, organisation_id: int, public_id: str) -> Movement:
    """Return a movement as it is now, locked until the transaction ends.

    Raises MovementNotFound.
    """
    found = session.scalars(
        select(Movement)
        .where(Movement.organisation_id == organisation_id, Movement.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise MovementNotFound
    return found


def lock_many(session: Session, movement_ids: Sequence[int]) -> Sequence[Movement]:
    """Return movements as they are now, locked in the order of their keys."""
    return session.scalars(
        select(Movement)
        .where(Movement.id.in_(sorted(set(movement_ids))))
        .order_by(Movement.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def untouched(session: Session, movement_ids: Sequence[int]) -> Sequence[int]:
    """Return those of these movements of which nothing is allocated yet."""
    return session.scalars(
        select(Movement.id).where(
            Movement.id.in_(sorted(set(movement_ids))),
            Movement.state == State.WAITING,
            Movement.allocated == 0,
        )
    ).all()


def tellings(session: Session, movement: Movement) -> Sequence[ToldMovement]:
    """Return what every source said of a movement, in the order it was heard; also what a person
    found to be about it."""
    decided = select(TellingDecision.told_movement_id).where(
        TellingDecision.movement_id == movement.id
    )
    return session.scalars(
        select(ToldMovement)
        .where(or_(ToldMovement.movement_id == movement.id, ToldMovement.id.in_(decided)))
        .order_by(ToldMovement.id)
    ).all()
