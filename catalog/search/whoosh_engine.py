"""The embedded engine: Whoosh keeps the index in files, sets are combined in memory.

Folder: `current` names the generation in use and the number of its last write; each generation is
a Whoosh index in a folder of its own. One process writes at a time, under a file lock; readers
open the index anew when the pointer has changed and nobody is writing.
"""

from __future__ import annotations

import fcntl
import shutil
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from heapq import nsmallest
from itertools import compress
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session
from whoosh import index
from whoosh.reading import SegmentReader

from catalog.search import rules
from catalog.search.engine import (
    FACETS,
    KEPT_ANSWERS,
    Counts,
    Document,
    Filters,
    Memory,
    Node,
    Plan,
    Sort,
)
from catalog.search.whoosh_files import (
    Set,
    Snapshot,
    commune_code,
    commune_number,
    schema,
    writing,
)

IDENTITY: Final = "i"
SMALL_SEGMENT: Final = 2_000
MOST_SMALL_SEGMENTS: Final = 6
POINTER: Final = "current"


class WhooshEngine:
    """See `engine.Engine`. `folder` is this application's own; it is made when missing."""

    def __init__(self, folder: Path) -> None:
        self.memory = Memory(KEPT_ANSWERS)
        self._folder = folder
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()

    def version(self, _session: Session) -> str:
        return self._now().version

    def find(
        self,
        _session: Session,
        plan: Plan,
        filters: Filters,
        *,
        sort: Sort,
        offset: int,
        limit: int,
    ) -> list[int]:
        now = self._now()
        left = now.allowed(filters)
        order = now.order(sort, filters.today)
        # Only relevance asks how well a document matches; else the last tier holds every hit.
        tiers: Sequence[Node] = plan.tiers if sort is Sort.RELEVANCE else plan.tiers[-1:]
        sets = (now.evaluate(tier) for tier in tiers) if tiers else iter((left,))
        found: list[int] = []
        for hits in sets:
            fresh = hits & left
            left ^= fresh
            size = fresh.bit_count()
            if offset < size:
                found += now.page(fresh, order, offset, offset + limit - len(found))
                if len(found) == limit:
                    break
            offset = max(0, offset - size)
        return [now.numbers["product"][number] for number in found]

    def counts(
        self,
        _session: Session,
        plan: Plan,
        filters: Filters,
        facets: Sequence[str] = FACETS,
    ) -> dict[str, Counts]:
        now = self._now()
        hits = _hits(now, plan)
        found = {"": _spread(now, hits & now.allowed(filters), filters.today, facets)}
        for facet in filters.active():
            others = hits & now.allowed(filters.without(facet))
            found[facet] = _spread(now, others, filters.today, [facet])
        return found

    def totals(
        self, _session: Session, plans: Sequence[Plan], filters: Filters, *, most: int | None = None
    ) -> list[int]:
        now = self._now()
        allowed = now.allowed(filters)
        totals = [(_hits(now, plan) & allowed).bit_count() for plan in plans]
        return totals if most is None else [min(total, most) for total in totals]

    def frequencies(self, _session: Session, tokens: Collection[str]) -> dict[str, int]:
        now = self._now()
        found = {token: now.frequency(token) for token in tokens}
        return {token: count for token, count in found.items() if count}

    def starting(self, _session: Session, prefix: str, *, limit: int) -> list[str]:
        words = self._now().words
        found = (token for token in words if token.startswith(prefix))
        return nsmallest(limit, found, key=lambda token: (-words[token], token))

    def write(
        self, _session: Session, documents: Sequence[Document], gone: Collection[int]
    ) -> None:
        with self._writing():
            generation, _, number = self._pointer().partition(":")
            _write(self._folder / generation, documents, gone)
            self._point(f"{generation}:{int(number) + 1}")

    def rebuild(self, _session: Session, documents: Iterable[Document]) -> str:
        self._pointer()  # makes the folder where there is none yet
        numbers = [int(path.name) for path in self._folder.iterdir() if path.name.isdigit()]
        generation = str(max(numbers, default=0) + 1)
        folder = _create(self._folder / generation)
        with writing(folder, _merge_small) as writer:
            for document in documents:
                writer.add_document(**_fields(document))
        return generation

    def swap(
        self,
        _session: Session,
        generation: str,
        documents: Sequence[Document],
        gone: Collection[int],
    ) -> None:
        with self._writing():
            if documents or gone:
                _write(self._folder / generation, documents, gone)
            before = self._pointer().partition(":")[0]
            self._point(f"{generation}:0")
            # The one before stays for a way back, older ones go.
            for path in self._folder.iterdir():
                if path.name.isdigit() and path.name not in (before, generation):
                    shutil.rmtree(path, ignore_errors=True)

    # --- files

    def _pointer(self) -> str:
        path = self._folder / POINTER
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._held(fcntl.LOCK_EX, "first.lock"):
                if not path.exists():
                    _create(self._folder / "1")
                    self._point("1:0")
        return path.read_text()

    def _point(self, target: str) -> None:
        fresh = self._folder / f"{POINTER}.new"
        fresh.write_text(target)
        fresh.replace(self._folder / POINTER)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._pointer()
        with self._held(fcntl.LOCK_EX):
            yield

    @contextmanager
    def _held(self, kind: int, name: str = "write.lock") -> Iterator[bool]:
        """Hold the lock, shared or exclusive; say False when it cannot be had without waiting,
        if it was asked not to wait."""
        with (self._folder / name).open("w") as lock:
            try:
                fcntl.flock(lock, kind)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _now(self) -> Snapshot:
        """Return the index as it stands. While somebody writes, that is as it stood before."""
        known = self._snapshot
        if known is not None and known.version == self._pointer():
            return known
        self._pointer()
        # A writer removes files that nobody opens any more; none may go while they are opened.
        kind = fcntl.LOCK_SH if known is None else fcntl.LOCK_SH | fcntl.LOCK_NB
        with self._lock, self._held(kind) as free:
            known = self._snapshot
            version = self._pointer()
            if known is not None and (not free or known.version == version):
                return known
            reader = index.open_dir(self._folder / version.partition(":")[0]).reader()
            self._snapshot = Snapshot(version, reader, known)
            return self._snapshot


