"""A workbook that was read and looked at, waiting to be taken over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, JsonDict, Key


class ProductImport(Base):
    """What was read from a workbook, as it was shown: saving takes this, not the file again.

    `token` stands in the address; `content` holds what is new, what changed and what is wrong.
    """

    __tablename__ = "product_imports"

    id: Mapped[Key]
    token: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    file_name: Mapped[str] = mapped_column(String(160))
    content: Mapped[JsonDict]
    created_at: Mapped[datetime] = mapped_column(index=True)
    applied_at: Mapped[datetime | None]
