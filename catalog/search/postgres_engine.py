"""The scaled engine: PostgreSQL keeps the tokens of a product as a tsvector under a GIN index.

Every plan becomes tsquery expressions over whole tokens, without weights or positions: those the
index answers alone, so rows of words are never fetched. Two tables of one shape take turns: one
answers while a rebuild fills the other (see `models`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from catalog.search.engine import (
    FACETS,
    KEPT_ANSWERS,
    Counts,
    Document,
    Filters,
    Memory,
    Plan,
    Sort,
)
from catalog.search.models import (
    BALLAST,
    ProductSearchA,
    ProductSearchB,
    SearchState,
    SearchWordA,
    SearchWordB,
    table_of,
)
from catalog.search.postgres_sql import (
    FACET_COLUMNS,
    FACETS_TOO,
    STARS,
    both,
    conditions,
    counted,
    counted_before,
    counting,
    facet_tokens,
    seller_token,
    tsquery,
)

# Statements are put together from names and numbers of ours; whatever came from outside is bound.
# ruff: noqa: S608

COPIED_AT_ONCE: Final = 5_000
READ_AT_ONCE: Final = 1_000
WRITE_LOCK: Final = 7_420_011  # any number no other advisory lock of ours has
_TABLES: Final = {
    "a": (table_of(ProductSearchA), table_of(SearchWordA)),
    "b": (table_of(ProductSearchB), table_of(SearchWordB)),
}
_NEWEST: Final = "published_at DESC, product_id DESC"
_ORDERS: Final = {
    Sort.RELEVANCE: _NEWEST,
    Sort.NEWEST: _NEWEST,
    Sort.PRICE_UP: f"price, {_NEWEST}",
    Sort.PRICE_DOWN: f"price DESC, {_NEWEST}",
    Sort.UNIT_PRICE: f"by_piece, unit_price, {_NEWEST}",
    Sort.STARS: f"{STARS} DESC, {_NEWEST}",
}
# All that orders look at.
_SORTED: Final = "product_id, published_at, price, unit_price, by_piece, until5, until4, until3"
_COLUMNS: Final = tuple(
    column.name for column in table_of(ProductSearchA).columns if column.name != "ballast"
)


class PostgresEngine:
    """See `engine.Engine`. It keeps nothing but recent answers."""

    def __init__(self) -> None:
        self.memory = Memory(KEPT_ANSWERS)

    def version(self, session: Session) -> str:
        state = session.execute(select(SearchState.generation, SearchState.version)).first()
        generation, number = state or ("a", 0)
        # What this session asks next goes to the table that answers now.
        session.info["search_generation"] = generation
        return f"{generation}:{number}"

    def find(
        self,
        session: Session,
        plan: Plan,
        filters: Filters,
        *,
        sort: Sort,
        offset: int,
        limit: int,
    ) -> list[int]:
        tiers = plan.tiers if sort is Sort.RELEVANCE else plan.tiers[-1:]
        own, hidden, values = conditions(filters)
        wanted = [*hidden, *own.values()]
        values |= {"offset": offset, "reach": offset + limit}
        parts = []
        for number, tier in enumerate(tiers):
            values[f"tier{number}"] = tsquery(tier)
            where = both([f"document @@ CAST(:tier{number} AS tsquery)", *wanted])
            # OFFSET 0 has the words looked up first. Walking an index in the wanted order and
            # looking at each row's words may go on to the end.
            hits = f"SELECT {_SORTED} FROM {self._table(session)} WHERE {where} OFFSET 0"
            parts.append(_first(f"({hits}) hits", _ORDERS[sort]))
        if not tiers:
            parts = [_first(f"{self._table(session)} WHERE {both(wanted)}", _ORDERS[sort])]
        if len(parts) == 1:
            return list(
                session.scalars(
                    text(f"SELECT product_id FROM ({parts[0]}) hits OFFSET :offset"), values
                )
            )
        found = _distinct(session, " UNION ALL ".join(f"({part})" for part in parts), values)
        return found[offset:]

    def counts(
        self,
        session: Session,
        plan: Plan,
        filters: Filters,
        facets: Sequence[str] = FACETS,
    ) -> dict[str, Counts]:
        own, hidden, values = conditions(filters)
        known: Sequence[Any] = []
        question = next(iter(own), "")
        # A seller's page has no statement to spare.
        if not plan.tiers and len(own) <= 1 and question != "seller":
            values["since"] = filters.today.isoformat()
            values["sellers"] = [seller_token(each) for each in filters.hidden_sellers]
            wanted = [question] if question else facets
            statement = counted_before(self._words(session), wanted, question)
            known = session.execute(text(statement), values).all()
            if known and not own:
                return counted(known, [""])
        if plan.tiers:
            values["words"] = tsquery(plan.tiers[-1])
            hidden = ["document @@ CAST(:words AS tsquery)", *hidden]
        apart = () if known else tuple(own)
        statement = counting(self._table(session), hidden, own, facets, apart)
        return counted([*known, *session.execute(text(statement), values)], ("", *own))

    def totals(
        self, session: Session, plans: Sequence[Plan], filters: Filters, *, most: int | None = None
    ) -> list[int]:
        if not plans:
            return []
        own, hidden, values = conditions(filters)
        values["most"] = most
        totals = []
        for number, plan in enumerate(plans):
            where = both([*hidden, *own.values()])
            if plan.tiers:
                values[f"words{number}"] = tsquery(plan.tiers[-1])
                where = f"document @@ CAST(:words{number} AS tsquery) AND {where}"
            hits = f"SELECT FROM {self._table(session)} WHERE {where}"
            # MATERIALIZED has the words looked up; for a few rows, the whole table would be read.
            totals.append(
                f"(WITH hits AS MATERIALIZED ({hits}) "
                "SELECT count(*) FROM (SELECT FROM hits LIMIT :most) counted)"
                if most
                else f"(SELECT count(*) FROM ({hits}) hits)"
            )
        return list(session.execute(text(f"SELECT {', '.join(totals)}"), values).one())

    def frequencies(self, session: Session, tokens: Collection[str]) -> dict[str, int]:
        table = _TABLES[self._generation(session)][1]
        rows = session.execute(
            select(table.c.token, table.c.products).where(
                table.c.token == func.any(list(tokens)), table.c.products > 0
            )
        )
        return {row.token: row.products for row in rows}

    def starting(self, session: Session, prefix: str, *, limit: int) -> list[str]:
        table = _TABLES[self._generation(session)][1]
        after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        return list(
            session.scalars(
                select(table.c.token)
                .where(table.c.token >= prefix, table.c.token < after, table.c.products > 0)
                .order_by(table.c.products.desc(), table.c.token)
                .limit(limit)
            )
        )

    # --- writing

    def write(self, session: Session, documents: Sequence[Document], gone: Collection[int]) -> None:
        self._lock(session)
        state = self._state(session)
        self._replace(session, state.generation, documents, gone)
        session.execute(update(SearchState).values(version=SearchState.version + 1))

    def rebuild(self, session: Session, documents: Iterable[Document]) -> str:
        generation = "b" if self._state(session).generation == "a" else "a"
        products, words = _TABLES[generation]
        for setting in ("maintenance_work_mem = '256MB'", "synchronous_commit = off"):
            session.execute(text(f"SET LOCAL {setting}"))
        session.execute(text(f"TRUNCATE {products.name}, {words.name}"))
        for index in products.indexes:
            index.drop(session.connection())
        counted: Counter[str] = Counter({FACETS_TOO: 1})
        # The blanks need not travel: they are most of what a row is long.
        ballast = f"ALTER TABLE {products.name} ALTER ballast"
        session.execute(text(f"{ballast} SET DEFAULT repeat(' ', {len(BALLAST)})"))
        _copy(session, products.name, _COLUMNS, _rows(documents, counted))
        session.execute(text(f"{ballast} DROP DEFAULT"))
        _copy(session, words.name, ("token", "products"), counted.items())
        for index in products.indexes:
            index.create(session.connection())
        for table in (products, words):
            session.execute(text(f"ANALYZE {table.name}"))
        return generation

    def swap(
        self,
        session: Session,
        generation: str,
        documents: Sequence[Document],
        gone: Collection[int],
    ) -> None:
        self._lock(session)
        self._state(session)
        self._replace(session, generation, documents, gone)
        session.execute(
            update(SearchState).values(generation=generation, version=SearchState.version + 1)
        )
        session.info["search_generation"] = generation

    def _replace(
        self,
        session: Session,
        generation: str,
        documents: Sequence[Document],
        gone: Collection[int],
    ) -> None:
        products, words = _TABLES[generation]
        ids = {*gone, *(document.product_id for document in documents)}
        change: Counter[str] = Counter()
        removed = session.execute(
            delete(products)
            .where(products.c.product_id.in_(ids))
            .returning(
                func.tsvector_to_array(products.c.document),
                *(products.c[name] for name in FACET_COLUMNS),
            )
        )
        for tokens, *facets in removed:
            change.subtract(tokens)
            change.subtract(facet_tokens(facets))
        rows = list(_rows(documents, change))
        if rows:
            session.execute(
                insert(products), [dict(zip(_COLUMNS, row, strict=True)) for row in rows]
            )
        counts = [
            {"token": token, "products": products}
            for token, products in sorted(change.items())
            if products
        ]
        if counts:
            added = upsert(words)
            session.execute(
                added.on_conflict_do_update(
                    index_elements=["token"],
                    set_={"products": words.c.products + added.excluded.products},
                ),
                counts,
            )

    def _lock(self, session: Session) -> None:
        session.execute(select(func.pg_advisory_xact_lock(WRITE_LOCK)))

    def _state(self, session: Session) -> SearchState:
        session.execute(
            upsert(SearchState)
            .values(id=1, generation="a", version=0, building=False)
            .on_conflict_do_nothing()
        )
        return session.scalars(select(SearchState).execution_options(populate_existing=True)).one()

    def _generation(self, session: Session) -> str:
        if "search_generation" not in session.info:
            self.version(session)
        return str(session.info["search_generation"])

    def _table(self, session: Session) -> str:
        return str(_TABLES[self._generation(session)][0].name)

    def _words(self, session: Session) -> str:
        return str(_TABLES[self._generation(session)][1].name)


def _first(source: str, order: str) -> str:
    return f"SELECT product_id FROM {source} ORDER BY {order} LIMIT :reach"


def _distinct(session: Session, statement: str, values: dict[str, Any]) -> list[int]:
    """Return the first ids of a statement, each once, reading no further than needed.

    Its parts come one after the other, each with its own LIMIT. The later ones name ids of the
    earlier again, yet never so many that they would run short of new ones; those nobody gets to
    are never run.
    """
    reach: int = values["reach"]
    found: dict[int, None] = {}
    options = {"yield_per": min(reach, READ_AT_ONCE)}
    with session.execute(text(statement), values, execution_options=options) as rows:
        for row in rows:
            found[row.product_id] = None
            if len(found) == reach:
                break
    return list(found)


def _tsvector(tokens: Iterable[str]) -> str:
    # Tokens are made of letters, digits and a few signs: there is nothing to escape.
    quoted = "' '".join(tokens)
    return f"'{quoted}'"


def _rows(documents: Iterable[Document], counted: Counter[str]) -> Iterator[tuple[Any, ...]]:
    """Return what `_COLUMNS` hold of each document; count the tokens."""
    for document in documents:
        counted.update(document.tokens)
        counted.update(
            facet_tokens(
                (
                    document.category_id,
                    document.commune_code,
                    document.seller_id,
                    document.price,
                    *document.until,
                )
            )
        )
        yield (
            document.product_id,
            document.category_id,
            document.seller_id,
            document.published_at,
            document.price,
            document.unit_price,
            *document.until,
            document.by_piece,
            document.commune_code,
            _tsvector(document.tokens),
        )


def _copy(
    session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    driver: Any = session.connection().connection.driver_connection
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FREEZE)"
    waiting = iter(rows)
    # Making the rows may ask the database, which is busy as long as a COPY is open.
    while batch := list(islice(waiting, COPIED_AT_ONCE)):
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in batch:
                copy.write_row(row)
