"""Provinces and communes with the days they are valid, and the old units that became them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, ByteOrder, Key, SortKey

# The folded name without its kind and without blanks (rules.key): "goden", "phuong3".
NameKey = Annotated[str, mapped_column(ByteOrder)]


class UnitKind(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    WARD = "ward"
    COMMUNE = "commune"
    SPECIAL_ZONE = "special_zone"


class Extent(StrEnum):
    WHOLE = "whole"
    PART = "part"


class AreaKind(StrEnum):
    PROVINCE = "province"
    DISTRICT = "district"


class AdminUnit(Base):
    """A unit of the two levels there have been since 2025-07-01; `province_code` is empty for a
    province. `slug` is unique and stands in the address of the place's page. A unit that was
    renamed or raised in rank has the day of that as `valid_from`, and its `former_name`."""

    __tablename__ = "admin_units"
    __table_args__ = (Index("ix_admin_units_province", "province_code", "sort_key"),)

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    former_name: Mapped[str | None] = mapped_column(String(80))
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[UnitKind]
    province_code: Mapped[str | None] = mapped_column(ForeignKey("admin_units.code"))
    fold_key: Mapped[NameKey] = mapped_column(index=True)
    sort_key: Mapped[SortKey]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class OldArea(Base):
    """A province or a district as it was before 2025-07-01; for a province the district key is
    empty. `new_province_code` is the province that its land lies in now."""

    __tablename__ = "old_areas"
    __table_args__ = (UniqueConstraint("province_key", "district_key", "name"),)

    id: Mapped[Key]
    kind: Mapped[AreaKind]
    name: Mapped[str] = mapped_column(String(80))
    province: Mapped[str] = mapped_column(String(80))
    fold_key: Mapped[NameKey] = mapped_column(index=True)
    province_key: Mapped[NameKey]
    district_key: Mapped[NameKey]
    new_province_code: Mapped[str] = mapped_column(ForeignKey("admin_units.code"))


class OldUnit(Base):
    """A commune as it was before 2025-07-01, with its district and province."""

    __tablename__ = "old_units"
    __table_args__ = (
        UniqueConstraint("code", "name", "district", "province"),
        Index("ix_old_units_fold", "fold_key", "district_fold_key"),
        Index("ix_old_units_district", "district_fold_key", "province_fold_key"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(8), index=True)
    name: Mapped[str] = mapped_column(String(80))
    district: Mapped[str] = mapped_column(String(80))
    province: Mapped[str] = mapped_column(String(80))
    fold_key: Mapped[NameKey]
    district_fold_key: Mapped[NameKey]
    province_fold_key: Mapped[NameKey]
    valid_to: Mapped[date]


class Succession(Base):
    """An old unit became a new one, wholly or in part."""

    __tablename__ = "successions"
    __table_args__ = (UniqueConstraint("old_unit_id", "new_code"),)

    id: Mapped[Key]
    old_unit_id: Mapped[int] = mapped_column(ForeignKey("old_units.id"), index=True)
    new_code: Mapped[str] = mapped_column(ForeignKey("admin_units.code"), index=True)
    extent: Mapped[Extent]


class PlaceWord(Base):
    """A word that some place name holds, folded; what is not among them was mistyped."""

    __tablename__ = "place_words"

    word: Mapped[str] = mapped_column(ByteOrder, primary_key=True)
