"""What the doors of an account are made of: people, sign-ins, codes, and counting who knocks.

The ways in, with their pages and messages, are in entrance/; second_factor/ and profile/ are
beside it.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation import ids
from foundation.accounts import queries, rules
from foundation.accounts.errors import (
    AlreadyRegistered,
    CodeSpent,
    SignInGone,
    TooManyKnocks,
    WrongCode,
)
from foundation.accounts.models import Attempt, CodePurpose, OneTimeCode, Person, SignIn
from foundation.accounts.queries import token_hash
from foundation.accounts.rules import Contact, Visit
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.crypto import keyed_hash, same

SIGN_IN_LASTS: Final = timedelta(days=30)
SEEN_EVERY: Final = timedelta(minutes=10)
CODE_LASTS: Final = timedelta(minutes=10)
CODE_TRIES: Final = 5
FAILURES_REMEMBERED: Final = timedelta(hours=24)
DEVICES_REMEMBERED: Final = timedelta(days=400)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Somebody has just come in: the tokens go into cookies and are stored nowhere else."""

    person: Person
    sign_in: SignIn
    token: str = field(repr=False)
    device_token: str = field(repr=False)
    new_device: bool


# --- people -----------------------------------------------------------------------------------


def create_person(
    session: Session,
    *,
    full_name: str,
    contact: Contact,
    password_hash: str,
    language: str = "vi",
    now: datetime,
    actor: Actor | None = None,
) -> Person:
    """Open an account for somebody whose contact is known to be theirs.

    `actor` is who opened it; left out, the person did. Raises AlreadyRegistered.
    """
    person = Person(
        full_name=rules.read_name(full_name),
        phone=contact.phone,
        email=contact.email,
        password_hash=password_hash,
        language=language,
        created_at=now,
    )
    _keep_unique(session, person)
    audit.record(session, "account.opened", person, actor=actor or Actor.person(person.id), now=now)
    return person


def set_contact(session: Session, person: Person, contact: Contact) -> None:
    """Give a locked person a new phone number or e-mail address, shown to be theirs.

    Raises AlreadyRegistered when it belongs to another account.
    """
    owner = queries.person_by_contact(session, contact)
    if owner is not None and owner.id != person.id:
        raise AlreadyRegistered
    if contact.phone:
        person.phone = contact.phone
    else:
        person.email = contact.email
    _keep_unique(session, person)


def locked(session: Session, person_id: int) -> Person:
    """Return a person whose row nobody else changes until this transaction ends."""
    return session.execute(
        select(Person)
        .where(Person.id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()


def _keep_unique(session: Session, person: Person) -> None:
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()
    except IntegrityError as error:  # somebody was faster with the same contact
        raise AlreadyRegistered from error


# --- sign-ins ---------------------------------------------------------------------------------


def open_sign_in(session: Session, person: Person, *, visit: Visit, now: datetime) -> Entry:
    """Sign a person in on the browser of this visit, replacing the sign-in it held before."""
    device_token = visit.device_token or ids.new_token()
    earlier = session.scalar(select(SignIn.id).where(SignIn.person_id == person.id).limit(1))
    known = queries.knows_device(session, person.id, visit.device_token)
    close_sign_in(session, visit.token, now=now)
    token = ids.new_token()
    sign_in = SignIn(
        person_id=person.id,
        token_hash=token_hash(token),
        device=visit.device,
        device_hash=token_hash(device_token),
        address=visit.place,
        created_at=now,
        last_seen_at=now,
        expires_at=now + SIGN_IN_LASTS,
    )
    session.add(sign_in)
    session.flush()
    new_device = earlier is not None and not known
    if new_device:
        actor = Actor.person(person.id)
        audit.record(session, "sign_in.new_device", sign_in, actor=actor, now=now)
    return Entry(
        person=person,
        sign_in=sign_in,
        token=token,
        device_token=device_token,
        new_device=new_device,
    )


def close_sign_in(session: Session, token: str, *, now: datetime) -> None:
    """End the sign-in with this token; one that is unknown or over changes nothing."""
    if token:
        session.execute(
            update(SignIn)
            .where(SignIn.token_hash == token_hash(token), SignIn.revoked_at.is_(None))
            .values(revoked_at=now)
        )


def pass_second_factor(session: Session, sign_in_id: int, *, now: datetime) -> str:
    """Note that the second factor was shown on this sign-in; return its new token."""
    token = ids.new_token()
    sign_in = session.get_one(SignIn, sign_in_id)
    sign_in.token_hash = token_hash(token)
    sign_in.second_factor_at = now
    return token


def revoke_sign_in(
    session: Session, person_id: int, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """End one of a person's sign-ins. Raises SignInGone when there is none such."""
    sign_in = session.scalar(
        select(SignIn)
        .where(
            SignIn.public_id == public_id,
            SignIn.person_id == person_id,
            SignIn.revoked_at.is_(None),
        )
        .with_for_update()
    )
    if sign_in is None:
        raise SignInGone
    sign_in.revoked_at = now
    audit.record(session, "sign_in.revoked", sign_in, actor=actor, now=now)


def revoke_other_sign_ins(
    session: Session, person: Person, *, keep_id: int | None, actor: Actor, now: datetime
) -> int:
    """End every sign-in of a person but the one to keep. Return how many were ended."""
    others = session.scalars(
        select(SignIn)
        .where(SignIn.person_id == person.id, SignIn.revoked_at.is_(None))
        .with_for_update()
    ).all()
    ended = [one for one in others if one.id != keep_id]
    for one in ended:
        one.revoked_at = now
    if ended:
        audit.record(
            session, "sign_in.others_revoked", person, actor=actor, now=now, count=len(ended)
        )
    return len(ended)


def note_seen(session: Session, sign_in_id: int, *, now: datetime) -> None:
    """Write down that a signed-in browser was seen, at most every ten minutes."""
    session.execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.last_seen_at <= now - SEEN_EVERY)
        .values(last_seen_at=now)
    )


# --- one-time codes ---------------------------------------------------------------------------


def issue_code(
    session: Session,
    target: str,
    purpose: CodePurpose,
    *,
    person_id: int | None = None,
    payload: dict[str, str] | None = None,
    now: datetime,
    data_key: str,
) -> tuple[OneTimeCode, str]:
    """Make a code for a contact; older ones for the same purpose stop working.

    Returns the stored row and the six digits, which are stored nowhere.
    """
    session.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.target == target,
            OneTimeCode.purpose == purpose,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
        )
        .values(expires_at=now)
    )
    digits, public_id = ids.new_code(), ids.new_public_id()
    code = OneTimeCode(
        public_id=public_id,
        person_id=person_id,
        target=target,
        purpose=purpose,
        code_hash=keyed_hash(f"{public_id}:{digits}", data_key),
        payload=payload or {},
        created_at=now,
        expires_at=now + CODE_LASTS,
    )
    session.add(code)
    session.flush()
    return code, digits


