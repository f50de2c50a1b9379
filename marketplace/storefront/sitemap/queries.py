"""What the map of the site lists."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.products import queries as products_queries
from catalog.products.models import Product
from foundation.kept import Kept
from foundation.organisations.models import Organisation, State
from foundation.organisations.rules import SELLING_KINDS
from foundation.places.models import AdminUnit
from marketplace.storefront.directory.queries import place_counts

TEN_MINUTES = 600

Page = tuple[str, datetime | None]


def product_starts(session: Session, kept: Kept, *, size: int) -> list[int]:
    """Return the id after which each part of the products begins: 0, then every `size`-th."""

    def read() -> list[int]:
        numbered = (
            select(Product.id, func.row_number().over(order_by=Product.id).label("number"))
            .where(products_queries.on_sale())
            .subquery()
        )
        rows = session.scalars(
            select(numbered.c.id).where(numbered.c.number % size == 0).order_by(numbered.c.id)
        )
        return [0, *rows]

    return kept.get("product_starts", TEN_MINUTES, read)


def products(session: Session, *, after_id: int, limit: int) -> list[Page]:
    """Return the pages of products on sale after an id."""
    rows = products_queries.slugs_on_sale(session, after_id=after_id, limit=limit)
    return [(f"/products/{slug}", changed) for _id, slug, changed in rows]


def sellers(session: Session, *, limit: int) -> list[Page]:
    """Return the pages of verified sellers, the newest first."""
    rows = session.execute(
        select(Organisation.slug, Organisation.decided_at)
        .where(Organisation.state == State.VERIFIED, Organisation.kind.in_(SELLING_KINDS))
        .order_by(Organisation.id.desc())
        .limit(limit)
    )
    return [(f"/sellers/{slug}", changed) for slug, changed in rows]


def places(session: Session, kept: Kept) -> list[Page]:
    """Return the pages of the communes that have something on sale."""
    counts = place_counts(session, kept)
    rows = session.scalars(
        select(AdminUnit.slug).where(AdminUnit.code.in_(counts)).order_by(AdminUnit.sort_key)
    )
    return [(f"/places/{slug}", None) for slug in rows]
