"""Reading what was told and fits no movement beyond doubt; always within one organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from payments.bank_accounts.models import BankAccount
from payments.credits.models import Movement, TellingDecision, Told, ToldMovement
from payments.credits.rules import NEAR_DAYS, REFERENCE_DAYS, tidy_reference
from payments.reconciliation.tellings.errors import TellingNotFound

UNCLEAR = (Told.CONFLICT, Told.UNCLEAR)
PAGE = 30
MOST_CANDIDATES = 8


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A telling, the account it is about, and the movements it may mean."""

    telling: ToldMovement
    account: BankAccount
    candidates: Sequence[Movement]


def count(session: Session, organisation_id: int) -> int:
    """Return how many tellings wait for a person."""
    found: int = session.scalar(_open(select(func.count(ToldMovement.id)), organisation_id))
    return found


def waiting(session: Session, organisation_id: int) -> list[Doubt]:
    """Return the tellings that wait for a person, oldest first, a page of them."""
    rows = session.execute(
        _open(select(ToldMovement, BankAccount), organisation_id)
        .order_by(ToldMovement.id)
        .limit(PAGE)
    ).all()
    return [
        Doubt(telling=telling, account=account, candidates=candidates(session, telling))
        for telling, account in rows
    ]


def one(session: Session, organisation_id: int, telling_id: int) -> ToldMovement:
    """Return a telling that a person must look at, decided or not. Raises TellingNotFound."""
    found: ToldMovement | None = session.scalars(
        _unclear(select(ToldMovement), organisation_id).where(ToldMovement.id == telling_id)
    ).one_or_none()
    if found is None:
        raise TellingNotFound
    return found


def decision(session: Session, telling: ToldMovement) -> TellingDecision | None:
    """Return what a person found about a telling."""
    return session.scalars(
        select(TellingDecision).where(TellingDecision.told_movement_id == telling.id)
    ).one_or_none()


def candidates(session: Session, telling: ToldMovement) -> Sequence[Movement]:
    """Return the movements a telling may mean: the same reference, or the same amount nearby."""
    reference = tidy_reference(telling.bank_reference)
    near, far = timedelta(days=NEAR_DAYS), timedelta(days=REFERENCE_DAYS)
    alike = [
        (Movement.amount == telling.amount)
        & Movement.booked_on.between(telling.booked_on - near, telling.booked_on + near)
    ]
    if reference:
        alike.append(
            (Movement.bank_reference == reference)
            & Movement.booked_on.between(telling.booked_on - far, telling.booked_on + far)
        )
    return session.scalars(
        select(Movement)
        .where(
            Movement.bank_account_id == telling.bank_account_id,
            Movement.direction == telling.direction,
            or_(*alike),
        )
        .order_by(Movement.id)
        .limit(MOST_CANDIDATES)
    ).all()


def _open(rows: Any, organisation_id: int) -> Any:
    decided = select(TellingDecision.told_movement_id)
    return _unclear(rows, organisation_id).where(ToldMovement.id.not_in(decided))


def _unclear(rows: Any, organisation_id: int) -> Any:
    return rows.join(BankAccount, BankAccount.id == ToldMovement.bank_account_id).where(
        BankAccount.organisation_id == organisation_id,
        ToldMovement.movement_id.is_(None),
        ToldMovement.told.in_(UNCLEAR),
    )
