"""Reading people and their sign-ins."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.accounts.models import CodePurpose, OneTimeCode, Person, SignIn
from foundation.accounts.rules import Contact


def token_hash(token: str) -> str:
    """Return what is stored of a token: it is long and random, so a plain hash will do."""
    return hashlib.sha256(token.encode()).hexdigest()


def holder_of(session: Session, token: str, *, now: datetime) -> tuple[Person, SignIn] | None:
    """Return who holds this sign-in token, None when it is unknown, revoked or too old."""
    found = session.execute(
        select(Person, SignIn)
        .join(SignIn, SignIn.person_id == Person.id)
        .where(
            SignIn.token_hash == token_hash(token),
            SignIn.revoked_at.is_(None),
            SignIn.expires_at > now,
            Person.blocked_at.is_(None),
        )
    ).one_or_none()
    return (found[0], found[1]) if found else None


def person(session: Session, person_id: int) -> Person:
    """Return a person known to exist."""
    return session.get_one(Person, person_id)


def person_by_public_id(session: Session, public_id: str) -> Person | None:
    """Return the person with this public id, None when there is none."""
    return session.scalar(select(Person).where(Person.public_id == public_id))


def person_by_contact(session: Session, contact: Contact) -> Person | None:
    """Return whose phone number or e-mail address this is, None when nobody's."""
    if contact.phone:
        return session.scalar(select(Person).where(Person.phone == contact.phone))
    return session.scalar(select(Person).where(Person.email == contact.value))


def names_of(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    """Return the full names of these people, by id, in one statement."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    rows = session.execute(select(Person.id, Person.full_name).where(Person.id.in_(wanted)))
    return {row.id: row.full_name for row in rows}


def sign_ins_of(session: Session, person_id: int, *, now: datetime) -> Sequence[SignIn]:
    """Return where a person is signed in just now, the one last seen first."""
    return session.scalars(
        select(SignIn)
        .where(
            SignIn.person_id == person_id,
            SignIn.revoked_at.is_(None),
            SignIn.expires_at > now,
        )
        .order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())
    ).all()


def knows_device(session: Session, person_id: int, device_token: str) -> bool:
    """Say whether a person has been signed in with this browser before."""
    return bool(device_token) and (
        session.scalar(
            select(SignIn.id)
            .where(SignIn.person_id == person_id, SignIn.device_hash == token_hash(device_token))
            .limit(1)
        )
        is not None
    )


def pending_code(session: Session, public_id: str, purpose: CodePurpose) -> OneTimeCode | None:
    """Return the code a page is waiting for, None when it is not of this purpose."""
    return session.scalar(
        select(OneTimeCode).where(
            OneTimeCode.public_id == public_id, OneTimeCode.purpose == purpose
        )
    )
