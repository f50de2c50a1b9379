"""What Whoosh keeps for the embedded engine, and how it is read.

Whoosh's own scoring and sorting would take a tenth of a second and more on 100,000 products. Here
it only stores: which documents hold a token, and a few numbers of each document. A set of
documents is one long int with a bit for each document, so that "and", "or" and counting run at
the speed of memory.
"""

from __future__ import annotations

import sys
import threading
import weakref
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import reduce
from itertools import compress, islice
from operator import add, and_, or_
from pathlib import Path
from typing import Any, Final

from whoosh import columns, fields, formats, index
from whoosh.codec.whoosh3 import W3Codec
from whoosh.reading import TermNotFound

from catalog.search import rules
from catalog.search.engine import (
    AllOf,
    Filters,
    Memory,
    Node,
    Sort,
    Term,
)

KEPT_POSTINGS: Final = 400
KEPT_SETS: Final = 100
_NUMBERS: Final = {
    "product": "Q",
    "category": "I",
    "commune": "Q",
    "seller": "I",
    "published": "I",
    "price": "Q",
    "unit_price": "Q",
    "by_piece": "B",
    "until5": "i",
    "until4": "i",
    "until3": "i",
}


class TokenField(fields.FieldType):
    """A field of ready-made tokens: only which document holds them is stored."""

    def __init__(self) -> None:
        super().__init__(formats.Existence(), None)

    def index(self, value: Iterable[str], **_more: object) -> list[tuple[bytes, int, float, bytes]]:
        """Return Whoosh's postings of one document."""
        return [(token.encode(), 1, 1.0, b"") for token in value]


class Codec(W3Codec):
    """Whoosh's codec with long blocks, which are read at once here, and without lengths."""

    length_stats = False

    def __init__(self) -> None:
        super().__init__(blocklimit=8_192, compression=1)


class NumberColumn(columns.NumericColumn):
    """Whoosh's column of numbers, read as a whole instead of one by one."""

    class Reader(columns.NumericColumn.Reader):
        def load(self) -> array[int]:
            """Return the numbers of all documents of a segment."""
            numbers = array(self._typecode)
            numbers.frombytes(self._dbfile.get(self._basepos, self._count * self._fixedlen))
            if sys.byteorder == "little":
                numbers.byteswap()
            numbers.extend([self._default] * (self._doccount - self._count))
            return numbers


class TokenPool:
    """Where a writer gathers postings until it commits.

    Whoosh's own pool sorts every single posting, on disk when there are many. Documents come in
    order, so it is enough to keep their numbers by token: four bytes each.
    """

    def __init__(self) -> None:
        self._held: defaultdict[bytes, array[int]] = defaultdict(lambda: array("I"))

    def add(self, item: tuple[str, bytes, int, float, bytes]) -> None:
        """Gather one posting."""
        self._held[item[1]].append(item[2])

    def iter_postings(self) -> Iterator[tuple[str, bytes, int, float, bytes]]:
        """Yield everything gathered in the order Whoosh writes it."""
        for token in sorted(self._held):
            for number in self._held[token]:
                yield "tokens", token, number, 1.0, b""

    def cleanup(self) -> None:
        """Forget everything, after a commit or instead of one."""
        self._held.clear()


@contextmanager
def writing(folder: Path, merge: Callable[[Any, list[Any]], list[Any]]) -> Iterator[Any]:
    """Open a Whoosh writer for the index in this folder; commit, or give up on any error.

    `merge` decides which older segments are written anew.
    """
    writer = index.open_dir(folder).writer(codec=Codec(), compound=False)
    writer.pool = TokenPool()
    written = False
    try:
        yield writer
        written = True
    finally:
        if written:
            writer.commit(mergetype=merge)
        else:
            writer.cancel()


def schema() -> fields.Schema:
    """Return the fields of a new index."""
    numbers = {name: fields.COLUMN(NumberColumn(code)) for name, code in _NUMBERS.items()}
    return fields.Schema(tokens=TokenField(), **numbers)


# --- reading ----------------------------------------------------------------------------------

# A set of documents: bit number n of the int is 1 when document n belongs to it.
Set = int
_DIGITS: Final = bytes.maketrans(b"\x00\x01", b"01")
_FLAGS: Final = bytes.maketrans(b"01", b"\x00\x01")


