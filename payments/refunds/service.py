"""Sending what is to be given back, and hearing that it went, failed or came back.

Locks are taken in one order: movements, then refunds, then what a refund came out of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from foundation import clock
from foundation.audit import service as audit
from foundation.audit.rules import SYSTEM, Actor
from foundation.errors import N_
from foundation.money import format_vnd
from foundation.notifications import service as notifications
from foundation.outbox import service as outbox
from payments.credits import queries as credits_queries
from payments.credits import service as recording
from payments.credits.models import Channel, Direction, Movement, Outcome
from payments.credits.models import State as MovementState
from payments.intents.rules import references_in
from payments.refunds import queries, rules
from payments.refunds.errors import (
    MovementUnfit,
    NotByThisMeans,
    NotTheLastAttempt,
    ReasonMissing,
)
from payments.refunds.events import RefundMoved
from payments.refunds.models import Means, Refund, RefundAttempt, State
from payments.refunds.money import service as money

SENT_BACK = N_("Ngân hàng trả tiền lại")


def begin_attempt(session: Session, refund: Refund, *, now: datetime) -> RefundAttempt:
    """Store a new try to send a locked, approved refund, before anything leaves."""
    attempt = RefundAttempt(number=len(refund.attempts) + 1, began_at=now)
    refund.attempts.append(attempt)
    session.flush()
    return attempt


def mark_sent(
    session: Session,
    organisation_id: int,
    public_id: str,
    *,
    attempt: str,
    actor: Actor,
    now: datetime,
) -> Refund:
    """A person says that the transfer was made. `attempt` is the one the page showed.

    Raises RefundNotFound, NotTheLastAttempt, CannotMove.
    """
    refund = queries.lock(session, organisation_id, public_id)
    _last(refund, attempt).sent_at = now
    move(session, refund, State.SENT, actor=actor, now=now)
    return refund


def mark_failed(
    session: Session,
    organisation_id: int,
    public_id: str,
    *,
    attempt: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Refund:
    """A transfer did not go through. The amount stays set aside, to be sent again or put back.

    Raises RefundNotFound, ReasonMissing, NotTheLastAttempt, CannotMove.
    """
    why = say_why(reason)
    refund = queries.lock(session, organisation_id, public_id)
    last = _last(refund, attempt)
    if refund.state is State.CONFIRMED:
        # Its debit was heard of: only the credit that brings it back undoes that.
        raise MovementUnfit
    last.failure, last.ended_at = why, now
    move(session, refund, State.FAILED, actor=actor, now=now, reason=why)
    return refund


def retry(
    session: Session,
    organisation_id: int,
    public_id: str,
    *,
    attempt: str,
    actor: Actor,
    now: datetime,
) -> Refund:
    """Try a failed refund again, as a new attempt. `attempt` is the one that failed: asking
    twice makes one new attempt. Raises RefundNotFound, NotTheLastAttempt, CannotMove."""
    refund = queries.lock(session, organisation_id, public_id)
    _last(refund, attempt)
    move(session, refund, State.APPROVED, actor=actor, now=now)
    begin_attempt(session, refund, now=now)
    return refund


def link(
    session: Session,
    organisation_id: int,
    public_id: str,
    *,
    movement: str,
    actor: Actor,
    now: datetime,
) -> Refund:
    """A person says which debit was the refund's, where its memo got lost.

    Raises RefundNotFound, MovementNotFound, MovementUnfit, CannotMove.
    """
    debit = credits_queries.lock(session, organisation_id, movement)
    refund = queries.lock(session, organisation_id, public_id)
    if not _may_be(debit, refund):
        raise MovementUnfit
    confirm(session, refund, debit, actor=actor, now=now)
    return refund


def pay_cash(
    session: Session,
    organisation_id: int,
    public_id: str,
    *,
    attempt: str,
    desk: str,
    actor: Actor,
    now: datetime,
) -> Refund:
    """Somebody at the desk hands the money over. `desk` is the ledger's name of the desk.

    Raises RefundNotFound, NotByThisMeans, NotTheLastAttempt, CannotMove.
    """
    refund = queries.lock(session, organisation_id, public_id)
    if refund.means is not Means.CASH:
        raise NotByThisMeans
    last = _last(refund, attempt)
    if refund.state not in rules.ON_ITS_WAY:
        raise NotTheLastAttempt
    debit = recording.record(
        session,
        organisation_id,
        channel=Channel.CASH,
        direction=Direction.OUT,
        amount=refund.amount,
        key=f"refund:{last.public_id}",
        holder=desk,
        booked_on=clock.day(now),
        memo=refund.reference,
        now=now,
    )
    confirm(session, refund, debit, actor=actor, now=now)
    return refund


def match(session: Session, movement_ids: Sequence[int], *, now: datetime) -> None:
    """Recognise refunds among movements by code and amount: a debit confirms one, a credit with
    the code of one that has gone is the bank sending it back.

    What fits nothing is left as it is. Repeating it changes nothing.
    """
    waiting = {
        movement.id: references_in(movement.memo)
        for movement in credits_queries.lock_many(session, movement_ids)
        if movement.channel is Channel.BANK
    }
    codes = {code for found in waiting.values() for code in found}
    known = queries.lock_by_references(session, codes)
    for movement in credits_queries.lock_many(session, list(waiting)):
        refund = _meant(movement, waiting[movement.id], known)
        if refund is not None and _is_open(movement):
            _hear(session, refund, movement, now=now)


def hear_earlier(session: Session, refund: Refund, *, now: datetime) -> None:
    """Look whether the debit of a refund just approved, or what the bank sent back of one just
    confirmed, was heard of before."""
    direction = Direction.IN if refund.state is State.CONFIRMED else Direction.OUT
    found = queries.heard_before(session, refund, direction)
    if found is not None:
        (movement,) = credits_queries.lock_many(session, [found.id])
        if _is_open(movement):
            _hear(session, refund, movement, now=now)


def _meant(movement: Movement, codes: Sequence[str], known: Mapping[str, Refund]) -> Refund | None:
    """Return the one refund of this organisation that a movement names."""
    named = [
        known[code]
        for code in codes
        if code in known and known[code].organisation_id == movement.organisation_id
    ]
    return named[0] if len(named) == 1 else None


def _is_open(movement: Movement) -> bool:
    return movement.state is MovementState.WAITING and not movement.allocated


def _may_be(movement: Movement, refund: Refund) -> bool:
    return (
        _is_open(movement)
        and movement.direction is Direction.OUT
        and movement.amount == refund.amount
    )


def _hear(session: Session, refund: Refund, movement: Movement, *, now: datetime) -> None:
    if movement.amount != refund.amount:
        return
    if movement.direction is Direction.IN:
        _hear_return(session, refund, movement, now=now)
    elif refund.state in rules.AWAITING_DEBIT:
        confirm(session, refund, movement, actor=SYSTEM, now=now)
    elif refund.state is State.CONFIRMED and movement.outcome is not Outcome.DUPLICATE:
        movement.outcome = Outcome.DUPLICATE
        audit.record(
            session, "refunds.paid_twice", refund, actor=SYSTEM, now=now, movement=movement.id
        )
        _tell(session, refund, "refund.paid_twice", f"paid_twice:{movement.id}", now=now)


def confirm(
    session: Session, refund: Refund, movement: Movement, *, actor: Actor, now: datetime
) -> None:
    """Say that a locked movement out was a locked refund's latest attempt. Raises CannotMove."""
    attempt = refund.attempts[-1]
    if attempt.gone_id is not None:  # the bank sent it back, and somebody paid it once more
        attempt = begin_attempt(session, refund, now=now)
    money.explain_debit(session, refund, attempt, movement, actor=actor, now=now)
    attempt.sent_at, attempt.ended_at, attempt.failure = attempt.sent_at or now, now, ""
    move(session, refund, State.CONFIRMED, actor=actor, now=now)
    refund.ended_at = now
    session.flush()
    if movement.channel is Channel.BANK:
        hear_earlier(session, refund, now=now)


