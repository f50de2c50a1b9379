"""Reading organisations and who works for them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from foundation.organisations.models import Membership, Organisation


def memberships_of(session: Session, person_id: int) -> Sequence[Membership]:
    """Return what a person works for, the organisations loaded, oldest first."""
    return session.scalars(
        select(Membership)
        .join(Membership.organisation)
        .options(contains_eager(Membership.organisation))
        .where(Membership.person_id == person_id)
        .order_by(Membership.id)
    ).all()


def hidden_ids(session: Session) -> frozenset[int]:
    """Return the organisations whose goods nobody may see just now: those suspended."""
    return frozenset(
        session.scalars(select(Organisation.id).where(Organisation.state == "suspended"))
    )