def set_of(flags: bytes | bytearray) -> Set:
    """Return the set of the documents whose byte is 1."""
    return int(flags[::-1].translate(_DIGITS) or b"0", 2)


class Segment:
    """One part of the index. Later writes may delete from it but never change it, so what was
    read of it stays good."""

    def __init__(self, reader: Any, known: Segment | None) -> None:
        self.reader = reader
        self.id: str = reader.segment().segment_id()
        self.size: int = reader.doc_count_all()
        self.deleted = tuple(reader.segment().deleted_docs())
        self.words: dict[str, int] = known.words if known else self._count_words()

    def numbers(self, name: str) -> array[int]:
        """Return one number of every document. Raises FileNotFoundError where Whoosh itself, its
        file gone, would take every number for 0."""
        found = self.reader.column_reader(name, translate=False).load()
        if not isinstance(found, array):
            raise FileNotFoundError(f"{name} of segment {self.id}")
        return found

    def _count_words(self) -> dict[str, int]:
        """Return the words of names with the number of products that hold them."""
        found = self.reader.iter_prefix("tokens", rules.token(rules.NAME, ""))
        return {text.decode(): info.doc_frequency() for text, info in found}

    def holders(self, token: str) -> Set:
        """Return the documents that hold a token; whether deleted ones count is left open."""
        try:
            matcher = self.reader.postings("tokens", token)
        except TermNotFound:
            return 0
        flags = bytearray(self.size)
        for number in matcher.all_ids():
            flags[number] = 1
        return set_of(flags)


