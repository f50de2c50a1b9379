"""A seller's own products, in every state, as the list shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from catalog.products import queries as products
from catalog.products.models import Product, State, Variant
from catalog.products.queries import ProductCard
from foundation.db import escape_like
from foundation.text import fold

PER_PAGE = 20
MOST_PAGES = 5_000


class Sort(StrEnum):
    CHANGED = "changed"
    NAME = "name"
    STOCK = "stock"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What of the list is wanted: a state or all, words in the name, an order, a page from 1."""

    state: State | None = None
    words: str = ""
    sort: Sort = Sort.CHANGED
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class SizeRow:
    public_id: str
    name: str
    price: int
    stock: int


@dataclass(frozen=True, kw_only=True)
class Row:
    card: ProductCard
    state: State
    version: int
    updated_at: datetime
    review_note: str
    sizes: tuple[SizeRow, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int


def counts(session: Session, organisation_id: int) -> dict[State, int]:
    """Return how many products the seller has in each state that has any."""
    rows = session.execute(
        select(Product.state, func.count())
        .where(Product.organisation_id == organisation_id)
        .group_by(Product.state)
    )
    return {row[0]: row[1] for row in rows}


def listed(session: Session, organisation_id: int, asked: Asked) -> Found:
    """Return one page of the seller's products. Six statements, whatever the number of rows."""
    conditions = _conditions(organisation_id, asked)
    total = session.scalars(select(func.count()).select_from(Product).where(*conditions)).one()
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(asked.page, 1), pages)
    found = session.execute(
        select(Product.id, Product.state, Product.version, Product.updated_at, Product.review_note)
        .where(*conditions)
        .order_by(*_order(asked.sort))
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    ids = [row.id for row in found]
    sizes = _sizes(session, ids)
    rows = tuple(
        Row(
            card=card,
            state=row.state,
            version=row.version,
            updated_at=row.updated_at,
            review_note=row.review_note,
            sizes=tuple(sizes.get(row.id, ())),
        )
        for row, card in zip(found, products.cards(session, ids), strict=True)
    )
    return Found(rows=rows, total=total, page=page, pages=pages)


def _conditions(organisation_id: int, asked: Asked) -> list[ColumnElement[bool]]:
    conditions = [Product.organisation_id == organisation_id]
    if asked.state is not None:
        conditions.append(Product.state == asked.state)
    conditions += [
        Product.fold_key.like(f"%{escape_like(word)}%", escape="\\")
        for word in fold(asked.words).split()[:8]
    ]
    return conditions


def _order(sort: Sort) -> list[ColumnElement[Any]]:
    if sort is Sort.NAME:
        return [Product.fold_key.asc(), Product.id.asc()]
    if sort is Sort.STOCK:
        stock = (
            select(func.coalesce(func.sum(Variant.stock), 0))
            .where(Variant.product_id == Product.id)
            .scalar_subquery()
        )
        return [stock.asc(), Product.id.asc()]
    return [Product.updated_at.desc(), Product.id.desc()]


def _sizes(session: Session, product_ids: Sequence[int]) -> dict[int, list[SizeRow]]:
    rows = session.execute(
        select(Variant.product_id, Variant.public_id, Variant.name, Variant.price, Variant.stock)
        .where(Variant.product_id.in_(product_ids))
        .order_by(Variant.product_id, Variant.position, Variant.id)
    )
    found: dict[int, list[SizeRow]] = {}
    for row in rows:
        found.setdefault(row.product_id, []).append(
            SizeRow(public_id=row.public_id, name=row.name, price=row.price, stock=row.stock)
        )
    return found