def _hits(now: Snapshot, plan: Plan) -> Set:
    return now.evaluate(plan.tiers[-1]) if plan.tiers else now.alive


def _spread(now: Snapshot, documents: Set, today: date, facets: Sequence[str]) -> Counts:
    mask = now.mask(documents)

    def count(facet: str, numbers: Iterable[int]) -> Counter[int]:
        return Counter(compress(numbers, mask)) if facet in facets else Counter()

    number = now.numbers
    communes = count("place", number["commune"])
    return Counts(
        total=documents.bit_count(),
        categories=count("category", number["category"]),
        communes={commune_code(code): hits for code, hits in communes.items()},
        sellers=rules.most_sellers(count("seller", number["seller"])),
        bands=count("price", now.bands),
        stars=rules.at_least(count("stars", now.stars(today))),
    )


def _create(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    index.create_in(folder, schema())
    return folder


def _write(folder: Path, documents: Sequence[Document], gone: Collection[int]) -> None:
    with writing(folder, _merge_small) as writer:
        for product_id in {*gone, *(document.product_id for document in documents)}:
            writer.delete_by_term("tokens", rules.token(IDENTITY, str(product_id)))
        for document in documents:
            writer.add_document(**_fields(document))


def _merge_small(writer: Any, segments: list[Any]) -> list[Any]:
    """Whoosh's own rule may rewrite a big segment for one small change; this one never does."""
    small = [segment for segment in segments if segment.doc_count_all() <= SMALL_SEGMENT]
    if len(small) <= MOST_SMALL_SEGMENTS:
        return list(segments)
    for segment in small:
        reader = SegmentReader(writer.storage, writer.schema, segment)
        writer.add_reader(reader)
        reader.close()
    return [segment for segment in segments if segment not in small]


def _fields(document: Document) -> dict[str, Any]:
    until = (day.toordinal() if day else 0 for day in document.until)
    return {
        "tokens": [*document.tokens, rules.token(IDENTITY, str(document.product_id))],
        "product": document.product_id,
        "category": document.category_id,
        "commune": commune_number(document.commune_code),
        "seller": document.seller_id,
        "published": document.published_at,
        "price": document.price,
        "unit_price": document.unit_price,
        "by_piece": int(document.by_piece),
        **dict(zip(("until5", "until4", "until3"), until, strict=True)),
    }
