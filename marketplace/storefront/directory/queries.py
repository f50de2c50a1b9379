"""Sellers and places as buyers look them up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, aliased

from catalog.products import queries as products_queries
from catalog.products.models import Product
from catalog.products.models import State as ProductState
from foundation.db import escape_like
from foundation.kept import Kept
from foundation.organisations.models import Kind, Organisation, State
from foundation.organisations.rules import SELLING_KINDS
from foundation.places import queries as places_queries
from foundation.places.models import AdminUnit, Extent, UnitKind
from foundation.storage.models import StoredFile
from foundation.text import fold
from marketplace.storefront.rules import in_sentence, initials

A_MINUTE = 60
AN_HOUR = 3600


# --- sellers ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SellerLine:
    """A verified seller in a list; `count` is how many products are on sale."""

    slug: str
    name: str
    place: str
    count: int
    logo: StoredFile | None

    @property
    def initials(self) -> str:
        return initials(self.name)


@dataclass(frozen=True, kw_only=True)
class SellerPage:
    """What a buyer may know of a verified seller."""

    organisation_id: int
    slug: str
    kind: Kind
    name: str
    phone: str
    address: str
    story: str
    verified_on: datetime | None
    logo: StoredFile | None
    commune_code: str | None

    @property
    def initials(self) -> str:
        return initials(self.name)


def _verified() -> ColumnElement[bool]:
    return (Organisation.state == State.VERIFIED) & Organisation.kind.in_(SELLING_KINDS)


def _goods() -> Select[int]:
    """Select what a verified seller has on sale, for use inside a statement over sellers."""
    return (
        select(Product.id)
        .where(Product.organisation_id == Organisation.id, Product.state == ProductState.PUBLISHED)
        .correlate(Organisation)
    )


def _count_of_seller() -> ScalarSelect[int]:
    return _goods().with_only_columns(func.count(Product.id)).scalar_subquery()


def _seller_lines(session: Session, wanted: Select[int]) -> list[SellerLine]:
    rows = session.execute(
        wanted.with_only_columns(
            Organisation.slug, Organisation.name, AdminUnit.name, StoredFile, _count_of_seller()
        )
        .outerjoin(AdminUnit, AdminUnit.code == Organisation.commune_code)
        .outerjoin(StoredFile, StoredFile.id == Organisation.logo_id)
    )
    return [
        SellerLine(slug=slug, name=name, place=place or "", logo=logo, count=count)
        for slug, name, place, logo, count in rows
    ]


def _sellers_like(q: str, province: str | None) -> Select[int]:
    wanted = select(Organisation.id).where(_verified())
    if q:
        pattern = f"%{escape_like(fold(q))}%"
        wanted = wanted.where(Organisation.fold_key.like(pattern, escape="\\"))
    if province:
        within = select(AdminUnit.code).where(AdminUnit.province_code == province)
        wanted = wanted.where(Organisation.commune_code.in_(within))
    return wanted


def sellers(
    session: Session, *, q: str = "", province: str | None = None, page: int, per_page: int
) -> tuple[list[SellerLine], int]:
    """Return one page of the verified sellers in Vietnamese order, and how many there are.

    `q` is part of a name, accents or none; `province` a province's code. Two statements.
    """
    wanted = _sellers_like(q, province)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    ordered = wanted.order_by(Organisation.sort_key, Organisation.id)
    return _seller_lines(session, ordered.limit(per_page).offset((page - 1) * per_page)), total


def sellers_of_place(session: Session, commune_code: str, *, limit: int = 12) -> list[SellerLine]:
    """Return verified sellers of a commune in Vietnamese order. One statement."""
    wanted = _sellers_like("", None).where(Organisation.commune_code == commune_code)
    return _seller_lines(session, wanted.order_by(Organisation.sort_key).limit(limit))


def sellers_of_week(session: Session, today: date, *, few: int = 3) -> tuple[list[SellerLine], int]:
    """Return a few sellers who have something on sale, others each week, and how many there are."""
    wanted = select(Organisation.id).where(_verified(), _goods().exists())
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    start = today.isocalendar().week * few % max(1, total - few + 1)
    ordered = wanted.order_by(Organisation.sort_key, Organisation.id)
    return _seller_lines(session, ordered.limit(few).offset(start)), total


def seller(session: Session, slug: str) -> SellerPage | None:
    """Return a verified seller, None for anybody else. One statement."""
    row = session.execute(
        select(Organisation, StoredFile)
        .outerjoin(StoredFile, StoredFile.id == Organisation.logo_id)
        .where(Organisation.slug == slug, _verified())
    ).one_or_none()
    if row is None:
        return None
    found, logo = row
    return SellerPage(
        organisation_id=found.id,
        slug=found.slug,
        kind=found.kind,
        name=found.name,
        phone=found.phone,
        address=found.address,
        story=found.story,
        verified_on=found.decided_at,
        logo=logo,
        commune_code=found.commune_code,
    )


# --- places -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Place:
    """A province or a commune as pages name it: `full_name` is "Xã Mỹ Lệ"; `province` is the
    name of the province it lies in, empty for a province."""

    code: str
    slug: str
    full_name: str
    province: str
    province_slug: str
    is_province: bool

    @property
    def name(self) -> str:
        """The name as it stands within a sentence: xã Mỹ Lệ, Tây Ninh."""
        return in_sentence(self.full_name)


@dataclass(frozen=True, kw_only=True)
class PlaceLine:
    """A place in a list; `count` is how many products are on sale there."""

    slug: str
    name: str
    count: int
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Former:
    """A unit of before July 2025 that became this one, wholly or in part."""

    name: str
    district: str
    province: str
    part: bool


def place(session: Session, *, slug: str | None = None, code: str | None = None) -> Place | None:
    """Return the place with this slug or this code. One statement."""
    province = aliased(AdminUnit)
    row = session.execute(
        select(AdminUnit, province)
        .outerjoin(province, province.code == AdminUnit.province_code)
        .where(AdminUnit.slug == slug if slug is not None else AdminUnit.code == code)
        .where(AdminUnit.valid_to.is_(None))
    ).one_or_none()
    if row is None:
        return None
    unit, above = row
    return Place(
        code=unit.code,
        slug=unit.slug,
        full_name=unit.name,
        province=above.name if above else "",
        province_slug=above.slug if above else "",
        is_province=unit.kind in (UnitKind.PROVINCE, UnitKind.CITY),
    )


def place_counts(session: Session, kept: Kept) -> Mapping[str, int]:
    """Return how many products are on sale by commune code. Up to a minute old."""

    return kept.get("place_counts", A_MINUTE, lambda: products_queries.counts_by_commune(session))


def communes_with_goods(
    session: Session, kept: Kept, province_codes: Collection[str]
) -> dict[str, list[PlaceLine]]:
    """Return, by province code, the communes that sell something, in Vietnamese order."""
    counts = place_counts(session, kept)
    found: dict[str, list[PlaceLine]] = {code: [] for code in province_codes}
    rows = session.scalars(
        select(AdminUnit)
        .where(AdminUnit.province_code.in_(province_codes), AdminUnit.code.in_(counts))
        .order_by(AdminUnit.sort_key)
    )
    for unit in rows:
        line = PlaceLine(
            slug=unit.slug,
            name=unit.name,
            count=counts[unit.code],
        )
        found[unit.province_code or ""].append(line)
    return found


def served(session: Session, kept: Kept, codes: Sequence[str]) -> tuple[Place, ...]:
    """Return the provinces this platform serves, in the order of their codes in the settings."""

    def read() -> tuple[Place, ...]:
        rows = session.scalars(select(AdminUnit).where(AdminUnit.code.in_(codes)))
        places = {row.code: _province(row) for row in rows}
        return tuple(places[code] for code in codes if code in places)

    return kept.get("served", AN_HOUR, read)


def _province(unit: AdminUnit) -> Place:
    return Place(
        code=unit.code,
        slug=unit.slug,
        full_name=unit.name,
        province="",
        province_slug="",
        is_province=True,
    )


def former_units(session: Session, kept: Kept, code: str) -> tuple[Former, ...]:
    """Return the units of before July 2025 that became this commune. They never change."""

    def read() -> tuple[Former, ...]:
        return tuple(
            Former(
                name=unit.name,
                district=unit.district,
                province=unit.province,
                part=extent == Extent.PART,
            )
            for unit, extent in places_queries.former_units(session, code)
        )

    return kept.get(("former", code), AN_HOUR, read)
