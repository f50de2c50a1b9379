from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from catalog.search.engine import AllOf, AnyOf, Filters, Plan, Sort, Term
from catalog.search.models import (
    ProductSearchA,
    ProductSearchB,
    SearchState,
    SearchWordA,
    SearchWordB,
)
from catalog.search.postgres_engine import PostgresEngine
from catalog.search.postgres_sql import FACETS_TOO, tsquery
from catalog.search.whoosh_engine import WhooshEngine
from tests.catalog.search.test_whoosh_engine import document

TODAY = date(2026, 11, 22)
KEO = Plan(tiers=(Term("n:keo"),))


@pytest.fixture
def database(engine: Database) -> Iterator[Database]:
    """A database where what is written here is really committed, and removed again."""
    if engine.dialect.name != "postgresql":
        pytest.skip("PostgreSQL's own engine")
    yield engine
    with Session(engine) as session, session.begin():
        for model in (ProductSearchA, ProductSearchB, SearchWordA, SearchWordB, SearchState):
            session.execute(delete(model))


def found(database: Database, engine: PostgresEngine) -> list[int]:
    with Session(database) as session:
        return engine.find(
            session, KEO, Filters(today=TODAY), sort=Sort.NEWEST, offset=0, limit=100
        )


def test_an_empty_index_answers(database: Database) -> None:
    engine = PostgresEngine()
    assert found(database, engine) == []
    with Session(database) as session:
        assert engine.version(session)
        assert engine.counts(session, Plan(), Filters(today=TODAY))[""].total == 0


def test_tokens_are_counted_as_they_come_and_go(database: Database) -> None:
    engine = PostgresEngine()

    def write(*documents: object, gone: tuple[int, ...] = ()) -> dict[str, int]:
        with Session(database) as session, session.begin():
            engine.write(session, list(documents), gone)  # type: ignore[arg-type]
        with Session(database) as session:
            return engine.frequencies(session, ["n:keo", "n:dua", "n:banh"])

    assert write(document(1), document(2)) == {"n:keo": 2, "n:dua": 2}
    assert write(document(1, "Bánh dừa")) == {"n:keo": 1, "n:dua": 2, "n:banh": 1}
    assert write(gone=(1, 2, 99)) == {}


def test_a_swap_has_no_gap(database: Database) -> None:
    engine = PostgresEngine()
    with Session(database) as session, session.begin():
        engine.write(session, [document(1)], [])
    with Session(database) as reader:
        engine.version(reader)  # began with the old table, and goes on with it
        with Session(database) as session, session.begin():
            generation = engine.rebuild(session, iter([document(1), document(2)]))
        assert found(database, engine) == [1]
        with Session(database) as session, session.begin():
            engine.swap(session, generation, [document(3)], [1])
        old = engine.find(reader, KEO, Filters(today=TODAY), sort=Sort.NEWEST, offset=0, limit=9)
    assert old == [1]
    assert found(database, engine) == [3, 2]


def test_a_rebuild_given_up_leaves_the_index_alone(database: Database) -> None:
    engine = PostgresEngine()
    with Session(database) as session, session.begin():
        engine.write(session, [document(1)], [])
    with Session(database) as session:
        engine.rebuild(session, iter([document(2)]))
        session.rollback()
    assert found(database, engine) == [1]


def test_writers_wait_for_each_other(database: Database) -> None:
    engine = PostgresEngine()
    faults: list[BaseException] = []

    def write(first: int) -> None:
        try:
            for number in range(first, first + 5):
                with Session(database) as session, session.begin():
                    engine.write(session, [document(number), document(1)], [])
        except BaseException as error:
            faults.append(error)
            raise

    threads = [threading.Thread(target=write, args=(10 * each,)) for each in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert len(found(database, engine)) == 21
    with Session(database) as session:
        assert engine.frequencies(session, ["n:keo"]) == {"n:keo": 21}
        assert session.scalar(select(SearchState.version)) == 20


def ranked(number: int) -> object:
    """A product whose rank of 3 stars, of 4 or of 5, if any, ends one day or another."""
    ends = [date(2026, 11, 20 + (number + step) % 7) for step in range(3)]
    held = number % 4  # so many ranks, from 3 stars up
    until = [max(ends[: held - at]) if held > at else None for at in range(3)]
    return document(number, until=tuple(reversed(until)))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"categories": frozenset({1, 3})},
        {"stars": 3},
        {"communes": frozenset({"00002"}), "stars": 4},
        {"sellers": frozenset({2}), "price_min": 20_000, "categories": frozenset({1, 2})},
        {"hidden_sellers": frozenset({3})},
        {"hidden_sellers": frozenset({99})},
    ],
)
def test_facets_counted_before_are_those_of_the_rows(
    database: Database, tmp_path: Path, more: dict[str, object]
) -> None:
    engine, other = PostgresEngine(), WhooshEngine(tmp_path)
    filters = Filters(today=TODAY, **more)  # type: ignore[arg-type]
    with Session(database) as session, session.begin():
        for each in (engine, other):
            fresh = each.rebuild(session, map(ranked, range(1, 201)))  # type: ignore[arg-type]
            each.swap(session, fresh, [], [])
            each.write(session, [ranked(7), document(3), ranked(300)], [10, 11, 999])  # type: ignore[list-item]
        asked = [each.counts(session, Plan(), filters) for each in (engine, other)]
        session.execute(delete(SearchWordA).where(SearchWordA.token == FACETS_TOO))
        session.execute(delete(SearchWordB).where(SearchWordB.token == FACETS_TOO))
        asked.append(engine.counts(session, Plan(), filters))
    for by in asked:  # only "" has a total
        by |= {name: replace(by[name], total=0) for name in by if name}
    assert asked[0] == asked[1] == asked[2]
    assert asked[0][""].stars


def test_a_listing_without_words_reads_no_rows(database: Database) -> None:
    engine = PostgresEngine()
    with Session(database) as session, session.begin():
        engine.swap(session, engine.rebuild(session, iter([document(1)])), [], [])  # in "b"
        session.execute(delete(ProductSearchB))
        filters = Filters(today=TODAY, hidden_sellers=frozenset({99}))
        assert engine.counts(session, Plan(), filters)[""].total == 1


def test_rows_are_kept_narrow(database: Database) -> None:
    engine = PostgresEngine()
    many = [document(number, f"Kẹo dừa {number}") for number in range(1, 501)]
    with Session(database) as session, session.begin():
        engine.write(session, many, [])
        size = session.scalar(text("SELECT pg_relation_size('product_search_a')"))
    assert size is not None
    assert size / len(many) < 400


def test_signs_of_the_query_language_are_quoted() -> None:
    node = AllOf((Term("n:'a"), AnyOf((Term("n:b\\"), Term("n:c & !d")))))
    assert tsquery(node) == "('n:''a' & ('n:b\\\\' | 'n:c & !d'))"
