"""Writing down what providers say: how a payment stands, and its money in both books."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from foundation import clock
from foundation.audit import service as audit
from foundation.audit.rules import SYSTEM
from foundation.errors import N_, DomainError
from foundation.money import format_vnd
from foundation.notifications import service as notifications
from foundation.organisations import queries as organisations
from payments.credits import service as movements
from payments.credits.models import Channel, Direction, Movement
from payments.gateways import rules
from payments.gateways.errors import ChargeNotFound, GatewayError
from payments.gateways.models import CardCharge, ChargeState
from payments.gateways.rules import Facts
from payments.intents.models import Intent
from payments.ledger import service as ledger
from payments.ledger.rules import AccountKind, Entry, transfer
from payments.reconciliation import service as reconciliation
from payments.reconciliation.decisions import service as decisions

DISPUTED = N_("Chủ thẻ khiếu nại với ngân hàng")


def locked(session: Session, charge_id: int) -> CardCharge:
    """Return a payment for writing, with its intent and payee. Raises ChargeNotFound."""
    found = session.scalars(
        select(CardCharge)
        .where(CardCharge.id == charge_id)
        .options(joinedload(CardCharge.intent).joinedload(Intent.organisation))
        .with_for_update(of=CardCharge)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise ChargeNotFound
    return found


def note(session: Session, charge_id: int, facts: Facts, *, now: datetime) -> ChargeState:
    """Write down how a payment stands at its provider, its money with it. Return its state.

    What was believed before gives way, except that what was paid stays paid.
    """
    charge = locked(session, charge_id)
    charge.provider_id = charge.provider_id or facts.provider_id
    charge.failure = facts.failure
    charge.refunded = max(charge.refunded, facts.refunded)
    _put_off(charge, now)
    if facts.state in rules.NEXT_STATES.get(charge.state, frozenset()) - {charge.state}:
        _move(session, charge, facts.state, now=now)
    if charge.state is ChargeState.SUCCEEDED and charge.movement_id is None:
        charge.received = facts.received
        _take_money(session, charge, now=now)
        if charge.disputed_at is not None:
            _freeze(session, charge, now=now)
    if facts.disputed:
        note_dispute(session, charge, now=now)
    return charge.state


def note_error(
    session: Session, charge_id: int, error: GatewayError, *, now: datetime
) -> ChargeState:
    """Write down that a provider did not answer: its payment has to be asked about again."""
    charge = locked(session, charge_id)
    _put_off(charge, now)
    charge.failure = str(error)[:60]
    if error.unsure and ChargeState.UNKNOWN in rules.NEXT_STATES.get(charge.state, frozenset()):
        _move(session, charge, ChargeState.UNKNOWN, now=now, reason=str(error))
    elif error.permanent and charge.provider_id is None and charge.state in rules.OPEN:
        # The provider never had it, so nobody can pay it.
        _move(session, charge, ChargeState.CANCELLED, now=now, reason=str(error))
    return charge.state


def note_refund(
    session: Session, charge: CardCharge, amount: int, *, key: str, now: datetime
) -> Movement:
    """Write down that the provider gave so much of a payment back, in both books.

    `key` names the refund; the same again returns the first movement. What it was for is said by
    whoever asked for the refund.
    """
    movement = movements.record(
        session,
        charge.organisation_id,
        channel=Channel.CARD,
        direction=Direction.OUT,
        amount=amount,
        key=f"card-refund:{key}",
        holder=charge.provider,
        booked_on=clock.day(now),
        memo=charge.intent.reference,
        now=now,
    )
    _post_mirror(session, charge, -amount, key=f"card-refund:{key}", now=now)
    return movement


def _take_money(session: Session, charge: CardCharge, *, now: datetime) -> None:
    """Store what arrived, in the seller's books and the operator's, and let it be matched: if the
    intent takes no more, the money waits in suspense."""
    movement = movements.record(
        session,
        charge.organisation_id,
        channel=Channel.CARD,
        direction=Direction.IN,
        amount=charge.received,
        key=f"card:{charge.provider_id}",
        holder=charge.provider,
        booked_on=clock.day(now),
        memo=charge.intent.reference,
        now=now,
    )
    charge.movement_id = movement.id
    _post_mirror(session, charge, charge.received, key=f"card:{charge.public_id}", now=now)
    reconciliation.match(session, [movement.id], now=now)


def _post_mirror(
    session: Session, charge: CardCharge, amount: int, *, key: str, now: datetime
) -> None:
    legs = transfer(
        amount,
        (AccountKind.OWED_TO_SELLER, charge.intent.organisation.public_id),
        (AccountKind.CARD, charge.provider),
    )
    entry = Entry(
        key=f"{key}:operator",
        organisation_id=charge.operator_id,
        day=clock.day(now),
        memo=charge.intent.reference,
        legs=legs,
    )
    ledger.post(session, [entry], now=now)


def note_dispute(session: Session, charge: CardCharge, *, now: datetime) -> None:
    """A payer's bank asks for the money back: it is frozen, and whoever holds it and whoever sold
    are told. Told of again, it does nothing."""
    if charge.disputed_at is not None:
        return
    charge.disputed_at = now
    audit.record(session, "card_charges.disputed", charge, actor=SYSTEM, now=now)
    if charge.movement_id is not None:
        _freeze(session, charge, now=now)
    for organisation_id in dict.fromkeys((charge.organisation_id, charge.operator_id)):
        for person_id in organisations.member_ids(session, organisation_id):
            notifications.tell(
                session,
                person_id,
                "card.disputed",
                once_key=f"card.disputed:{charge.public_id}",
                facts={
                    "amount": format_vnd(charge.received or charge.amount),
                    "reference": charge.intent.reference,
                },
                now=now,
            )


def _freeze(session: Session, charge: CardCharge, *, now: datetime) -> None:
    """Hold the money of a disputed payment; what is on its way back already stays so."""
    movement = session.get_one(Movement, charge.movement_id)
    try:
        with session.begin_nested():
            decisions.freeze(
                session,
                charge.organisation_id,
                movement.public_id,
                movement.amount,
                reason=DISPUTED,
                actor=SYSTEM,
                now=now,
            )
    except DomainError as refusal:
        audit.record(
            session, "card_charges.not_frozen", charge, actor=SYSTEM, now=now, why=refusal.code
        )


def _move(
    session: Session,
    charge: CardCharge,
    wanted: ChargeState,
    *,
    now: datetime,
    reason: str | None = None,
) -> None:
    audit.move(
        session,
        charge,
        wanted,
        next_states=rules.NEXT_STATES,
        actor=SYSTEM,
        now=now,
        reason=reason or charge.failure or None,
    )
    charge.ended_at = None if wanted in rules.OPEN else now


def _put_off(charge: CardCharge, now: datetime) -> None:
    charge.next_ask_at = rules.next_ask(charge.asks, now=now)
    charge.asks += 1
