"""Tills: desks, shifts at them, and every đồng that went in or out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.accounts.models import Person
from foundation.db import Base, Dong, JsonDict, Key, PublicId, append_only
from payments.credits.models import Movement
from payments.gateways.cash_desk.rules import EntryKind, ShiftState
from payments.intents.models import Intent
from payments.reconciliation.models import Allocation

__all__ = ["CashDesk", "CashEntry", "CashShift", "EntryKind", "ShiftState"]


class CashDesk(Base):
    """A till. Its public id is its account in the ledger."""

    __tablename__ = "cash_desks"
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(String(60))
    # What the last shift left in it; None before the first.
    left: Mapped[Dong | None]
    created_at: Mapped[datetime]


class CashShift(Base):
    """Somebody's time at a desk, counted at both ends. `notes` are the numbers of banknotes by
    their value."""

    __tablename__ = "cash_shifts"
    __table_args__ = (
        CheckConstraint("opening >= 0", name="opening"),
        CheckConstraint("(state = 'closed') = (closing IS NOT NULL)", name="closed_counted"),
        Index(
            "uq_cash_shifts_open",
            "desk_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_cash_shifts_organisation", "organisation_id", "state", "id"),
        Index("ix_cash_shifts_cashier", "cashier_id", "state"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    desk_id: Mapped[int] = mapped_column(ForeignKey("cash_desks.id"))
    cashier_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[ShiftState] = mapped_column(default=ShiftState.OPEN)
    opened_at: Mapped[datetime]
    opening: Mapped[Dong]
    opening_notes: Mapped[JsonDict]
    opening_reason: Mapped[str] = mapped_column(String(200), default="")
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    closing: Mapped[Dong | None]
    closing_notes: Mapped[JsonDict]
    expected: Mapped[Dong | None]
    closing_reason: Mapped[str] = mapped_column(String(200), default="")

    desk: Mapped[CashDesk] = relationship()
    cashier: Mapped[Person] = relationship(foreign_keys=[cashier_id])
    entries: Mapped[list[CashEntry]] = relationship(
        back_populates="shift", order_by="CashEntry.id", viewonly=True
    )

    @property
    def difference(self) -> int:
        """What a closed shift has too much (positive) or too little."""
        return (self.closing or 0) - (self.expected or 0)


class CashEntry(Base):
    """Money into the till (positive) or out of it. Never changed: a wrong one is undone by
    another. `key` is the form's: sent twice, it is one entry."""

    __tablename__ = "cash_entries"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="something"),
        CheckConstraint("given = 0 OR given >= amount", name="given_enough"),
        UniqueConstraint("shift_id", "key"),
        Index("ix_cash_entries_shift", "shift_id", "id"),
        Index("ix_cash_entries_intent", "intent_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("cash_shifts.id"))
    kind: Mapped[EntryKind]
    amount: Mapped[Dong]
    # What the payer handed over; the rest was given back as change.
    given: Mapped[Dong] = mapped_column(default=0)
    intent_id: Mapped[int | None] = mapped_column(ForeignKey("payment_intents.id"))
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"))
    allocation_id: Mapped[int | None] = mapped_column(ForeignKey("allocations.id"))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("cash_entries.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    key: Mapped[str] = mapped_column(String(60))
    by_person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]

    shift: Mapped[CashShift] = relationship()
    intent: Mapped[Intent | None] = relationship()
    movement: Mapped[Movement | None] = relationship()
    allocation: Mapped[Allocation | None] = relationship()


append_only(CashEntry.__table__)
