"""Saying what money is for: by itself where its memo says so, else by a person with a reason.

Whoever allocates locks the movement first and then the intents by rising id. Nothing is ever
changed but the running sums: each decision is a row of its own, and so is undoing one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from foundation import clock, db
from foundation.audit import service as audit
from foundation.audit.models import AuditEntry
from foundation.audit.rules import SYSTEM, Actor
from foundation.money import format_vnd
from foundation.outbox.models import OutboxEvent
from payments.credits import queries as movements
from payments.credits import rules as credit_rules
from payments.credits.models import Direction, Movement, Outcome
from payments.credits.models import State as MovementState
from payments.intents import queries as intent_queries
from payments.intents import service as intents
from payments.intents.errors import IntentNotFound
from payments.intents.models import Intent
from payments.ledger import service as ledger
from payments.ledger.rules import AccountKind, Entry, transfer
from payments.reconciliation import queries, rules
from payments.reconciliation.errors import (
    BalanceTooSmall,
    IsFrozen,
    MoreThanWaiting,
    UndoneAlready,
    WentOut,
)
from payments.reconciliation.models import Allocation, AllocationKind
from payments.reconciliation.rules import Owed, Verdict, references_in

CHUNK = 500
# A memo that has been told more fully since may be looked at again; a decision may not.
OPEN_OUTCOMES = frozenset({Outcome.NEW, Outcome.NO_REFERENCE, Outcome.UNKNOWN_REFERENCE})
_TARGETS = {
    AllocationKind.INTENT: AccountKind.RECEIVED,
    AllocationKind.BALANCE: AccountKind.PAYER_BALANCE,
    AllocationKind.RETURN: AccountKind.RETURNS_DUE,
    AllocationKind.NOT_OURS: AccountKind.NOT_OURS,
}


def match(session: Session, movement_ids: Sequence[int], *, now: datetime) -> None:
    """Allocate money that came in to the intents its memos name, as rules.decide says.

    What fits nothing waits, with the reason in its outcome. Movements matched before, decided by
    a person, frozen or going out are left as they are.
    """
    ids = sorted(set(movement_ids))
    for start in range(0, len(ids), CHUNK):
        _match_chunk(session, ids[start : start + CHUNK], now)


def _match_chunk(session: Session, movement_ids: Sequence[int], now: datetime) -> None:
    arrived = [
        movement
        for movement in movements.lock_many(session, movement_ids)
        if movement.direction is Direction.IN
        and movement.state is MovementState.WAITING
        and movement.outcome in OPEN_OUTCOMES
        and not movement.allocated
    ]
    codes = {movement.id: references_in(movement.memo) for movement in arrived}
    meant = intent_queries.by_references(session, {code for one in codes.values() for code in one})
    locked = {
        intent.id: intent
        for intent in intents.lock_many(session, {intent.id for intent in meant.values()})
    }
    made: list[Allocation] = []
    for movement in arrived:
        found = dict.fromkeys(meant[code].id for code in codes[movement.id] if code in meant)
        verdict = rules.decide(
            movement.waiting,
            movement.organisation_id,
            [_owed(locked[intent_id], now) for intent_id in found],
            named=bool(codes[movement.id]),
        )
        made += _apply(session, movement, verdict, locked, now)
    db.send_new(session, AuditEntry, OutboxEvent)
    session.flush()
    db.add_many(session, made)
    ledger.post(session, [_entry(one) for one in made], now=now)


def _owed(intent: Intent, now: datetime) -> Owed:
    return Owed(
        intent_id=intent.id,
        organisation_id=intent.organisation_id,
        due=intent.due,
        state=intent_queries.effective_state(intent, now=now),
        settles_late=intent.settles_late,
        payer=intent.payer,
    )


def _apply(
    session: Session,
    movement: Movement,
    verdict: Verdict,
    locked: Mapping[int, Intent],
    now: datetime,
) -> list[Allocation]:
    movement.outcome, movement.about_intent_id = verdict.outcome, verdict.about
    made = []
    for share in verdict.shares:
        intent = locked[share.intent_id]
        intents.settle(session, intent, share.amount, actor=SYSTEM, now=now)
        made.append(_row(movement, AllocationKind.INTENT, share.amount, now, intent=intent))
    if verdict.keep:
        made.append(_row(movement, AllocationKind.BALANCE, verdict.keep, now, payer=verdict.payer))
    if verdict.excess and verdict.about is not None:
        about = locked[verdict.about]
        intents.note_excess(session, about, verdict.excess, actor=SYSTEM, now=now)
    movement.allocated += sum(one.amount for one in made)
    if not movement.waiting:
        _move(session, movement, MovementState.MATCHED, actor=SYSTEM, now=now)
    return made


def pay_intent(
    session: Session,
    movement: Movement,
    intent: Intent,
    amount: int,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> Allocation:
    """Settle a locked intent with đồng of a locked movement of the same payee.

    Raises MoreThanWaiting, IsFrozen, AboveDue, NotPayable, IntentNotFound for another payee's.
    """
    if intent.organisation_id != movement.organisation_id:
        raise IntentNotFound
    _hold_to_waiting(movement, amount)
    intents.settle(session, intent, amount, actor=actor, now=now)
    if movement.outcome is Outcome.NEW:
        movement.about_intent_id = intent.id
        movement.outcome = Outcome.UNDER if intent.due else Outcome.EXACT
    row = _row(movement, AllocationKind.INTENT, amount, now, intent=intent)
    return _assign(session, movement, row, actor=actor, now=now, reason=reason)


def set_apart(
    session: Session,
    movement: Movement,
    kind: AllocationKind,
    amount: int,
    *,
    payer: str | None = None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Allocation:
    """Allocate đồng of a locked movement to no intent: keep them for a payer, call them not ours.
    Raises MoreThanWaiting, IsFrozen, WentOut."""
    _hold_to_waiting(movement, amount)
    row = _row(movement, kind, amount, now, payer=payer)
    return _assign(session, movement, row, actor=actor, now=now, reason=reason)


def allocate_return(
    session: Session,
    movement: Movement,
    amount: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Allocation:
    """Set đồng of a locked movement apart, to be given back. Raises MoreThanWaiting, IsFrozen."""
    return set_apart(
        session, movement, AllocationKind.RETURN, amount, reason=reason, actor=actor, now=now
    )


def return_balance(
    session: Session,
    organisation_id: int,
    payer: str,
    amount: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Allocation:
    """Set đồng of a payer's balance apart, to be given back. Raises BalanceTooSmall."""
    kind = AllocationKind.RETURN
    row = _from_balance(session, organisation_id, payer, kind, amount, actor=actor, now=now)
    row.reason = reason
    return _store(session, row, actor=actor, now=now)


