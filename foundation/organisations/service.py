"""Applying, being judged, and keeping a profile up to date: a function per sentence one says."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation import clock
from foundation.accounts import service as doors
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.crypto import encrypt, keyed_hash
from foundation.identity import TaxCode, TaxCodeKind
from foundation.ids import new_public_id
from foundation.organisations import queries, rules
from foundation.organisations.errors import (
    ApplicationClosed,
    ApplicationIncomplete,
    CommuneUnknown,
    KindCannotApply,
    TaxCodeNotForKind,
    TaxCodeTaken,
    TooManyDrafts,
)
from foundation.organisations.events import (
    OrganisationChanged,
    OrganisationSubmitted,
)
from foundation.organisations.models import (
    Kind,
    Membership,
    Organisation,
    Role,
    State,
)
from foundation.organisations.rules import Application, Profile
from foundation.outbox import service as outbox
from foundation.places.models import AdminUnit
from foundation.text import fold, slugify, sort_key

TRIES_PER_HOUR = 10
ONE_HOUR = timedelta(hours=1)
_EDITED = (
    "kind",
    "name",
    "tax_code",
    "personal_number_masked",
    "representative",
    "phone",
    "email",
    "commune_code",
    "address",
    "story",
)


def apply(
    session: Session, application: Application, *, data_key: str, actor: Actor, now: datetime
) -> Organisation:
    """Begin an application as a draft; whoever begins it becomes its owner.

    Raises TooManyDrafts, KindCannotApply, CommuneUnknown, TaxCodeTaken and the refusals of tax
    codes.
    """
    if actor.person_id is None:
        raise ValueError("only a person applies")
    drafts = _drafts_of(session, actor.person_id)
    if drafts >= rules.MOST_DRAFTS:
        raise TooManyDrafts(count=drafts)
    organisation = Organisation(public_id=new_public_id(), created_at=now, state=State.DRAFT)
    _write(session, organisation, application, data_key=data_key, now=now)
    session.add(organisation)
    _flush_tax_code(session)
    session.add(
        Membership(organisation=organisation, person_id=actor.person_id, role=Role.OWNER, since=now)
    )
    audit.record(session, "organisations.begun", organisation, actor=actor, now=now)
    return organisation


def count_tax_code_try(session: Session, *, person_id: int, now: datetime) -> None:
    """Count that somebody offered a tax code, so that nobody learns by trying which are taken.

    Belongs in a transaction of its own: a refusal must not undo it. Raises TooManyKnocks.
    """
    doors.knock(session, "tax_code", str(person_id), limit=TRIES_PER_HOUR, within=ONE_HOUR, now=now)


def edit_application(
    session: Session,
    organisation_id: int,
    application: Application,
    *,
    version: int,
    data_key: str,
    actor: Actor,
    now: datetime,
) -> Organisation:
    """Change an application that is with the applicant: a draft, or one sent back or rejected.

    `version` is that of the page the change was made on. Raises ChangedMeanwhile,
    ApplicationClosed and what `apply` raises.
    """
    organisation = queries.lock_open(session, organisation_id)
    queries.hold_to_version(organisation, version)
    before = _plain(organisation)
    _write(session, organisation, application, data_key=data_key, now=now)
    _flush_tax_code(session)
    _record_edit(session, organisation, before, actor=actor, now=now)
    return organisation


def edit_profile(
    session: Session,
    organisation_id: int,
    profile: Profile,
    *,
    version: int,
    actor: Actor,
    now: datetime,
) -> Organisation:
    """Change what a verified organisation may change by itself: contact, place and story.

    Raises ApplicationClosed when it is not verified, ChangedMeanwhile, CommuneUnknown.
    """
    organisation = queries.lock(session, organisation_id)
    if organisation.state not in rules.PROFILE_OPEN:
        raise ApplicationClosed(state=organisation.state.value)
    queries.hold_to_version(organisation, version)
    before = _plain(organisation)
    organisation.phone = profile.phone
    organisation.email = profile.email
    organisation.story = profile.story
    _place(session, organisation, profile.commune_code, profile.address)
    _record_edit(session, organisation, before, actor=actor, now=now)
    outbox.record(session, OrganisationChanged(organisation_id=organisation.id, occurred_at=now))
    return organisation


def submit(session: Session, organisation_id: int, *, actor: Actor, now: datetime) -> Organisation:
    """Send the application to the authority.

    Raises ApplicationIncomplete while something on the checklist is missing, CannotMove when it
    was sent already.
    """
    organisation = queries.lock(session, organisation_id)
    papers = queries.documents(session, organisation_id)
    missing = [item for item in queries.checklist(organisation, papers) if not item.done]
    if missing and organisation.state in rules.APPLICATION_OPEN:
        raise ApplicationIncomplete(count=len(missing))
    audit.move(
        session,
        organisation,
        State.SUBMITTED,
        next_states=rules.NEXT_STATES,
        actor=actor,
        now=now,
    )
    organisation.submitted_at = now
    organisation.review_note = ""
    outbox.record(session, OrganisationSubmitted(organisation_id=organisation.id, occurred_at=now))
    return organisation


def create_authority(
    session: Session, name: str, *, owner_id: int, actor: Actor, now: datetime
) -> Organisation:
    """Set up the province's department, with the person who will run it. For operators only."""
    authority = Organisation(
        public_id=new_public_id(),
        kind=Kind.AUTHORITY,
        state=State.VERIFIED,
        created_at=now,
        decided_at=now,
    )
    _name(session, authority, name)
    session.add(authority)
    session.flush()
    session.add(Membership(organisation=authority, person_id=owner_id, role=Role.OWNER, since=now))
    audit.record(session, "organisations.authority_created", authority, actor=actor, now=now)
    return authority


