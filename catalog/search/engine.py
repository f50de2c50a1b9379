"""What searching is asked and answers, and what an engine has to be able to do.

`SearchRequest` and `SearchResult` are for pages; an `Engine` never sees typed text: it is given
a plan of tokens (see `query`), so that every engine answers alike by construction.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, Protocol

from sqlalchemy.orm import Session

FACETS: Final = ("category", "stars", "place", "price", "seller")
# In a `Memory`: what all answers may weigh, and what one does without its facets or counts, whose
# values weigh 1 each. That is about a third of a kilobyte.
KEPT_ANSWERS: Final = 16_000
ANSWER_WEIGHT: Final = 8


class Sort(StrEnum):
    """How hits are ordered. Equal ones: newest first, then the higher id."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    PRICE_UP = "price"
    PRICE_DOWN = "-price"
    UNIT_PRICE = "unit_price"
    STARS = "stars"


# --- what pages ask and are told ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SearchRequest:
    """What a buyer asked for; `queries.request_from` makes one safely from an address.

    `category` is a code or slug of any level, `place` a code or slug of a province or commune,
    `seller` a slug; `stars` means at least so many; prices are đồng, both ends included.
    """

    q: str = ""
    category: str = ""
    stars: int | None = None
    place: str = ""
    seller: str = ""
    price_min: int | None = None
    price_max: int | None = None
    sort: Sort | None = None
    page: int = 1
    per_page: int = 24
    language: str = "vi"


@dataclass(frozen=True, kw_only=True, slots=True)
class FacetValue:
    """One choice of a facet. `query` is what goes into the address when it is chosen; `parent`
    is the value one level up (a category's group, a commune's province)."""

    value: str
    label: str
    count: int
    chosen: bool = False
    parent: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facet:
    """`name` is category, stars, place, price or seller. Counts hold with every other filter
    applied, but not the facet's own."""

    name: str
    values: tuple[FacetValue, ...]


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """A shorter query that does find something, for a page without hits. `more` when it finds
    more than `total`."""

    text: str
    total: int
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """What a listing shows.

    `corrected` is the text that was searched instead, when nothing matched what was typed;
    `did_you_mean` is a better spelling to offer beside hits. `nearest` and `popular` (categories)
    are filled when there are no hits at all.
    """

    product_ids: tuple[int, ...]
    total: int
    page: int
    pages: int
    per_page: int
    sort: Sort
    facets: tuple[Facet, ...] = ()
    did_you_mean: str | None = None
    corrected: str | None = None
    nearest: tuple[Nearest, ...] = ()
    popular: tuple[FacetValue, ...] = ()

    def facet(self, name: str) -> Facet:
        """Return the facet of this name; an empty one when nothing was counted."""
        for facet in self.facets:
            if facet.name == name:
                return facet
        return Facet(name=name, values=())


@dataclass(frozen=True, kw_only=True)
class Completion:
    """One line under the search box. `kind` is product, category, seller or place; `value` its
    slug."""

    kind: str
    label: str
    value: str
    detail: str = ""


# --- what engines are given and give -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """Documents that hold this token."""

    token: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Documents that match every part. Never empty."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Documents that match at least one part. Never empty."""

    parts: tuple[Node, ...]


