"""Reading tills; always within one organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from foundation.db import escape_like
from foundation.money import BadAmount, parse_vnd
from payments.gateways.cash_desk import rules
from payments.gateways.cash_desk.errors import DeskNotFound, EntryNotFound, ShiftNotFound
from payments.gateways.cash_desk.models import (
    CashDesk,
    CashEntry,
    CashShift,
    EntryKind,
    ShiftState,
)
from payments.intents.models import Intent
from payments.intents.rules import PAYABLE, State, references_in
from payments.refunds.models import Means, Refund
from payments.refunds.rules import ON_ITS_WAY

MOST_FOUND = 30
MOST_SHIFTS = 60


@dataclass(frozen=True, kw_only=True)
class DeskNow:
    """A desk and the shift that is open there, if one is."""

    desk: CashDesk
    shift: CashShift | None


def desks(session: Session, organisation_id: int) -> list[DeskNow]:
    """Return an organisation's desks by name, each with its open shift."""
    rows = session.execute(
        select(CashDesk, CashShift)
        .outerjoin(
            CashShift,
            (CashShift.desk_id == CashDesk.id) & (CashShift.state == ShiftState.OPEN),
        )
        .where(CashDesk.organisation_id == organisation_id)
        .options(joinedload(CashShift.cashier))
        .order_by(CashDesk.name, CashDesk.id)
    )
    return [DeskNow(desk=desk, shift=shift) for desk, shift in rows]


def desk(session: Session, organisation_id: int, public_id: str) -> CashDesk:
    """Return a desk of this organisation. Raises DeskNotFound."""
    found = session.scalars(
        select(CashDesk).where(
            CashDesk.organisation_id == organisation_id, CashDesk.public_id == public_id
        )
    ).one_or_none()
    if found is None:
        raise DeskNotFound
    return found


def lock_desk(session: Session, organisation_id: int, public_id: str) -> CashDesk:
    """Return a desk as it is now, locked until the transaction ends. Raises DeskNotFound."""
    found = session.scalars(
        select(CashDesk)
        .where(CashDesk.organisation_id == organisation_id, CashDesk.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise DeskNotFound
    return found


def shift(
    session: Session, organisation_id: int, public_id: str, *, cashier_id: int | None
) -> CashShift:
    """Return a shift with all its entries: of this cashier, or anybody's (None) for those who
    approve. Raises ShiftNotFound."""
    statement = (
        select(CashShift)
        .where(CashShift.organisation_id == organisation_id, CashShift.public_id == public_id)
        .options(
            joinedload(CashShift.desk),
            joinedload(CashShift.cashier),
            selectinload(CashShift.entries).joinedload(CashEntry.intent),
        )
    )
    if cashier_id is not None:
        statement = statement.where(CashShift.cashier_id == cashier_id)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise ShiftNotFound
    return found


def past(session: Session, organisation_id: int, *, cashier_id: int | None) -> Sequence[CashShift]:
    """Return the shifts that were closed last: this cashier's, or everybody's (None)."""
    statement = (
        select(CashShift)
        .where(CashShift.organisation_id == organisation_id, CashShift.state == ShiftState.CLOSED)
        .options(joinedload(CashShift.desk), joinedload(CashShift.cashier))
        .order_by(CashShift.id.desc())
        .limit(MOST_SHIFTS)
    )
    if cashier_id is not None:
        statement = statement.where(CashShift.cashier_id == cashier_id)
    return session.scalars(statement).all()


def open_at(session: Session, desk_id: int) -> CashShift | None:
    """Return the shift that is open at a desk."""
    return session.scalars(
        select(CashShift).where(CashShift.desk_id == desk_id, CashShift.state == ShiftState.OPEN)
    ).one_or_none()


def inside(session: Session, shift: CashShift) -> int:
    """Return what should be in the till of a shift now."""
    moved = session.scalar(
        select(func.coalesce(func.sum(CashEntry.amount), 0)).where(CashEntry.shift_id == shift.id)
    )
    return rules.expected(shift.opening, [int(moved or 0)])


def entry(session: Session, organisation_id: int, public_id: str) -> CashEntry:
    """Return an entry with its intent and shift. Raises EntryNotFound."""
    found = session.scalars(
        select(CashEntry)
        .where(CashEntry.organisation_id == organisation_id, CashEntry.public_id == public_id)
        .options(
            joinedload(CashEntry.intent),
            joinedload(CashEntry.allocation),
            joinedload(CashEntry.shift).joinedload(CashShift.desk),
        )
    ).one_or_none()
    if found is None:
        raise EntryNotFound
    return found


def undoing(session: Session, entry: CashEntry) -> CashEntry | None:
    """Return what undid an entry."""
    return session.scalars(select(CashEntry).where(CashEntry.undoes_id == entry.id)).one_or_none()


def undone(session: Session, shift: CashShift) -> set[int]:
    """Return the ids of the takings of a shift that were undone since, in whatever shift."""
    rows = session.scalars(
        select(CashEntry.undoes_id).where(
            CashEntry.organisation_id == shift.organisation_id,
            CashEntry.kind == EntryKind.UNDONE,
            CashEntry.undoes_id.in_(select(CashEntry.id).where(CashEntry.shift_id == shift.id)),
        )
    )
    return {each for each in rows if each is not None}


def owed(session: Session, organisation_id: int, words: str) -> Sequence[Intent]:
    """Return what is to be paid to an organisation and fits what was typed: a code, an amount, a
    payer's name or what it is for. Nothing typed: what was asked for last."""
    statement = select(Intent).where(
        Intent.organisation_id == organisation_id,
        or_(
            Intent.state.in_(sorted(PAYABLE)),
            (Intent.state == State.EXPIRED) & Intent.settles_late,
        ),
    )
    tidy = " ".join(words.split())[:80]
    codes = references_in(tidy)
    if codes:
        statement = statement.where(Intent.reference.in_(codes))
    elif tidy:
        part = f"%{escape_like(tidy)}%"
        fits: list[ColumnElement[bool]] = [
            Intent.payer_name.ilike(part, escape="\\"),
            Intent.purpose.ilike(part, escape="\\"),
        ]
        amount = _amount(tidy)
        if amount is not None:
            fits += [Intent.amount == amount, Intent.amount - Intent.settled == amount]
        statement = statement.where(or_(*fits))
    return session.scalars(statement.order_by(Intent.id.desc()).limit(MOST_FOUND)).all()


def to_give_back(session: Session, organisation_id: int) -> Sequence[Refund]:
    """Return the approved refunds that are to be handed over in cash, the oldest first."""
    return session.scalars(
        select(Refund)
        .where(
            Refund.organisation_id == organisation_id,
            Refund.means == Means.CASH,
            Refund.state.in_(sorted(ON_ITS_WAY)),
        )
        .options(selectinload(Refund.attempts))
        .order_by(Refund.id)
        .limit(MOST_FOUND)
    ).all()


def _amount(words: str) -> int | None:
    try:
        return parse_vnd(words)
    except BadAmount:
        return None
