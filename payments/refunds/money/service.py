"""Where a refund's money is: set aside, back where it was, gone, or sent back by the bank."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation import clock
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.errors import N_
from foundation.money import format_vnd
from payments.credits import queries as credits_queries
from payments.credits import rules as credits_rules
from payments.credits.errors import MovementNotFound
from payments.credits.models import Direction, Movement, Outcome
from payments.credits.models import State as MovementState
from payments.intents import service as intents
from payments.intents.models import Intent
from payments.ledger import service as ledger
from payments.ledger.rules import AccountKind, Entry, Leg, transfer
from payments.reconciliation import queries as allocations
from payments.reconciliation import service as reconciliation
from payments.reconciliation.models import Allocation
from payments.refunds.errors import AboveAvailable, SourceNotFound, StaleAvailable
from payments.refunds.models import Refund, RefundAttempt, Source
from payments.refunds.rules import Wanted

LEFT_DIFFERS = (StaleAvailable, AboveAvailable, SourceNotFound)
SET_ASIDE = N_("Giữ tiền để hoàn")
PUT_BACK = N_("Thôi hoàn, trả tiền về chỗ cũ")
GONE = N_("Tiền hoàn đã đi")
SENT_BACK = N_("Ngân hàng trả lại tiền hoàn")


def lock_source(session: Session, organisation_id: int, wanted: Wanted) -> Movement | Intent | str:
    """Lock what a refund would come out of, and hold the caller to what is left of it.

    Returns the movement, the intent, or the payer. Raises SourceNotFound; StaleAvailable when
    the caller believed something else to be left; AboveAvailable.
    """
    found: Movement | Intent | str
    if wanted.source is Source.MOVEMENT:
        found = _locked_movement(session, organisation_id, wanted.subject)
        left = found.waiting
    elif wanted.source is Source.INTENT:
        found = _locked_intent(session, organisation_id, wanted.subject)
        left = found.settled - found.refunded
    else:
        found = wanted.subject
        left = allocations.lock_balance(session, organisation_id, wanted.subject)
        if left == 0:
            raise SourceNotFound
    if left != wanted.believed:
        raise StaleAvailable(left=format_vnd(left))
    if wanted.amount > left:
        raise AboveAvailable(left=format_vnd(left))
    return found


def set_aside(
    session: Session,
    refund: Refund,
    source: Movement | Intent | str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Move a new refund's amount out of its locked source into what is to be given back."""
    if isinstance(source, Movement):
        made = reconciliation.allocate_return(
            session, source, refund.amount, reason=refund.reason, actor=actor, now=now
        )
        refund.allocation_id = made.id
    elif isinstance(source, str):
        made = reconciliation.return_balance(
            session,
            refund.organisation_id,
            source,
            refund.amount,
            reason=refund.reason,
            actor=actor,
            now=now,
        )
        refund.allocation_id = made.id
    else:
        intents.note_refunded(session, source, refund.amount, actor=actor, now=now)
        legs = transfer(refund.amount, (AccountKind.RETURNS_DUE, ""), (AccountKind.RECEIVED, ""))
        journal = (_held_key(refund), SET_ASIDE, legs)
        _post(session, refund, journal, day=clock.day(now), now=now)


def put_back(session: Session, refund: Refund, *, actor: Actor, now: datetime) -> None:
    """Give a refund's amount back to where it was taken from."""
    if refund.intent_id is None:
        made = session.get_one(Allocation, refund.allocation_id)
        reconciliation.take_back(session, made, reason=PUT_BACK, actor=actor, now=now)
        return
    intent = intents.lock_many(session, [refund.intent_id])[0]
    intents.note_refunded(session, intent, -refund.amount, actor=actor, now=now)
    key = _held_key(refund)
    ledger.reverse(session, key, new_key=f"{key}:back", day=clock.day(now), memo=PUT_BACK, now=now)


def explain_debit(
    session: Session,
    refund: Refund,
    attempt: RefundAttempt,
    movement: Movement,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Say that a locked movement out is this attempt's: what was due is given back."""
    attempt.gone_id = movement.id
    movement.allocated = movement.amount
    movement.outcome = Outcome.GIVEN_BACK
    by_hand = actor.person_id is not None
    audit.move(
        session,
        movement,
        MovementState.DECIDED if by_hand else MovementState.MATCHED,
        next_states=credits_rules.NEXT_STATES,
        actor=actor,
        now=now,
    )
    legs = transfer(refund.amount, (AccountKind.GONE, ""), (AccountKind.RETURNS_DUE, ""))
    key = f"refund:{attempt.public_id}:gone"
    _post(session, refund, (key, GONE, legs), day=movement.booked_on, now=now)


def take_returned(
    session: Session,
    attempt: RefundAttempt,
    movement: Movement,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Say that a locked movement in is what the bank sent back of this attempt: it is to be given
    back again."""
    reconciliation.allocate_return(
        session, movement, movement.amount, reason=SENT_BACK, actor=actor, now=now
    )
    movement.outcome = Outcome.GIVEN_BACK
    attempt.back_id = movement.id


def _locked_movement(session: Session, organisation_id: int, public_id: str) -> Movement:
    try:
        found = credits_queries.lock(session, organisation_id, public_id)
    except MovementNotFound:
        raise SourceNotFound from None
    if found.direction is not Direction.IN or found.state is MovementState.REVERSED:
        raise SourceNotFound
    return found


def _locked_intent(session: Session, organisation_id: int, public_id: str) -> Intent:
    found = session.scalars(
        select(Intent.id).where(
            Intent.organisation_id == organisation_id, Intent.public_id == public_id
        )
    ).one_or_none()
    if found is None:
        raise SourceNotFound
    return intents.lock_many(session, [found])[0]


def _held_key(refund: Refund) -> str:
    return f"refund:{refund.public_id}"


def _post(
    session: Session,
    refund: Refund,
    journal: tuple[str, str, tuple[Leg, ...]],
    *,
    day: date,
    now: datetime,
) -> None:
    key, memo, legs = journal
    entry = Entry(key=key, organisation_id=refund.organisation_id, day=day, memo=memo, legs=legs)
    ledger.post(session, [entry], now=now)
