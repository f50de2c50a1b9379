"""Taking a workbook in: read and compared first, shown, then saved all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from catalog.categories import queries as categories
from catalog.categories.models import Category
from catalog.products import service as products
from catalog.products.models import Product, State
from catalog.products.rules import MUST_BE_COMPLETE, NetUnit, ProductGiven, VariantGiven
from catalog.sheets import queries
from catalog.sheets.errors import AlreadyImported, ChangedMeanwhile, HasMistakes, NoSuchImport
from catalog.sheets.merging import rules as merging
from catalog.sheets.merging.rules import Entry, Known, KnownProduct, Plan
from catalog.sheets.models import ProductImport
from catalog.sheets.rules import Line, read
from foundation import clock
from foundation.accounts import service as accounts
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.ids import new_public_id, new_token
from foundation.organisations.models import Organisation
from foundation.places import queries as places
from foundation.text import clean, fold, slugify

MOST_MISTAKES_KEPT = 200
MOST_COMMUNES = 200
UPLOADS_AN_HOUR = 30


def take_in(
    session: Session,
    data: bytes,
    *,
    name: str,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> ProductImport:
    """Read a workbook and keep what it would do, to be looked at. Changes no product.

    `data` is the upload, `name` its file name. Raises what rules.read raises, and TooManyKnocks
    after UPLOADS_AN_HOUR.
    """
    accounts.knock(
        session,
        "sheet",
        str(organisation_id),
        limit=UPLOADS_AN_HOUR,
        within=timedelta(hours=1),
        now=now,
    )
    lines = read(data, name)
    session.execute(delete(ProductImport).where(ProductImport.created_at < now - queries.KEPT_FOR))
    known = _known(session, lines, organisation_id, now)
    plan = merging.plan(lines, known)
    kept = ProductImport(
        token=new_token(),
        organisation_id=organisation_id,
        person_id=actor.person_id,
        file_name=clean(name)[-160:],
        created_at=now,
        content=_content(plan, len(lines)),
    )
    session.add(kept)
    session.flush()
    return kept


def confirm(
    session: Session, token: str, *, organisation_id: int, actor: Actor, now: datetime
) -> int:
    """Save what the preview showed, all or nothing. Return how many products it touched.

    New products are drafts. Raises NoSuchImport, AlreadyImported, HasMistakes, ChangedMeanwhile,
    and what is wrong by now with a product (SkuTaken).
    """
    kept = _locked(session, token, organisation_id, now)
    if kept.applied_at is not None:
        raise AlreadyImported
    if kept.content["mistakes"]:
        raise HasMistakes
    entries: list[dict[str, Any]] = kept.content["entries"]
    present = _lock_products(session, entries, organisation_id)
    before = {code: products.snapshot(product) for code, product in present.items()}
    fresh: list[Product] = []
    found = _categories(session, entries)
    for entry in entries:
        product = present.get(entry["public_id"])
        if product is None:
            product = _draft(organisation_id, actor, now)
            fresh.append(product)
        products.put(product, _given(entry["given"]), found[entry["given"]["category_id"]])
    _give_slugs(session, fresh)
    session.add_all(fresh)
    products.refuse_taken_skus(session, organisation_id)
    _note(session, fresh, present, before, actor=actor, now=now)
    kept.applied_at = now
    return len(entries)


# --- looking ----------------------------------------------------------------------------------


def _known(session: Session, lines: Sequence[Line], organisation_id: int, now: datetime) -> Known:
    rows = session.scalars(queries.own(organisation_id)).all()
    labels = places.suggestions(session, {row.commune_code for row in rows})
    communes: dict[str, str | None] = {
        suggestion.label: code for code, suggestion in labels.items()
    }
    for text in dict.fromkeys(line.text("commune") for line in lines):
        if text and text not in communes and len(communes) < len(labels) + MOST_COMMUNES:
            found = places.resolve_old(session, text).commune
            communes[text] = found.code if found else None
    leaves = categories.leaves(session, clock.day(now))
    return Known(
        products={row.public_id: _known_product(row) for row in rows},
        categories={fold(leaf.name): leaf.id for leaf in leaves},
        communes=communes,
        default_commune=session.scalar(
            select(Organisation.commune_code).where(Organisation.id == organisation_id)
        ),
    )


def _known_product(product: Product) -> KnownProduct:
    return KnownProduct(
        public_id=product.public_id,
        version=product.version,
        state=product.state,
        given=ProductGiven(
            name=product.name,
            category_id=product.category_id,
            commune_code=product.commune_code,
            summary=product.summary,
            description=product.description,
            ingredients=product.ingredients,
            storage=product.storage,
            shelf_life_days=product.shelf_life_days,
            adults_only=product.adults_only,
            variants=tuple(
                VariantGiven(
                    public_id=size.public_id,
                    name=size.name,
                    sku=size.sku,
                    price=size.price,
                    net_amount=size.net_amount,
                    net_unit=size.net_unit,
                    stock=size.stock,
                )
                for size in product.variants
            ),
        ),
    )


def _content(plan: Plan, rows: int) -> dict[str, Any]:
    told = [entry for entry in plan.entries if entry.known is None or entry.changes]
    return {
        "rows": rows,
        "unchanged": len(plan.entries) - len(told),
        "entries": [_stored(entry) for entry in told],
        "mistakes": [asdict(mistake) for mistake in plan.mistakes[:MOST_MISTAKES_KEPT]],
        "mistakes_in_all": len(plan.mistakes),
    }


def _stored(entry: Entry) -> dict[str, Any]:
    return {
        "row": entry.row,
        "public_id": entry.known.public_id if entry.known else None,
        "version": entry.known.version if entry.known else None,
        "given": asdict(entry.given),
        "changes": [list(change) for change in entry.changes],
    }


def _given(stored: dict[str, Any]) -> ProductGiven:
    sizes = tuple(
        VariantGiven(**(size | {"net_unit": NetUnit(size["net_unit"])}))
        for size in stored["variants"]
    )
    return ProductGiven(**(stored | {"variants": sizes}))


# --- saving -----------------------------------------------------------------------------------


def _locked(session: Session, token: str, organisation_id: int, now: datetime) -> ProductImport:
    kept = session.scalars(
        select(ProductImport)
        .where(
            ProductImport.token == token,
            ProductImport.organisation_id == organisation_id,
            ProductImport.created_at > now - queries.KEPT_FOR,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if kept is None:
        raise NoSuchImport
    return kept


def _lock_products(
    session: Session, entries: Sequence[dict[str, Any]], organisation_id: int
) -> dict[str, Product]:
    """Return the products the preview was about, locked, unless one changed since."""
    versions = {entry["public_id"]: entry["version"] for entry in entries if entry["public_id"]}
    rows = session.scalars(
        select(Product)
        .where(Product.organisation_id == organisation_id, Product.public_id.in_(versions))
        .options(selectinload(Product.variants), selectinload(Product.photos))
        .order_by(Product.id)  # locks are taken in one order everywhere
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    present = {row.public_id: row for row in rows}
    changed = [
        entry["given"]["name"]
        for entry in entries
        if entry["public_id"]
        and (
            entry["public_id"] not in present
            or present[entry["public_id"]].version != entry["version"]
        )
    ]
    if changed:
        raise ChangedMeanwhile(names=", ".join(changed[:5]))
    return present


def _categories(session: Session, entries: Sequence[dict[str, Any]]) -> dict[int, Category]:
    wanted = {entry["given"]["category_id"] for entry in entries}
    return {row.id: row for row in session.scalars(select(Category).where(Category.id.in_(wanted)))}


def _draft(organisation_id: int, actor: Actor, now: datetime) -> Product:
    return Product(
        public_id=new_public_id(),
        organisation_id=organisation_id,
        state=State.DRAFT,
        created_at=now,
        updated_at=now,
        edited_by_id=actor.person_id,
    )


def _give_slugs(session: Session, fresh: Sequence[Product]) -> None:
    slugs = {slugify(product.name, fallback="mon-hang") for product in fresh}
    taken = set(session.scalars(select(Product.slug).where(Product.slug.in_(slugs))))
    for product in fresh:
        slug = slugify(product.name, fallback="mon-hang")
        product.slug = f"{slug}-{product.public_id[:6]}" if slug in taken else slug
        taken.add(product.slug)


def _note(
    session: Session,
    fresh: Sequence[Product],
    present: dict[str, Product],
    before: dict[str, dict[str, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    for product in fresh:
        audit.record(session, "products.imported", product, actor=actor, now=now, name=product.name)
    for code, product in present.items():
        if product.state in MUST_BE_COMPLETE:
            products.refuse_incomplete(product)
        changes = products.changes_between(before[code], products.snapshot(product))
        if changes:
            products.touch(session, product, actor=actor, now=now)
            audit.record(
                session, "products.imported", product, actor=actor, now=now, changes=changes
            )
