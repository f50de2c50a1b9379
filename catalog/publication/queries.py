"""Products as the authority sees them: who waits, what is on sale, and one in full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from catalog.products import queries as products
from catalog.products.errors import NoSuchProduct
from catalog.products.models import Product, State
from catalog.products.queries import ProductCard
from foundation.db import escape_like
from foundation.organisations.models import Organisation
from foundation.text import fold

PER_PAGE = 20


@dataclass(frozen=True, kw_only=True)
class Row:
    card: ProductCard
    state: State
    submitted_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Found:
    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int


def waiting_count(session: Session) -> int:
    """Return how many products wait for the authority."""
    statement = select(func.count()).select_from(Product).where(Product.state == State.IN_REVIEW)
    return session.scalars(statement).one()


def counts(session: Session) -> dict[State, int]:
    """Return how many products stand in each state that has any, drafts left out."""
    rows = session.execute(
        select(Product.state, func.count())
        .where(Product.state != State.DRAFT)
        .group_by(Product.state)
    )
    return {row[0]: row[1] for row in rows}


def listed(session: Session, state: State, *, words: str = "", page: int = 1) -> Found:
    """Return one page of the products in a state: those that wait oldest first, others by their
    last change. `words` are looked for in the names of product and seller. Drafts are nobody's
    business but the seller's: none are ever found. Five statements.
    """
    conditions = _conditions(state, words)
    joined = select(Product.id).join(Organisation, Organisation.id == Product.organisation_id)
    count = joined.where(*conditions).with_only_columns(func.count(), maintain_column_froms=True)
    total = session.scalars(count).one()
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    order: list[ColumnElement[Any]] = [Product.updated_at.desc(), Product.id.desc()]
    if state is State.IN_REVIEW:
        order = [Product.submitted_at.asc(), Product.id.asc()]
    found = session.execute(
        joined.add_columns(Product.state, Product.submitted_at, Product.updated_at)
        .where(*conditions)
        .order_by(*order)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    cards = products.cards(session, [row.id for row in found])
    rows = tuple(
        Row(
            card=card,
            state=row.state,
            submitted_at=row.submitted_at,
            updated_at=row.updated_at,
        )
        for row, card in zip(found, cards, strict=True)
    )
    return Found(rows=rows, total=total, page=page, pages=pages)


def one(session: Session, public_id: str) -> Product:
    """Return a product that was ever put forward. Raises NoSuchProduct, for drafts too."""
    product = session.scalars(
        select(Product)
        .where(
            Product.public_id == public_id,
            or_(Product.state != State.DRAFT, Product.submitted_at.is_not(None)),
        )
        .options(joinedload(Product.organisation))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if product is None:
        raise NoSuchProduct
    return product


def _conditions(state: State, words: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Product.state == state, Product.state != State.DRAFT]
    for word in fold(words).split()[:8]:
        pattern = f"%{escape_like(word)}%"
        conditions.append(
            or_(
                Product.fold_key.like(pattern, escape="\\"),
                Organisation.fold_key.like(pattern, escape="\\"),
            )
        )
    return conditions
