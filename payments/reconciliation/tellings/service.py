"""A person says which movement an unclear telling is about, or that it is one of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit import service as audit
from foundation.audit.rules import Actor
from payments.bank_accounts.models import BankAccount
from payments.credits import queries as movements
from payments.credits import service as credits_service
from payments.credits.models import Movement, TellingDecision, ToldMovement
from payments.reconciliation import service as reconciliation
from payments.reconciliation.decisions.errors import ReasonMissing
from payments.reconciliation.tellings import queries
from payments.reconciliation.tellings.errors import DecidedAlready, NotThisMovement


def same_as(
    session: Session,
    organisation_id: int,
    telling_id: int,
    movement_public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> TellingDecision:
    """Say that a telling is about a movement that is known. The movement stays as it is.

    Raises ReasonMissing, TellingNotFound, DecidedAlready, MovementNotFound, NotThisMovement.
    """
    telling = _undecided(session, organisation_id, telling_id, reason)
    movement = movements.by_public_id(session, organisation_id, movement_public_id)
    found = (movement.bank_account_id, movement.direction)
    if found != (telling.bank_account_id, telling.direction):
        raise NotThisMovement
    return _decide(session, telling, movement, reason=reason, actor=actor, now=now)


def its_own(
    session: Session,
    organisation_id: int,
    telling_id: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> TellingDecision:
    """Say that a telling is about a movement nobody else told of: it is stored, booked, and
    matched as any other. Raises ReasonMissing, TellingNotFound, DecidedAlready."""
    telling = _undecided(session, organisation_id, telling_id, reason)
    movement = credits_service.adopt(session, telling, now=now)
    made = _decide(session, telling, movement, reason=reason, actor=actor, now=now)
    reconciliation.match(session, [movement.id], now=now)
    return made


def _undecided(
    session: Session, organisation_id: int, telling_id: int, reason: str
) -> ToldMovement:
    """Return a telling nobody has decided about; its account is locked, as when taking it in."""
    if not reason.strip():
        raise ReasonMissing
    telling = queries.one(session, organisation_id, telling_id)
    session.scalars(
        select(BankAccount.id)
        .where(BankAccount.id == telling.bank_account_id)
        .with_for_update(key_share=True)
    ).one()
    if queries.decision(session, telling) is not None:
        raise DecidedAlready
    return telling


def _decide(
    session: Session,
    telling: ToldMovement,
    movement: Movement,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> TellingDecision:
    made = TellingDecision(
        told_movement_id=telling.id,
        movement_id=movement.id,
        by_person_id=actor.person_id,
        reason=reason,
        made_at=now,
    )
    session.add(made)
    session.flush()
    audit.record(
        session,
        "tellings.decided",
        movement,
        actor=actor,
        now=now,
        told=telling.told,
        source=telling.source,
        amount=telling.amount,
        reason=reason,
    )
    return made
