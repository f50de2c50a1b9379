"""The second factor: setting it up, showing it after signing in, and doing without it again.

A wrong code is returned, not raised, so that the failed try stays counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from foundation.accounts import rules as account_rules
from foundation.accounts import service as accounts
from foundation.accounts.errors import WrongPassword
from foundation.accounts.models import Person
from foundation.accounts.second_factor import rules
from foundation.accounts.second_factor.errors import AlreadyOn, NotOn, WrongSecondFactor
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.crypto import decrypt, encrypt
from foundation.notifications import service as notifications

DOOR = "second_factor"


@dataclass(frozen=True, kw_only=True)
class SetUp:
    """It is on: the new token of this sign-in, and the recovery codes, shown this once."""

    token: str = field(repr=False)
    recovery_codes: list[str] = field(repr=False)


def begin(session: Session, person_id: int, *, data_key: str) -> None:
    """Make a secret for an authenticator, which counts once a code of it was shown.

    Raises AlreadyOn.
    """
    person = accounts.locked(session, person_id)
    if person.totp_confirmed_at is not None:
        raise AlreadyOn
    person.totp_secret_encrypted = encrypt(rules.new_secret(), data_key)
    person.totp_last_step = None


def secret_of(person: Person, data_key: str) -> str | None:
    """Return the secret to show while it is being set up, None before and after."""
    if person.totp_secret_encrypted is None or person.totp_confirmed_at is not None:
        return None
    return decrypt(person.totp_secret_encrypted, data_key)


def confirm(
    session: Session,
    person_id: int,
    sign_in_id: int,
    typed: str,
    *,
    actor: Actor,
    now: datetime,
    data_key: str,
) -> SetUp | WrongSecondFactor:
    """Turn the second factor on with a first code; this sign-in has passed it then.

    Raises AlreadyOn, or NotOn when no secret was made.
    """
    person = accounts.locked(session, person_id)
    if person.totp_confirmed_at is not None:
        raise AlreadyOn
    if person.totp_secret_encrypted is None:
        raise NotOn
    if not _code_fits(person, typed, now=now, data_key=data_key):
        return WrongSecondFactor()
    person.totp_confirmed_at = now
    codes = _keep_recovery_codes(person, data_key)
    audit.record(session, "second_factor.on", person, actor=actor, now=now)
    _tell(session, person, "account.second_factor_on", now=now, at=now)
    token = accounts.pass_second_factor(session, sign_in_id, now=now)
    return SetUp(token=token, recovery_codes=codes)


def verify(
    session: Session,
    person_id: int,
    sign_in_id: int,
    typed: str,
    *,
    actor: Actor,
    now: datetime,
    data_key: str,
) -> str | WrongSecondFactor:
    """Take a code of the authenticator, or a recovery code, which is used up by it.

    Returns the new token of this sign-in. Raises NotOn.
    """
    person = _with_it_on(session, person_id)
    if accounts.is_paused(session, DOOR, str(person.id), now=now):
        return WrongSecondFactor()
    if not _code_fits(person, typed, now=now, data_key=data_key):
        if not _use_recovery_code(person, typed, data_key):
            accounts.note_failure(session, DOOR, str(person.id), now=now)
            return WrongSecondFactor()
        left = len(_hashes(person))
        audit.record(session, "second_factor.recovery_code", person, actor=actor, now=now)
        _tell(session, person, "account.recovery_code_used", now=now, at=now, left=left)
    accounts.forgive(session, DOOR, str(person.id))
    return accounts.pass_second_factor(session, sign_in_id, now=now)


def switch_off(
    session: Session,
    person_id: int,
    password: str,
    typed: str,
    *,
    actor: Actor,
    now: datetime,
    data_key: str,
) -> WrongPassword | WrongSecondFactor | None:
    """Do without the second factor again: needs the password and a code. None when done.

    Raises NotOn.
    """
    person = _with_it_on(session, person_id)
    if refusal := _refuse(session, person, password, typed, now=now, data_key=data_key):
        return refusal
    person.totp_secret_encrypted = None
    person.totp_confirmed_at = None
    person.totp_last_step = None
    person.recovery_code_hashes = None
    audit.record(session, "second_factor.off", person, actor=actor, now=now)
    _tell(session, person, "account.second_factor_off", now=now, at=now)
    return None


def renew_recovery_codes(
    session: Session,
    person_id: int,
    password: str,
    typed: str,
    *,
    actor: Actor,
    now: datetime,
    data_key: str,
) -> list[str] | WrongPassword | WrongSecondFactor:
    """Make ten new recovery codes in place of the old ones: needs the password and a code.

    Raises NotOn.
    """
    person = _with_it_on(session, person_id)
    if refusal := _refuse(session, person, password, typed, now=now, data_key=data_key):
        return refusal
    audit.record(session, "second_factor.recovery_codes", person, actor=actor, now=now)
    return _keep_recovery_codes(person, data_key)


def recovery_codes_left(person: Person) -> int:
    """Return how many recovery codes have not been used."""
    return len(_hashes(person))


def _with_it_on(session: Session, person_id: int) -> Person:
    person = accounts.locked(session, person_id)
    if person.totp_confirmed_at is None:
        raise NotOn
    return person


def _refuse(
    session: Session, person: Person, password: str, typed: str, *, now: datetime, data_key: str
) -> WrongPassword | WrongSecondFactor | None:
    key = str(person.id)
    paused = accounts.is_paused(session, DOOR, key, now=now)
    if paused or not account_rules.password_matches(person.password_hash, password):
        if not paused:
            accounts.note_failure(session, DOOR, key, now=now)
        return WrongPassword()
    if not _code_fits(person, typed, now=now, data_key=data_key):
        accounts.note_failure(session, DOOR, key, now=now)
        return WrongSecondFactor()
    accounts.forgive(session, DOOR, key)
    return None


def _code_fits(person: Person, typed: str, *, now: datetime, data_key: str) -> bool:
    """Say whether a code of the authenticator was typed; the same one does not fit again."""
    secret = decrypt(person.totp_secret_encrypted or "", data_key)
    step = rules.matching_step(secret, typed, now=now, after=person.totp_last_step)
    if step is None:
        return False
    person.totp_last_step = step
    return True


def _keep_recovery_codes(person: Person, data_key: str) -> list[str]:
    codes = rules.new_recovery_codes()
    person.recovery_code_hashes = " ".join(rules.recovery_hash(code, data_key) for code in codes)
    return codes


def _use_recovery_code(person: Person, typed: str, data_key: str) -> bool:
    hashes, used = _hashes(person), rules.recovery_hash(typed, data_key)
    if used not in hashes:
        return False
    person.recovery_code_hashes = " ".join(one for one in hashes if one != used)
    return True


def _hashes(person: Person) -> list[str]:
    return (person.recovery_code_hashes or "").split()


def _tell(session: Session, person: Person, kind: str, *, now: datetime, **facts: object) -> None:
    notifications.tell(
        session,
        person.id,
        kind,
        once_key=f"{kind}:{now.timestamp():.6f}",
        facts=facts,
        url="/account",
        now=now,
    )
