"""Taking cash: a shift is opened by counting, every đồng in or out is an entry, and it is closed
by counting again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.money import format_vnd
from payments.credits import queries as movement_queries
from payments.credits import rules as movement_rules
from payments.credits.models import Movement, Outcome
from payments.credits.models import State as MovementState
from payments.gateways.cash_desk import queries, rules, till
from payments.gateways.cash_desk.errors import (
    DeskInUse,
    DifferenceUnexplained,
    FloatDiffers,
    GivenTooLittle,
    NameMissing,
    NameTaken,
    NothingDue,
    NotUndone,
    NotYourShift,
    ShiftClosed,
    UndoneAlready,
)
from payments.gateways.cash_desk.models import (
    CashDesk,
    CashEntry,
    CashShift,
    EntryKind,
    ShiftState,
)
from payments.intents import queries as intent_queries
from payments.intents import service as intents
from payments.intents.errors import MoreThanSettled, NotPayable
from payments.ledger.rules import AccountKind, transfer
from payments.reconciliation import service as reconciliation
from payments.reconciliation.errors import UndoneAlready as AllocationUndone
from payments.refunds import service as refunds

# Where the money of a move comes from, or goes to.
OTHER_SIDE = {
    EntryKind.BANKED: AccountKind.IN_TRANSIT,
    EntryKind.PUT_IN: AccountKind.OPENING,
    EntryKind.TAKEN_OUT: AccountKind.OPENING,
}


def add_desk(
    session: Session, organisation_id: int, name: str, *, actor: Actor, now: datetime
) -> CashDesk:
    """Set a desk up. Raises NameMissing, NameTaken."""
    if not name.strip():
        raise NameMissing
    desk = CashDesk(organisation_id=organisation_id, name=name.strip()[:60], created_at=now)
    try:
        with session.begin_nested():
            session.add(desk)
            session.flush()
    except IntegrityError as error:
        raise NameTaken from error
    audit.record(session, "cash_desks.added", desk, actor=actor, now=now)
    return desk


def open_shift(
    session: Session,
    organisation_id: int,
    desk_public_id: str,
    notes: Mapping[int, int],
    *,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> CashShift:
    """Begin a shift at a desk with what was counted in its till.

    What the last shift left must be there, or the difference needs a reason; the first float is
    the organisation's own money. Raises DeskNotFound, DeskInUse, FloatDiffers.
    """
    desk = queries.lock_desk(session, organisation_id, desk_public_id)
    if queries.open_at(session, desk.id) is not None:
        raise DeskInUse
    opening = rules.counted(notes)
    left = desk.left
    if left is not None and left != opening and not reason.strip():
        raise FloatDiffers(left=format_vnd(left), counted=format_vnd(opening))
    shift = CashShift(
        desk=desk, opening=opening, opening_notes=till.stored(notes), opening_reason=reason.strip()
    )
    till.begin(session, shift, actor, now)
    audit.record(session, "cash_shifts.opened", shift, actor=actor, now=now, opening=opening)
    kind = AccountKind.OPENING if left is None else AccountKind.CASH_DIFFERENCE
    difference = opening - (left or 0)
    if difference:
        legs = till.into(shift, difference, kind)
        till.post(session, shift, f"cash-open:{shift.public_id}", legs, now=now)
    return shift


def take(
    session: Session,
    organisation_id: int,
    shift_public_id: str,
    intent_public_id: str,
    amount: int,
    *,
    given: int,
    key: str,
    actor: Actor,
    now: datetime,
) -> CashEntry:
    """Take cash for something that is owed. `given` is what the payer handed over; `key` names
    the form, so that sending it twice takes once.

    Raises ShiftNotFound, ShiftClosed, NotYourShift, IntentNotFound, NothingDue, MoreThanDue,
    GivenTooLittle, AmountMissing.
    """
    shift = till.own_open(session, organisation_id, shift_public_id, actor)
    before = till.sent_before(session, shift, key)
    if before is not None:
        return before
    found = intent_queries.one(session, organisation_id, intent_public_id)
    till.hold_to_amount(amount)
    if given < amount:
        raise GivenTooLittle
    entry = CashEntry(kind=EntryKind.TAKEN, amount=amount, given=given, key=key, reason="")
    till.fill(entry, shift, actor, now)
    # The movement is there before the intent is locked, as with everybody who allocates.
    movement = till.movement(session, shift, entry, found.reference, now=now)
    (intent,) = intents.lock_many(session, [found.id])
    till.hold_to_due(intent, amount)
    try:
        allocation = reconciliation.pay_intent(
            session, movement, intent, amount, actor=actor, now=now
        )
    except NotPayable as error:
        raise NothingDue from error
    entry.intent_id, entry.movement_id, entry.allocation_id = intent.id, movement.id, allocation.id
    return till.keep(session, entry, actor, now)


def undo(
    session: Session,
    organisation_id: int,
    shift_public_id: str,
    entry_public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> CashEntry:
    """Give a wrong taking back out of the till; what it settled is owed again.

    Raises ReasonMissing, EntryNotFound, UndoneAlready, NotUndone, NotInTill and the refusals of
    a shift.
    """
    till.say_why(reason)
    shift = till.own_open(session, organisation_id, shift_public_id, actor)
    taken = queries.entry(session, organisation_id, entry_public_id)
    if queries.undoing(session, taken) is not None:
        raise UndoneAlready
    if taken.kind is not EntryKind.TAKEN or taken.allocation is None:
        raise NotUndone
    till.hold_to_till(session, shift, taken.amount)
    entry = CashEntry(
        kind=EntryKind.UNDONE,
        amount=-taken.amount,
        given=0,
        intent_id=taken.intent_id,
        undoes_id=taken.id,
        reason=reason.strip()[:200],
        key=f"undo-{taken.public_id}",
    )
    till.fill(entry, shift, actor, now)
    try:
        reconciliation.take_back(session, taken.allocation, reason=reason, actor=actor, now=now)
    except (AllocationUndone, MoreThanSettled) as error:
        raise NotUndone from error
    entry.movement_id = _hand_back(session, shift, taken, entry, actor=actor, now=now).id
    return till.keep(session, entry, actor, now)


def _hand_back(
    session: Session,
    shift: CashShift,
    taken: CashEntry,
    entry: CashEntry,
    *,
    actor: Actor,
    now: datetime,
) -> Movement:
    """Record that the money of an undone taking left the till, and say what for."""
    (came,) = movement_queries.lock_many(session, [taken.movement_id or 0])
    reconciliation.allocate_return(
        session, came, taken.amount, reason=entry.reason, actor=actor, now=now
    )
    went = till.movement(session, shift, entry, came.memo, now=now)
    went.allocated, went.outcome = went.amount, Outcome.GIVEN_BACK
    table = movement_rules.NEXT_STATES
    wanted = MovementState.DECIDED
    audit.move(session, went, wanted, next_states=table, actor=actor, now=now, reason=entry.reason)
    legs = transfer(taken.amount, (AccountKind.GONE, ""), (AccountKind.RETURNS_DUE, ""))
    till.post(session, shift, f"cash:{entry.public_id}:gone", legs, now=now)
    return went


def give_back(
    session: Session,
    organisation_id: int,
    shift_public_id: str,
    refund_public_id: str,
    *,
    attempt: str,
    actor: Actor,
    now: datetime,
) -> CashEntry:
    """Hand an approved refund over in cash.

    Raises NotInTill, RefundNotFound, NotByThisMeans, NotTheLastAttempt, CannotMove and the
    refusals of a shift.
    """
    shift = till.own_open(session, organisation_id, shift_public_id, actor)
    before = till.sent_before(session, shift, f"refund-{attempt}")
    if before is not None:
        return before
    desk = shift.desk.public_id
    refund = refunds.pay_cash(
        session, organisation_id, refund_public_id, attempt=attempt, desk=desk, actor=actor, now=now
    )
    till.hold_to_till(session, shift, refund.amount)
    entry = CashEntry(
        kind=EntryKind.GIVEN_BACK,
        amount=-refund.amount,
        given=0,
        intent_id=refund.intent_id,
        reason=refund.reason,
        key=f"refund-{attempt}",
    )
    till.fill(entry, shift, actor, now)
    return till.keep(session, entry, actor, now)


def move(
    session: Session,
    organisation_id: int,
    shift_public_id: str,
    kind: EntryKind,
    amount: int,
    *,
    reason: str,
    key: str,
    actor: Actor,
    now: datetime,
) -> CashEntry:
    """Put money into the till or take some out of it, other than for something owed.

    Raises AmountMissing, ReasonMissing, NotInTill and the refusals of a shift; ValueError for a
    kind that is not in rules.MOVES.
    """
    comes_in = rules.MOVES.get(kind)
    if comes_in is None:
        raise ValueError(f"{kind} is not a move")
    till.hold_to_amount(amount)
    till.say_why(reason)
    shift = till.own_open(session, organisation_id, shift_public_id, actor)
    before = till.sent_before(session, shift, key)
    if before is not None:
        return before
    if not comes_in:
        till.hold_to_till(session, shift, amount)
    signed = amount if comes_in else -amount
    entry = CashEntry(kind=kind, amount=signed, given=0, reason=reason.strip()[:200], key=key)
    till.fill(entry, shift, actor, now)
    legs = till.into(shift, signed, OTHER_SIDE[kind])
    till.post(session, shift, f"cash:{entry.public_id}", legs, now=now)
    return till.keep(session, entry, actor, now)


def close_shift(
    session: Session,
    organisation_id: int,
    shift_public_id: str,
    notes: Mapping[int, int],
    *,
    reason: str = "",
    approver: bool = False,
    actor: Actor,
    now: datetime,
) -> CashShift:
    """End a shift with what was counted in its till; a difference needs a reason.

    Somebody who approves may close another's. Raises ShiftNotFound, ShiftClosed, NotYourShift,
    DifferenceUnexplained.
    """
    shift = till.locked(session, organisation_id, shift_public_id)
    if shift.state is not ShiftState.OPEN:
        raise ShiftClosed
    if shift.cashier_id != actor.person_id and not approver:
        raise NotYourShift
    closing, expected = rules.counted(notes), queries.inside(session, shift)
    difference = closing - expected
    if difference and not reason.strip():
        raise DifferenceUnexplained(
            counted=format_vnd(closing),
            expected=format_vnd(expected),
            difference=format_vnd(difference),
        )
    shift.expected, shift.closing, shift.closing_notes = expected, closing, till.stored(notes)
    till.end(session, shift, reason.strip(), actor, now)
    if difference:
        legs = till.into(shift, difference, AccountKind.CASH_DIFFERENCE)
        till.post(session, shift, f"cash-close:{shift.public_id}", legs, now=now)
    return shift
