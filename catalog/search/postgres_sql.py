"""The SQL of the scaled engine: what a plan and filters are in it, and what counted rows mean.

Names and numbers in these texts are ours; whatever came from outside is bound as a value.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from catalog.search import rules
from catalog.search.engine import AnyOf, Counts, Filters, Node, Term

# The column each facet counts.
COUNTED: Final = {
    "category": "category_id",
    "place": "commune_code",
    "seller": "seller_id",
    "price": "band",
    "stars": "stars",
}


def tsquery(node: Node) -> str:
    """Return a node in PostgreSQL's query language, its tokens quoted."""
    if isinstance(node, Term):
        quoted = node.token.replace("\\", "\\\\").replace("'", "''")
        return f"'{quoted}'"
    sign = " | " if isinstance(node, AnyOf) else " & "
    return "(" + sign.join(map(tsquery, node.parts)) + ")"


def disjoint(tiers: Sequence[Node]) -> Iterator[str]:
    """Return each tier without what the tiers before it already hold."""
    before: list[str] = []
    for tier in map(tsquery, tiers):
        yield f"{tier} & !({' | '.join(before)})" if before else tier
        before.append(tier)


def conditions(filters: Filters) -> tuple[dict[str, str], list[str], dict[str, Any]]:
    """Return what the filters ask as SQL, by facet; what hides sellers; and the values."""
    own: dict[str, str] = {}
    values: dict[str, Any] = {"today": filters.today}
    for facet, column, wanted in (
        ("category", "category_id", filters.categories),
        ("place", "commune_code", filters.communes),
        ("seller", "seller_id", filters.sellers),
    ):
        if wanted is not None:
            own[facet] = f"{column} = ANY(:{facet})"
            values[facet] = sorted(wanted)
    if filters.stars is not None:
        own["stars"] = f"coalesce(until{filters.stars} > :today, false)"
    price = []
    for name, sign, end in (("least", ">=", filters.price_min), ("most", "<=", filters.price_max)):
        if end is not None:
            price.append(f"price {sign} :{name}")
            values[name] = end
    if price:
        own["price"] = both(price)
    hidden = ["NOT seller_id = ANY(:hidden)"] if filters.hidden_sellers else []
    values["hidden"] = sorted(filters.hidden_sellers)
    return own, hidden, values


def both(conditions: Iterable[str]) -> str:
    """Return the condition that all of these hold."""
    return " AND ".join(conditions) or "true"


class Tally:
    """Adds up counted groups: those that pass all filters, and those that fail just one."""

    def __init__(self, facets: Sequence[str], own: Sequence[str], counted: Sequence[str]) -> None:
        self._facets = facets
        self._counted = counted
        self._missed = ("", *own)
        self._hits: dict[tuple[str, str], dict[Any, int]] = defaultdict(dict)

    def add(self, row: Any) -> None:
        """Add one group. `what` has a bit for every column it is not grouped by."""
        column = next(
            column for at, column in enumerate(reversed(self._counted)) if not row.what >> at & 1
        )
        self._hits[self._missed[row.missed], column][getattr(row, column)] = row.hits

    def counts(self) -> dict[str, Counts]:
        """Return the counts as `Engine.counts` does."""
        found = {"": self._counts("", self._facets)}
        for facet in self._missed[1:]:
            found[facet] = self._counts(facet, [facet])
        return found

    def _counts(self, missed: str, facets: Sequence[str]) -> Counts:
        by = {facet: Counter(self._hits["", COUNTED[facet]]) for facet in facets}
        if missed:
            by[missed].update(self._hits[missed, COUNTED[missed]])
        empty: Counter[Any] = Counter()
        return Counts(
            total=next(iter(by.values())).total(),
            categories=by.get("category", empty),
            communes=by.get("place", empty),
            sellers=rules.most_sellers(by.get("seller", empty)),
            bands=by.get("price", empty),
            stars=rules.at_least(by.get("stars", empty)),
        )
