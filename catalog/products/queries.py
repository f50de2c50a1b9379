"""Reading products: what buyers see, in few statements whatever the number of rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from catalog.products.models import Product, ProductPhoto, State, Variant
from catalog.products.rules import NetUnit, UnitPrice, net_words, unit_price_of
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as SellerState
from foundation.places.models import AdminUnit
from foundation.storage.models import FileKind, StoredFile


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What the address of a stored picture is made of."""

    public_id: str
    kind: FileKind
    width: int | None


@dataclass(frozen=True, kw_only=True)
class ProductCard:
    """What a listing shows of one product. `price` is đồng for the cheapest size, which
    `net_label` and `unit_price` are about; None where a draft has no size yet."""

    product_id: int
    public_id: str
    slug: str
    name: str
    category_id: int
    organisation_id: int
    seller_name: str
    seller_slug: str
    commune_name: str
    commune_slug: str
    cover: Picture | None
    cover_alt: str
    price: int | None
    price_varies: bool
    net_label: str
    unit_price: UnitPrice | None
    in_stock: bool
    adults_only: bool


@dataclass(frozen=True, kw_only=True)
class Size:
    """A size as buyers see it."""

    public_id: str
    name: str
    sku: str
    price: int
    net_amount: int
    net_unit: NetUnit
    net_label: str
    unit_price: UnitPrice | None
    stock: int

    @property
    def in_stock(self) -> bool:
        return self.stock > 0


# --- what buyers see --------------------------------------------------------------------------


def on_sale() -> ColumnElement[bool]:
    """Return the condition under which buyers see a product: published, its seller verified.

    For any statement over Product: the seller is looked at in a subquery, so no join is needed.
    """
    verified = select(Organisation.id).where(Organisation.state == SellerState.VERIFIED)
    return and_(Product.state == State.PUBLISHED, Product.organisation_id.in_(verified))


def cards(session: Session, product_ids: Sequence[int]) -> list[ProductCard]:
    """Return the cards of these products, in the order of the ids. Three statements.

    Whether they are on sale is the caller's choice; unknown ids are left out.
    """
    if not product_ids:
        return []
    wanted = {"ids": list(product_ids)}
    rows = {row.id: row for row in session.execute(_card_rows(), wanted)}
    by_product: dict[int, list[Size]] = {}
    for product_id, size in sizes(session, product_ids):
        by_product.setdefault(product_id, []).append(size)
    covers = {
        row.product_id: (
            row.alt,
            Picture(public_id=row.public_id, kind=row.kind, width=row.width),
        )
        for row in session.execute(_covers(), wanted)
    }
    return [
        _card(rows[product_id], by_product.get(product_id, []), covers.get(product_id, ("", None)))
        for product_id in product_ids
        if product_id in rows
    ]


def sizes(session: Session, product_ids: Sequence[int]) -> list[tuple[int, Size]]:
    """Return (product id, size) of these products, each product's in its seller's order."""
    rows = session.execute(_size_rows(), {"ids": list(product_ids)})
    return [
        (
            row.product_id,
            Size(
                public_id=row.public_id,
                name=row.name,
                sku=row.sku,
                price=row.price,
                net_amount=row.net_amount,
                net_unit=row.net_unit,
                net_label=net_words(row.net_amount, row.net_unit),
                unit_price=unit_price_of(row.price, row.net_amount, row.net_unit),
                stock=row.stock,
            ),
        )
        for row in rows
    ]


def listed_count(
    session: Session, *, organisation_id: int | None = None, commune_code: str | None = None
) -> int:
    """Return how many products are on sale, of one seller or from one commune."""
    statement = select(func.count()).select_from(Product).where(on_sale())
    if organisation_id is not None:
        statement = statement.where(Product.organisation_id == organisation_id)
    if commune_code is not None:
        statement = statement.where(Product.commune_code == commune_code)
    return session.scalars(statement).one()


def counts_by_seller(session: Session, organisation_ids: Collection[int]) -> dict[int, int]:
    """Return organisation id → products on sale; sellers without any are left out."""
    counted = session.execute(
        select(Product.organisation_id, func.count())
        .where(on_sale(), Product.organisation_id.in_(organisation_ids))
        .group_by(Product.organisation_id)
    )
    return {row[0]: row[1] for row in counted}


