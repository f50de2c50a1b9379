"""Provinces and communes with the days they are valid, and the old units that became them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, Key, SortKey


class UnitKind(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    WARD = "ward"
    COMMUNE = "commune"
    SPECIAL_ZONE = "special_zone"


class Extent(StrEnum):
    WHOLE = "whole"
    PART = "part"


class AdminUnit(Base):
    """A unit of the two levels there have been since 2025-07-01; `province_code` is empty for a
    province. `slug` is unique and stands in the address of the place's page."""

    __tablename__ = "admin_units"
    __table_args__ = (Index("ix_admin_units_province", "province_code", "sort_key"),)

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[UnitKind]
    province_code: Mapped[str | None] = mapped_column(ForeignKey("admin_units.code"))
    fold_key: Mapped[str] = mapped_column(String(80), index=True)
    sort_key: Mapped[SortKey]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class OldUnit(Base):
    """A commune as it was before 2025-07-01, with its district and province."""

    __tablename__ = "old_units"
    __table_args__ = (
        UniqueConstraint("code", "name", "district", "province"),
        Index("ix_old_units_fold", "fold_key", "district_fold_key"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(8), index=True)
    name: Mapped[str] = mapped_column(String(80))
    district: Mapped[str] = mapped_column(String(80))
    province: Mapped[str] = mapped_column(String(80))
    fold_key: Mapped[str] = mapped_column(String(80))
    district_fold_key: Mapped[str] = mapped_column(String(80))
    province_fold_key: Mapped[str] = mapped_column(String(80))
    valid_to: Mapped[date]


class Succession(Base):
    """An old unit became a new one, wholly or in part."""

    __tablename__ = "successions"
    __table_args__ = (UniqueConstraint("old_unit_id", "new_code"),)

    id: Mapped[Key]
    old_unit_id: Mapped[int] = mapped_column(ForeignKey("old_units.id"), index=True)
    new_code: Mapped[str] = mapped_column(ForeignKey("admin_units.code"), index=True)
    extent: Mapped[Extent]
