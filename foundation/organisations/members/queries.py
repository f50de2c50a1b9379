"""Reading who works for an organisation and who was asked to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from foundation.accounts.models import Person
from foundation.accounts.queries import token_hash
from foundation.organisations.members.errors import InvitationNotFound
from foundation.organisations.models import Invitation, Membership, Role


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody who works here, as colleagues may see them."""

    person_id: int
    public_id: str
    full_name: str
    phone: str | None
    role: Role
    since: datetime
    has_second_factor: bool


def members(session: Session, organisation_id: int) -> Sequence[Member]:
    """Return who works for an organisation, who came first before."""
    rows = session.execute(
        select(Membership, Person)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.id)
    )
    return [
        Member(
            person_id=person.id,
            public_id=person.public_id,
            full_name=person.full_name,
            phone=person.phone,
            role=membership.role,
            since=membership.since,
            has_second_factor=person.totp_confirmed_at is not None,
        )
        for membership, person in rows
    ]


def pending_invitations(
    session: Session, organisation_id: int, *, now: datetime
) -> Sequence[Invitation]:
    """Return the invitations that can still be accepted, the newest first."""
    return session.scalars(
        select(Invitation)
        .where(
            Invitation.organisation_id == organisation_id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id.desc())
    ).all()


def invitation(session: Session, token: str) -> Invitation:
    """Return the invitation whose address holds this token, its organisation loaded.

    Raises InvitationNotFound.
    """
    found = session.scalars(
        select(Invitation)
        .options(joinedload(Invitation.organisation))
        .where(Invitation.token_hash == token_hash(token))
    ).one_or_none()
    if found is None:
        raise InvitationNotFound()
    return found