def use_balance(
    session: Session,
    organisation_id: int,
    payer: str,
    intent_public_id: str,
    amount: int,
    *,
    actor: Actor,
    now: datetime,
) -> Allocation:
    """Settle an intent out of a payer's balance. Raises BalanceTooSmall, AboveDue, NotPayable,
    IntentNotFound."""
    intent_id = intent_queries.one(session, organisation_id, intent_public_id).id
    (intent,) = intents.lock_many(session, [intent_id])
    kind = AllocationKind.INTENT
    row = _from_balance(session, organisation_id, payer, kind, amount, actor=actor, now=now)
    row.intent_id = intent.id
    intents.settle(session, intent, amount, actor=actor, now=now)
    return _store(session, row, actor=actor, now=now)


def take_back(
    session: Session, allocation: Allocation, *, reason: str, actor: Actor, now: datetime
) -> Allocation:
    """Undo an allocation: what it settled is owed again, its đồng wait again.

    Raises UndoneAlready, BalanceTooSmall where the balance it made was used since, MoreThanSettled
    where what it settled was given back.
    """
    movement = None
    if allocation.movement_id is not None:
        (movement,) = movements.lock_many(session, [allocation.movement_id])
    if allocation.amount < 0 or queries.is_undone(session, allocation):
        raise UndoneAlready
    if allocation.payer is not None:
        _hold_to_balance(session, allocation.organisation_id, allocation.payer, allocation.amount)
    if movement is not None:
        settle_excess(session, movement, movement.waiting, actor=actor, now=now)
    if allocation.intent_id is not None:
        (intent,) = intents.lock_many(session, [allocation.intent_id])
        intents.unsettle(session, intent, allocation.amount, actor=actor, now=now)
    if movement is not None:
        movement.allocated -= allocation.amount
        # A person said no to what the memo says: it is not matched by itself again.
        movement.outcome = Outcome.UNDONE
        if movement.state in (MovementState.MATCHED, MovementState.DECIDED):
            _move(session, movement, MovementState.WAITING, actor=actor, now=now, reason=reason)
    return _store(session, _undoing(allocation, reason, actor, now), actor=actor, now=now)


