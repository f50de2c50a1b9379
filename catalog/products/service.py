"""What a seller does to a product: write it, change it, copy it, throw a draft away.

Every function locks the row it changes and takes the seller's organisation: a stranger's product
is not found. What buyers may see is told as ProductChanged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from catalog.categories import queries as categories_queries
from catalog.categories.models import Category
from catalog.products import rules
from catalog.products.errors import (
    BadProduct,
    BadVariantChange,
    Incomplete,
    NoSuchCategory,
    NoSuchCommune,
    NoSuchProduct,
    NotADraft,
    SkuTaken,
    Stale,
    WithdrawnCannotChange,
)
from catalog.products.events import ProductChanged
from catalog.products.models import Product, ProductPhoto, State, Variant
from catalog.products.rules import ProductGiven, VariantGiven
from foundation import clock
from foundation.accounts.models import Person
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.ids import new_public_id
from foundation.outbox import service as outbox
from foundation.places.models import AdminUnit
from foundation.text import slugify

LONGEST_DIFF = 2_000


@dataclass(frozen=True, kw_only=True)
class NewPriceAndStock:
    """What the list's quick edit sets of one size: whole đồng, pieces on hand."""

    price: int
    stock: int


# --- writing ----------------------------------------------------------------------------------


def create(
    session: Session, given: ProductGiven, *, organisation_id: int, actor: Actor, now: datetime
) -> Product:
    """Begin a product as a draft. Raises BadProduct, NoSuchCategory, NoSuchCommune, SkuTaken."""
    category = _check(session, given, now=now)
    product = Product(
        public_id=new_public_id(),
        organisation_id=organisation_id,
        state=State.DRAFT,
        created_at=now,
        updated_at=now,
        edited_by_id=actor.person_id,
        slug="",
    )
    put(product, given, category)
    store_under_free_slug(session, product)
    refuse_taken_skus(session, organisation_id)
    audit.record(session, "products.created", product, actor=actor, now=now, name=product.name)
    return product


