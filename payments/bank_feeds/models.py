"""How money is heard of: lines to providers, and the raw inbox of what they sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, JsonDict, Key, PublicId, append_only
from payments.bank_feeds.rules import FeedState, Provider, Result

__all__ = [
    "BankFeed",
    "FeedState",
    "InboxMessage",
    "InboxResult",
    "InboxWaiting",
    "Provider",
    "Result",
]


class BankFeed(Base):
    """An organisation's line to a provider. The public id stands in the address the provider
    calls. While keys are being changed both count; each is encrypted with the data key."""

    __tablename__ = "bank_feeds"
    __table_args__ = (Index("ix_bank_feeds_organisation", "organisation_id", "state"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    provider: Mapped[Provider]
    label: Mapped[str] = mapped_column(String(60), default="")
    key_encrypted: Mapped[str] = mapped_column(String(400))
    old_key_encrypted: Mapped[str | None] = mapped_column(String(400))
    old_key_until: Mapped[datetime | None]
    # For asking the provider what was missed; some need another key for it.
    poll_key_encrypted: Mapped[str | None] = mapped_column(String(400))
    polled_until: Mapped[str] = mapped_column(String(80), default="")
    polled_at: Mapped[datetime | None]
    # Why the last time of asking failed, "" when it did not.
    poll_error: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[FeedState] = mapped_column(default=FeedState.ACTIVE)
    created_at: Mapped[datetime]


class InboxMessage(Base):
    """What a provider sent, byte for byte, whose signature was right. Never changed."""

    __tablename__ = "inbox_messages"
    __table_args__ = (Index("ix_inbox_messages_feed", "feed_id", "id"),)

    id: Mapped[Key]
    feed_id: Mapped[int] = mapped_column(ForeignKey("bank_feeds.id"))
    received_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(60))  # the sender's address
    headers: Mapped[JsonDict]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class InboxWaiting(Base):
    """A message nobody has processed yet; the row goes when its result comes."""

    __tablename__ = "inbox_waiting"

    message_id: Mapped[int] = mapped_column(ForeignKey("inbox_messages.id"), primary_key=True)
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]


class InboxResult(Base):
    """What became of a message; a later row counts more than an earlier one."""

    __tablename__ = "inbox_results"
    __table_args__ = (
        Index("ix_inbox_results_message", "message_id", "id"),
        Index("ix_inbox_results_result", "result", "id"),
    )

    id: Mapped[Key]
    message_id: Mapped[int] = mapped_column(ForeignKey("inbox_messages.id"))
    result: Mapped[Result]
    detail: Mapped[str] = mapped_column(String(400), default="")
    processed_at: Mapped[datetime]


append_only(InboxMessage.__table__)
append_only(InboxResult.__table__)
