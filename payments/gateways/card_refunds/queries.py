"""Which approved refunds go back to a card, and to which payment."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from payments.gateways.models import CardCharge, ChargeState
from payments.intents.models import Intent
from payments.refunds.models import Means, Refund, State


def due(session: Session, *, limit: int) -> Sequence[int]:
    """Return the refunds a provider is still to be asked for, the oldest first."""
    return session.scalars(
        select(Refund.id)
        .where(Refund.means == Means.CARD, Refund.state == State.APPROVED)
        .order_by(Refund.id)
        .limit(limit)
    ).all()


def one(session: Session, refund_id: int) -> Refund:
    """Return a refund with its attempts."""
    return session.scalars(
        select(Refund).where(Refund.id == refund_id).options(selectinload(Refund.attempts))
    ).one()


def charge(session: Session, refund: Refund) -> CardCharge | None:
    """Return the card payment a refund goes back to: the one whose movement it comes out of, or
    one of its intent's that has so much left."""
    statement = (
        select(CardCharge)
        .where(
            CardCharge.organisation_id == refund.organisation_id,
            CardCharge.state == ChargeState.SUCCEEDED,
            CardCharge.received - CardCharge.refunded >= refund.amount,
        )
        .options(joinedload(CardCharge.intent).joinedload(Intent.organisation))
        .order_by(CardCharge.id)
        .limit(1)
    )
    if refund.movement_id is not None:
        statement = statement.where(CardCharge.movement_id == refund.movement_id)
    else:
        statement = statement.where(CardCharge.intent_id == refund.intent_id)
    return session.scalars(statement).one_or_none()
