"""What became of money that arrived: allocated, kept for its payer, to be given back, not ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, Dong, Key, append_only, public_id_of_many
from payments.reconciliation.rules import AllocationKind

__all__ = ["Allocation", "AllocationKind"]


class Allocation(Base):
    """Some đồng, out of a movement or out of a payer's balance, decided upon. Never changed: a
    row with the negative amount undoes it. `by_person_id` is None where the platform matched."""

    __tablename__ = "allocations"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="something"),
        CheckConstraint("(movement_id IS NULL) <> (from_payer IS NULL)", name="one_source"),
        CheckConstraint("(kind = 'intent') = (intent_id IS NOT NULL)", name="intent_named"),
        CheckConstraint("(kind = 'balance') = (payer IS NOT NULL)", name="payer_named"),
        CheckConstraint("(amount < 0) = (undoes_id IS NOT NULL)", name="undone"),
        Index("ix_allocations_movement", "movement_id", "id"),
        Index("ix_allocations_intent", "intent_id", "id"),
        Index("ix_allocations_payer", "organisation_id", "payer"),
        Index("ix_allocations_from_payer", "organisation_id", "from_payer"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id_of_many()
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"))
    from_payer: Mapped[str | None] = mapped_column(String(80))
    kind: Mapped[AllocationKind]
    intent_id: Mapped[int | None] = mapped_column(ForeignKey("payment_intents.id"))
    payer: Mapped[str | None] = mapped_column(String(80))
    amount: Mapped[Dong]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("allocations.id"), unique=True)
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")
    made_at: Mapped[datetime]


append_only(Allocation.__table__)
