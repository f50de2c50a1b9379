"""What a cashier decides about money that matched nothing by itself, each time with a reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from foundation import clock
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.ids import new_public_id
from foundation.money import format_vnd
from payments.credits import queries as movements
from payments.credits import rules as credit_rules
from payments.credits.errors import MovementNotFound
from payments.credits.models import Direction, Movement, Outcome
from payments.credits.models import State as MovementState
from payments.intents import queries as intent_queries
from payments.intents import service as intents
from payments.ledger import service as ledger
from payments.ledger.rules import AccountKind, Entry, Leg, transfer
from payments.reconciliation import queries, service
from payments.reconciliation.decisions import queries as decisions
from payments.reconciliation.decisions.errors import (
    MoreThanArrived,
    NotFrozen,
    NothingChosen,
    NotUndoneHere,
    PayerMissing,
    ReasonMissing,
    SomeDecided,
)
from payments.reconciliation.errors import IsFrozen
from payments.reconciliation.models import Allocation, AllocationKind


def allocate(
    session: Session,
    organisation_id: int,
    movement_public_id: str,
    shares: Mapping[str, int],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Movement:
    """A cashier says what a movement is for: đồng by the public id of the intent.

    All or nothing. Raises ReasonMissing, NothingChosen, MoreThanWaiting, IsFrozen, AboveDue,
    NotPayable, MovementNotFound, IntentNotFound.
    """
    _say_why(reason)
    if not shares or min(shares.values()) < 1:
        raise NothingChosen
    movement = movements.lock(session, organisation_id, movement_public_id)
    meant = {
        public_id: intent_queries.one(session, organisation_id, public_id).id
        for public_id in shares
    }
    wanted = {*meant.values(), *filter(None, [movement.about_intent_id])}
    locked = {intent.id: intent for intent in intents.lock_many(session, wanted)}
    for public_id, amount in shares.items():
        intent = locked[meant[public_id]]
        service.pay_intent(session, movement, intent, amount, actor=actor, now=now, reason=reason)
    return movement


def keep(
    session: Session,
    organisation_id: int,
    movement_public_id: str,
    payer: str,
    amount: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Allocation:
    """Keep đồng of a movement as a payer's balance.

    Raises ReasonMissing, PayerMissing, MoreThanWaiting, IsFrozen, MovementNotFound.
    """
    _say_why(reason)
    if not payer.strip():
        raise PayerMissing
    movement = movements.lock(session, organisation_id, movement_public_id)
    return service.set_apart(
        session,
        movement,
        AllocationKind.BALANCE,
        amount,
        payer=payer.strip(),
        reason=reason,
        actor=actor,
        now=now,
    )


def mark_not_ours(
    session: Session,
    organisation_id: int,
    movement_public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Allocation:
    """Say that what waits of a movement has nothing to do with anything owed: own transfers,
    interest, a private matter. Raises ReasonMissing, MoreThanWaiting, IsFrozen."""
    _say_why(reason)
    movement = movements.lock(session, organisation_id, movement_public_id)
    return service.set_apart(
        session,
        movement,
        AllocationKind.NOT_OURS,
        movement.waiting,
        reason=reason,
        actor=actor,
        now=now,
    )


def mark_many_not_ours(
    session: Session,
    organisation_id: int,
    movement_public_ids: Collection[str],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Say of several movements at once that they have nothing to do with anything owed.

    All or nothing; returns how many. Raises ReasonMissing, NothingChosen, MovementNotFound, and
    SomeDecided where one of them does not wait untouched any more.
    """
    _say_why(reason)
    wanted = set(movement_public_ids)
    if not wanted:
        raise NothingChosen
    found = decisions.many(session, organisation_id, sorted(wanted))
    if len(found) < len(wanted):
        raise MovementNotFound
    locked = movements.lock_many(session, [one.id for one in found])
    decided = [one for one in locked if not one.waiting or one.state is MovementState.FROZEN]
    if decided:
        raise SomeDecided(count=len(decided))
    # What some of it was too much for, locked in one order before any is told.
    intents.lock_many(session, {one.about_intent_id for one in locked if one.about_intent_id})
    for movement in locked:
        service.set_apart(
            session,
            movement,
            AllocationKind.NOT_OURS,
            movement.waiting,
            reason=reason,
            actor=actor,
            now=now,
        )
    return len(locked)


