"""Keeping the index true: hearing what changed, writing it, rebuilding the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import Row, Select, delete, insert, select, update
from sqlalchemy.orm import Session

from catalog.categories.models import Category
from catalog.ocop.events import CertificateChanged
from catalog.ocop.models import Certificate, CertificateProduct
from catalog.ocop.models import State as CertificateState
from catalog.products import queries as products_queries
from catalog.products.events import ProductChanged
from catalog.products.models import Product, Variant
from catalog.products.rules import NetUnit, unit_price_of
from catalog.search import rules
from catalog.search.engine import Document, Engine, Filters, Plan
from catalog.search.models import SearchDirty, SearchState
from foundation.organisations.events import OrganisationChanged
from foundation.organisations.models import Organisation
from foundation.places.models import AdminUnit, OldUnit, Succession

CHUNK: Final = 1_000
BATCH: Final = 100

# --- hearing ----------------------------------------------------------------------------------


def hear_product_changed(session: Session, event: ProductChanged) -> None:
    """Note that a product looks different; `follow` writes it within seconds."""
    mark(session, [event.product_id])


def hear_certificate_changed(session: Session, event: CertificateChanged) -> None:
    """Note every product the certificate covers."""
    _mark_all(
        session,
        select(CertificateProduct.product_id).where(
            CertificateProduct.certificate_id == event.certificate_id
        ),
    )


def hear_organisation_changed(session: Session, event: OrganisationChanged) -> None:
    """Note everything the organisation sells: its name, its place or its right to sell changed."""
    _mark_all(session, select(Product.id).where(Product.organisation_id == event.organisation_id))


def mark(session: Session, product_ids: Collection[int]) -> None:
    """Note that these products may look different in the index."""
    if product_ids:
        rows = [{"product_id": product_id, "done": False} for product_id in product_ids]
        session.execute(insert(SearchDirty), rows)


def _mark_all(session: Session, product_ids: Select[int]) -> None:
    mark(session, session.scalars(product_ids).all())


# --- writing ----------------------------------------------------------------------------------


def follow(session: Session, engine: Engine, *, today: date) -> int:
    """Write up to 100 noted products to the index. Return how many, 0 when it is up to date."""
    waiting = session.execute(
        select(SearchDirty.id, SearchDirty.product_id)
        .where(SearchDirty.done.is_(False))
        .order_by(SearchDirty.id)
        .limit(BATCH)
    ).all()
    if not waiting:
        return 0
    index_products(session, engine, {row.product_id for row in waiting}, today=today)
    heard = SearchDirty.id.in_([row.id for row in waiting])
    if session.scalar(select(SearchState.building)):
        # The generation being built may have read these products before they changed.
        session.execute(update(SearchDirty).where(heard).values(done=True))
    else:
        session.execute(delete(SearchDirty).where(heard))
    return len(waiting)


def index_products(
    session: Session, engine: Engine, product_ids: Collection[int], *, today: date
) -> None:
    """Write these products to the index now; those no longer on sale leave it."""
    found = list(documents(session, product_ids, today=today))
    gone = set(product_ids) - {document.product_id for document in found}
    engine.write(session, found, gone)


# --- rebuilding -------------------------------------------------------------------------------


def start_rebuild(session: Session) -> None:
    """Say that a rebuild begins: from now on changes are kept for it. To be committed by itself."""
    state = session.get(SearchState, 1)
    if state is None:
        state = SearchState(id=1, generation="a", version=0)
        session.add(state)
    state.building = True
    session.execute(delete(SearchDirty).where(SearchDirty.done.is_(True)))


def rebuild(session: Session, engine: Engine, *, today: date) -> str:
    """Build a new generation of the index from everything on sale and return its name."""
    return engine.rebuild(session, documents(session, None, today=today))


def finish_rebuild(session: Session, engine: Engine, generation: str, *, today: date) -> int:
    """Catch up with what changed meanwhile and answer from the new generation. Return how many
    products it holds."""
    changed = session.scalars(select(SearchDirty.product_id)).all()
    found = list(documents(session, set(changed), today=today))
    gone = set(changed) - {document.product_id for document in found}
    engine.swap(session, generation, found, gone)
    session.execute(delete(SearchDirty))
    session.execute(update(SearchState).values(building=False))
    return engine.totals(session, [Plan()], Filters(today=today))[0]


# --- documents --------------------------------------------------------------------------------


def documents(
    session: Session, product_ids: Collection[int] | None, *, today: date
) -> Iterator[Document]:
    """Read products on sale as the index keeps them: these, or all of them.

    Reads a thousand at a time; certificates issued after `today` do not count.
    """
    surroundings = _Surroundings(session)
    for rows in _chunks(session, product_ids):
        ids = [row.id for row in rows]
        prices = _prices(session, ids)
        until = _until(session, ids, today)
        around = surroundings.of(rows)
        for row, words in zip(rows, around, strict=True):
            if row.id not in prices:
                continue  # nothing to buy
            price, unit_price, by_piece = prices[row.id]
            yield Document(
                product_id=row.id,
                tokens=rules.tokens_of(
                    name=row.name,
                    around=words,
                    description=(row.summary, row.description, row.ingredients),
                ),
                category_id=row.category_id,
                commune_code=row.commune_code,
                seller_id=row.organisation_id,
                price=price,
                unit_price=unit_price,
                by_piece=by_piece,
                until=until[row.id],
                published_at=_seconds(row.published_at or row.created_at),
            )


_Product = Row[int, int, int, str, str, str, str, str, datetime, "datetime | None", str]


def _chunks(session: Session, product_ids: Collection[int] | None) -> Iterator[Sequence[_Product]]:
    statement = (
        select(
            Product.id,
            Product.organisation_id,
            Product.category_id,
            Product.commune_code,
            Product.name,
            Product.summary,
            Product.description,
            Product.ingredients,
            Product.created_at,
            Product.published_at,
            Organisation.name.label("seller"),
        )
        .join(Product.organisation)
        .where(products_queries.on_sale())
        .order_by(Product.id)
    )
    for ids in _batches(session, product_ids):
        # Named ids keep the database on the primary key, whatever else it might try.
        rows = session.execute(statement.where(Product.id.in_(ids))).all()
        if rows:
            yield rows


def _batches(session: Session, product_ids: Collection[int] | None) -> Iterator[Sequence[int]]:
    """Yield these ids, or those of all products, a thousand at a time."""
    if product_ids is not None:
        wanted = sorted(product_ids)
        yield from (wanted[at : at + CHUNK] for at in range(0, len(wanted), CHUNK))
        return
    every = select(Product.id).order_by(Product.id).limit(CHUNK)
    last = 0
    while ids := session.scalars(every.where(Product.id > last)).all():
        yield ids
        last = ids[-1]


def _prices(session: Session, product_ids: Sequence[int]) -> dict[int, tuple[int, int, bool]]:
    """Return each product's lowest price, and its lowest price by weight or volume, else by
    piece."""
    rows = session.execute(
        select(Variant.product_id, Variant.price, Variant.net_amount, Variant.net_unit).where(
            Variant.product_id.in_(product_ids)
        )
    )
    prices: dict[int, int] = {}
    units: dict[int, tuple[bool, int]] = {}
    for product_id, price, net_amount, net_unit in rows:
        prices[product_id] = min(price, prices.get(product_id, price))
        unit = unit_price_of(price, net_amount, net_unit)
        own = (net_unit is NetUnit.PIECE, unit.amount if unit else price)
        units[product_id] = min(own, units.get(product_id, own))
    return {key: (price, units[key][1], units[key][0]) for key, price in prices.items()}


_Until = tuple[date | None, date | None, date | None]


def _until(session: Session, product_ids: Sequence[int], today: date) -> dict[int, _Until]:
    """Return for how long each product holds at least 5, 4 and 3 stars."""
    # In two steps: joined, SQLite begins with all verified certificates.
    covers = session.execute(
        select(CertificateProduct.product_id, CertificateProduct.certificate_id).where(
            CertificateProduct.product_id.in_(product_ids)
        )
    ).all()
    certificates = {
        row.id: row
        for row in session.execute(
            select(
                Certificate.id,
                Certificate.state,
                Certificate.issued_on,
                Certificate.stars,
                Certificate.lapses_on,
            ).where(Certificate.id.in_({row.certificate_id for row in covers}))
        )
        if row.state == CertificateState.VERIFIED and row.issued_on <= today
    }
    ends: dict[tuple[int, int], date] = {}
    for product_id, certificate_id in covers:
        held = certificates.get(certificate_id)
        for least in rules.STARS:
            if held is not None and held.stars >= least:
                key = (product_id, least)
                ends[key] = max(held.lapses_on, ends.get(key, held.lapses_on))
    five, four, three = rules.STARS
    return {
        key: (ends.get((key, five)), ends.get((key, four)), ends.get((key, three)))
        for key in product_ids
    }


class _Surroundings:
    """The words around products: of categories up to their group, of sellers, and of places, by
    the names of today and of before July 2025."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._categories: dict[int, frozenset[str]] = {}
        self._communes: dict[str, frozenset[str]] = {}
        self._sellers: dict[str, frozenset[str]] = {}

    def of(self, rows: Sequence[_Product]) -> list[tuple[frozenset[str], ...]]:
        """Return the tokens around each of these products."""
        self._read_categories({row.category_id for row in rows})
        self._read_communes({row.commune_code for row in rows} - set(self._communes))
        for row in rows:
            if row.seller not in self._sellers:
                self._sellers[row.seller] = rules.around_tokens([row.seller])
        return [
            (
                self._categories[row.category_id],
                self._communes[row.commune_code],
                self._sellers[row.seller],
            )
            for row in rows
        ]

    def _read_categories(self, wanted: set[int]) -> None:
        if wanted <= set(self._categories):
            return
        known = {
            row.id: row
            for row in self._session.execute(
                select(Category.id, Category.parent_id, Category.name, Category.name_en)
            )
        }
        for category_id in known:
            names: list[str] = []
            step: int | None = category_id
            while step is not None:
                names += [known[step].name, known[step].name_en]
                step = known[step].parent_id
            self._categories[category_id] = rules.around_tokens(names)

    def _read_communes(self, wanted: set[str]) -> None:
        if not wanted:
            return
        names: dict[str, list[str]] = defaultdict(list)
        units = {
            row.code: row
            for row in self._session.execute(
                select(AdminUnit.code, AdminUnit.name, AdminUnit.province_code)
            )
        }
        for code in wanted:
            unit = units[code]
            names[code].append(unit.name)
            if unit.province_code in units:
                names[code].append(units[unit.province_code].name)
        before = self._session.execute(
            select(Succession.new_code, OldUnit.name, OldUnit.district, OldUnit.province)
            .join(OldUnit, OldUnit.id == Succession.old_unit_id)
            .where(Succession.new_code.in_(wanted))
        )
        for code, *old in before:
            names[code] += old
        for code in wanted:
            self._communes[code] = rules.around_tokens(names[code])


def _seconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())
