from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from catalog.search import rules
from catalog.search.engine import Document, Filters, Plan, Sort, Term
from catalog.search.whoosh_engine import WhooshEngine

TODAY = date(2026, 11, 22)
NONE = cast("Session", None)  # an embedded engine asks no database


def document(number: int, name: str = "Kẹo dừa", **more: Any) -> Document:
    settings: dict[str, Any] = {
        "product_id": number,
        "tokens": rules.tokens_of(name=name, around=[], description=[]),
        "category_id": 1 + number % 3,
        "commune_code": f"{number % 5:05d}",
        "seller_id": 1 + number % 4,
        "price": 1_000 * number,
        "unit_price": 2_000 * number,
        "by_piece": number % 2 == 0,
        "until": (None, None, None),
        "published_at": 1_000_000 + number,
    }
    return Document(**{**settings, **more})


@pytest.fixture
def engine(tmp_path: Path) -> WhooshEngine:
    return WhooshEngine(tmp_path / "search")


def found(engine: WhooshEngine, word: str = "n:keo", limit: int = 100) -> list[int]:
    return engine.find(
        NONE,
        Plan(tiers=(Term(word),)),
        Filters(today=TODAY),
        sort=Sort.NEWEST,
        offset=0,
        limit=limit,
    )


def test_an_empty_index_answers(engine: WhooshEngine) -> None:
    assert found(engine) == []
    assert engine.counts(NONE, Plan(), Filters(today=TODAY))[""].total == 0
    assert engine.frequencies(NONE, ["n:keo"]) == {}
    assert engine.starting(NONE, "n:k", limit=5) == []


def test_writing_replaces_and_removes(engine: WhooshEngine) -> None:
    engine.write(NONE, [document(1), document(2)], [])
    assert found(engine) == [2, 1]
    engine.write(NONE, [document(1, "Bánh tét")], [2])
    assert found(engine) == []
    assert found(engine, "n:banh") == [1]
    assert engine.totals(NONE, [Plan()], Filters(today=TODAY)) == [1]


def test_many_small_writes_stay_few_segments(engine: WhooshEngine) -> None:
    engine.write(NONE, [document(number) for number in range(1, 51)], [])
    for number in range(51, 71):
        engine.write(NONE, [document(number), document(number - 50)], [])
    assert found(engine) == list(range(70, 0, -1))
    assert len(engine._now().segments) <= 8
    counts = engine.counts(NONE, Plan(), Filters(today=TODAY))[""]
    assert counts.total == sum(counts.categories.values()) == 70


def test_every_write_is_a_new_version(engine: WhooshEngine) -> None:
    versions = [engine.version(NONE)]
    engine.write(NONE, [document(1)], [])
    versions.append(engine.version(NONE))
    generation = engine.rebuild(NONE, [document(1)])
    assert engine.version(NONE) == versions[-1]
    engine.swap(NONE, generation, [], [])
    versions.append(engine.version(NONE))
    assert len(set(versions)) == 3


def test_another_process_sees_what_was_written(tmp_path: Path) -> None:
    writer, reader = WhooshEngine(tmp_path), WhooshEngine(tmp_path)
    assert found(reader) == []
    writer.write(NONE, [document(1)], [])
    assert found(reader) == [1]
    writer.swap(NONE, writer.rebuild(NONE, [document(1), document(2)]), [document(3)], [1])
    assert found(reader) == [3, 2]


def test_a_swap_keeps_the_generation_somebody_may_still_open(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path)
    for _time in range(3):
        engine.swap(NONE, engine.rebuild(NONE, [document(1)]), [], [])
    folders = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    assert folders == {"3", "4"}


def test_a_rebuild_given_up_leaves_the_index_alone(engine: WhooshEngine) -> None:
    engine.write(NONE, [document(1)], [])

    def broken() -> Any:
        yield document(2)
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        engine.rebuild(NONE, broken())
    assert found(engine) == [1]
    engine.swap(NONE, engine.rebuild(NONE, [document(1), document(2)]), [], [])
    assert found(engine) == [2, 1]


def test_readers_never_fail_while_others_write(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path)
    engine.write(NONE, [document(number) for number in range(1, 31)], [])
    done = threading.Event()
    faults: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                faults.append(error)
                raise

        return run

    def read() -> None:
        mine = WhooshEngine(tmp_path)
        while not done.is_set():
            assert len(found(mine)) >= 30
            assert len(found(engine)) >= 30

    readers = [threading.Thread(target=guarded(read)) for _each in range(3)]
    for reader in readers:
        reader.start()
    for number in range(31, 51):
        engine.write(NONE, [document(number), document(number - 30)], [])
    engine.swap(NONE, engine.rebuild(NONE, [document(number) for number in range(1, 51)]), [], [])
    done.set()
    for reader in readers:
        reader.join()
    assert not faults
    assert found(engine) == list(range(50, 0, -1))


def test_writers_wait_for_each_other(tmp_path: Path) -> None:
    engines = [WhooshEngine(tmp_path) for _each in range(4)]
    threads = [
        threading.Thread(target=engine.write, args=(NONE, [document(at + 1)], []))
        for at, engine in enumerate(engines)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found(engines[0]) == [4, 3, 2, 1]


def test_codes_of_communes_survive(engine: WhooshEngine) -> None:
    engine.write(NONE, [document(1, commune_code="00004"), document(2, commune_code="T1")], [])
    counts = engine.counts(NONE, Plan(), Filters(today=TODAY))[""]
    assert counts.communes == {"00004": 1, "T1": 1}


def test_an_empty_filter_lets_nothing_through(engine: WhooshEngine) -> None:
    engine.write(NONE, [document(1)], [])
    for nothing in (
        {"categories": frozenset()},
        {"sellers": frozenset()},
        {"communes": frozenset()},
    ):
        filters = Filters(today=TODAY, **cast("Any", nothing))
        assert engine.totals(NONE, [Plan()], filters) == [0]
