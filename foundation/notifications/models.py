"""What people are told: in the inbox, and through the channels that reach them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, JsonDict, Key, PublicId


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    ZALO = "zalo"


class MessageState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Notification(Base):
    """One line in a person's inbox. `kind` names the sentence, `facts` fill it in, so that it is
    read in the reader's language."""

    __tablename__ = "notifications"
    __table_args__ = (Index("ix_notifications_inbox", "person_id", "id"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    once_key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(64))
    facts: Mapped[JsonDict]
    url: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Message(Base):
    """One message to one address. The key makes a repeated order to send a single message.

    A `secret` one (it carries a code) loses its body once it is sent, failed or too late.
    """

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_waiting", "state", "next_try_at"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    once_key: Mapped[str] = mapped_column(String(120), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    channel: Mapped[Channel]
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(String(300), default="")
    language: Mapped[str] = mapped_column(String(5), default="vi")
    urgent: Mapped[bool] = mapped_column(default=False)
    secret: Mapped[bool] = mapped_column(default=False)
    state: Mapped[MessageState] = mapped_column(default=MessageState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    worthless_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class Preference(Base):
    """By which channel a person wants one group of news; no channel means the inbox alone.
    Whoever never chose has no row."""

    __tablename__ = "notification_preferences"
    __table_args__ = (UniqueConstraint("person_id", "group"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    group: Mapped[str] = mapped_column(String(32))
    channel: Mapped[Channel | None]
