"""Reading card payments, and by which ways besides VietQR something can be paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from foundation.config import Config
from foundation.organisations import queries as organisations
from payments.gateways import rules
from payments.gateways.errors import ChargeNotFound
from payments.gateways.gateway import Gateway
from payments.gateways.models import CardCharge, ProviderEvent
from payments.gateways.registry import preferred
from payments.gateways.rules import Way
from payments.intents import queries as intents
from payments.intents.models import Intent
from payments.intents.rules import takes_money


def ways(session: Session, intent: Intent, config: Config, *, now: datetime) -> list[Way]:
    """Return the ways besides VietQR by which what is due of an intent can be paid just now."""
    gateway = preferred(config)
    if gateway is None or not fits(gateway, intent, now=now):
        return []
    if organisations.operator(session) is None:
        return []
    return [Way(code="card", name=gateway.name, url=f"/pay/{intent.public_id}/card")]


def fits(gateway: Gateway, intent: Intent, *, now: datetime) -> bool:
    """Say whether this gateway takes what is still due of an intent."""
    return payable(intent, now=now) and gateway.least <= intent.due <= gateway.most


def payable(intent: Intent, *, now: datetime) -> bool:
    """Say whether money for this intent would settle something."""
    state = intents.effective_state(intent, now=now)
    return intent.due > 0 and takes_money(state, settles_late=intent.settles_late)


def one(session: Session, intent_public_id: str, public_id: str) -> CardCharge:
    """Return a payment of this intent, the intent and its payee loaded. Raises ChargeNotFound."""
    found = session.scalars(
        select(CardCharge)
        .join(CardCharge.intent)
        .where(CardCharge.public_id == public_id, Intent.public_id == intent_public_id)
        .options(joinedload(CardCharge.intent).joinedload(Intent.organisation))
    ).one_or_none()
    if found is None:
        raise ChargeNotFound
    return found


def open_one(session: Session, intent_id: int, provider: str) -> CardCharge | None:
    """Return the payment of an intent that is open at this provider."""
    return session.scalars(
        select(CardCharge).where(
            CardCharge.intent_id == intent_id,
            CardCharge.provider == provider,
            CardCharge.state.in_(sorted(rules.OPEN)),
        )
    ).one_or_none()


def of_movement(session: Session, organisation_id: int, movement_id: int) -> CardCharge | None:
    """Return the card payment a movement of this organisation came by, to give it back."""
    return session.scalars(
        select(CardCharge).where(
            CardCharge.organisation_id == organisation_id, CardCharge.movement_id == movement_id
        )
    ).one_or_none()


def of_notice(session: Session, event: ProviderEvent) -> CardCharge | None:
    """Return the payment a notice is about, None when it is none of ours."""
    statement = select(CardCharge).where(CardCharge.provider == event.provider)
    found = None
    if event.provider_id:
        found = session.scalars(
            statement.where(CardCharge.provider_id == event.provider_id)
        ).one_or_none()
    if found is None and event.charge:
        found = session.scalars(statement.where(CardCharge.public_id == event.charge)).one_or_none()
    return found


def due(
    session: Session, providers: Sequence[str], *, now: datetime, limit: int
) -> Sequence[tuple[int, str]]:
    """Return (id, provider) of the open payments to be asked about, the longest due first."""
    rows = session.execute(
        select(CardCharge.id, CardCharge.provider)
        .where(
            CardCharge.state.in_(sorted(rules.OPEN)),
            CardCharge.next_ask_at <= now,
            CardCharge.provider.in_(providers),
        )
        .order_by(CardCharge.next_ask_at, CardCharge.id)
        .limit(limit)
    )
    return [(charge_id, provider) for charge_id, provider in rows]
