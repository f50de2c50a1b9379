"""OCOP certificates: a decision, its stars, the products it covers, and when it lapses."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalog.ocop.rules import IssuerLevel, State
from catalog.products.models import Product
from foundation.db import Base, Key, PublicId
from foundation.organisations.models import Organisation
from foundation.storage.models import StoredFile

__all__ = ["Certificate", "CertificateProduct", "IssuerLevel", "LapseWarning", "State"]


class Certificate(Base):
    """The badge shows while the state is verified and `issued_on <= today < lapses_on`."""

    __tablename__ = "ocop_certificates"
    __table_args__ = (
        CheckConstraint("stars BETWEEN 3 AND 5", name="stars_shown"),
        CheckConstraint("lapses_on > issued_on", name="lapses_later"),
        Index("ix_ocop_certificates_organisation", "organisation_id", "state"),
        Index("ix_ocop_certificates_lapses", "state", "lapses_on"),
        Index("ix_ocop_certificates_scan", "scan_sha256"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    decision_number: Mapped[str] = mapped_column(String(60))
    issuer_level: Mapped[IssuerLevel]
    issuer: Mapped[str] = mapped_column(String(160))
    stars: Mapped[int]
    issued_on: Mapped[date]
    lapses_on: Mapped[date]
    scan_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    scan_sha256: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[State] = mapped_column(default=State.DRAFT)
    review_note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship()
    scan: Mapped[StoredFile | None] = relationship()
    covers: Mapped[list[CertificateProduct]] = relationship(
        back_populates="certificate", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy reads it once


class CertificateProduct(Base):
    """A certificate covers a product."""

    __tablename__ = "ocop_certificate_products"
    __table_args__ = (UniqueConstraint("certificate_id", "product_id"),)

    id: Mapped[Key]
    certificate_id: Mapped[int] = mapped_column(ForeignKey("ocop_certificates.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)

    certificate: Mapped[Certificate] = relationship(back_populates="covers")
    product: Mapped[Product] = relationship()


class LapseWarning(Base):
    """A warning was sent so many days ahead: one each."""

    __tablename__ = "ocop_lapse_warnings"
    __table_args__ = (UniqueConstraint("certificate_id", "days_ahead"),)

    id: Mapped[Key]
    certificate_id: Mapped[int] = mapped_column(ForeignKey("ocop_certificates.id"))
    days_ahead: Mapped[int]
    sent_at: Mapped[datetime]
