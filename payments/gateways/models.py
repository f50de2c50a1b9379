"""Card payments, and what their providers told of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Base, Dong, JsonDict, Key, PublicId, append_only
from payments.credits.models import Movement
from payments.gateways.rules import OPEN_SQL, About, ChargeState
from payments.intents.models import Intent

__all__ = ["About", "CardCharge", "ChargeState", "ProviderEvent"]


class CardCharge(Base):
    """One payment at a card provider, for one intent. `key` was stored before the provider heard
    of it. The movement is there from the moment the money was, whatever became of the intent."""

    __tablename__ = "card_charges"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("received >= 0 AND refunded >= 0", name="not_negative"),
        UniqueConstraint("provider", "provider_id"),
        # Two open pages of one payer are one payment at the provider.
        Index(
            "uq_card_charges_open",
            "intent_id",
            "provider",
            unique=True,
            sqlite_where=text(OPEN_SQL),
            postgresql_where=text(OPEN_SQL),
        ),
        Index("ix_card_charges_intent", "intent_id", "id"),
        Index("ix_card_charges_due", "state", "next_ask_at"),
        Index("ix_card_charges_organisation", "organisation_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    # Who holds the money until it is paid out to the organisation.
    operator_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    intent_id: Mapped[int] = mapped_column(ForeignKey("payment_intents.id"))
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"), unique=True)
    provider: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(60), unique=True)
    provider_id: Mapped[str | None] = mapped_column(String(100))
    amount: Mapped[Dong]
    received: Mapped[Dong] = mapped_column(default=0)
    refunded: Mapped[Dong] = mapped_column(default=0)
    state: Mapped[ChargeState] = mapped_column(default=ChargeState.CREATED)
    failure: Mapped[str] = mapped_column(String(60), default="")
    agreed_at: Mapped[datetime | None]
    disputed_at: Mapped[datetime | None]
    asks: Mapped[int] = mapped_column(default=0)
    next_ask_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    intent: Mapped[Intent] = relationship()
    movement: Mapped[Movement | None] = relationship()


class ProviderEvent(Base):
    """What a provider told us, byte for byte, once for each of its own ids. Never changed."""

    __tablename__ = "provider_events"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        Index("ix_provider_events_payment", "provider", "provider_id"),
    )

    id: Mapped[Key]
    provider: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(80))
    about: Mapped[About]
    provider_id: Mapped[str] = mapped_column(String(100), default="")
    charge: Mapped[str] = mapped_column(String(14), default="")
    received_at: Mapped[datetime]
    headers: Mapped[JsonDict]
    body: Mapped[bytes] = mapped_column(LargeBinary)


append_only(ProviderEvent.__table__)