def settle_excess(
    session: Session, movement: Movement, amount: int, *, actor: Actor, now: datetime
) -> None:
    """Let the intent that a locked movement was too much for know that so much is decided."""
    if movement.outcome not in (Outcome.OVER, Outcome.DUPLICATE):
        return
    if movement.about_intent_id is not None and amount:
        (about,) = intents.lock_many(session, [movement.about_intent_id])
        decided = min(amount, about.excess)
        if decided:
            intents.note_excess(session, about, -decided, actor=actor, now=now)


def _undoing(allocation: Allocation, reason: str, actor: Actor, now: datetime) -> Allocation:
    return Allocation(
        organisation_id=allocation.organisation_id,
        movement_id=allocation.movement_id,
        from_payer=allocation.from_payer,
        kind=allocation.kind,
        intent_id=allocation.intent_id,
        payer=allocation.payer,
        amount=-allocation.amount,
        undoes_id=allocation.id,
        by_person_id=actor.person_id,
        reason=reason,
        made_at=now,
    )


def _assign(
    session: Session,
    movement: Movement,
    row: Allocation,
    *,
    actor: Actor,
    now: datetime,
    reason: str,
) -> Allocation:
    """Store what becomes of đồng of a locked movement, and move it on when nothing waits."""
    settle_excess(session, movement, row.amount, actor=actor, now=now)
    row.by_person_id, row.reason = actor.person_id, reason
    movement.allocated += row.amount
    if not movement.waiting and movement.state is not MovementState.REVERSED:
        decided = actor.person_id is not None and bool(reason)
        wanted = MovementState.DECIDED if decided else MovementState.MATCHED
        _move(session, movement, wanted, actor=actor, now=now, reason=reason or None)
    return _store(session, row, actor=actor, now=now)


def _store(session: Session, row: Allocation, *, actor: Actor, now: datetime) -> Allocation:
    session.add(row)
    session.flush()
    ledger.post(session, [_entry(row)], now=now)
    audit.record(
        session, "allocations.made", row, actor=actor, now=now, amount=row.amount, kind=row.kind
    )
    return row


def _row(
    movement: Movement,
    kind: AllocationKind,
    amount: int,
    now: datetime,
    *,
    intent: Intent | None = None,
    payer: str | None = None,
) -> Allocation:
    return Allocation(
        organisation_id=movement.organisation_id,
        movement_id=movement.id,
        kind=kind,
        intent_id=None if intent is None else intent.id,
        payer=payer,
        amount=amount,
        made_at=now,
    )


def _from_balance(
    session: Session,
    organisation_id: int,
    payer: str,
    kind: AllocationKind,
    amount: int,
    *,
    actor: Actor,
    now: datetime,
) -> Allocation:
    _hold_to_balance(session, organisation_id, payer, amount)
    return Allocation(
        organisation_id=organisation_id,
        from_payer=payer,
        kind=kind,
        amount=amount,
        by_person_id=actor.person_id,
        made_at=now,
    )


def _hold_to_balance(session: Session, organisation_id: int, payer: str, amount: int) -> None:
    balance = queries.lock_balance(session, organisation_id, payer)
    if not 0 < amount <= balance:
        raise BalanceTooSmall(balance=format_vnd(balance))


def _hold_to_waiting(movement: Movement, amount: int) -> None:
    if movement.direction is not Direction.IN:
        raise WentOut
    if movement.state is MovementState.FROZEN:
        raise IsFrozen
    if not 0 < amount <= movement.waiting:
        raise MoreThanWaiting(waiting=format_vnd(movement.waiting))


def _move(
    session: Session,
    movement: Movement,
    wanted: MovementState,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    audit.move(
        session,
        movement,
        wanted,
        next_states=credit_rules.NEXT_STATES,
        actor=actor,
        now=now,
        reason=reason,
    )


def _entry(row: Allocation) -> Entry:
    debited = (AccountKind.SUSPENSE, "")
    if row.from_payer is not None:
        debited = (AccountKind.PAYER_BALANCE, row.from_payer)
    credited = (_TARGETS[row.kind], row.payer or "")
    return Entry(
        key=f"allocation:{row.id}",
        organisation_id=row.organisation_id,
        day=clock.day(row.made_at),
        memo=row.reason or row.kind.value,
        legs=transfer(row.amount, credited, debited),
    )
