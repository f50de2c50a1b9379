"""What the operator pays out to sellers: batches, their lines, their files, and what is held."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Base, BigInt, Dong, Key, PublicId, append_only
from foundation.organisations.models import Organisation
from payments.credits.models import Movement
from payments.payouts.rules import BatchState, State

__all__ = ["BatchState", "Payout", "PayoutBatch", "PayoutExport", "PayoutHold", "State"]


class PayoutBatch(Base):
    """Transfers made together. `total` and `count` are those it was approved with. The reference
    code stands in the memo of a debit for the whole batch."""

    __tablename__ = "payout_batches"
    __table_args__ = (
        UniqueConstraint("operator_id", "number"),
        Index("ix_payout_batches_state", "operator_id", "state", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    operator_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    number: Mapped[str] = mapped_column(String(24))
    day: Mapped[date]
    reference: Mapped[str] = mapped_column(String(19), unique=True)
    state: Mapped[BatchState] = mapped_column(default=BatchState.DRAFT)
    count: Mapped[int]
    total: Mapped[Dong]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    approved_at: Mapped[datetime | None]
    # The one debit for all lines, where the bank books it so.
    gone_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"), unique=True)

    payouts: Mapped[list[Payout]] = relationship(
        back_populates="batch", order_by="Payout.position", cascade="all, delete-orphan"
    )


class Payout(Base):
    """One transfer to one seller, made at most once. The account is as it was when the batch was
    drawn up. `amount` is what the seller is owed less by it; `net` is what arrives."""

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint("fee >= 0 AND net > 0 AND amount = net + fee", name="adds_up"),
        UniqueConstraint("batch_id", "position"),
        UniqueConstraint("batch_id", "seller_id"),
        Index("ix_payouts_seller", "seller_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batches.id"))
    position: Mapped[int]
    seller_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    amount: Mapped[Dong]
    fee: Mapped[Dong] = mapped_column(default=0)
    net: Mapped[Dong]
    bank_bin: Mapped[str] = mapped_column(String(6))
    account_number: Mapped[str] = mapped_column(String(19))
    holder: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(19), unique=True)
    state: Mapped[State] = mapped_column(default=State.PENDING)
    failure: Mapped[str] = mapped_column(String(200), default="")
    # Out of the operator's account; back to it; into the seller's.
    gone_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"), unique=True)
    back_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"), unique=True)
    arrived_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"), unique=True)
    left_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    batch: Mapped[PayoutBatch] = relationship(back_populates="payouts")
    seller: Mapped[Organisation] = relationship()
    gone: Mapped[Movement | None] = relationship(foreign_keys=[gone_id])
    back: Mapped[Movement | None] = relationship(foreign_keys=[back_id])
    arrived: Mapped[Movement | None] = relationship(foreign_keys=[arrived_id])


class PayoutExport(Base):
    """A file was taken out of a batch. The first is the original, all others are copies."""

    __tablename__ = "payout_exports"
    __table_args__ = (UniqueConstraint("batch_id", "nth"),)

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batches.id"))
    nth: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    by_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    exported_at: Mapped[datetime]


class PayoutHold(Base):
    """Some of what a seller is owed is not paid out for now: a dispute, a recalled card payment.
    Without an amount, none of it is."""

    __tablename__ = "payout_holds"
    __table_args__ = (
        CheckConstraint("amount IS NULL OR amount > 0", name="positive"),
        Index("ix_payout_holds_seller", "seller_id", "lifted_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    seller_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    amount: Mapped[int | None] = mapped_column(BigInt)
    reason: Mapped[str] = mapped_column(String(200))
    placed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    placed_at: Mapped[datetime]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    lifted_at: Mapped[datetime | None]

    seller: Mapped[Organisation] = relationship()


append_only(PayoutExport.__table__)
