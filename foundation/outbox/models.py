"""Facts waiting to be told, and who has heard them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, JsonDict, Key


class OutboxEvent(Base):
    """One fact, stored in the transaction that made it true."""

    __tablename__ = "outbox_events"
    __table_args__ = (Index("ix_outbox_events_waiting", "delivered_at", "next_try_at", "id"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80))
    body: Mapped[JsonDict]
    occurred_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)


class OutboxHearing(Base):
    """One listener has heard one event: written in the listener's own transaction."""

    __tablename__ = "outbox_hearings"
    __table_args__ = (UniqueConstraint("event_id", "listener"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(ForeignKey("outbox_events.id", ondelete="CASCADE"))
    listener: Mapped[str] = mapped_column(String(80))
    heard_at: Mapped[datetime]
