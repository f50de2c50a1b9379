"""The SQL of the scaled engine: what a plan and filters are in it, and what counted rows mean.

Names and numbers in these texts are ours; whatever came from outside is bound as a value.
"""

# ruff: noqa: S608

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from catalog.search import rules
from catalog.search.engine import AnyOf, Counts, Filters, Node, Term

STARS: Final = (
    "CASE WHEN until5 > :today THEN 5 WHEN until4 > :today THEN 4 WHEN until3 > :today THEN 3 "
    "ELSE 0 END"
)
_BAND: Final = " + ".join(f"CAST(price >= {least} AS int)" for least in rules.PRICE_BANDS[1:])
# What each facet counts.
_COUNTED: Final = {
    "category": "category_id",
    "stars": STARS,
    "place": "commune_code",
    "price": _BAND,
    "seller": "seller_id",
}
_NUMBER: Final[dict[str, Callable[[str], Any]]] = {**dict.fromkeys(_COUNTED, int), "place": str}


def tsquery(node: Node) -> str:
    """Return a node in PostgreSQL's query language, its tokens quoted."""
    if isinstance(node, Term):
        quoted = node.token.replace("\\", "\\\\").replace("'", "''")
        return f"'{quoted}'"
    sign = " | " if isinstance(node, AnyOf) else " & "
    return "(" + sign.join(map(tsquery, node.parts)) + ")"


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


def counting(table: str, within: Sequence[str], own: dict[str, str], facets: Sequence[str]) -> str:
    """Return the statement that counts facets: rows of question, facet, value and hits.

    `within` must hold of every row; `own` says by facet what filters by it. Question "" is about
    the rows that pass all filters; the others, named by a facet, about those that pass all but
    that facet's own.
    """
    named = []
    if own and within:
        # Every question looks at these rows again, so they are fetched once.
        named.append(
            "found AS MATERIALIZED (SELECT category_id, commune_code, seller_id, price, until5, "
            f"until4, until3 FROM {table} WHERE {both(within)})"
        )
        table, within = "found", ()
    everything = both([*within, *own.values()])
    if set(facets) == set(_COUNTED):
        named.append(_cells(table, everything))
        parts = [_from_cells(facet) for facet in facets]
    else:
        parts = [_directly(table, "", facet, everything) for facet in facets]
    for facet in own:
        others = [condition for name, condition in own.items() if name != facet]
        parts.append(_directly(table, facet, facet, both([*within, *others])))
    first = f"WITH {', '.join(named)} " if named else ""
    return first + " UNION ALL ".join(parts)


def _cells(table: str, where: str) -> str:
    """Return the rows counted in two passes, from which the five facets are added up."""
    return (
        "cells AS (SELECT category_id, stars, band, commune_code, seller_id, "
        f"count(*) AS hits FROM (SELECT category_id, {STARS} AS stars, {_BAND} AS band, "
        f"commune_code, seller_id FROM {table} WHERE {where}) counted "
        "GROUP BY GROUPING SETS ((category_id, stars, band), (commune_code, seller_id)))"
    )


def _from_cells(facet: str) -> str:
    column = {"stars": "stars", "price": "band"}.get(facet, _COUNTED[facet])
    other = "commune_code" if facet in ("category", "stars", "price") else "category_id"
    return _grouped(
        "", facet, f"{column} AS value, sum(hits) AS hits", f"cells WHERE {other} IS NULL"
    )


def _directly(table: str, question: str, facet: str, where: str) -> str:
    columns = f"{_COUNTED[facet]} AS value, count(*) AS hits"
    return _grouped(question, facet, columns, f"{table} WHERE {where}")


def _grouped(question: str, facet: str, columns: str, source: str) -> str:
    most = f" ORDER BY hits DESC, value LIMIT {rules.MOST_SELLERS}" if facet == "seller" else ""
    return (
        f"SELECT '{question}' AS question, '{facet}' AS facet, CAST(value AS text) AS value, hits "
        f"FROM (SELECT {columns} FROM {source} GROUP BY value{most}) {facet}"
    )


def counted(rows: Iterable[Any], questions: Iterable[str]) -> dict[str, Counts]:
    """Return the rows of a counting statement as `Engine.counts` does."""
    by: dict[tuple[str, str], dict[Any, int]] = defaultdict(dict)
    for question, facet, value, hits in rows:
        by[question, facet][_NUMBER[facet](value)] = int(hits)
    return {
        question: Counts(
            total=sum(by[question, "category"].values()),
            categories=by[question, "category"],
            communes=by[question, "place"],
            sellers=by[question, "seller"],
            bands=by[question, "price"],
            stars=rules.at_least(by[question, "stars"]),
        )
        for question in questions
    }
