"""The bank accounts at which organisations receive money."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Base, Key, PublicId
from foundation.organisations.models import Organisation
from payments.bank_accounts.rules import State

__all__ = ["BankAccount", "State"]


class BankAccount(Base):
    """An account that was active once stays for good: money may arrive at it years later."""

    __tablename__ = "bank_accounts"
    __table_args__ = (
        Index(
            "uq_bank_accounts_live",
            "bank_bin",
            "number",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
        Index("ix_bank_accounts_organisation", "organisation_id", "state"),
        Index("ix_bank_accounts_number", "number"),
        Index(
            "uq_bank_accounts_main",
            "organisation_id",
            unique=True,
            sqlite_where=text("main"),
            postgresql_where=text("main"),
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    bank_bin: Mapped[str] = mapped_column(String(6))
    number: Mapped[str] = mapped_column(String(19))
    holder: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[State] = mapped_column(default=State.PROPOSED)
    # The one new payments go to; only an active account may be it.
    main: Mapped[bool] = mapped_column(default=False)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(300), default="")  # why it was declined

    organisation: Mapped[Organisation] = relationship()
