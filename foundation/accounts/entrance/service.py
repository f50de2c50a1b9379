"""Coming in: opening an account, signing in by password or by code, and setting a new password.

Whoever asks learns nothing about who has an account: the same work is done and the same answer
given for a known and an unknown contact, until a code shows that the contact is the asker's.
Refusals that leave a trace (a failed try, a used code) are returned, not raised: raising would
take the trace back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from foundation.accounts import queries, rules
from foundation.accounts import service as accounts
from foundation.accounts.errors import (
    AlreadyRegistered,
    Blocked,
    NoAccount,
    NothingPending,
    WrongSignIn,
)
from foundation.accounts.models import CodePurpose, OneTimeCode, Person
from foundation.accounts.rules import Contact, Visit
from foundation.accounts.service import Entry
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.crypto import keyed_hash
from foundation.errors import DomainError
from foundation.notifications import service as notifications

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
# A whole village may share one address of its mobile network, a class one Wi-Fi.
KNOCKS_PER_ADDRESS: Final = 60
KNOCKS_WITHIN: Final = timedelta(minutes=10)
CODES_PER_TARGET: Final = 5
CODES_PER_TARGET_A_DAY: Final = 15
CODES_PER_ADDRESS: Final = 30


def sign_up(
    session: Session,
    contact: str,
    full_name: str,
    password: str,
    *,
    visit: Visit,
    language: str,
    now: datetime,
    data_key: str,
) -> OneTimeCode:
    """Ask for an account: a code goes to the contact, and the account is opened once it comes
    back. The owner of a contact that has an account already is told so instead.

    Raises BadContact, BadName, a WeakPassword or TooManyKnocks.
    """
    whose = rules.read_contact(contact)
    name = rules.read_name(full_name)
    rules.check_new_password(password, personal=(name, whose.value))
    payload = {"full_name": name, "password_hash": rules.hash_password(password)}
    return send_code(
        session,
        whose,
        CodePurpose.SIGN_UP,
        payload=payload,
        visit=visit,
        language=language,
        now=now,
        data_key=data_key,
    )


def confirm_sign_up(
    session: Session,
    pending: str,
    typed: str,
    *,
    visit: Visit,
    language: str,
    now: datetime,
    data_key: str,
) -> Entry | DomainError:
    """Open the account that a code confirms and sign its owner in.

    Returns WrongCode or CodeSpent, or AlreadyRegistered when the owner was faster elsewhere.
    """
    code = accounts.redeem_code(
        session, pending, CodePurpose.SIGN_UP, typed, now=now, data_key=data_key
    )
    if isinstance(code, DomainError):
        return code
    try:
        person = accounts.create_person(
            session,
            full_name=code.payload["full_name"],
            contact=rules.stored_contact(code.target),
            password_hash=code.payload["password_hash"],
            language=language,
            now=now,
        )
    except AlreadyRegistered as refusal:
        return refusal
    code.payload = {}
    return accounts.open_sign_in(session, person, visit=visit, now=now)


def sign_in(
    session: Session, contact: str, password: str, *, visit: Visit, now: datetime, data_key: str
) -> Entry | WrongSignIn | Blocked:
    """Sign somebody in by password.

    Unknown contacts, wrong passwords and doors that are shut for a while get one answer, after
    the same work. The door belongs to the contact, but a browser that its owner used before has
    its own, so that a stranger's guessing does not keep the owner out. Raises TooManyKnocks for
    an address that tries too many contacts.
    """
    knocked = accounts.knock(
        session,
        "sign_in.address",
        keyed_hash(visit.network, data_key),
        limit=KNOCKS_PER_ADDRESS,
        within=KNOCKS_WITHIN,
        now=now,
    )
    person, key = _find(session, contact, data_key)
    if queries.knows_device(session, person.id if person else 0, visit.device_token):
        key = f"{key}:{queries.token_hash(visit.device_token)}"
    paused = accounts.is_paused(session, "sign_in", key, now=now)
    fits = rules.password_matches(person.password_hash if person else rules.NOBODYS_HASH, password)
    if paused:
        return WrongSignIn()
    if person is None or not fits:
        accounts.note_failure(session, "sign_in", key, now=now)
        return WrongSignIn()
    accounts.forgive(session, "sign_in", key)
    session.delete(knocked)
    if person.blocked_at is not None:
        return Blocked()
    if rules.needs_rehash(person.password_hash):
        person.password_hash = rules.hash_password(password)
    return _welcome(session, person, visit=visit, now=now)


def _find(session: Session, contact: str, data_key: str) -> tuple[Person | None, str]:
    """Return whose contact this is, and the key its knocks are counted under."""
    try:
        whose = rules.read_contact(contact)
    except DomainError:
        whose = Contact()  # asked for all the same, so that the answer takes as long
    return (
        queries.person_by_contact(session, whose),
        keyed_hash(whose.value or contact[:200].strip().lower(), data_key),
    )


def ask_code(
    session: Session,
    contact: str,
    purpose: CodePurpose,
    *,
    visit: Visit,
    language: str,
    now: datetime,
    data_key: str,
) -> OneTimeCode:
    """Send a code to sign in with, or to set a new password with.

    A contact without an account gets one too: whoever reads it there may be told. Raises
    BadContact or TooManyKnocks.
    """
    return send_code(
        session,
        rules.read_contact(contact),
        purpose,
        visit=visit,
        language=language,
        now=now,
        data_key=data_key,
    )


def sign_in_by_code(
    session: Session, pending: str, typed: str, *, visit: Visit, now: datetime, data_key: str
) -> Entry | DomainError:
    """Sign in whoever returns the code sent to a contact.

    Returns WrongCode, CodeSpent, Blocked, or NoAccount when the contact has no account.
    """
    person = _owner(session, pending, CodePurpose.SIGN_IN, typed, now=now, data_key=data_key)
    if isinstance(person, DomainError):
        return person
    return _welcome(session, person, visit=visit, now=now)


def reset_password(
    session: Session,
    pending: str,
    typed: str,
    password: str,
    *,
    visit: Visit,
    now: datetime,
    data_key: str,
) -> Entry | DomainError:
    """Set a new password by the code sent to a contact; every other sign-in ends.

    Returns what sign_in_by_code does. Raises a WeakPassword, the code staying good.
    """
    person = _owner(session, pending, CodePurpose.RESET, typed, now=now, data_key=data_key)
    if isinstance(person, DomainError):
        return person
    known = (person.full_name, person.phone, person.email)
    rules.check_new_password(password, personal=known)
    person.password_hash = rules.hash_password(password)
    actor = Actor.person(person.id)
    audit.record(session, "account.password_reset", person, actor=actor, now=now)
    accounts.revoke_other_sign_ins(session, person, keep_id=None, actor=actor, now=now)
    for contact in filter(None, (person.phone, person.email)):
        accounts.forgive(session, "sign_in", keyed_hash(contact, data_key))
    notifications.tell(
        session,
        person.id,
        "account.password_changed",
        once_key=f"password_reset:{pending}",
        facts={"at": now},
        url="/account",
        now=now,
    )
    return _welcome(session, person, visit=visit, now=now)


def _owner(
    session: Session,
    pending: str,
    purpose: CodePurpose,
    typed: str,
    *,
    now: datetime,
    data_key: str,
) -> Person | DomainError:
    """Use a code up and return, locked, whose contact it went to."""
    code = accounts.redeem_code(session, pending, purpose, typed, now=now, data_key=data_key)
    if isinstance(code, DomainError):
        return code
    person = queries.person_by_contact(session, rules.stored_contact(code.target))
    if person is None:
        return NoAccount()
    if person.blocked_at is not None:
        return Blocked()
    return accounts.locked(session, person.id)


def _welcome(session: Session, person: Person, *, visit: Visit, now: datetime) -> Entry:
    """Sign in, and tell the owner when it was on a browser never seen before."""
    entry = accounts.open_sign_in(session, person, visit=visit, now=now)
    if entry.new_device:
        notifications.tell(
            session,
            person.id,
            "account.new_device",
            once_key=f"new_device:{entry.sign_in.public_id}",
            facts={"device": visit.device or "?", "at": now},
            url="/account/sign-ins",
            now=now,
        )
    return entry


# --- codes ------------------------------------------------------------------------------------


def send_code(
    session: Session,
    contact: Contact,
    purpose: CodePurpose,
    *,
    person_id: int | None = None,
    payload: dict[str, str] | None = None,
    visit: Visit,
    language: str,
    now: datetime,
    data_key: str,
) -> OneTimeCode:
    """Send a code to a contact. For an account or a contact to be opened or changed, the owner of
    a contact that is taken gets a word instead, and no code will fit.

    `person_id` is who wants the contact, when that is known. Raises TooManyKnocks: at most 5 codes
    an hour and 15 a day to one contact, and 30 an hour for one address.
    """
    _count_code(session, contact, visit=visit, now=now, data_key=data_key)
    code, digits = accounts.issue_code(
        session,
        contact.value,
        purpose,
        person_id=person_id,
        payload=payload,
        now=now,
        data_key=data_key,
    )
    owner = queries.person_by_contact(session, contact)
    opens = purpose in (CodePurpose.SIGN_UP, CodePurpose.CHANGE_CONTACT)
    if opens and owner is not None and owner.id != person_id:
        _tell_owner(session, owner, code, now=now)
    else:
        target, why = contact.value, purpose.value
        notifications.send_code(session, target, digits, why, now=now, language=language)
    return code


def _tell_owner(session: Session, owner: Person, code: OneTimeCode, *, now: datetime) -> None:
    notifications.write_to(
        session,
        code.target,
        "account.already_yours",
        once_key=f"already_yours:{code.public_id}",
        facts={},
        url="/sign-in",
        language=owner.language,
        now=now,
    )


def send_again(
    session: Session,
    pending: str,
    purpose: CodePurpose,
    *,
    visit: Visit,
    language: str,
    now: datetime,
    data_key: str,
) -> OneTimeCode:
    """Send a new code in place of one that did not arrive. Raises NothingPending, TooManyKnocks."""
    earlier = queries.pending_code(session, pending, purpose)
    if earlier is None or earlier.used_at is not None or earlier.created_at < now - HOUR:
        raise NothingPending
    return send_code(
        session,
        rules.stored_contact(earlier.target),
        purpose,
        person_id=earlier.person_id,
        payload=earlier.payload,
        visit=visit,
        language=language,
        now=now,
        data_key=data_key,
    )


def _count_code(
    session: Session, contact: Contact, *, visit: Visit, now: datetime, data_key: str
) -> None:
    target = keyed_hash(contact.value, data_key)
    address = keyed_hash(visit.network, data_key)
    for door, key, limit, within in (
        ("code.target", target, CODES_PER_TARGET, HOUR),
        ("code.target_day", target, CODES_PER_TARGET_A_DAY, DAY),
        ("code.address", address, CODES_PER_ADDRESS, HOUR),
    ):
        accounts.knock(session, door, key, limit=limit, within=within, now=now)
