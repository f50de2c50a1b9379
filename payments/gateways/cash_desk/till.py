"""What every use of a till goes through: whose shift it is, what is inside, and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from foundation import clock, ids
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.money import format_vnd
from payments.credits import service as movements
from payments.credits.models import Channel, Direction, Movement
from payments.gateways.cash_desk import queries
from payments.gateways.cash_desk.errors import (
    AmountMissing,
    MoreThanDue,
    NothingDue,
    NotInTill,
    NotYourShift,
    ReasonMissing,
    ShiftClosed,
    ShiftNotFound,
)
from payments.gateways.cash_desk.models import CashEntry, CashShift, ShiftState
from payments.gateways.cash_desk.rules import NEXT_STATES
from payments.intents.models import Intent
from payments.ledger import service as ledger
from payments.ledger.rules import AccountKind, Entry, Leg, transfer


def locked(session: Session, organisation_id: int, public_id: str) -> CashShift:
    """Return a shift for writing. Raises ShiftNotFound."""
    found = session.scalars(
        select(CashShift)
        .where(CashShift.organisation_id == organisation_id, CashShift.public_id == public_id)
        .options(joinedload(CashShift.desk))
        .with_for_update(of=CashShift)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise ShiftNotFound
    return found


def own_open(session: Session, organisation_id: int, public_id: str, actor: Actor) -> CashShift:
    """Return the locked open shift of whoever acts: nobody moves money without one."""
    shift = locked(session, organisation_id, public_id)
    if shift.cashier_id != actor.person_id:
        raise NotYourShift
    if shift.state is not ShiftState.OPEN:
        raise ShiftClosed
    return shift


def begin(session: Session, shift: CashShift, actor: Actor, now: datetime) -> None:
    """Store a shift that was counted at its beginning."""
    shift.public_id = ids.new_public_id()
    shift.organisation_id, shift.cashier_id = shift.desk.organisation_id, person(actor)
    shift.state, shift.opened_at, shift.closing_notes = ShiftState.OPEN, now, {}
    session.add(shift)
    opening = shift.opening
    audit.record(session, "cash_shifts.opened", shift, actor=actor, now=now, opening=opening)


def end(session: Session, shift: CashShift, reason: str, actor: Actor, now: datetime) -> None:
    """Close a shift that was counted at its end; the next one finds what it left."""
    shift.closing_reason, shift.closed_at, shift.closed_by_id = reason, now, actor.person_id
    shift.desk.left = shift.closing
    audit.move(
        session,
        shift,
        ShiftState.CLOSED,
        next_states=NEXT_STATES,
        actor=actor,
        now=now,
        reason=reason or None,
    )


def sent_before(session: Session, shift: CashShift, key: str) -> CashEntry | None:
    """Return the entry this form made when it was sent before."""
    return session.scalars(
        select(CashEntry).where(CashEntry.shift_id == shift.id, CashEntry.key == key)
    ).one_or_none()


def fill(entry: CashEntry, shift: CashShift, actor: Actor, now: datetime) -> None:
    """Say of an entry whose, where and when it is."""
    entry.public_id = ids.new_public_id()
    entry.organisation_id, entry.shift_id = shift.organisation_id, shift.id
    entry.by_person_id, entry.made_at = person(actor), now


def keep(session: Session, entry: CashEntry, actor: Actor, now: datetime) -> CashEntry:
    """Store an entry, with a trace."""
    session.add(entry)
    action = f"cash_entries.{entry.kind.value}"
    audit.record(session, action, entry, actor=actor, now=now, amount=entry.amount)
    return entry


def hold_to_amount(amount: int) -> None:
    """Raise AmountMissing for nothing."""
    if amount < 1:
        raise AmountMissing


def hold_to_due(intent: Intent, amount: int) -> None:
    """Raise NothingDue, MoreThanDue for more than a locked intent is owed."""
    if not intent.due:
        raise NothingDue
    if amount > intent.due:
        raise MoreThanDue(due=format_vnd(intent.due))


def hold_to_till(session: Session, shift: CashShift, amount: int) -> None:
    """Raise NotInTill for more than should be in there."""
    inside = queries.inside(session, shift)
    if amount > inside:
        raise NotInTill(inside=format_vnd(inside))


def say_why(reason: str) -> None:
    """Raise ReasonMissing for an empty reason."""
    if not reason.strip():
        raise ReasonMissing


def person(actor: Actor) -> int:
    """Return who acts. Raises NotYourShift for the platform itself."""
    if actor.person_id is None:
        raise NotYourShift
    return actor.person_id


def stored(notes: Mapping[int, int]) -> dict[str, int]:
    """Return counted banknotes as they are stored."""
    return {str(note): number for note, number in notes.items() if number}


def post(
    session: Session,
    shift: CashShift,
    key: str,
    legs: tuple[Leg, ...],
    *,
    now: datetime,
) -> None:
    """Post a journal of a till."""
    entry = Entry(
        key=key,
        organisation_id=shift.organisation_id,
        day=clock.day(now),
        memo=shift.desk.name,
        legs=legs,
    )
    ledger.post(session, [entry], now=now)


def into(shift: CashShift, amount: int, other: AccountKind) -> tuple[Leg, ...]:
    """Return the legs of what came into a till (positive) or left it, against another account."""
    return transfer(amount, (other, ""), (AccountKind.CASH, shift.desk.public_id))


def movement(
    session: Session, shift: CashShift, entry: CashEntry, memo: str, *, now: datetime
) -> Movement:
    """Record the movement of money that an entry stands for."""
    return movements.record(
        session,
        shift.organisation_id,
        channel=Channel.CASH,
        direction=Direction.IN if entry.amount > 0 else Direction.OUT,
        amount=abs(entry.amount),
        key=f"cash:{entry.public_id}",
        holder=shift.desk.public_id,
        booked_on=clock.day(now),
        memo=memo,
        now=now,
    )
