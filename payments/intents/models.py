"""What is owed to an organisation: how much, what for, under which reference code."""

from __future__ import annotations

from datetime import datetime
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
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Base, Dong, Key, PublicId
from foundation.organisations.models import Organisation
from foundation.text import fold
from payments.bank_accounts.models import BankAccount
from payments.intents.rules import State

__all__ = ["Intent", "IntentLine", "State"]


class Intent(Base):
    """An amount owed to one payee. `settled` is the sum of its allocations and never exceeds
    `amount`; `excess` is what arrived for it beyond that and waits for a decision; `refunded`
    is what of the settled part is on its way back or was given back."""

    __tablename__ = "payment_intents"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("settled >= 0 AND settled <= amount", name="settled_within"),
        CheckConstraint("refunded >= 0 AND refunded <= settled", name="refunded_within"),
        CheckConstraint("excess >= 0", name="excess"),
        UniqueConstraint("organisation_id", "key"),
        Index("ix_payment_intents_state", "organisation_id", "state", "id"),
        Index("ix_payment_intents_expiry", "state", "expires_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    # Where the QR sends the money. None when the payee has no account yet: cash and cards only.
    bank_account_id: Mapped[int | None] = mapped_column(ForeignKey("bank_accounts.id"))
    reference: Mapped[str] = mapped_column(String(19), unique=True)
    amount: Mapped[Dong]
    settled: Mapped[Dong] = mapped_column(default=0)
    excess: Mapped[Dong] = mapped_column(default=0)
    refunded: Mapped[Dong] = mapped_column(default=0)
    purpose: Mapped[str] = mapped_column(String(120))
    # Whoever owes it, as its owner calls them ("pupil:8k2…"): excess then becomes their balance.
    payer: Mapped[str | None] = mapped_column(String(80))
    payer_name: Mapped[str] = mapped_column(String(120), default="")
    # What lists are searched by: code, purpose and payer, folded.
    sought: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[State] = mapped_column(default=State.OPEN)
    settles_late: Mapped[bool] = mapped_column(default=True)
    # Asking twice with the same key and the same facts gives the same intent.
    key: Mapped[str] = mapped_column(String(120))
    input_hash: Mapped[str] = mapped_column(String(64))
    # Money sent with this code settles the newer intent instead.
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("payment_intents.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str] = mapped_column(String(200), default="")

    organisation: Mapped[Organisation] = relationship()
    bank_account: Mapped[BankAccount | None] = relationship()
    lines: Mapped[list[IntentLine]] = relationship(
        back_populates="intent", order_by="IntentLine.position", cascade="all, delete-orphan"
    )

    @property
    def due(self) -> int:
        """What is still to be paid, in đồng."""
        return self.amount - self.settled


_SOUGHT = {"purpose", "payer_name"}


@event.listens_for(Intent, "before_insert")
def _fold(_mapper: Any, _connection: Any, intent: Intent) -> None:
    intent.sought = fold(f"{intent.reference} {intent.purpose} {intent.payer_name or ''}")


@event.listens_for(Intent, "before_update")
def _fold_again(mapper: Any, connection: Any, intent: Intent) -> None:
    if not _SOUGHT.isdisjoint(inspect(intent).committed_state):
        _fold(mapper, connection, intent)


class IntentLine(Base):
    """What part of an intent is for what: `kind` and `subject` are its owner's words ("order",
    the order's public id)."""

    __tablename__ = "payment_intent_lines"
    __table_args__ = (
        UniqueConstraint("intent_id", "position"),
        Index("ix_payment_intent_lines_subject", "kind", "subject"),
    )

    id: Mapped[Key]
    intent_id: Mapped[int] = mapped_column(ForeignKey("payment_intents.id"))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(160))
    amount: Mapped[Dong]

    intent: Mapped[Intent] = relationship(back_populates="lines")
