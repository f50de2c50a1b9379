"""Reading people and their sign-ins."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.accounts.models import Person, SignIn


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