def undo(
    session: Session,
    organisation_id: int,
    allocation_public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Allocation:
    """Take an allocation back: what it settled is owed again, its đồng wait again.

    Raises ReasonMissing, AllocationNotFound, UndoneAlready, NotUndoneHere for a return or a
    payout that arrived, BalanceTooSmall where the balance was used since, MoreThanSettled where
    it was given back.
    """
    _say_why(reason)
    allocation = queries.by_public_id(session, organisation_id, allocation_public_id)
    if allocation.kind is AllocationKind.RETURN or _is_payout(session, allocation):
        raise NotUndoneHere
    return service.take_back(session, allocation, reason=reason, actor=actor, now=now)


def freeze(
    session: Session,
    organisation_id: int,
    movement_public_id: str,
    amount: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Movement:
    """Hold đồng of a movement that its bank wants back (Decree 52/2024, article 11).

    What was allocated of them is undone, the newest first, so that what it settled is owed again.
    Raises ReasonMissing, MoreThanArrived, IsFrozen, MovementNotFound, and the refusals of undoing.
    """
    _say_why(reason)
    movement = movements.lock(session, organisation_id, movement_public_id)
    if movement.state in (MovementState.FROZEN, MovementState.REVERSED):
        raise IsFrozen
    if movement.direction is not Direction.IN or not 0 < amount <= movement.amount:
        raise MoreThanArrived(amount=format_vnd(movement.amount))
    for allocation in queries.standing(session, organisation_id, movement.id):
        if movement.waiting >= amount:
            break
        if allocation.kind is AllocationKind.RETURN:
            raise NotUndoneHere
        service.take_back(session, allocation, reason=reason, actor=actor, now=now)
    service.settle_excess(session, movement, amount, actor=actor, now=now)
    movement.frozen = amount
    movement.outcome = Outcome.UNDONE
    _move(session, movement, MovementState.FROZEN, actor=actor, now=now, reason=reason)
    legs = transfer(amount, (AccountKind.FROZEN, ""), (AccountKind.SUSPENSE, ""))
    _post(session, movement, "freeze", legs, now)
    return movement


def unfreeze(
    session: Session,
    organisation_id: int,
    movement_public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Movement:
    """Let go of frozen money: it waits for a decision again. Raises ReasonMissing, NotFrozen."""
    movement = _frozen(session, organisation_id, movement_public_id, reason)
    amount, movement.frozen = movement.frozen, 0
    _move(session, movement, MovementState.WAITING, actor=actor, now=now, reason=reason)
    legs = transfer(amount, (AccountKind.SUSPENSE, ""), (AccountKind.FROZEN, ""))
    _post(session, movement, "unfreeze", legs, now)
    return movement


def reverse(
    session: Session,
    organisation_id: int,
    movement_public_id: str,
    debit_public_id: str | None,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Movement:
    """Say that the bank has taken frozen money back, with which movement out if it was heard of.

    Raises ReasonMissing, NotFrozen, MovementNotFound, MoreThanArrived for a debit of another sum.
    """
    movement = _frozen(session, organisation_id, movement_public_id, reason)
    if debit_public_id:
        debit = movements.lock(session, organisation_id, debit_public_id)
        if debit.direction is not Direction.OUT or debit.waiting != movement.frozen:
            raise MoreThanArrived(amount=format_vnd(movement.frozen))
        debit.allocated = debit.amount
        _move(session, debit, MovementState.DECIDED, actor=actor, now=now, reason=reason)
        movement.taken_back_by_id = debit.id
    _move(session, movement, MovementState.REVERSED, actor=actor, now=now, reason=reason)
    legs = transfer(movement.frozen, (AccountKind.GONE, ""), (AccountKind.FROZEN, ""))
    _post(session, movement, "reverse", legs, now)
    return movement


def _is_payout(session: Session, allocation: Allocation) -> bool:
    """Say whether this is what the operator paid out: its books hang together elsewhere."""
    if allocation.movement_id is None:
        return False
    return session.get_one(Movement, allocation.movement_id).outcome is Outcome.PAID_OUT


def _frozen(
    session: Session, organisation_id: int, movement_public_id: str, reason: str
) -> Movement:
    _say_why(reason)
    movement = movements.lock(session, organisation_id, movement_public_id)
    if movement.state is not MovementState.FROZEN:
        raise NotFrozen
    return movement


def _say_why(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing


def _move(
    session: Session,
    movement: Movement,
    wanted: MovementState,
    *,
    actor: Actor,
    now: datetime,
    reason: str,
) -> None:
    table = credit_rules.NEXT_STATES
    audit.move(session, movement, wanted, next_states=table, actor=actor, now=now, reason=reason)


def _post(
    session: Session, movement: Movement, what: str, legs: tuple[Leg, ...], now: datetime
) -> None:
    """Post a journal of a freeze. The locked row's state lets each happen once; as a movement may
    be frozen again, the key is a new one each time."""
    entry = Entry(
        key=f"{what}:{movement.id}:{new_public_id()}",
        organisation_id=movement.organisation_id,
        day=clock.day(now),
        memo=movement.memo[:200],
        legs=legs,
    )
    ledger.post(session, [entry], now=now)
