"""What the pages of the shop window read."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, ScalarSelect, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from catalog.ocop import queries as ocop_queries
from catalog.ocop.models import Certificate, CertificateProduct
from catalog.ocop.models import State as CertificateState
from catalog.ocop.queries import Badge
from catalog.products import queries as products_queries
from catalog.products.models import Product, Variant
from catalog.products.queries import ProductCard, ProductPage
from catalog.search import queries as search_queries
from catalog.search.engine import Engine, FacetValue, SearchRequest, Sort
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


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a product's page shows, in few numbers: `state` differs whenever the page would, and
    `suspended` whenever any seller is suspended or let back in."""

    adults_only: bool
    state: tuple[object, ...]
    suspended: tuple[int, int]


def _certificates() -> ScalarSelect[Any]:
    """Select a number that changes with the valid certificates of a product.

    What is valid is told inside the sum: asked for in WHERE, SQLite, which knows no statistics
    here, walks through every valid certificate instead of the few of the product.
    """
    today = bindparam("today", type_=Date)
    valid = and_(
        Certificate.state == CertificateState.VERIFIED,
        Certificate.issued_on <= today,
        Certificate.lapses_on > today,
    )
    return (
        select(func.sum(case((valid, Certificate.id * 1_000 + Certificate.version), else_=0)))
        .join(CertificateProduct, CertificateProduct.certificate_id == Certificate.id)
        .where(CertificateProduct.product_id == Product.id)
        .scalar_subquery()
    )


@cache
def _mark_rows() -> Select[*tuple[Any, ...]]:
    other = aliased(Organisation)
    suspended = select(other.id).where(other.state == SellerState.SUSPENDED)
    return (
        select(
            Product.adults_only,
            Product.id,
            Product.version,
            Product.updated_at,
            Organisation.version,
            func.count(Variant.id),
            func.sum(Variant.stock * (Variant.position + 1)),
            func.sum(Variant.price * (Variant.position + 1)),
            _certificates(),
            suspended.with_only_columns(func.count()).scalar_subquery().label("suspended_count"),
            suspended.with_only_columns(func.sum(other.id))
            .scalar_subquery()
            .label("suspended_ids"),
        )
        .join(Organisation, Organisation.id == Product.organisation_id)
        .outerjoin(Variant, Variant.product_id == Product.id)
        .where(Product.slug == bindparam("slug"), products_queries.on_sale_of(Organisation))
        .group_by(
            Product.adults_only,
            Product.id,
            Product.version,
            Product.updated_at,
            Organisation.version,
        )
    )


def mark(session: Session, slug: str, *, today: date) -> Mark | None:
    """Return what tells one state of a product's page from another, None when it has no page.

    Suspending any seller changes it too, since theirs may be among the similar goods. One
    statement, however much the page shows.
    """
    row = session.execute(_mark_rows(), {"slug": slug, "today": today}).one_or_none()
    if row is None:
        return None
    return Mark(
        adults_only=row.adults_only,
        state=(*row, today),
        suspended=(row.suspended_count, row.suspended_ids or 0),
    )


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A product's page with what stands beside it: its badge, similar goods, and the units of
    before July 2025 its commune was made of."""

    page: ProductPage
    badge: Badge | None
    similar: Goods
    former: tuple[directory.Former, ...]


def whole(
    session: Session, kept: Kept, page: ProductPage, *, suspended: Hashable, today: date
) -> Whole:
    """Return a product's page with everything beside it. Seven statements at most."""
    badges = ocop_queries.badges(session, [page.product_id], today=today)
    return Whole(
        page=page,
        badge=badges.get(page.product_id),
        similar=similar(session, kept, page, suspended=suspended, today=today),
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