def redeem_code(
    session: Session,
    public_id: str,
    purpose: CodePurpose,
    typed: str,
    *,
    now: datetime,
    data_key: str,
) -> OneTimeCode | WrongCode | CodeSpent:
    """Use a code up, once. A refusal is returned, not raised, so that the try stays counted."""
    code = session.scalar(
        select(OneTimeCode)
        .where(OneTimeCode.public_id == public_id, OneTimeCode.purpose == purpose)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if code is None or code.used_at or code.expires_at <= now or code.tries >= CODE_TRIES:
        return CodeSpent()
    code.tries += 1
    digits = "".join(letter for letter in typed if letter.isdecimal())
    if not same(code.code_hash, keyed_hash(f"{public_id}:{digits}", data_key)):
        return CodeSpent() if code.tries >= CODE_TRIES else WrongCode()
    code.used_at = now
    return code


# --- counting knocks --------------------------------------------------------------------------


def knock(
    session: Session, door: str, key: str, *, limit: int, within: timedelta, now: datetime
) -> Attempt:
    """Count one knock on a door; at most `limit` are let through in any span of `within`.

    `key` says whose knocks are counted together. It is hashed here; a phone or an address is to
    be put through crypto.keyed_hash before. Raises TooManyKnocks, with the seconds to wait.
    """
    hashed = _line_up(session, door, key)
    count, oldest = session.execute(
        select(func.count(), func.min(Attempt.at)).where(
            Attempt.door == door, Attempt.key_hash == hashed, Attempt.at > now - within
        )
    ).one()
    if count >= limit:
        seconds = max(1, math.ceil((oldest + within - now).total_seconds()))
        raise TooManyKnocks(retry_after=seconds, minutes=math.ceil(seconds / 60))
    attempt = Attempt(door=door, key_hash=hashed, at=now)
    session.add(attempt)
    return attempt


def is_paused(session: Session, door: str, key: str, *, now: datetime) -> bool:
    """Say whether a door stays shut for a while after failures in a row (rules.pause_after)."""
    hashed = _line_up(session, door, key)
    count, latest = session.execute(
        select(func.count(), func.max(Attempt.at)).where(
            Attempt.door == door,
            Attempt.key_hash == hashed,
            Attempt.at > now - FAILURES_REMEMBERED,
        )
    ).one()
    return latest is not None and now < latest + rules.pause_after(count)


def note_failure(session: Session, door: str, key: str, *, now: datetime) -> None:
    """Count one failure at a door that is_paused() guards."""
    session.add(Attempt(door=door, key_hash=_hashed(key), at=now))


def forgive(session: Session, door: str, key: str) -> None:
    """Forget the failures at a door: the right key has been shown."""
    session.execute(delete(Attempt).where(Attempt.door == door, Attempt.key_hash == _hashed(key)))


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _line_up(session: Session, door: str, key: str) -> str:
    """Let those who knock with the same key count one after the other, until the transaction
    ends; SQLite has one writer anyway. Return the hashed key."""
    hashed = _hashed(key)
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(f"{door}:{key}".encode()).digest()[:8], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))
    return hashed


# --- keeping house ----------------------------------------------------------------------------


def forget(session: Session, *, now: datetime) -> int:
    """Delete knocks and codes older than a day and sign-ins whose device need not be known any
    more. Return how many rows went."""
    stale = (
        delete(Attempt).where(Attempt.at < now - FAILURES_REMEMBERED),
        delete(OneTimeCode).where(OneTimeCode.expires_at < now - FAILURES_REMEMBERED),
        delete(SignIn).where(SignIn.expires_at < now - DEVICES_REMEMBERED),
    )
    return sum(session.execute(statement).rowcount for statement in stale)  # type: ignore[attr-defined]
