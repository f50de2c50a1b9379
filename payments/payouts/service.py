"""Hearing what became of payouts: left, arrived, failed, sent back.

Locks are taken in one order: movements, then batches, then lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from foundation.audit import service as audit
from foundation.audit.rules import SYSTEM, Actor
from foundation.money import format_vnd
from foundation.notifications import service as notifications
from foundation.organisations import queries as organisations
from foundation.outbox import service as outbox
from payments.credits import queries as movements
from payments.credits.models import Channel, Direction, Movement, Outcome
from payments.credits.models import State as MovementState
from payments.intents.rules import references_in
from payments.payouts import queries, rules
from payments.payouts.books import service as books
from payments.payouts.errors import MovementUnfit, NotUnderWay, ReasonMissing
from payments.payouts.events import PayoutMoved
from payments.payouts.models import BatchState, Payout, PayoutBatch, State


def match(session: Session, movement_ids: Sequence[int], *, now: datetime) -> None:
    """Recognise payouts among movements by code and amount.

    A debit of the operator says that a line, or a whole batch, has left; a credit of the operator
    that a line was sent back; a credit of a seller that one arrived. What fits nothing is left as
    it is; repeating it changes nothing.
    """
    heard = _open_ones(session, movement_ids)
    known = queries.lock_payouts(session, {code for one in heard.values() for code in one})
    locked = movements.lock_many(session, list(heard))
    operators = queries.awaiting_a_debit(session, {one.organisation_id for one in locked})
    for movement in locked:
        payout = _meant(movement, heard[movement.id], known)
        if not _is_open(movement):
            continue
        if payout is not None:
            _hear(session, payout, movement, now=now)
        elif movement.direction is Direction.OUT and movement.organisation_id in operators:
            _hear_bulk(session, movement, heard[movement.id], now=now)


def match_incoming(session: Session, movement_ids: Sequence[int], *, now: datetime) -> None:
    """Recognise what the operator paid out where it arrives, at the sellers'. As `match`."""
    heard = _open_ones(session, movement_ids)
    known = queries.lock_payouts(session, {code for one in heard.values() for code in one})
    for movement in movements.lock_many(session, list(heard)):
        payout = _meant(movement, heard[movement.id], known)
        if payout is not None and payout.seller_id == movement.organisation_id:
            _hear(session, payout, movement, now=now)


def mark_sent(
    session: Session, operator_id: int, public_id: str, *, actor: Actor, now: datetime
) -> PayoutBatch:
    """A person says that the bank has taken the file. Raises BatchNotFound, CannotMove."""
    batch = queries.lock_batch(session, operator_id, public_id)
    move_batch(session, batch, BatchState.SENT, actor=actor, now=now)
    return batch