Node = Term | AllOf | AnyOf


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What matches, and how well: `tiers` go from best to worst and the last one holds every
    hit. Without tiers everything on sale matches."""

    tiers: tuple[Node, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Filters:
    """None filters nothing; an empty set lets nothing through."""

    categories: frozenset[int] | None = None
    communes: frozenset[str] | None = None
    sellers: frozenset[int] | None = None
    stars: int | None = None
    price_min: int | None = None
    price_max: int | None = None
    hidden_sellers: frozenset[int] = frozenset()
    today: date

    def active(self) -> dict[str, dict[str, Any]]:
        """Return what filters by each facet in use."""
        own: dict[str, dict[str, Any]] = {
            "category": {"categories": self.categories},
            "stars": {"stars": self.stars},
            "place": {"communes": self.communes},
            "price": {"price_min": self.price_min, "price_max": self.price_max},
            "seller": {"sellers": self.sellers},
        }
        return {name: by for name, by in own.items() if set(by.values()) != {None}}

    def without(self, facet: str) -> Filters:
        """Return the filters without those of one facet."""
        nothing: dict[str, Any] = dict.fromkeys(self.active()[facet])
        return replace(self, **nothing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many hits there are and how they spread: by category id, commune code, seller id,
    number of the price band, and stars (3 means at least 3)."""

    total: int
    categories: Mapping[int, int] = field(default_factory=dict)
    communes: Mapping[str, int] = field(default_factory=dict)
    sellers: Mapping[int, int] = field(default_factory=dict)
    bands: Mapping[int, int] = field(default_factory=dict)
    stars: Mapping[int, int] = field(default_factory=dict)

    @property
    def weight(self) -> int:
        """How heavy these are in a `Memory`."""
        return (len(self.categories) + len(self.communes) + len(self.sellers)) // 2


@dataclass(frozen=True, kw_only=True)
class Document:
    """A product on sale as an engine keeps it. `tokens` come from `rules.tokens_of`.

    `until` holds, for at least 5, 4 and 3 stars, the day that rank ends (that day not counted),
    None without one. `published_at` is seconds since 1970.
    `unit_price` is đồng per kilogram or litre, or per piece when `by_piece`.
    """

    product_id: int
    tokens: frozenset[str]
    category_id: int
    commune_code: str
    seller_id: int
    price: int
    unit_price: int
    by_piece: bool
    until: tuple[date | None, date | None, date | None]
    published_at: int


class Memory:
    """Recent answers of this process, together as heavy as `size`; the least recently used ones
    go first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._weight = 0
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """Return what was kept under a key, None when there is nothing."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: Hashable, value: object, weight: int = 1) -> None:
        """Keep a value until others push it out."""
        with self._lock:
            self._weight += weight - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = (value, weight)
            while self._weight > self._size:
                _key, (_value, lighter) = self._kept.popitem(last=False)
                self._weight -= lighter


class Engine(Protocol):
    """A search engine, one an application: `app.extensions["search"]`.

    Sessions are given to all calls, though an embedded engine needs none. `memory` is for answers
    that hold as long as the version does; it has room for `KEPT_ANSWERS`.
    """

    memory: Memory

    def version(self, session: Session) -> str:
        """Return a text that differs whenever the index may answer differently."""
        ...

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
        """Return the product ids of one page of hits, in order."""
        ...

    def counts(
        self, session: Session, plan: Plan, filters: Filters, facets: Sequence[str] = FACETS
    ) -> dict[str, Counts]:
        """Return, under "", the counts of these facets with all filters applied and, under the
        name of each facet that is filtered by, its own counts without its own filter. The total
        is that of "", and there only when categories are counted."""
        ...

    def totals(
        self, session: Session, plans: Sequence[Plan], filters: Filters, *, most: int | None = None
    ) -> list[int]:
        """Return how many hits each plan has under the same filters, counted up to `most`."""
        ...

    def frequencies(self, session: Session, tokens: Collection[str]) -> dict[str, int]:
        """Return how many documents hold each token, leaving out those that no document holds."""
        ...

    def starting(self, session: Session, prefix: str, *, limit: int) -> list[str]:
        """Return the most frequent tokens with this prefix, most frequent first."""
        ...

    def write(self, session: Session, documents: Sequence[Document], gone: Collection[int]) -> None:
        """Replace these documents and remove the products that are `gone`."""
        ...

    def rebuild(self, session: Session, documents: Iterable[Document]) -> str:
        """Build a generation beside the one in use and return its name; nothing is shown yet."""
        ...

    def swap(
        self,
        session: Session,
        generation: str,
        documents: Sequence[Document],
        gone: Collection[int],
    ) -> None:
        """Catch up with what changed meanwhile, then answer from the new generation."""
        ...