def _hear_return(session: Session, refund: Refund, movement: Movement, *, now: datetime) -> None:
    attempt = refund.attempt
    if refund.state is not State.CONFIRMED or attempt is None:
        return  # its debit is not heard of yet; hear_earlier looks again then
    money.take_returned(session, attempt, movement, actor=SYSTEM, now=now)
    attempt.failure, attempt.ended_at = SENT_BACK, now
    move(session, refund, State.FAILED, actor=SYSTEM, now=now, reason=SENT_BACK)
    refund.ended_at = None


def move(
    session: Session,
    refund: Refund,
    wanted: State,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Move a locked refund to another state, with a trace, a fact and a word to whom it concerns.

    Raises CannotMove.
    """
    audit.move(
        session,
        refund,
        wanted,
        next_states=rules.NEXT_STATES,
        actor=actor,
        now=now,
        reason=reason,
    )
    outbox.record(
        session,
        RefundMoved(
            refund_id=refund.id,
            organisation_id=refund.organisation_id,
            source=refund.source.value,
            state=wanted.value,
            occurred_at=now,
        ),
    )
    occasion = f"{wanted.value}:{len(refund.attempts)}"
    if wanted in rules.NEWS:
        _tell(session, refund, rules.NEWS[wanted], occasion, now=now, reason=reason or "")


def _tell(
    session: Session, refund: Refund, kind: str, occasion: str, *, now: datetime, **facts: object
) -> None:
    """Tell whoever asked for a refund; where something went wrong, those who approve as well."""
    people = {refund.requested_by_id}
    if kind in rules.ALARMING:
        people.update(queries.approvers(session, refund.organisation_id))
    for person_id in sorted(people):
        notifications.tell(
            session,
            person_id,
            kind,
            once_key=f"refund:{refund.id}:{occasion}",
            facts={"amount": format_vnd(refund.amount), "why": refund.reason, **facts},
            url=f"/money/{refund.organisation.public_id}/refunds/{refund.public_id}",
            now=now,
        )


def say_why(reason: str) -> str:
    """Return a reason that may be kept. Raises ReasonMissing."""
    why = reason.strip()
    if not 0 < len(why) <= rules.LONGEST_REASON:
        raise ReasonMissing
    return why


def _last(refund: Refund, attempt: str) -> RefundAttempt:
    """Return the latest attempt, held to be the one the caller means."""
    last = refund.attempt
    if last is None or last.public_id != attempt:
        raise NotTheLastAttempt
    return last
