"""What the pages of the shop window read."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from catalog.ocop import queries as ocop_queries
from catalog.ocop.models import Certificate, CertificateProduct
from catalog.ocop.models import State as CertificateState
from catalog.ocop.queries import Badge
from catalog.products import queries as products_queries
from catalog.products.models import Product, Variant
from catalog.products.queries import ProductCard
from catalog.search import queries as search_queries
from catalog.search.engine import Engine, FacetValue, SearchRequest, Sort
from catalog.shown import queries as shown
from catalog.shown.queries import ProductPage
from foundation.db import escape_like
from foundation.kept import Kept
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as SellerState
from foundation.text import fold
from marketplace.storefront import rules
from marketplace.storefront.directory import queries as directory

FEW_MINUTES = 300
A_MINUTE = 60
CANDIDATES = 24


# --- goods ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Goods:
    """Cards in the order asked for, and the badges that go with them."""

    cards: list[ProductCard]
    badges: dict[int, Badge]


def goods(session: Session, product_ids: Sequence[int], *, today: date) -> Goods:
    """Return the cards and badges of these products, in their order. Four statements."""
    return Goods(
        cards=products_queries.cards(session, product_ids),
        badges=ocop_queries.badges(session, product_ids, today=today),
    )


# --- a product's page -------------------------------------------------------------------------


class Mark(NamedTuple):
    """What a product's page shows, in few numbers: it differs whenever the page would, and also
    when any seller is suspended or let back in, since theirs may be among the similar goods."""

    product_id: int
    version: int
    updated_at: datetime
    seller_version: int
    sizes: int
    stock: int | None
    price: int | None
    certificates: int | None
    suspended: int
    whom: int | None
    today: date


@cache
def _mark_columns() -> tuple[ColumnElement[Any], ...]:
    """Return columns for a statement over a product and its seller."""
    product, seller = Product.__table__.c, Organisation.__table__.c
    variant = Variant.__table__.c
    of_product = select(func.count()).where(variant.product_id == product.id)
    stock, price = (
        func.sum(each * (variant.position + 1)) for each in (variant.stock, variant.price)
    )
    other = Organisation.__table__.alias("other")
    suspended = select(func.count()).where(other.c.state == SellerState.SUSPENDED)
    return (
        product.id.label("mark_product_id"),
        product.version.label("mark_version"),
        product.updated_at.label("mark_updated_at"),
        seller.version.label("mark_seller_version"),
        of_product.scalar_subquery().label("mark_sizes"),
        of_product.with_only_columns(stock).scalar_subquery().label("mark_stock"),
        of_product.with_only_columns(price).scalar_subquery().label("mark_price"),
        _certificates().label("mark_certificates"),
        suspended.scalar_subquery().label("mark_suspended"),
        suspended.with_only_columns(func.sum(other.c.id)).scalar_subquery().label("mark_whom"),
    )


def _certificates() -> ScalarSelect[Any]:
    """Select a number that changes with the valid certificates of a product.

    What is valid is told inside the sum: asked for in WHERE, SQLite, which knows no statistics
    here, walks through every valid certificate instead of the few of the product.
    """
    today = bindparam("today", type_=Date)
    certificate, cover = Certificate.__table__.c, CertificateProduct.__table__.c
    valid = and_(
        certificate.state == CertificateState.VERIFIED,
        certificate.issued_on <= today,
        certificate.lapses_on > today,
    )
    return (
        select(func.sum(case((valid, certificate.id * 1_000 + certificate.version), else_=0)))
        .join_from(
            CertificateProduct.__table__,
            Certificate.__table__,
            cover.certificate_id == certificate.id,
        )
        .where(cover.product_id == Product.__table__.c.id)
        .scalar_subquery()
    )


@cache
def _mark_rows() -> Select[*tuple[Any, ...]]:
    product, seller = Product.__table__, Organisation.__table__
    return (
        select(*_mark_columns())
        .join_from(product, seller, seller.c.id == product.c.organisation_id)
        .where(product.c.slug == bindparam("slug"), shown.on_sale())
    )


@cache
def _page_rows() -> Select[*tuple[Any, ...]]:
    return shown.on_sale_rows().add_columns(*_mark_columns())


def mark(session: Session, slug: str, *, today: date) -> Mark | None:
    """Return what tells one state of a product's page from another, None when it has no page.

    One statement, however much the page shows.
    """
    row = session.execute(_mark_rows(), {"slug": slug, "today": today}).one_or_none()
    return None if row is None else Mark._make((*row, today))


def page(session: Session, slug: str, *, today: date) -> tuple[ProductPage, Mark] | None:
    """Return a product's page with its mark, None when there is none. Three statements."""
    row = session.execute(_page_rows(), {"slug": slug, "today": today}).one_or_none()
    if row is None:
        return None
    return shown.page_of(session, row), Mark._make((*row[-len(_mark_columns()) :], today))


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A product's page with what stands beside it: its badge, similar goods, and the units of
    before July 2025 its commune was made of."""

    page: ProductPage
    badge: Badge | None
    similar: Goods
    former: tuple[directory.Former, ...]


def whole(session: Session, kept: Kept, page: ProductPage, mark: Mark, *, today: date) -> Whole:
    """Return a product's page with everything beside it. Six statements at most."""
    certified = (
        [page.product_id] if mark.certificates else []
    )  # the mark tells whether there is any
    badges = ocop_queries.badges(session, certified, today=today)
    return Whole(
        page=page,
        badge=badges.get(page.product_id),
        similar=similar(session, kept, page, suspended=(mark.suspended, mark.whom), today=today),
        former=directory.former_units(session, kept, page.commune.code),
    )


