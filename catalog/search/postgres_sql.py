"""The SQL of the scaled engine: what a plan and filters are in it, and what counted rows mean.

Names and numbers in these texts are ours; whatever came from outside is bound as a value.
"""

# ruff: noqa: S608

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final

from catalog.search import rules
from catalog.search.engine import AnyOf, Counts, Filters, Node, Term

# Most products have no stars, which one look tells.
STARS: Final = (
    "CASE WHEN until3 > :today THEN CASE WHEN until5 > :today THEN 5 WHEN until4 > :today THEN 4 "
    "ELSE 3 END ELSE 0 END"
)
_BAND: Final = " + ".join(f"CAST(price >= {least} AS int)" for least in rules.PRICE_BANDS[1:])
_RANKED: Final = "until3 > :today"
# Stands among the words where every product's `facet_tokens` have been counted.
FACETS_TOO: Final = "facets too"
# What `facet_tokens` are made of: category, commune, seller, price, and the ends of 5, 4, 3 stars.
FACET_COLUMNS: Final = (
    *("category_id", "commune_code", "seller_id", "price"),
    *("until5", "until4", "until3"),
)
Row = Sequence[Any]
# What each facet counts.
_COUNTED: Final = {
    "category": "category_id",
    "stars": STARS,
    "place": "commune_code",
    "price": _BAND,
    "seller": "seller_id",
}
_NUMBER: Final[dict[str, Callable[[str], Any]]] = {**dict.fromkeys(_COUNTED, int), "place": str}


def facet_tokens(row: Row) -> list[str]:
    """Return what the table of words counts of a product beside its words: the values of its
    facets, and for each rank the day it ends."""
    category, commune, seller, price, *until = row
    ranks = zip(rules.STARS, until, strict=True)
    return [
        f"category:{category}",
        f"place:{commune}",
        seller_token(seller),
        f"price:{rules.band_of(price)}",
        *(f"stars:{least}:{end.isoformat()}" for least, end in ranks if end),
    ]


def seller_token(seller: int) -> str:
    """Return under what the products of a seller are counted."""
    return f"seller:{seller}"


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


def counting(
    table: str,
    within: Sequence[str],
    own: dict[str, str],
    facets: Sequence[str],
    apart: Collection[str],
) -> str:
    """Return the statement that counts facets: rows of question, facet, value and hits.

    `within` must hold of every row; `own` says by facet what filters by it. Question "" is about
    the rows that pass all filters; those of `apart`, named by a facet, about the ones that pass
    all but that facet's own.
    """
    missed = {facet: number for number, facet in enumerate(own, 1) if facet in apart}
    parts = [_from_cells("", facet, [0] if missed else []) for facet in facets]
    parts += [_from_cells(facet, facet, [0, number]) for facet, number in missed.items()]
    return f"WITH {_cells(table, within, own, missed)} {' UNION ALL '.join(parts)}"


def _cells(table: str, within: Sequence[str], own: dict[str, str], missed: dict[str, int]) -> str:
    """Return the rows of all questions counted in one pass, from which facets are added up.

    They miss one filter at most, and are counted by the number of that, which is 0 for none.
    """
    wanted = [*within, _RANKED] if "stars" in own else list(within)
    nearly = [[own[other] for other in own if other != facet] for facet in missed]
    wanted.append(" OR ".join(f"({both(most)})" for most in nearly or [list(own.values())]))
    which, by = "", ""
    if missed:
        cases = " ".join(f"WHEN NOT ({own[facet]}) THEN {no}" for facet, no in missed.items())
        which, by = f", CASE {cases} ELSE 0 END AS missed", ", missed"
    return (
        f"cells AS (SELECT category_id, stars, band, commune_code, seller_id{by}, "
        f"count(*) AS hits FROM (SELECT category_id, {STARS} AS stars, {_BAND} AS band, "
        f"commune_code, seller_id{which} FROM {table} "
        f"WHERE {both(f'({each})' for each in wanted)}) counted GROUP BY GROUPING SETS "
        f"((category_id, stars, band{by}), (commune_code, seller_id{by})))"
    )


def _from_cells(question: str, facet: str, missed: Sequence[int]) -> str:
    column = {"stars": "stars", "price": "band"}.get(facet, _COUNTED[facet])
    other = "commune_code" if facet in ("category", "stars", "price") else "category_id"
    where = [f"{other} IS NULL", *([f"missed = ANY(ARRAY{list(missed)})"] if missed else [])]
    most = f" ORDER BY hits DESC, value LIMIT {rules.MOST_SELLERS}" if facet == "seller" else ""
    return (
        f"SELECT '{question}' AS question, '{facet}' AS facet, CAST(value AS text) AS value, hits "
        f"FROM (SELECT {column} AS value, sum(hits) AS hits FROM cells WHERE {both(where)} "
        f"GROUP BY value{most}) {facet}"
    )


def counted_before(words: str, facets: Sequence[str], question: str) -> str:
    """Return the statement that reads from the table of words how facets of everything on sale
    are counted, as rows of this question.

    No rows when it does not know, or still counts goods of hidden sellers, whom the worker is
    about to remove.
    """
    parts = " UNION ALL ".join(_before(words, facet) for facet in facets)
    return (
        f"SELECT '{question}' AS question, known.* FROM ({parts}) known "
        f"WHERE EXISTS (SELECT FROM {words} WHERE token = '{FACETS_TOO}') "
        f"AND NOT EXISTS (SELECT FROM {words} "
        "WHERE token = ANY(CAST(:sellers AS text[])) AND products > 0)"
    )


def _before(words: str, facet: str) -> str:
    if facet == "stars":
        # Whoever holds a rank holds the lower ones: of at least 4 stars are more than of 5.
        hits = "sum(products) - coalesce(lag(sum(products)) OVER (ORDER BY least DESC), 0)"
        source = (
            f"(SELECT substr(token, 7, 1) AS least, products FROM {words} WHERE token > 'stars:' "
            "AND token < 'stars;' AND substr(token, 9) > :since) ranks"
        )
        return (
            f"SELECT 'stars' AS facet, least AS value, {hits} AS hits FROM {source} GROUP BY least"
        )
    columns = f"CAST(substr(token, {len(facet) + 2}) AS text) AS value, products AS hits"
    held = f"{words} WHERE token > '{facet}:' AND token < '{facet};' AND products > 0"
    if facet == "seller":
        columns = columns.replace("AS text", "AS bigint")
        held += f" ORDER BY hits DESC, value LIMIT {rules.MOST_SELLERS}"
    return (
        f"SELECT '{facet}' AS facet, CAST(value AS text) AS value, hits "
        f"FROM (SELECT {columns} FROM {held}) {facet}"
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
