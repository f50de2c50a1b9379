"""Reading who is asked to approve, and how something was paid."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.organisations import queries as organisations
from foundation.organisations import rules
from foundation.organisations.models import Membership
from payments.credits.models import Channel, Movement
from payments.intents.models import Intent
from payments.reconciliation.models import Allocation


def authority(session: Session) -> list[int]:
    """Return the people of the operator who decide about sellers' money."""
    operator = organisations.operator(session)
    if operator is None:
        return []
    rows = session.execute(
        select(Membership.person_id, Membership.role)
        .where(Membership.organisation_id == operator.id)
        .order_by(Membership.id)
    )
    return [
        person_id
        for person_id, role in rows
        if "authority.payouts" in rules.permissions(operator.kind, role)
    ]


def paid_by_card(session: Session, intent: Intent) -> Movement | None:
    """Return the latest card payment that settled some of an intent."""
    return session.scalars(
        select(Movement)
        .join(Allocation, Allocation.movement_id == Movement.id)
        .where(Allocation.intent_id == intent.id, Movement.channel == Channel.CARD)
        .order_by(Movement.id.desc())
        .limit(1)
    ).one_or_none()


def by_card(session: Session, organisation_id: int, intent_public_id: str) -> bool:
    """Say whether some of an organisation's intent was paid by card."""
    intent = session.scalars(
        select(Intent).where(
            Intent.organisation_id == organisation_id, Intent.public_id == intent_public_id
        )
    ).one_or_none()
    return intent is not None and paid_by_card(session, intent) is not None
