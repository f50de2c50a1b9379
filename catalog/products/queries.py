"""Reading products: what buyers see, in few statements whatever the number of rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from markupsafe import Markup
from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from catalog.categories.models import Category
from catalog.products.models import Product, ProductPhoto, State, Variant
from catalog.products.rules import NetUnit, UnitPrice, net_words, render_description, unit_price_of
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as SellerState
from foundation.places.models import AdminUnit
from foundation.storage.models import StoredFile


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
    cover: StoredFile | None
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


@dataclass(frozen=True, kw_only=True)
class Photo:
    public_id: str
    alt: str
    file: StoredFile


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
    organisation: Organisation
    commune: AdminUnit
    province: AdminUnit | None
    trail: tuple[Category, ...]
    sizes: tuple[Size, ...]
    photos: tuple[Photo, ...]

    @property
    def description_html(self) -> Markup:
        return render_description(self.description)

    @property
    def category(self) -> Category:
        return self.trail[-1]

    @property
    def in_stock(self) -> bool:
        return any(size.in_stock for size in self.sizes)

    @property
    def cheapest(self) -> Size | None:
        return min(self.sizes, key=lambda size: size.price, default=None)


# --- what buyers see --------------------------------------------------------------------------


def on_sale() -> ColumnElement[bool]:
    """Return the condition under which buyers see a product: published, its seller verified.

    For any statement over Product: the seller is looked at in a subquery, so no join is needed.
    """
    verified = select(Organisation.id).where(Organisation.state == SellerState.VERIFIED)
    return and_(Product.state == State.PUBLISHED, Product.organisation_id.in_(verified))


def on_sale_of(seller: type[Organisation]) -> ColumnElement[bool]:
    """Return the same condition for a statement that joins the product's seller already."""
    return and_(Product.state == State.PUBLISHED, seller.state == SellerState.VERIFIED)


def cards(session: Session, product_ids: Sequence[int]) -> list[ProductCard]:
    """Return the cards of these products, in the order of the ids. Three statements.

    Whether they are on sale is the caller's choice; unknown ids are left out.
    """
    if not product_ids:
        return []
    wanted = {"ids": list(product_ids)}
    rows = {row.id: row for row in session.execute(_card_rows(), wanted)}
    sizes: dict[int, list[Size]] = {}
    for product_id, size in _sizes(session, product_ids):
        sizes.setdefault(product_id, []).append(size)
    covers = {
        product_id: (alt, file) for product_id, alt, file in session.execute(_covers(), wanted)
    }
    return [
        _card(rows[product_id], sizes.get(product_id, []), covers.get(product_id, ("", None)))
        for product_id in product_ids
        if product_id in rows
    ]


def page(session: Session, slug: str) -> ProductPage | None:
    """Return what the page of a product on sale shows, None when there is none such.

    Four statements.
    """
    return _page(session, _page_on_sale(), {"slug": slug})


def preview(session: Session, product_id: int) -> ProductPage | None:
    """Return the same as `page` for a product in any state, for its seller and the authority."""
    return _page(session, _page_rows().where(Product.id == product_id), {})


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


# Each statement is built once: building takes SQLAlchemy longer than SQLite takes to answer.


@cache
def _card_rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Product.id,
            Product.public_id,
            Product.slug,
            Product.name,
            Product.category_id,
            Product.organisation_id,
            Product.adults_only,
            Organisation.name.label("seller_name"),
            Organisation.slug.label("seller_slug"),
            AdminUnit.name.label("commune_name"),
            AdminUnit.slug.label("commune_slug"),
        )
        .join(Organisation, Organisation.id == Product.organisation_id)
        .join(AdminUnit, AdminUnit.code == Product.commune_code)
        .where(Product.id.in_(bindparam("ids", expanding=True)))
    )


@cache
def _covers() -> Select[int, str, StoredFile]:
    earlier = aliased(ProductPhoto)
    first = (
        select(func.min(earlier.position))
        .where(earlier.product_id == ProductPhoto.product_id)
        .scalar_subquery()
    )
    return (
        select(ProductPhoto.product_id, ProductPhoto.alt, StoredFile)
        .join(StoredFile, StoredFile.id == ProductPhoto.file_id)
        .where(
            ProductPhoto.product_id.in_(bindparam("ids", expanding=True)),
            ProductPhoto.position == first,
        )
    )


@cache
def _size_rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Variant.product_id,
            Variant.public_id,
            Variant.name,
            Variant.sku,
            Variant.price,
            Variant.net_amount,
            Variant.net_unit,
            Variant.stock,
        )
        .where(Variant.product_id.in_(bindparam("ids", expanding=True)))
        .order_by(Variant.product_id, Variant.position, Variant.id)
    )


def _sizes(session: Session, product_ids: Sequence[int]) -> list[tuple[int, Size]]:
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


def _card(row: object, sizes: list[Size], cover: tuple[str, StoredFile | None]) -> ProductCard:
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


@cache
def _page_rows() -> Select[Product, AdminUnit]:
    province = aliased(AdminUnit)
    return (
        select(Product, province)
        .join(Product.commune)
        .outerjoin(province, province.code == AdminUnit.province_code)
        .options(joinedload(Product.organisation), contains_eager(Product.commune))
    )


@cache
def _page_on_sale() -> Select[Product, AdminUnit]:
    return _page_rows().where(Product.slug == bindparam("slug"), on_sale())


@cache
def _photo_rows() -> Select[str, str, StoredFile]:
    return (
        select(ProductPhoto.public_id, ProductPhoto.alt, StoredFile)
        .join(StoredFile, StoredFile.id == ProductPhoto.file_id)
        .where(ProductPhoto.product_id == bindparam("product_id"))
        .order_by(ProductPhoto.position, ProductPhoto.id)
    )


def _page(
    session: Session, statement: Select[Product, AdminUnit], wanted: dict[str, object]
) -> ProductPage | None:
    found = session.execute(statement, wanted).one_or_none()
    if found is None:
        return None
    product, its_province = found
    return ProductPage(
        **{name: getattr(product, name) for name in _SHOWN},
        product_id=product.id,
        province=its_province,
        trail=_trail(session, product.category_id),
        sizes=tuple(size for _id, size in _sizes(session, [product.id])),
        photos=tuple(
            Photo(public_id=public_id, alt=alt, file=file)
            for public_id, alt, file in session.execute(_photo_rows(), {"product_id": product.id})
        ),
    )


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
    "organisation",
    "commune",
)


@cache
def _group_rows() -> Select[Category]:
    wanted: BindParameter[int] = bindparam("category_id")
    group_id = select(Category.group_id).where(Category.id == wanted).scalar_subquery()
    return select(Category).where((Category.group_id == group_id) | (Category.id == wanted))


def _trail(session: Session, category_id: int) -> tuple[Category, ...]:
    found = session.scalars(_group_rows(), {"category_id": category_id})
    rows = {row.id: row for row in found}
    way = [rows[category_id]]
    while way[0].parent_id in rows:
        way.insert(0, rows[way[0].parent_id])
    return tuple(way)