def still_on_sale(session: Session, product_ids: Sequence[int]) -> list[int]:
    """Return those of these products that buyers may see at this moment, in their order."""
    if not product_ids:
        return []
    shown = set(
        session.scalars(
            select(Product.id).where(products_queries.on_sale(), Product.id.in_(product_ids))
        )
    )
    return [each for each in product_ids if each in shown]


def similar(
    session: Session, kept: Kept, page: ProductPage, *, suspended: Hashable, today: date
) -> Goods:
    """Return up to four other products of the same category, a minute old at most.

    `suspended` says which sellers are suspended: when it changes, the goods are read anew.
    """
    category_id = page.category.id

    def newest() -> Goods:
        ids = session.scalars(
            select(Product.id)
            .where(products_queries.on_sale(), Product.category_id == category_id)
            .order_by(Product.id.desc())
            .limit(CANDIDATES)
        )
        return goods(session, list(ids), today=today)

    found = kept.get(("similar", category_id, suspended, today), A_MINUTE, newest)
    ids = [card.product_id for card in found.cards]
    # Begin after the product itself, so that pages of one category do not all show the same four.
    at = ids.index(page.product_id) + 1 if page.product_id in ids else page.product_id % CANDIDATES
    turned = found.cards[at:] + found.cards[:at]
    others = [card for card in turned if card.product_id != page.product_id]
    return Goods(cards=others[:4], badges=found.badges)


@dataclass(frozen=True, kw_only=True)
class Shelves:
    """The goods on the home page: three on the stall, four in season, eight of everything, and
    three beside the reminder of a day people prepare for."""

    stall: list[ProductCard]
    season: list[ProductCard]
    best: list[ProductCard]
    aside: list[ProductCard]
    badges: dict[int, Badge]


def shelves(session: Session, window: Window, *, today: date) -> Shelves:
    """Return what of the window's candidates is on sale now. Five statements."""
    found = goods(
        session, still_on_sale(session, [*window.season_ids, *window.best_ids]), today=today
    )
    there = sorted(found.cards, key=lambda card: not card.in_stock)
    season = [card for card in there if card.product_id in window.season_ids]
    best = [card for card in there if card.product_id in window.best_ids]
    stall = [*season[:1], *[card for card in best if not card.adults_only][:2]]
    return Shelves(
        stall=stall,
        season=season[:4],
        best=best[:8],
        aside=season[1:4],
        badges=found.badges,
    )


@dataclass(frozen=True, kw_only=True)
class Window:
    """What the home page may show: candidates, to be read anew before they are shown."""

    season_ids: tuple[int, ...]
    best_ids: tuple[int, ...]
    groups: tuple[FacetValue, ...]
    total: int


def window(session: Session, engine: Engine, kept: Kept, *, today: date, language: str) -> Window:
    """Return what to put in the shop window. A few minutes old at most."""

    def look() -> Window:
        found = search_queries.search(
            session,
            engine,
            SearchRequest(sort=Sort.STARS, per_page=48, language=language),
            today=today,
        )
        season = _in_season(session, today.month)
        best = [each for each in found.product_ids if each not in season]
        return Window(
            season_ids=tuple(season[:12]),
            best_ids=tuple(_one_of_each(session, best)[:12]),
            groups=tuple(
                each
                for each in found.facet("category").values
                if each.parent is None and each.count
            ),
            total=found.total,
        )

    return kept.get(("window", language, today), FEW_MINUTES, look)


def _in_season(session: Session, month: int) -> list[int]:
    """Return products in season, one of each kind first, then the second of each."""
    starts = [
        Product.name.like(f"{escape_like(words[:1].upper() + words[1:])}%", escape="\\")
        for season in rules.of_month(month)
        for words in season.words
    ]
    if not starts:
        return []
    rows = session.execute(
        select(Product.id, Product.name)
        .where(products_queries.on_sale(), or_(*starts))
        .order_by(Product.published_at.desc(), Product.id.desc())
        .limit(200)
    )
    by_kind: dict[str, list[int]] = {}
    for product_id, name in rows:
        kind = rules.kind_in_season(name, month)
        if kind:
            by_kind.setdefault(kind.name, []).append(product_id)
    return rules.in_turns(list(by_kind.values()))


def _one_of_each(session: Session, product_ids: Sequence[int]) -> list[int]:
    """Return these products in turns, one of each category and each first word of a name."""
    rows = session.execute(
        select(Product.id, Product.category_id, Product.name).where(Product.id.in_(product_ids))
    ).all()
    kinds = {row.id: (row.category_id, fold(row.name).split()[0]) for row in rows}
    by_category: dict[int, dict[str, list[int]]] = {}
    for product_id in product_ids:
        if product_id in kinds:
            category, word = kinds[product_id]
            by_category.setdefault(category, {}).setdefault(word, []).append(product_id)
    return rules.in_turns([rules.in_turns(list(words.values())) for words in by_category.values()])