def mark_failed(
    session: Session,
    operator_id: int,
    payout_public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Payout:
    """A line could not be transferred and never left: the seller is owed it again.

    Raises ReasonMissing, PayoutNotFound, NotUnderWay, CannotMove once it has left.
    """
    why = say_why(reason)
    payout = queries.lock_payout(session, operator_id, payout_public_id)
    if payout.batch.state not in rules.UNDER_WAY:
        raise NotUnderWay
    _move(session, payout, State.FAILED, actor=actor, now=now, reason=why)
    payout.failure, payout.ended_at = why, now
    books.put_back(session, payout, now=now)
    _tell(session, payout, "payout.failed", now=now, reason=why)
    _close_if_done(session, payout.batch, actor=actor, now=now)
    return payout


def link(
    session: Session,
    operator_id: int,
    payout_public_id: str,
    *,
    movement: str,
    actor: Actor,
    now: datetime,
) -> Payout:
    """A person says which movement was a line's, where the memo got lost: the debit with which
    it left, or the credit that brought it back.

    Raises PayoutNotFound, MovementNotFound, MovementUnfit, NotUnderWay, CannotMove.
    """
    found = movements.lock(session, operator_id, movement)
    payout = queries.lock_payout(session, operator_id, payout_public_id)
    if not _is_open(found) or found.amount != payout.net:
        raise MovementUnfit
    if found.direction is Direction.IN:
        _come_back(session, payout, found, actor=actor, now=now)
    elif payout.batch.state not in rules.UNDER_WAY:
        raise NotUnderWay
    else:
        _leave(session, payout, found, actor=actor, now=now)
    return payout


def move_batch(
    session: Session, batch: PayoutBatch, wanted: BatchState, *, actor: Actor, now: datetime
) -> None:
    """Move a locked batch to another state, with a trace. Raises CannotMove."""
    table = rules.NEXT_BATCH_STATES
    audit.move(session, batch, wanted, next_states=table, actor=actor, now=now)


def say_why(reason: str) -> str:
    """Return a reason that may be kept. Raises ReasonMissing."""
    why = reason.strip()
    if not 0 < len(why) <= rules.LONGEST_REASON:
        raise ReasonMissing
    return why


def _open_ones(session: Session, movement_ids: Sequence[int]) -> dict[int, list[str]]:
    """Lock movements and return, of those a bank told of and nobody has explained, the codes."""
    return {
        movement.id: references_in(movement.memo)
        for movement in movements.lock_many(session, movement_ids)
        if movement.channel is Channel.BANK and _is_open(movement)
    }


def _is_open(movement: Movement) -> bool:
    return movement.state is MovementState.WAITING and not movement.allocated


def _meant(movement: Movement, codes: Sequence[str], known: Mapping[str, Payout]) -> Payout | None:
    """Return the one line that a movement names, if it is the operator's or the seller's."""
    named = [
        known[code]
        for code in codes
        if code in known
        and movement.organisation_id in (known[code].seller_id, known[code].batch.operator_id)
    ]
    return named[0] if len(named) == 1 else None


def _hear(session: Session, payout: Payout, movement: Movement, *, now: datetime) -> None:
    """Act on a locked movement that names a line and is of its amount."""
    if movement.amount != payout.net:
        return
    if movement.direction is Direction.IN:
        if movement.organisation_id == payout.seller_id:
            _arrive(session, payout, movement, now=now)
        elif payout.state in (State.SENT, State.CONFIRMED):
            _come_back(session, payout, movement, actor=SYSTEM, now=now)
    elif movement.organisation_id != payout.batch.operator_id:
        return
    elif payout.state is State.PENDING and payout.batch.state in rules.UNDER_WAY:
        _leave(session, payout, movement, actor=SYSTEM, now=now)
    elif movement.outcome is not Outcome.DUPLICATE and payout.batch.state in rules.EXPORTABLE:
        # It left a second time, or after somebody had said that it failed.
        movement.outcome = Outcome.DUPLICATE
        _alarm(session, payout, movement, now=now)


def _leave(
    session: Session, payout: Payout, movement: Movement, *, actor: Actor, now: datetime
) -> None:
    _move(session, payout, State.CONFIRMED, actor=actor, now=now)
    payout.gone_id, payout.left_at, payout.ended_at = movement.id, now, now
    books.explain_debit(session, movement, [payout], actor=actor, now=now)
    _tell(session, payout, "payout.left", now=now)
    _hear_earlier(session, payout, now=now)
    _close_if_done(session, payout.batch, actor=actor, now=now)


def _hear_bulk(
    session: Session, movement: Movement, codes: Sequence[str], *, now: datetime
) -> None:
    """See whether a debit pays a whole batch: it names it, or it is of exactly its total and
    names nothing."""
    if codes:
        found = [
            batch
            for batch in queries.batches_by_reference(session, codes)
            if batch.operator_id == movement.organisation_id and batch.total == movement.amount
        ]
    else:
        found = list(
            queries.fitting_batches(
                session, movement.organisation_id, movement.amount, movement.booked_on
            )
        )
    if len(found) != 1:
        return
    batch = queries.lock_batches(session, [found[0].id])[found[0].id]
    pending = all(payout.state is State.PENDING for payout in batch.payouts)
    if batch.state not in (BatchState.EXPORTED, BatchState.SENT) or not pending:
        return
    batch.gone_id = movement.id
    for payout in batch.payouts:
        _move(session, payout, State.SENT, actor=SYSTEM, now=now)
        payout.left_at = now
    books.explain_debit(session, movement, batch.payouts, actor=SYSTEM, now=now)
    if batch.state is BatchState.EXPORTED:
        move_batch(session, batch, BatchState.SENT, actor=SYSTEM, now=now)
    for payout in batch.payouts:
        _tell(session, payout, "payout.left", now=now)
        _hear_earlier(session, payout, now=now)


def _arrive(session: Session, payout: Payout, movement: Movement, *, now: datetime) -> None:
    if payout.state not in (State.SENT, State.CONFIRMED) or payout.arrived_id is not None:
        return  # the operator's bank has not told yet; _hear_earlier looks again then
    books.take_arrived(session, payout, movement, actor=SYSTEM, now=now)
    payout.arrived_id = movement.id
    if payout.state is State.SENT:
        _move(session, payout, State.CONFIRMED, actor=SYSTEM, now=now)
        payout.ended_at = now
        _close_if_done(session, payout.batch, actor=SYSTEM, now=now)


def _come_back(
    session: Session, payout: Payout, movement: Movement, *, actor: Actor, now: datetime
) -> None:
    _move(session, payout, State.RETURNED, actor=actor, now=now, reason=books.SENT_BACK)
    payout.back_id, payout.failure, payout.ended_at = movement.id, books.SENT_BACK, now
    books.take_returned(session, payout, movement, actor=actor, now=now)
    _tell(session, payout, "payout.failed", now=now, reason=books.SENT_BACK)
    _close_if_done(session, payout.batch, actor=actor, now=now)


def _hear_earlier(session: Session, payout: Payout, *, now: datetime) -> None:
    """Look whether a line that has just left was heard of before: where it arrives, or back."""
    for organisation_id in (payout.seller_id, payout.batch.operator_id):
        found = queries.heard_before(session, organisation_id, payout.net, payout.reference)
        if found is not None:
            (movement,) = movements.lock_many(session, [found.id])
            if _is_open(movement):
                _hear(session, payout, movement, now=now)


def _close_if_done(session: Session, batch: PayoutBatch, *, actor: Actor, now: datetime) -> None:
    ended = all(payout.state in rules.ENDED for payout in batch.payouts)
    if ended and batch.state in rules.UNDER_WAY:
        move_batch(session, batch, BatchState.CLOSED, actor=actor, now=now)


def _move(
    session: Session,
    payout: Payout,
    wanted: State,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    table = rules.NEXT_STATES
    audit.move(session, payout, wanted, next_states=table, actor=actor, now=now, reason=reason)
    fact = PayoutMoved(
        payout_id=payout.id, seller_id=payout.seller_id, state=wanted.value, occurred_at=now
    )
    outbox.record(session, fact)


def _tell(session: Session, payout: Payout, kind: str, *, now: datetime, reason: str = "") -> None:
    """Tell the seller's people."""
    for person_id in organisations.member_ids(session, payout.seller_id):
        notifications.tell(
            session,
            person_id,
            kind,
            once_key=f"payout:{payout.id}:{payout.state.value}",
            facts={
                "amount": format_vnd(payout.net),
                "name": payout.seller.name,
                "reference": payout.reference,
                "reason": reason,
            },
            url=f"/money/{payout.seller.public_id}/payouts",
            now=now,
        )


def _alarm(session: Session, payout: Payout, movement: Movement, *, now: datetime) -> None:
    audit.record(session, "payouts.paid_twice", payout, actor=SYSTEM, now=now, movement=movement.id)
    for person_id in {payout.batch.made_by_id, payout.batch.approved_by_id} - {None}:
        notifications.tell(
            session,
            person_id or 0,
            "payout.paid_twice",
            once_key=f"payout:{payout.id}:twice:{movement.id}",
            facts={
                "amount": format_vnd(payout.net),
                "name": payout.seller.name,
                "number": payout.batch.number,
            },
            url=f"/ops/payouts/{payout.batch.public_id}",
            now=now,
        )
