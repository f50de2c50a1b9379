"""Reading everything a product's page shows, in three statements.

The statements name columns instead of classes: rows are then read without being made into objects
that track their changes, which takes longer than the database does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from catalog.categories.models import Category
from catalog.products.models import Product, ProductPhoto, State
from catalog.products.queries import Picture, Size, sizes
from catalog.products.rules import render_description
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as SellerState
from foundation.places.models import AdminUnit
from foundation.storage.models import StoredFile


@dataclass(frozen=True, kw_only=True)
class Photo:
    public_id: str
    alt: str
    file: Picture


@dataclass(frozen=True, kw_only=True)
class Seller:
    name: str
    slug: str
    phone: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A commune or province."""

    code: str
    name: str
    slug: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """An entry of the catalogue's categories."""

    id: int
    code: str
    slug: str
    name: str
    name_en: str


@dataclass(frozen=True, kw_only=True)
class ProductPage:
    """Everything a product's page shows. `trail` leads from the group to the category itself;
    `sizes` stand in the seller's order."""

    product_id: int
    public_id: str
    slug: str
    name: str
    summary: str
    description: str
    ingredients: str
    storage: str
    shelf_life_days: int | None
    adults_only: bool
    state: State
    published_at: datetime | None
    updated_at: datetime
    organisation: Seller
    commune: Unit
    province: Unit | None
    trail: tuple[Kind, ...]
    sizes: tuple[Size, ...]
    photos: tuple[Photo, ...]

    @property
    def description_html(self) -> Markup:
        return render_description(self.description)

    @property
    def category(self) -> Kind:
        return self.trail[-1]

    @property
    def in_stock(self) -> bool:
        return any(size.in_stock for size in self.sizes)

    @property
    def cheapest(self) -> Size | None:
        return min(self.sizes, key=lambda size: size.price, default=None)


def page(session: Session, slug: str) -> ProductPage | None:
    """Return what the page of a product on sale shows, None when there is none such.

    Three statements.
    """
    row = session.execute(on_sale_rows(), {"slug": slug}).one_or_none()
    return None if row is None else page_of(session, row)


def preview(session: Session, product_id: int) -> ProductPage | None:
    """Return the same as `page` for a product in any state, for its seller and the authority."""
    row = session.execute(_rows().where(_product.c.id == product_id)).one_or_none()
    return None if row is None else page_of(session, row)


@cache
def on_sale_rows() -> Select[*tuple[Any, ...]]:
    """Select what `page_of` needs of the product with the bound `slug`, if it is on sale. More
    columns may be added."""
    return _rows().where(_product.c.slug == bindparam("slug"), on_sale())


def on_sale() -> ColumnElement[bool]:
    """Return the condition under which buyers see a product, where its seller is joined."""
    return and_(_product.c.state == State.PUBLISHED, _seller.c.state == SellerState.VERIFIED)


def page_of(session: Session, row: Row[*tuple[Any, ...]]) -> ProductPage:
    """Return the page of a row of `on_sale_rows`. Two statements."""
    facts = row._mapping
    return ProductPage(
        **{name: facts[name] for name in _SHOWN},
        product_id=facts["id"],
        organisation=_part(Seller, facts, _SELLER),
        commune=_part(Unit, facts, _COMMUNE),
        province=_part(Unit, facts, _PROVINCE) if facts["province_code"] else None,
        trail=tuple(
            _part(Kind, facts, names) for names in _KINDS if facts[names["id"]] is not None
        ),
        sizes=tuple(size for _id, size in sizes(session, [facts["id"]])),
        photos=tuple(
            Photo(
                public_id=photo.photo_id,
                alt=photo.alt,
                file=Picture(public_id=photo.public_id, kind=photo.kind, width=photo.width),
            )
            for photo in session.execute(_photo_rows(), {"product_id": facts["id"]})
        ),
    )


# --- the columns ------------------------------------------------------------------------------

_product = Product.__table__
_seller = Organisation.__table__
_commune = AdminUnit.__table__.alias("commune")
_province = AdminUnit.__table__.alias("province")
_kinds = tuple(Category.__table__.alias(name) for name in ("kind_above_2", "kind_above_1", "kind"))

_SHOWN = (
    "public_id",
    "slug",
    "name",
    "summary",
    "description",
    "ingredients",
    "storage",
    "shelf_life_days",
    "adults_only",
    "state",
    "published_at",
    "updated_at",
)


def _labels(prefix: str, part: type[Any]) -> dict[str, str]:
    """Return, for each value of a part, under which name the statement gives it."""
    return {name: f"{prefix}_{name}" for name in part.__dataclass_fields__}


_SELLER = _labels("seller", Seller)
_COMMUNE = _labels("commune", Unit)
_PROVINCE = _labels("province", Unit)
_KINDS = tuple(_labels(kind.name, Kind) for kind in _kinds)


def _part(part: type[Any], facts: Mapping[Any, Any], names: Mapping[str, str]) -> Any:
    return part(**{name: facts[label] for name, label in names.items()})


@cache
def _rows() -> Select[*tuple[Any, ...]]:
    above_2, above_1, kind = _kinds
    parts = (
        (_seller, _SELLER),
        (_commune, _COMMUNE),
        (_province, _PROVINCE),
        *zip(_kinds, _KINDS, strict=True),
    )
    return (
        select(
            _product.c.id,
            *(_product.c[name] for name in _SHOWN),
            *(table.c[name].label(label) for table, of in parts for name, label in of.items()),
        )
        .join_from(_product, _seller, _seller.c.id == _product.c.organisation_id)
        .join(_commune, _commune.c.code == _product.c.commune_code)
        .outerjoin(_province, _province.c.code == _commune.c.province_code)
        .join(kind, kind.c.id == _product.c.category_id)
        .outerjoin(above_1, above_1.c.id == kind.c.parent_id)
        .outerjoin(above_2, above_2.c.id == above_1.c.parent_id)
    )


@cache
def _photo_rows() -> Select[*tuple[Any, ...]]:
    photo, file = ProductPhoto.__table__.c, StoredFile.__table__.c
    return (
        select(photo.public_id.label("photo_id"), photo.alt, file.public_id, file.kind, file.width)
        .join_from(ProductPhoto.__table__, StoredFile.__table__, file.id == photo.file_id)
        .where(photo.product_id == bindparam("product_id"))
        .order_by(photo.position, photo.id)
    )
