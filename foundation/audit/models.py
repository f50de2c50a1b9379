"""Who did what to which row, when and why. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, BigInt, JsonDict, Key, append_only


class AuditEntry(Base):
    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject", "subject_kind", "subject_id", "id"),
        Index("ix_audit_entries_organisation", "organisation_id", "id"),
    )

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(64))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    organisation_id: Mapped[int | None] = mapped_column(BigInt)
    subject_kind: Mapped[str] = mapped_column(String(48))
    subject_id: Mapped[int] = mapped_column(BigInt)
    facts: Mapped[JsonDict]
    request_id: Mapped[str | None] = mapped_column(String(36))


append_only(AuditEntry.__table__)
