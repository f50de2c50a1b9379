"""The authority's answer to an application: a function per sentence an officer would say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from foundation.audit import service as audit
from foundation.audit.errors import CannotMove
from foundation.audit.rules import Actor
from foundation.notifications import service as notifications
from foundation.organisations import queries as organisations
from foundation.organisations import rules
from foundation.organisations.errors import OwnApplication, ReasonMissing
from foundation.organisations.events import OrganisationChanged, OrganisationDecided
from foundation.organisations.models import Organisation, State
from foundation.organisations.review import queries
from foundation.organisations.rules import Decision
from foundation.outbox import service as outbox


def decide(
    session: Session,
    public_id: str,
    decision: Decision,
    *,
    note: str,
    version: int,
    actor: Actor,
    now: datetime,
) -> Organisation:
    """Answer an application: accept it, ask for more, or reject it, and tell its members.

    `note` is what the applicant reads; all but an acceptance must have one. Raises ReasonMissing,
    CannotMove when somebody answered first, ChangedMeanwhile when it was changed and sent again
    since the page was opened, OwnApplication, OrganisationNotFound.
    """
    if decision is not Decision.ACCEPT and not note.strip():
        raise ReasonMissing()
    return _judge(
        session,
        public_id,
        rules.DECIDED[decision],
        only_from=State.SUBMITTED,
        note=note,
        version=version,
        actor=actor,
        now=now,
    )


def suspend(
    session: Session, public_id: str, *, reason: str, version: int, actor: Actor, now: datetime
) -> Organisation:
    """Take a verified organisation, and with it all it sells, out of the market at once.

    Raises ReasonMissing, CannotMove, ChangedMeanwhile, OwnApplication, OrganisationNotFound.
    """
    if not reason.strip():
        raise ReasonMissing()
    return _judge(
        session,
        public_id,
        State.SUSPENDED,
        only_from=State.VERIFIED,
        note=reason,
        version=version,
        actor=actor,
        now=now,
    )


def lift_suspension(
    session: Session, public_id: str, *, note: str, version: int, actor: Actor, now: datetime
) -> Organisation:
    """Let a suspended organisation, and what it sells, back in.

    Raises CannotMove, ChangedMeanwhile, OwnApplication, OrganisationNotFound.
    """
    return _judge(
        session,
        public_id,
        State.VERIFIED,
        only_from=State.SUSPENDED,
        note=note,
        version=version,
        actor=actor,
        now=now,
    )


def _judge(
    session: Session,
    public_id: str,
    wanted: State,
    *,
    only_from: State,
    note: str,
    version: int,
    actor: Actor,
    now: datetime,
) -> Organisation:
    organisation = queries.lock(session, public_id)
    members = organisations.member_ids(session, organisation.id)
    if actor.person_id in members:
        raise OwnApplication()
    if organisation.state is not only_from:
        raise CannotMove(organisation.__tablename__, organisation.state.value, wanted.value)
    organisations.hold_to_version(organisation, version)
    audit.move(
        session,
        organisation,
        wanted,
        next_states=rules.NEXT_STATES,
        actor=actor,
        now=now,
        reason=note.strip() or None,
    )
    organisation.decided_at = now
    organisation.review_note = note.strip()
    _tell_members(session, organisation, members, lifted=only_from is State.SUSPENDED, now=now)
    outbox.record(
        session,
        OrganisationDecided(organisation_id=organisation.id, state=wanted.value, occurred_at=now),
    )
    outbox.record(session, OrganisationChanged(organisation_id=organisation.id, occurred_at=now))
    return organisation


def _tell_members(
    session: Session,
    organisation: Organisation,
    members: Sequence[int],
    *,
    lifted: bool,
    now: datetime,
) -> None:
    news = "resumed" if lifted else organisation.state.value
    note = organisation.review_note
    for person_id in members:
        notifications.tell(
            session,
            person_id,
            f"organisation.{news}",
            once_key=f"organisation:{organisation.id}:{news}:{now:%Y%m%d%H%M%S%f}",
            facts={"name": organisation.name, "note": note},
            url=f"/sell/{organisation.public_id}/organisation",
            now=now,
        )
