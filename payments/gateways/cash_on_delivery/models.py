"""Couriers, what they collect for sellers, and what they handed over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Base, Dong, Key, PublicId, append_only
from foundation.organisations.models import Organisation
from payments.credits.models import Movement
from payments.gateways.cash_on_delivery.rules import CodState, HandedBy
from payments.intents.models import Intent

__all__ = ["CodCollection", "CodHandover", "CodHandoverLine", "CodState", "Courier", "HandedBy"]


class Courier(Base):
    """Somebody who delivers and collects. The public id is the account in the operator's books."""

    __tablename__ = "couriers"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    phone: Mapped[str] = mapped_column(String(16), default="")
    created_at: Mapped[datetime]


class CodCollection(Base):
    """Money to be collected with a parcel. `handed` is what of it reached the operator."""

    __tablename__ = "cod_collections"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("handed >= 0 AND handed <= amount", name="handed_within"),
        UniqueConstraint("organisation_id", "key"),
        Index("ix_cod_collections_courier", "courier_id", "state", "id"),
        Index("ix_cod_collections_organisation", "organisation_id", "state", "id"),
        Index("ix_cod_collections_intent", "intent_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    # Who is handed the money, and owes it to the organisation.
    operator_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    intent_id: Mapped[int] = mapped_column(ForeignKey("payment_intents.id"))
    courier_id: Mapped[int] = mapped_column(ForeignKey("couriers.id"))
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"), unique=True)
    parcel: Mapped[str] = mapped_column(String(40), default="")
    amount: Mapped[Dong]
    handed: Mapped[Dong] = mapped_column(default=0)
    state: Mapped[CodState] = mapped_column(default=CodState.OWED)
    # The day by which the courier has to hand it over.
    due_on: Mapped[date]
    key: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    collected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    close_reason: Mapped[str] = mapped_column(String(200), default="")

    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    intent: Mapped[Intent] = relationship()
    courier: Mapped[Courier] = relationship()
    movement: Mapped[Movement | None] = relationship()

    @property
    def left(self) -> int:
        """What the courier still holds of what was collected."""
        collected = self.state in (CodState.COLLECTED, CodState.HANDED_OVER)
        return self.amount - self.handed if collected else 0


class CodHandover(Base):
    """A courier handed money over. `owed` is what the parcels chosen for it came to: where less
    was received, the rest stays owed. Never changed."""

    __tablename__ = "cod_handovers"
    __table_args__ = (
        CheckConstraint("received > 0 AND received <= owed", name="within"),
        UniqueConstraint("operator_id", "key"),
        Index("ix_cod_handovers_courier", "courier_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    operator_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    courier_id: Mapped[int] = mapped_column(ForeignKey("couriers.id"))
    received: Mapped[Dong]
    owed: Mapped[Dong]
    handed_by: Mapped[HandedBy]
    note: Mapped[str] = mapped_column(String(200), default="")
    key: Mapped[str] = mapped_column(String(60))
    by_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]

    courier: Mapped[Courier] = relationship()
    lines: Mapped[list[CodHandoverLine]] = relationship(
        back_populates="handover", order_by="CodHandoverLine.id"
    )


class CodHandoverLine(Base):
    """Which collection some of the money handed over was for. Never changed."""

    __tablename__ = "cod_handover_lines"
    __table_args__ = (UniqueConstraint("handover_id", "collection_id"),)

    id: Mapped[Key]
    handover_id: Mapped[int] = mapped_column(ForeignKey("cod_handovers.id"))
    collection_id: Mapped[int] = mapped_column(ForeignKey("cod_collections.id"), index=True)
    amount: Mapped[Dong]

    handover: Mapped[CodHandover] = relationship(back_populates="lines")
    collection: Mapped[CodCollection] = relationship()


append_only(CodHandover.__table__)
append_only(CodHandoverLine.__table__)
