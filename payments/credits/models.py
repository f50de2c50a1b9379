"""Movements of money: one row for each real one, however often and by whom it was told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    inspect,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Base, Dong, Key, append_only, public_id_of_many
from payments.bank_accounts.models import BankAccount
from payments.credits import rules
from payments.credits.rules import Channel, Direction, Outcome, State, Told

__all__ = [
    "Channel",
    "Direction",
    "Movement",
    "Outcome",
    "State",
    "TellingDecision",
    "Told",
    "ToldMovement",
]


class Movement(Base):
    """Money that came in or went out, once. `allocated` is the sum of what was decided about it,
    by itself or by a person; `frozen` is what the bank has recalled; the rest of a movement in
    waits in suspense. `bank_reference` is tidied for comparing; its tellings hold it as told."""

    __tablename__ = "movements"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint(
            "allocated >= 0 AND frozen >= 0 AND allocated + frozen <= amount",
            name="allocated_within",
        ),
        Index(
            "ix_movements_reference", "bank_account_id", "direction", "bank_reference", "occurrence"
        ),
        Index("ix_movements_alike", "bank_account_id", "direction", "amount", "booked_on"),
        Index("ix_movements_state", "organisation_id", "direction", "state", "id"),
        Index("ix_movements_day", "organisation_id", "booked_on", "id"),
        Index(
            "uq_movements_key",
            "key",
            unique=True,
            sqlite_where=text("key IS NOT NULL"),
            postgresql_where=text("key IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id_of_many()
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    channel: Mapped[Channel] = mapped_column(default=Channel.BANK)
    direction: Mapped[Direction]
    bank_account_id: Mapped[int | None] = mapped_column(ForeignKey("bank_accounts.id"))
    # The ledger account that holds the money, where it is not a bank account: the desk, the card
    # provider, the courier.
    holder: Mapped[str] = mapped_column(String(120), default="")
    # What makes a movement that no bank told of the only one: "cash:<receipt>".
    key: Mapped[str | None] = mapped_column(String(120))
    amount: Mapped[Dong]
    allocated: Mapped[Dong] = mapped_column(default=0)
    frozen: Mapped[Dong] = mapped_column(default=0)
    booked_on: Mapped[date]
    happened_at: Mapped[datetime | None]
    heard_at: Mapped[datetime]
    bank_reference: Mapped[str] = mapped_column(String(80), default="")
    occurrence: Mapped[int] = mapped_column(default=1)
    memo: Mapped[str] = mapped_column(Text, default="")
    counter_name: Mapped[str] = mapped_column(String(160), default="")
    counter_account: Mapped[str] = mapped_column(String(40), default="")
    # What lists are searched by: memo, payer and reference as rules.sought folds them.
    sought: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[State] = mapped_column(default=State.WAITING)
    outcome: Mapped[Outcome] = mapped_column(default=Outcome.NEW)
    # What matching found it to be for, also where it could not be allocated to it.
    about_intent_id: Mapped[int | None] = mapped_column(ForeignKey("payment_intents.id"))
    # The movement with which the bank took this one back.
    taken_back_by_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"))

    bank_account: Mapped[BankAccount | None] = relationship()

    @property
    def waiting(self) -> int:
        """What nobody has decided about yet, in đồng."""
        return self.amount - self.allocated - self.frozen


_SOUGHT = {"memo", "counter_name", "bank_reference"}


@event.listens_for(Movement, "before_insert")
def _fold(_mapper: Any, _connection: Any, movement: Movement) -> None:
    movement.sought = rules.sought(
        movement.memo or "", movement.counter_name or "", movement.bank_reference or ""
    )


@event.listens_for(Movement, "before_update")
def _fold_again(mapper: Any, connection: Any, movement: Movement) -> None:
    # Matching changes thousands of rows and none of these: it is not made to fold them.
    if not _SOUGHT.isdisjoint(inspect(movement).committed_state):
        _fold(mapper, connection, movement)


class ToldMovement(Base):
    """One telling of a movement, kept for good. Without a movement while a person must look."""

    __tablename__ = "told_movements"
    __table_args__ = (
        UniqueConstraint("bank_account_id", "source_kind", "told_id"),
        Index("ix_told_movements_movement", "movement_id", "source"),
    )

    id: Mapped[Key]
    movement_id: Mapped[int | None] = mapped_column(ForeignKey("movements.id"))
    bank_account_id: Mapped[int] = mapped_column(ForeignKey("bank_accounts.id"))
    source_kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(40))
    told_id: Mapped[str] = mapped_column(String(120))
    origin: Mapped[str] = mapped_column(String(60))
    told: Mapped[Told]
    direction: Mapped[Direction]
    amount: Mapped[Dong]
    booked_on: Mapped[date]
    bank_reference: Mapped[str] = mapped_column(String(80), default="")
    memo: Mapped[str] = mapped_column(Text, default="")
    heard_at: Mapped[datetime]


append_only(ToldMovement.__table__)


class TellingDecision(Base):
    """Which movement a person found an unclear telling to be about, in place of the column that
    cannot be filled in any more. Never changed."""

    __tablename__ = "telling_decisions"
    __table_args__ = (Index("ix_telling_decisions_movement", "movement_id"),)

    id: Mapped[Key]
    told_movement_id: Mapped[int] = mapped_column(ForeignKey("told_movements.id"), unique=True)
    movement_id: Mapped[int] = mapped_column(ForeignKey("movements.id"))
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime]


append_only(TellingDecision.__table__)
