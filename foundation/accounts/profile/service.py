"""What people change about their own account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from foundation.accounts import queries, rules
from foundation.accounts import service as accounts
from foundation.accounts.entrance import service as entrance
from foundation.accounts.errors import WrongPassword
from foundation.accounts.models import CodePurpose, OneTimeCode, Person
from foundation.accounts.rules import Visit
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.errors import DomainError
from foundation.language import LANGUAGES
from foundation.notifications import service as notifications

DOOR = "password"


def change_name(
    session: Session, person_id: int, full_name: str, *, actor: Actor, now: datetime
) -> None:
    """Change a person's name. Raises BadName."""
    name = rules.read_name(full_name)
    person = accounts.locked(session, person_id)
    if person.full_name != name:
        person.full_name = name
        audit.record(session, "account.renamed", person, actor=actor, now=now)


def choose_language(session: Session, person_id: int, language: str) -> None:
    """Write to a person in this language from now on; one that we do not speak changes nothing."""
    if language in LANGUAGES:
        accounts.locked(session, person_id).language = language


def change_password(
    session: Session,
    person_id: int,
    present: str,
    password: str,
    *,
    keep_id: int,
    actor: Actor,
    now: datetime,
) -> WrongPassword | None:
    """Change a password; every sign-in but `keep_id` ends. None when done.

    Returns WrongPassword (the try stays counted). Raises a WeakPassword.
    """
    person = accounts.locked(session, person_id)
    if refusal := _refuse(session, person, present, now=now):
        return refusal
    known = (person.full_name, person.phone, person.email)
    rules.check_new_password(password, personal=known)
    person.password_hash = rules.hash_password(password)
    audit.record(session, "account.password_changed", person, actor=actor, now=now)
    accounts.revoke_other_sign_ins(session, person, keep_id=keep_id, actor=actor, now=now)
    notifications.tell(
        session,
        person.id,
        "account.password_changed",
        once_key=f"password_changed:{now.timestamp():.6f}",
        facts={"at": now},
        url="/account",
        now=now,
    )
    return None


def ask_contact_change(
    session: Session,
    person_id: int,
    contact: str,
    present: str,
    *,
    visit: Visit,
    language: str,
    now: datetime,
    data_key: str,
) -> OneTimeCode | WrongPassword:
    """Send a code to a new phone number or e-mail address; it counts once the code comes back.

    Whether it belongs to another account is not told. Returns WrongPassword (the try stays
    counted). Raises BadContact or TooManyKnocks.
    """
    wanted = rules.read_contact(contact)
    person = accounts.locked(session, person_id)
    if refusal := _refuse(session, person, present, now=now):
        return refusal
    return entrance.send_code(
        session,
        wanted,
        CodePurpose.CHANGE_CONTACT,
        person_id=person.id,
        visit=visit,
        language=language,
        now=now,
        data_key=data_key,
    )


def confirm_contact(
    session: Session,
    person_id: int,
    pending: str,
    typed: str,
    *,
    actor: Actor,
    now: datetime,
    data_key: str,
) -> DomainError | None:
    """Take over the contact that a code confirms, and warn the one it replaces. None when done.

    Returns WrongCode or CodeSpent. Raises AlreadyRegistered.
    """
    asked = queries.pending_code(session, pending, CodePurpose.CHANGE_CONTACT)
    mine = pending if asked is not None and asked.person_id == person_id else ""
    code = accounts.redeem_code(
        session, mine, CodePurpose.CHANGE_CONTACT, typed, now=now, data_key=data_key
    )
    if isinstance(code, DomainError):
        return code
    person = accounts.locked(session, person_id)
    contact = rules.stored_contact(code.target)
    replaced = person.phone if contact.phone else person.email
    accounts.set_contact(session, person, contact)
    audit.record(session, "account.contact_changed", person, actor=actor, now=now)
    warn = f"contact_changed:{code.public_id}"
    facts = {"at": now}
    kind = "account.contact_changed"
    if replaced and replaced != contact.value:
        notifications.write_to(
            session, replaced, kind, once_key=warn, facts=facts, language=person.language, now=now
        )
    notifications.tell(
        session, person.id, kind, once_key=warn, facts=facts, url="/account", now=now
    )
    return None


def sign_out_of(
    session: Session, person_id: int, sign_in: str, *, actor: Actor, now: datetime
) -> None:
    """End one of a person's sign-ins, named by its public id. Raises SignInGone."""
    accounts.revoke_sign_in(session, person_id, sign_in, actor=actor, now=now)


def sign_out_everywhere_else(
    session: Session, person_id: int, *, keep_id: int, actor: Actor, now: datetime
) -> int:
    """End every sign-in of a person but this one. Return how many were ended."""
    person = accounts.locked(session, person_id)
    return accounts.revoke_other_sign_ins(session, person, keep_id=keep_id, actor=actor, now=now)


def _refuse(
    session: Session, person: Person, present: str, *, now: datetime
) -> WrongPassword | None:
    """Ask for the present password: an open browser alone is not enough."""
    key = str(person.id)
    if accounts.is_paused(session, DOOR, key, now=now):
        return WrongPassword()
    if not rules.password_matches(person.password_hash, present):
        accounts.note_failure(session, DOOR, key, now=now)
        return WrongPassword()
    accounts.forgive(session, DOOR, key)
    return None
