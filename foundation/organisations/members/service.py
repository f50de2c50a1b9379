"""Inviting people to work for an organisation, changing what they may do, letting them go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation import ids
from foundation.accounts import queries as accounts
from foundation.accounts import service as doors
from foundation.accounts.models import Person
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.crypto import keyed_hash
from foundation.identity import mask_phone
from foundation.notifications import service as notifications
from foundation.organisations import queries as organisations
from foundation.organisations.events import MemberInvited
from foundation.organisations.members import queries, rules
from foundation.organisations.members.errors import (
    AlreadyMember,
    InvitationForAnother,
    InvitationNotFound,
    InvitationSpent,
    LastOwner,
    MemberNotFound,
    RoleUnknown,
)
from foundation.organisations.models import Invitation, Membership, Organisation, Role
from foundation.organisations.rules import roles_of
from foundation.outbox import service as outbox


def invite(
    session: Session,
    organisation_id: int,
    *,
    phone: str,
    role: Role,
    data_key: str,
    actor: Actor,
    now: datetime,
) -> Invitation:
    """Ask whoever has this phone (in normal form) to work for an organisation.

    A link goes to the phone; an earlier invitation to the same phone is withdrawn. Raises
    RoleUnknown, AlreadyMember, TooManyKnocks.
    """
    organisation = organisations.lock(session, organisation_id)
    _hold_to_roles(organisation, role)
    if _works_here(session, organisation_id, phone):
        raise AlreadyMember()
    _count(session, organisation, keyed_hash(phone, data_key), now=now)
    for earlier in _open_to(session, organisation_id, phone):
        earlier.withdrawn_at = now
    invitation = _sent(session, organisation, phone, role, actor=actor, now=now)
    _record(session, "invited", organisation, actor, now, role=role.value, phone=mask_phone(phone))
    outbox.record(session, MemberInvited(invitation_id=invitation.id, occurred_at=now))
    return invitation


def withdraw_invitation(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Take an invitation back before it is accepted. Raises InvitationNotFound, InvitationSpent."""
    organisation = organisations.lock(session, organisation_id)
    invitation = session.scalars(
        select(Invitation)
        .where(Invitation.organisation_id == organisation_id, Invitation.public_id == public_id)
        .with_for_update()
    ).one_or_none()
    if invitation is None:
        raise InvitationNotFound()
    _hold_to_life(invitation, now)
    invitation.withdrawn_at = now
    _record(session, "invitation_withdrawn", organisation, actor, now)


def accept_invitation(session: Session, token: str, *, actor: Actor, now: datetime) -> Membership:
    """Begin to work for the organisation that invited the phone of whoever is signed in.

    Raises InvitationNotFound, InvitationSpent, InvitationForAnother.
    """
    if actor.person_id is None:
        raise InvitationNotFound()
    organisation = organisations.lock(session, queries.invitation(session, token).organisation_id)
    invitation = _locked_invitation(session, token)
    person = session.get_one(Person, actor.person_id)
    if person.phone != invitation.phone:
        raise InvitationForAnother(phone=mask_phone(invitation.phone))
    _hold_to_life(invitation, now)
    invitation.accepted_at = now
    membership = _membership(session, organisation.id, person.id)
    if membership is not None:
        return membership
    membership = Membership(
        organisation_id=organisation.id, person_id=person.id, role=invitation.role, since=now
    )
    session.add(membership)
    session.flush()
    _record(session, "joined", organisation, actor, now, role=invitation.role.value)
    _tell_inviter(session, invitation, organisation, person, now)
    return membership


