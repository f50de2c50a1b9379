"""Statement files that were sent in: the bytes, kept for good, and what became of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from foundation.accounts.models import Person
from foundation.db import Base, Dong, JsonList, Key, PublicId, append_only
from payments.bank_accounts.models import BankAccount
from payments.bank_feeds.statements.rules import State

__all__ = ["State", "StatementFile", "StatementOriginal"]


class StatementOriginal(Base):
    """An upload, byte for byte. Never changed; importing reads it again."""

    __tablename__ = "statement_originals"
    __table_args__ = (UniqueConstraint("organisation_id", "sha256"),)

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    body: Mapped[bytes] = deferred(mapped_column(LargeBinary))


class StatementFile(Base):
    """The statement of one account in an upload. `new_count`, `known_count` and `merged_count`
    are expected until it is imported, then counted."""

    __tablename__ = "statement_files"
    __table_args__ = (
        UniqueConstraint("bank_account_id", "sha256"),
        Index("ix_statement_files_organisation", "organisation_id", "id"),
        Index("ix_statement_files_name", "bank_account_id", "name"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    bank_account_id: Mapped[int] = mapped_column(ForeignKey("bank_accounts.id"))
    original_id: Mapped[int] = mapped_column(ForeignKey("statement_originals.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(160))
    # The account as the file writes it, "" where it does not: which of its sections are meant.
    account_said: Mapped[str] = mapped_column(String(40))
    layout: Mapped[str] = mapped_column(String(400))
    state: Mapped[State] = mapped_column(default=State.PREVIEWED)
    row_count: Mapped[int]
    in_count: Mapped[int]
    total_in: Mapped[Dong]
    total_out: Mapped[Dong]
    opening: Mapped[Dong | None]
    closing: Mapped[Dong | None]
    period_from: Mapped[date]
    period_to: Mapped[date]
    sample: Mapped[JsonList]  # the first rows as they are shown
    new_count: Mapped[int] = mapped_column(default=0)
    known_count: Mapped[int] = mapped_column(default=0)
    merged_count: Mapped[int] = mapped_column(default=0)
    unclear_count: Mapped[int] = mapped_column(default=0)  # a person must look
    matched_count: Mapped[int] = mapped_column(default=0)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    uploaded_at: Mapped[datetime]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    imported_at: Mapped[datetime | None]
    run: Mapped[str | None] = mapped_column(String(14))  # the job's public id

    bank_account: Mapped[BankAccount] = relationship()
    uploaded_by: Mapped[Person | None] = relationship(foreign_keys=[uploaded_by_id])

    @property
    def out_count(self) -> int:
        return self.row_count - self.in_count


append_only(StatementOriginal.__table__)
