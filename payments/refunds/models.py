"""Money on its way back to whoever paid it, and every attempt to send it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Base, Dong, Key, PublicId
from foundation.organisations.models import Organisation
from payments.credits.models import Movement
from payments.intents.models import Intent
from payments.refunds.rules import Means, Source, State

__all__ = ["Means", "Refund", "RefundAttempt", "Source", "State"]


class Refund(Base):
    """From the moment it is asked for, its amount is set aside: nobody else can spend it. The
    reference code is the memo of the transfer, by which its debit is recognised."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint(
            "(source = 'movement') = (movement_id IS NOT NULL)"
            " AND (source = 'intent') = (intent_id IS NOT NULL)"
            " AND (source = 'balance') = (payer IS NOT NULL)",
            name="one_source",
        ),
        CheckConstraint("(means = 'bank') = (account_number <> '')", name="account_named"),
        UniqueConstraint("organisation_id", "key"),
        Index("ix_refunds_state", "organisation_id", "state", "id"),
        Index("ix_refunds_movement", "movement_id"),
        Index("ix_refunds_intent", "intent_id"),
        Index("ix_refunds_authority", "asks_authority", "state", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    source: Mapped[Source]
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"))
    intent_id: Mapped[int | None] = mapped_column(ForeignKey("payment_intents.id"))
    payer: Mapped[str | None] = mapped_column(String(80))
    # What set the amount aside, where it came out of a movement or a balance.
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("allocations.id"), unique=True)
    amount: Mapped[Dong]
    means: Mapped[Means]
    bank_bin: Mapped[str] = mapped_column(String(6), default="")
    account_number: Mapped[str] = mapped_column(String(19), default="")
    holder: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(19), unique=True)
    state: Mapped[State] = mapped_column(default=State.REQUESTED)
    # Nobody else in the organisation may approve, and the amount is above the limit.
    asks_authority: Mapped[bool] = mapped_column(default=False)
    key: Mapped[str] = mapped_column(String(120))
    input_hash: Mapped[str] = mapped_column(String(64))
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    requested_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    movement: Mapped[Movement | None] = relationship()
    intent: Mapped[Intent | None] = relationship()
    attempts: Mapped[list[RefundAttempt]] = relationship(
        back_populates="refund", order_by="RefundAttempt.number", cascade="all, delete-orphan"
    )

    @property
    def attempt(self) -> RefundAttempt | None:
        """The latest attempt to send it, None before it was approved."""
        return self.attempts[-1] if self.attempts else None


class RefundAttempt(Base):
    """One try to send a refund. Its public id is stored before anything leaves, and is the key
    under which a card provider is asked: asked twice, it pays once."""

    __tablename__ = "refund_attempts"
    __table_args__ = (UniqueConstraint("refund_id", "number"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    refund_id: Mapped[int] = mapped_column(ForeignKey("refunds.id"))
    number: Mapped[int]
    began_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(200), default="")
    # The debit with which it left, and the credit with which the bank sent it back.
    gone_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"), unique=True)
    back_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"), unique=True)

    refund: Mapped[Refund] = relationship(back_populates="attempts")
    gone: Mapped[Movement | None] = relationship(foreign_keys=[gone_id])
    back: Mapped[Movement | None] = relationship(foreign_keys=[back_id])