def change_role(
    session: Session,
    organisation_id: int,
    person_public_id: str,
    role: Role,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a member do more, or less. Raises MemberNotFound, RoleUnknown, LastOwner."""
    organisation = organisations.lock(session, organisation_id)
    _hold_to_roles(organisation, role)
    membership, person = _member(session, organisation_id, person_public_id)
    if membership.role is role:
        return
    if membership.role is Role.OWNER:
        _hold_to_an_owner(session, organisation_id)
    before, membership.role = membership.role, role
    _record(
        session,
        "role_changed",
        organisation,
        actor,
        now,
        person=person.public_id,
        before=before.value,
        role=role.value,
    )
    _tell(session, "member.role_changed", organisation, person.id, now)


def remove_member(
    session: Session,
    organisation_id: int,
    person_public_id: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """End what a person does for an organisation; one's own work too.

    Raises MemberNotFound, LastOwner.
    """
    organisation = organisations.lock(session, organisation_id)
    membership, person = _member(session, organisation_id, person_public_id)
    if membership.role is Role.OWNER:
        _hold_to_an_owner(session, organisation_id)
    session.delete(membership)
    own_will = person.id == actor.person_id
    action = "left" if own_will else "removed"
    _record(session, action, organisation, actor, now, person=person.public_id)
    if not own_will:
        _tell(session, "member.removed", organisation, person.id, now)


def _sent(
    session: Session,
    organisation: Organisation,
    phone: str,
    role: Role,
    *,
    actor: Actor,
    now: datetime,
) -> Invitation:
    """Store an invitation, of its token only the hash, and send the link."""
    token = ids.new_token()
    invitation = Invitation(
        public_id=ids.new_public_id(),
        organisation_id=organisation.id,
        phone=phone,
        role=role,
        token_hash=accounts.token_hash(token),
        invited_by_id=actor.person_id,
        created_at=now,
        expires_at=now + rules.INVITATION_LASTS,
    )
    session.add(invitation)
    session.flush()
    notifications.write_to(
        session,
        phone,
        "member.invited",
        once_key=f"invitation:{invitation.public_id}",
        facts={"name": organisation.name},
        url=f"/invitations/{token}",
        now=now,
    )
    return invitation


def _count(session: Session, organisation: Organisation, phone_hash: str, *, now: datetime) -> None:
    for door, key, limit in (
        ("invite", organisation.public_id, rules.invitations_a_day(organisation.state)),
        ("invite_phone", phone_hash, rules.INVITATIONS_TO_A_PHONE_A_DAY),
    ):
        doors.knock(session, door, key, limit=limit, within=rules.ONE_DAY, now=now)


def _hold_to_roles(organisation: Organisation, role: Role) -> None:
    if role not in roles_of(organisation.kind):
        raise RoleUnknown()


def _hold_to_life(invitation: Invitation, now: datetime) -> None:
    if invitation.accepted_at or invitation.withdrawn_at or invitation.expires_at <= now:
        raise InvitationSpent()


def _hold_to_an_owner(session: Session, organisation_id: int) -> None:
    """Refuse to go on when there is a single owner. The organisation's row must be locked."""
    owners = session.scalar(
        select(func.count(Membership.id)).where(
            Membership.organisation_id == organisation_id, Membership.role == Role.OWNER
        )
    )
    if (owners or 0) < 2:
        raise LastOwner()


def _works_here(session: Session, organisation_id: int, phone: str) -> bool:
    found = session.scalar(
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.organisation_id == organisation_id, Person.phone == phone)
    )
    return found is not None


def _open_to(session: Session, organisation_id: int, phone: str) -> list[Invitation]:
    return list(
        session.scalars(
            select(Invitation).where(
                Invitation.organisation_id == organisation_id,
                Invitation.phone == phone,
                Invitation.accepted_at.is_(None),
                Invitation.withdrawn_at.is_(None),
            )
        )
    )


def _locked_invitation(session: Session, token: str) -> Invitation:
    found = session.scalars(
        select(Invitation)
        .where(Invitation.token_hash == accounts.token_hash(token))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise InvitationNotFound()
    return found


def _membership(session: Session, organisation_id: int, person_id: int) -> Membership | None:
    return session.scalars(
        select(Membership).where(
            Membership.organisation_id == organisation_id, Membership.person_id == person_id
        )
    ).one_or_none()


def _member(
    session: Session, organisation_id: int, person_public_id: str
) -> tuple[Membership, Person]:
    found = session.execute(
        select(Membership, Person)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.organisation_id == organisation_id, Person.public_id == person_public_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise MemberNotFound()
    return found[0], found[1]


def _tell_inviter(
    session: Session,
    invitation: Invitation,
    organisation: Organisation,
    person: Person,
    now: datetime,
) -> None:
    notifications.tell(
        session,
        invitation.invited_by_id,
        "member.joined",
        once_key=f"joined:{invitation.public_id}",
        facts={"name": organisation.name, "person": person.full_name},
        url=f"/sell/{organisation.public_id}/members",
        now=now,
    )


def _tell(
    session: Session, kind: str, organisation: Organisation, person_id: int, now: datetime
) -> None:
    gone = kind == "member.removed"
    notifications.tell(
        session,
        person_id,
        kind,
        once_key=f"{kind}:{organisation.id}:{now:%Y%m%d%H%M%S%f}",
        facts={"name": organisation.name},
        url="" if gone else f"/sell/{organisation.public_id}/members",
        now=now,
    )


def _record(
    session: Session,
    action: str,
    organisation: Organisation,
    actor: Actor,
    now: datetime,
    **facts: object,
) -> None:
    audit.record(session, f"members.{action}", organisation, actor=actor, now=now, **facts)
