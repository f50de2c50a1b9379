"""The tenants: who they are, who works for them, and how the authority judged them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.db import Base, Key, PublicId, SortKey
from foundation.organisations.rules import Kind, Paper, Role, State
from foundation.storage.models import StoredFile

__all__ = [
    "Invitation",
    "Kind",
    "Membership",
    "Organisation",
    "OrganisationDocument",
    "Paper",
    "Role",
    "State",
]


class Organisation(Base):
    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint(
            "tax_code IS NULL OR personal_number_hash IS NULL", name="one_tax_identity"
        ),
        Index("ix_organisations_state_kind", "state", "kind", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[Kind]
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    name: Mapped[str] = mapped_column(String(160))
    sort_key: Mapped[SortKey]
    fold_key: Mapped[str] = mapped_column(String(200), index=True)
    tax_code: Mapped[str | None] = mapped_column(String(14), unique=True)
    # The 12-digit personal number: encrypted, with a keyed hash to find a second account by.
    personal_number_encrypted: Mapped[str | None] = mapped_column(String(255))
    personal_number_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    personal_number_masked: Mapped[str | None] = mapped_column(String(16))
    representative: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(16), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    commune_code: Mapped[str | None] = mapped_column(ForeignKey("admin_units.code"), index=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    # The address as it read when it was given: units change their names, papers do not.
    printed_address: Mapped[str] = mapped_column(String(400), default="")
    story: Mapped[str] = mapped_column(Text, default="")
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    demo: Mapped[bool] = mapped_column(default=False)
    review_note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]

    logo: Mapped[StoredFile | None] = relationship(foreign_keys=[logo_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy reads it once


class OrganisationDocument(Base):
    """A paper that belongs to an application: licence, decision, identity card."""

    __tablename__ = "organisation_documents"

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    paper: Mapped[Paper] = mapped_column(default=Paper.OTHER)
    title: Mapped[str] = mapped_column(String(120))
    added_at: Mapped[datetime]

    file: Mapped[StoredFile] = relationship()


class Membership(Base):
    """A person works for an organisation in one role."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("organisation_id", "person_id"),)

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[Role]
    since: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()


class Invitation(Base):
    """Somebody is asked, by phone number, to work for an organisation."""

    __tablename__ = "invitations"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    phone: Mapped[str] = mapped_column(String(16), index=True)
    role: Mapped[Role]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
