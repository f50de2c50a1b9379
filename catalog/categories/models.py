"""OCOP's groups, kinds and sub-kinds, by edition of the list."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from catalog.categories.rules import Level
from foundation.db import Base, Key

__all__ = ["Category", "Level"]


class Category(Base):
    """One entry of the list. `code` is ours and stable ("food.fresh.fruit"); `group_id` is
    the top entry it lies under (itself for a group)."""

    __tablename__ = "categories"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(80), unique=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"), index=True)
    level: Mapped[Level]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str] = mapped_column(String(160))
    alcohol: Mapped[bool] = mapped_column(default=False)
    edition: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
