"""People, the devices they are signed in on, and the codes sent to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, JsonDict, Key, PublicId


class CodePurpose(StrEnum):
    SIGN_UP = "sign_up"
    SIGN_IN = "sign_in"
    RESET = "reset"
    CHANGE_CONTACT = "change_contact"


class Person(Base):
    """Somebody with an account. `phone` is in the form of foundation.identity, e-mail in lower
    case; at least one of them is there."""

    __tablename__ = "people"
    __table_args__ = (CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="reachable"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    full_name: Mapped[str] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(16), unique=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(160))
    language: Mapped[str] = mapped_column(String(5), default="vi")
    totp_secret_encrypted: Mapped[str | None] = mapped_column(String(255))
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None]
    recovery_code_hashes: Mapped[str | None] = mapped_column(String(2000))
    blocked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class SignIn(Base):
    """One signed-in device. The cookie holds the token; only its hash is here."""

    __tablename__ = "sign_ins"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(200), default="")
    # The long-lived cookie of the browser, hashed: a sign-in with another one is a new device.
    device_hash: Mapped[str] = mapped_column(String(64), default="")
    # Masked before it is stored: 113.161.•.•
    address: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    second_factor_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class OneTimeCode(Base):
    """A code sent to a phone or an e-mail address: six digits, hashed, few tries, short life.

    `payload` holds what will be done once it is confirmed: the name and password hash of a new
    account. `person_id` is who wants a new contact, where that is known.
    """

    __tablename__ = "one_time_codes"
    __table_args__ = (Index("ix_one_time_codes_target", "target", "purpose", "id"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    target: Mapped[str] = mapped_column(String(254))
    purpose: Mapped[CodePurpose]
    code_hash: Mapped[str] = mapped_column(String(160))
    payload: Mapped[JsonDict]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Attempt(Base):
    """One knock on a guarded door (sign-in, code, look-up), counted to slow guessing down."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_door", "door", "key_hash", "at"),)

    id: Mapped[Key]
    door: Mapped[str] = mapped_column(String(32))
    key_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