def save(
    session: Session,
    public_id: str,
    given: ProductGiven,
    *,
    version: int,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> Product:
    """Save a product as it was written. `version` is the one the form was opened with.

    A product on sale changes at once and must stay complete; the audit keeps what it was before.
    Raises NoSuchProduct, Stale, WithdrawnCannotChange, BadProduct, NoSuchCategory, NoSuchCommune,
    SkuTaken, Incomplete.
    """
    product = lock(session, public_id, organisation_id)
    refuse_stale(session, product, version)
    if product.state is State.WITHDRAWN:
        raise WithdrawnCannotChange
    category = _check(session, given, now=now, product=product)
    before = snapshot(product)
    put(product, given, category)
    refuse_taken_skus(session, organisation_id)
    if product.state in rules.MUST_BE_COMPLETE:
        refuse_incomplete(product)
    if product.published_at is None and product.name != before["name"]:
        product.slug = _free_slug(session, product)
    changes = changes_between(before, snapshot(product))
    if changes:
        touch(session, product, actor=actor, now=now)
        audit.record(session, "products.edited", product, actor=actor, now=now, changes=changes)
    session.flush()
    return product


def duplicate(
    session: Session, public_id: str, *, organisation_id: int, actor: Actor, now: datetime
) -> Product:
    """Begin a new draft like this product, with its photos and sizes; SKUs are left out.

    Raises NoSuchProduct.
    """
    source = lock(session, public_id, organisation_id)
    copy = Product(
        public_id=new_public_id(),
        organisation_id=organisation_id,
        state=State.DRAFT,
        created_at=now,
        updated_at=now,
        edited_by_id=actor.person_id,
        slug="",
        **{name: getattr(source, name) for name in _COPIED},
    )
    copy.variants = [
        Variant(**{name: getattr(size, name) for name in _COPIED_OF_SIZE})
        for size in source.variants
    ]
    copy.photos = [
        ProductPhoto(file_id=photo.file_id, alt=photo.alt, position=photo.position)
        for photo in source.photos
    ]
    store_under_free_slug(session, copy)
    audit.record(
        session, "products.duplicated", copy, actor=actor, now=now, source=source.public_id
    )
    return copy


def set_prices_and_stock(
    session: Session,
    public_id: str,
    wanted: Mapping[str, NewPriceAndStock],
    *,
    version: int,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> Product:
    """Set price and stock of some sizes, by their public ids: the quick edit of the list.

    Raises NoSuchProduct (also for a size of another product), Stale, WithdrawnCannotChange,
    BadVariantChange.
    """
    product = lock(session, public_id, organisation_id)
    refuse_stale(session, product, version)
    if product.state is State.WITHDRAWN:
        raise WithdrawnCannotChange
    sizes = {size.public_id: size for size in product.variants}
    before = snapshot(product)
    for size_id, new in wanted.items():
        if size_id not in sizes:
            raise NoSuchProduct
        if not rules.LEAST_PRICE <= new.price <= rules.MOST_PRICE:
            raise BadVariantChange(price=new.price)
        if not 0 <= new.stock <= rules.MOST_STOCK:
            raise BadVariantChange(stock=new.stock)
        sizes[size_id].price, sizes[size_id].stock = new.price, new.stock
    changes = changes_between(before, snapshot(product))
    if changes:
        touch(session, product, actor=actor, now=now)
        audit.record(session, "products.edited", product, actor=actor, now=now, changes=changes)
    return product


def delete_draft(
    session: Session, public_id: str, *, organisation_id: int, actor: Actor, now: datetime
) -> None:
    """Delete a draft that was never on sale. Raises NoSuchProduct, NotADraft."""
    product = lock(session, public_id, organisation_id)
    if product.state is not State.DRAFT or product.published_at is not None:
        raise NotADraft
    audit.record(session, "products.deleted", product, actor=actor, now=now, name=product.name)
    session.delete(product)
    session.flush()


# --- also for the features beside this one ----------------------------------------------------


def lock(session: Session, public_id: str, organisation_id: int | None) -> Product:
    """Return the seller's product, locked and fresh. Raises NoSuchProduct.

    None for `organisation_id` is the authority, which may look at any.
    """
    wanted = select(Product).where(Product.public_id == public_id)
    if organisation_id is not None:
        wanted = wanted.where(Product.organisation_id == organisation_id)
    product = session.scalars(
        wanted.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if product is None:
        raise NoSuchProduct
    return product


def refuse_stale(session: Session, product: Product, version: int) -> None:
    """Raise Stale when somebody saved the product after a form with this version was opened."""
    if product.version != version:
        who = session.scalar(select(Person.full_name).where(Person.id == product.edited_by_id))
        raise Stale(who or "Phiên Chợ", product.updated_at, product.version)


def touch(session: Session, product: Product, *, actor: Actor, now: datetime) -> None:
    """Note who changed a product (or its sizes or photos) just now; tell it if buyers see it."""
    product.updated_at = now
    product.edited_by_id = actor.person_id
    flag_modified(product, "updated_at")  # the version must count also two edits in one moment
    if product.state is State.PUBLISHED:
        outbox.record(session, ProductChanged(product_id=product.id, occurred_at=now))


def store_under_free_slug(session: Session, product: Product) -> None:
    """Store a new product; of two with the same name at the same moment both find a slug."""
    product.slug = _free_slug(session, product)
    try:
        with session.begin_nested():
            session.add(product)
            session.flush()
    except IntegrityError:
        product.slug = _own_slug(product)
        session.add(product)
        session.flush()


def refuse_incomplete(product: Product) -> None:
    """Raise Incomplete when the product lacks what buyers need to see."""
    lacks = lacks_of(product)
    if lacks:
        raise Incomplete(lacks=[lack.value for lack in lacks])


def lacks_of(product: Product) -> list[rules.Lack]:
    """Return what is missing before the product may go on sale."""
    return rules.missing(
        variants=len(product.variants), photos=len(product.photos), summary=product.summary
    )


# --- how it is done ---------------------------------------------------------------------------

_COPIED = (
    "category_id",
    "commune_code",
    "name",
    "summary",
    "description",
    "ingredients",
    "storage",
    "shelf_life_days",
    "adults_only",
)
_COPIED_OF_SIZE = ("name", "price", "net_amount", "net_unit", "stock", "position")


def _check(
    session: Session,
    given: ProductGiven,
    *,
    now: datetime,
    product: Product | None = None,
) -> Category:
    """Return the category that was chosen; raise the first thing that is wrong."""
    for problem in rules.problems(given):
        place = problem.field if problem.variant is None else "variants"
        raise BadProduct(problem.sentence, place, **problem.facts)
    category = session.get(Category, given.category_id)
    stays = product is not None and product.category_id == given.category_id
    if category is None or not (
        stays or category in categories_queries.leaves(session, clock.day(now))
    ):
        raise NoSuchCategory
    unit = session.get(AdminUnit, given.commune_code)
    if unit is None or unit.province_code is None:
        raise NoSuchCommune
    return category


def refuse_taken_skus(session: Session, organisation_id: int) -> None:
    """Raise SkuTaken when two sizes of a seller, as they now stand, share a SKU."""
    session.flush()
    twice = session.execute(
        select(Variant.sku, func.min(Product.name).label("name"))
        .join(Product, Product.id == Variant.product_id)
        .where(Product.organisation_id == organisation_id, Variant.sku != "")
        .group_by(Variant.sku)
        .having(func.count() > 1)
        .limit(1)
    ).first()
    if twice is not None:
        raise SkuTaken(sku=twice.sku, name=twice.name)


def put(product: Product, given: ProductGiven, category: Category) -> None:
    product.name = given.name
    product.category_id = category.id
    product.commune_code = given.commune_code
    product.summary = given.summary
    product.description = given.description
    product.ingredients = given.ingredients
    product.storage = given.storage
    product.shelf_life_days = given.shelf_life_days
    product.adults_only = given.adults_only or category.alcohol
    known = {size.public_id: size for size in product.variants}
    product.variants = [
        _size(known, wanted, position) for position, wanted in enumerate(given.variants)
    ]


def _size(known: dict[str, Variant], given: VariantGiven, position: int) -> Variant:
    size = Variant() if given.public_id is None else known.get(given.public_id)
    if size is None:
        raise NoSuchProduct
    size.name = given.shown_name
    size.sku = given.sku
    size.price = given.price
    size.net_amount = given.net_amount
    size.net_unit = given.net_unit
    size.stock = given.stock
    size.position = position
    return size


def snapshot(product: Product) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(product, name) for name in _COPIED}
    facts["variants"] = [
        {
            "name": size.name,
            "sku": size.sku,
            "price": size.price,
            "net": f"{size.net_amount} {size.net_unit}",
            "stock": size.stock,
        }
        for size in product.variants
    ]
    return facts


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Sequence[Any]]:
    """Return name → [before, after] of what differs, long texts cut for the audit."""
    return {
        name: [_cut(value), _cut(after[name])]
        for name, value in before.items()
        if value != after[name]
    }


def _cut(value: Any) -> Any:
    return value[:LONGEST_DIFF] if isinstance(value, str) else value


def _free_slug(session: Session, product: Product) -> str:
    slug = slugify(product.name, fallback="mon-hang")
    taken = session.scalar(
        select(Product.id).where(Product.slug == slug, Product.public_id != product.public_id)
    )
    return _own_slug(product) if taken else slug


def _own_slug(product: Product) -> str:
    return f"{slugify(product.name, fallback='mon-hang')}-{product.public_id[:6]}"