class Snapshot:
    """The index as one version left it, with the orders and sets that searches ask for."""

    def __init__(self, version: str, reader: Any, earlier: Snapshot | None) -> None:
        known = {segment.id: segment for segment in earlier.segments} if earlier else {}
        self.version = version
        # Files are closed with the last search that reads this snapshot.
        weakref.finalize(self, reader.close)
        self.segments: list[Segment] = [
            Segment(leaf, known.get(leaf.segment().segment_id()))
            for leaf, _base in reader.leaf_readers()
            if leaf.doc_count_all()
        ]
        self.size = sum(segment.size for segment in self.segments)
        self.numbers = {
            name: reduce(add, (part.numbers(name) for part in self.segments), array(code))
            for name, code in _NUMBERS.items()
        }
        self.words: Counter[str] = Counter()
        for segment in self.segments:
            self.words.update(segment.words)
        self.bands = bytes(map(rules.band_of, self.numbers["price"]))
        self.alive = self._alive()
        # Postings survive a write as long as their segment does; sets over all segments do not.
        self.postings: Memory = earlier.postings if earlier else Memory(KEPT_POSTINGS)
        self.sets = Memory(KEPT_SETS)
        self._lock = threading.Lock()

    def _alive(self) -> Set:
        alive = bytearray(b"\x01" * self.size)
        base = 0
        for segment in self.segments:
            for number in segment.deleted:
                alive[base + number] = 0
            base += segment.size
        return set_of(alive)

    def evaluate(self, node: Node) -> Set:
        """Return the documents that match, deleted ones included."""
        if isinstance(node, Term):
            return self._holders(node.token)
        parts = map(self.evaluate, node.parts)
        return reduce(and_ if isinstance(node, AllOf) else or_, parts)

    def _holders(self, token: str) -> Set:
        found, base = 0, 0
        for segment in self.segments:
            key = (segment.id, token)
            held = self.postings.get(key)
            if held is None:
                with self._lock:  # files have one position, shared by all threads
                    held = segment.holders(token)
                self.postings.keep(key, held)
            found |= held << base
            base += segment.size
        return found

    def frequency(self, token: str) -> int:
        """Return how many documents hold a token, deleted ones included."""
        with self._lock:
            return sum(
                int(segment.reader.doc_frequency("tokens", token)) for segment in self.segments
            )

    def kept(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what was made under this key before, or make it now."""
        value = self.sets.get(key)
        if value is None:
            value = make()
            self.sets.keep(key, value)
        return value

    # --- filters

    def allowed(self, filters: Filters) -> Set:
        """Return the living documents that the filters let through."""
        found = self.alive
        number = self.numbers
        for name, wanted in (
            ("category", filters.categories),
            ("seller", filters.sellers),
            ("commune", _numbers_of(filters.communes)),
        ):
            if wanted is not None:
                found &= self._members((name, wanted), wanted.__contains__, number[name])
        for seller in filters.hidden_sellers:
            hidden = self._members(("hidden", seller), seller.__eq__, number["seller"])
            found &= ~hidden
        if filters.stars is not None:
            least = filters.stars
            stars = self.stars(filters.today)
            found &= self._members(("stars", least, filters.today), least.__le__, stars)
        if filters.price_min is not None:
            least = filters.price_min
            found &= self._members(("from", least), least.__le__, number["price"])
        if filters.price_max is not None:
            most = filters.price_max
            found &= self._members(("to", most), most.__ge__, number["price"])
        return found

    def _members(
        self, key: Hashable, belongs: Callable[[int], bool], numbers: Iterable[int]
    ) -> Set:
        made: Set = self.kept(("set", key), lambda: set_of(bytes(map(belongs, numbers))))
        return made

    def stars(self, today: date) -> bytes:
        """Return the stars of every document on a day, 0 without any."""
        day = today.toordinal()
        ends = zip(*(self.numbers[f"until{stars}"] for stars in rules.STARS), strict=True)
        made: bytes = self.kept(
            ("stars", today), lambda: bytes(_stars(day, *each) for each in ends)
        )
        return made

    # --- orders

    def order(self, sort: Sort, today: date) -> array[int]:
        """Return all document numbers in this order."""
        made: array[int] = self.kept(("order", sort, today), lambda: self._order(sort, today))
        return made

    def _order(self, sort: Sort, today: date) -> array[int]:
        number = self.numbers
        if sort in (Sort.NEWEST, Sort.RELEVANCE):
            by_id = sorted(range(self.size), key=number["product"].__getitem__, reverse=True)
            return _sorted(by_id, number["published"], down=True)
        newest = self.order(Sort.NEWEST, today)
        if sort is Sort.STARS:
            return _sorted(newest, self.stars(today), down=True)
        if sort is Sort.UNIT_PRICE:
            return _sorted(_sorted(newest, number["unit_price"]), number["by_piece"])
        return _sorted(newest, number["price"], down=sort is Sort.PRICE_DOWN)

    def mask(self, documents: Set) -> bytes:
        """Return one byte a document, 1 for those in the set."""
        digits = format(documents, f"0{self.size}b") if self.size else ""
        return digits.encode().translate(_FLAGS)[::-1]

    def page(self, documents: Set, order: array[int], start: int, stop: int) -> list[int]:
        """Return documents number `start` to `stop` of a set in this order."""
        mask = self.mask(documents)
        if documents.bit_count() * 50 < self.size:
            rank = self.kept(("rank", id(order)), lambda: _ranks(order))
            few = sorted(compress(range(self.size), mask), key=rank.__getitem__)
            return few[start:stop]
        chosen = compress(order, map(mask.__getitem__, order))
        return list(islice(chosen, start, stop))


def _sorted(documents: Iterable[int], numbers: Sequence[int], *, down: bool = False) -> array[int]:
    # Sorting is stable in both directions, so equal ones stay as they stood.
    return array("I", sorted(documents, key=numbers.__getitem__, reverse=down))


def _ranks(order: array[int]) -> array[int]:
    ranks = array("I", bytes(4 * len(order)))
    for rank, document in enumerate(order):
        ranks[document] = rank
    return ranks


def _stars(day: int, until5: int, until4: int, until3: int) -> int:
    return 5 if until5 > day else 4 if until4 > day else 3 if until3 > day else 0


def _numbers_of(communes: Collection[str] | None) -> frozenset[int] | None:
    return None if communes is None else frozenset(map(commune_number, communes))


def commune_number(code: str) -> int:
    """Return a commune's code as a number."""
    return int("1" + code, 36)  # the 1 keeps leading zeros


def commune_code(number: int) -> str:
    """Return the code that `commune_number` made this number of."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits[1:].upper()