def counts_by_commune(session: Session) -> dict[str, int]:
    """Return commune code → products on sale; communes without any are left out."""
    counted = session.execute(
        select(Product.commune_code, func.count()).where(on_sale()).group_by(Product.commune_code)
    )
    return {row[0]: row[1] for row in counted}


def newest_ids(
    session: Session, *, limit: int, organisation_id: int | None = None, but_not: int | None = None
) -> list[int]:
    """Return the ids of products on sale, newest first."""
    statement = select(Product.id).where(on_sale())
    if organisation_id is not None:
        statement = statement.where(Product.organisation_id == organisation_id)
    if but_not is not None:
        statement = statement.where(Product.id != but_not)
    newest = statement.order_by(Product.published_at.desc(), Product.id.desc()).limit(limit)
    return list(session.scalars(newest))


def slugs_on_sale(
    session: Session, *, after_id: int = 0, limit: int = 5_000
) -> list[tuple[int, str, datetime]]:
    """Return (id, slug, last change) of products on sale by ascending id, for the sitemap."""
    rows = session.execute(
        select(Product.id, Product.slug, Product.updated_at)
        .where(on_sale(), Product.id > after_id)
        .order_by(Product.id)
        .limit(limit)
    )
    return [(row.id, row.slug, row.updated_at) for row in rows]


# --- how it is put together -------------------------------------------------------------------


# Each statement is built once, since building takes SQLAlchemy longer than SQLite takes to answer;
# and of columns, not classes, since then rows are not made into objects that track their changes.


@cache
def _card_rows() -> Select[*tuple[Any, ...]]:
    product, seller, commune = (model.__table__.c for model in (Product, Organisation, AdminUnit))
    return (
        select(
            product.id,
            product.public_id,
            product.slug,
            product.name,
            product.category_id,
            product.organisation_id,
            product.adults_only,
            seller.name.label("seller_name"),
            seller.slug.label("seller_slug"),
            commune.name.label("commune_name"),
            commune.slug.label("commune_slug"),
        )
        .join_from(Product.__table__, Organisation.__table__, seller.id == product.organisation_id)
        .join(AdminUnit.__table__, commune.code == product.commune_code)
        .where(product.id.in_(bindparam("ids", expanding=True)))
    )


@cache
def _covers() -> Select[*tuple[Any, ...]]:
    photos = ProductPhoto.__table__
    photo, file = photos.c, StoredFile.__table__.c
    earlier = photos.alias("earlier")
    first = (
        select(func.min(earlier.c.position))
        .where(earlier.c.product_id == photo.product_id)
        .scalar_subquery()
    )
    return (
        select(photo.product_id, photo.alt, file.public_id, file.kind, file.width)
        .join_from(photos, StoredFile.__table__, file.id == photo.file_id)
        .where(photo.product_id.in_(bindparam("ids", expanding=True)), photo.position == first)
    )


@cache
def _size_rows() -> Select[*tuple[Any, ...]]:
    size = Variant.__table__.c
    return (
        select(
            size.product_id,
            size.public_id,
            size.name,
            size.sku,
            size.price,
            size.net_amount,
            size.net_unit,
            size.stock,
        )
        .where(size.product_id.in_(bindparam("ids", expanding=True)))
        .order_by(size.product_id, size.position, size.id)
    )


def _card(row: object, sizes: list[Size], cover: tuple[str, Picture | None]) -> ProductCard:
    cheapest = min(sizes, key=lambda size: size.price, default=None)
    facts = row._asdict()  # type: ignore[attr-defined]  # a row of _card_rows
    product_id = facts.pop("id")
    return ProductCard(
        product_id=product_id,
        **facts,
        cover=cover[1],
        cover_alt=cover[0],
        price=cheapest.price if cheapest else None,
        price_varies=len({size.price for size in sizes}) > 1,
        net_label=cheapest.net_label if cheapest else "",
        unit_price=cheapest.unit_price if cheapest else None,
        in_stock=any(size.in_stock for size in sizes),
    )
