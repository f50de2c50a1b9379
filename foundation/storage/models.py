"""Files people gave us: where they are kept and what we made of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, BigInt, Key, PublicId


class FileKind(StrEnum):
    PHOTO = "photo"
    DOCUMENT = "document"
    DRAWING = "drawing"


class StoredFile(Base):
    """A photo is public, in three widths; a document is shown only to those it concerns.

    `organisation_id` is the tenant it belongs to; a foreign key would tie storage to the tenants
    that already point at their files.
    """

    __tablename__ = "stored_files"

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[FileKind]
    organisation_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(String(160))
    content_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    width: Mapped[int | None]
    height: Mapped[int | None]
    created_at: Mapped[datetime]