# --- parts ------------------------------------------------------------------------------------


def _drafts_of(session: Session, person_id: int) -> int:
    return (
        session.scalar(
            select(func.count(Organisation.id))
            .join(Membership, Membership.organisation_id == Organisation.id)
            .where(
                Membership.person_id == person_id,
                Membership.role == Role.OWNER,
                Organisation.state == State.DRAFT,
            )
        )
        or 0
    )


def _write(
    session: Session,
    organisation: Organisation,
    application: Application,
    *,
    data_key: str,
    now: datetime,
) -> None:
    if application.kind not in rules.APPLYING_KINDS:
        raise KindCannotApply()
    organisation.kind = application.kind
    if organisation.name != application.name:
        _name(session, organisation, application.name)
    organisation.representative = application.representative
    organisation.phone = application.phone
    organisation.email = application.email
    organisation.story = application.story
    _place(session, organisation, application.commune_code, application.address)
    if application.tax_code:
        today = clock.day(now)
        found = rules.read_tax_code(application.kind, application.tax_code, today=today)
        _take_tax_code(session, organisation, found, data_key)
    elif organisation.personal_number_hash and (
        application.kind not in rules.PERSONAL_NUMBER_KINDS
    ):
        raise TaxCodeNotForKind()


def _name(session: Session, organisation: Organisation, name: str) -> None:
    organisation.name = name
    organisation.sort_key = sort_key(name)
    organisation.fold_key = fold(name)
    slug = slugify(name, fallback="gian-hang")
    with session.no_autoflush:
        taken = session.scalar(
            select(Organisation.id).where(
                Organisation.slug == slug, Organisation.public_id != organisation.public_id
            )
        )
    organisation.slug = f"{slug}-{new_public_id()[:5]}" if taken else slug


def _place(
    session: Session, organisation: Organisation, commune_code: str | None, address: str
) -> None:
    organisation.commune_code = commune_code
    organisation.address = address
    if commune_code is None:
        organisation.printed_address = address
        return
    with session.no_autoflush:
        commune = session.get(AdminUnit, commune_code)
        if commune is None or commune.province_code is None or commune.valid_to is not None:
            raise CommuneUnknown()
        province = session.get_one(AdminUnit, commune.province_code)
    parts = (address, commune.name, province.name)
    organisation.printed_address = ", ".join(part for part in parts if part)


def _take_tax_code(
    session: Session, organisation: Organisation, found: TaxCode, data_key: str
) -> None:
    """Keep a tax code, a personal number only encrypted. Raises TaxCodeTaken."""
    if found.kind is TaxCodeKind.PERSON:
        digest = keyed_hash(found.number, data_key)
        condition = Organisation.personal_number_hash == digest
    else:
        digest = None
        condition = Organisation.tax_code == found.number
    with session.no_autoflush:
        taken = session.scalar(
            select(Organisation.id).where(
                condition, Organisation.public_id != organisation.public_id
            )
        )
    if taken is not None:
        raise TaxCodeTaken()
    if digest is not None and digest == organisation.personal_number_hash:
        return
    organisation.tax_code = None if digest else found.number
    organisation.personal_number_hash = digest
    organisation.personal_number_encrypted = encrypt(found.number, data_key) if digest else None
    organisation.personal_number_masked = found.shown if digest else None


def _flush_tax_code(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:  # somebody took it between our look and our write
        raise TaxCodeTaken() from error


def _plain(organisation: Organisation) -> dict[str, object]:
    return {name: getattr(organisation, name) for name in _EDITED}


def _record_edit(
    session: Session,
    organisation: Organisation,
    before: dict[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write down which fields changed, not what they hold: some of it is personal."""
    changed = [name for name, value in before.items() if getattr(organisation, name) != value]
    audit.record(
        session, "organisations.edited", organisation, actor=actor, now=now, fields=changed
    )
