"""Searching and suggesting: what listings, the search box and the JSON API ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.products.models import Product
from catalog.search import facets, query, rules, spelling
from catalog.search.engine import (
    ANSWER_WEIGHT,
    FACETS,
    Completion,
    Counts,
    Engine,
    Facet,
    FacetValue,
    Filters,
    Nearest,
    Plan,
    SearchRequest,
    SearchResult,
    Sort,
)
from catalog.search.models import SearchDirty
from foundation.db import escape_like
from foundation.organisations import queries as organisations
from foundation.organisations.models import Organisation, State

DEEPEST_PAGE: Final = 1_000
MOST_PER_PAGE: Final = 100
MOST_ENDINGS: Final = 8
# What shorter queries find is counted up to this: of common words that takes long.
MOST_NEAREST: Final = 1_000
LARGEST_PRICE: Final = 10**15


def search(
    session: Session, engine: Engine, request: SearchRequest, *, today: date
) -> SearchResult:
    """Return one page of what is on sale and fits the request, with facets.

    `engine` is `app.extensions["search"]`, `today` the day in Việt Nam. Any request is answered:
    a page beyond the end is empty but has the total, an unknown category finds nothing.
    """
    hidden = organisations.hidden_ids(session)
    asked = _sane(request)
    version = engine.version(session)
    key = ("search", version, today, hidden, asked)
    kept: tuple[SearchResult, Hashable] | None = engine.memory.get(key)
    shown: tuple[Facet, ...] | None = engine.memory.get(kept[1]) if kept else None
    if kept is not None and shown is not None:
        return replace(kept[0], facets=shown)
    bare = Filters(hidden_sellers=hidden, today=today)
    asking = _Search(session, engine, asked, bare, version)
    found = asking.run()
    # All pages of one listing share their facets, which weigh more than all the rest.
    engine.memory.keep(key, (replace(found, facets=()), asking.about), ANSWER_WEIGHT)
    return found


def is_behind(session: Session) -> bool:
    """Say whether something changed that the index does not know yet."""
    waiting = select(SearchDirty.id).where(SearchDirty.done.is_(False)).limit(1)
    return session.scalar(waiting) is not None


def _sane(request: SearchRequest) -> SearchRequest:
    """Return the request within bounds, so that equal ones are the same."""

    def price(given: int | None) -> int | None:
        return None if given is None else min(max(given, 0), LARGEST_PRICE)

    text = query.typed(request.q)
    sort = request.sort or Sort.RELEVANCE
    stars = request.stars if request.stars is None else min(max(request.stars, 3), 5)
    return replace(
        request,
        q=text,
        category=request.category.strip()[:120],
        place=request.place.strip()[:120],
        seller=request.seller.strip()[:120],
        stars=stars,
        price_min=price(request.price_min),
        price_max=price(request.price_max),
        sort=Sort.NEWEST if sort is Sort.RELEVANCE and not text else sort,
        page=min(max(request.page, 1), DEEPEST_PAGE),
        per_page=min(max(request.per_page, 1), MOST_PER_PAGE),
    )


# --- one search -------------------------------------------------------------------------------


class _Search:
    """The steps of one search: understand, find, count, name the counts, or look for a way out."""

    def __init__(
        self, session: Session, engine: Engine, asked: SearchRequest, bare: Filters, version: str
    ) -> None:
        self.session = session
        self.engine = engine
        self.asked = asked
        self.bare = bare
        self.version = version
        self.names = facets.reference(session, engine)
        self.filters = self._filters()
        self.about: Hashable = None  # under what the facets are kept

    def run(self) -> SearchResult:
        understood = query.understand(self.asked.q)
        plan = query.plan(understood)
        counts = self._counts(plan)
        corrected = better = None
        if understood.words and counts[""].total <= spelling.FEW:
            corrected, better = self._respelled(understood, plan, counts[""].total)
            if corrected:
                plan = query.plan(query.understand(corrected))
                counts = self._counts(plan)
        return self._result(understood, plan, counts, corrected=corrected, better=better)

    def _result(
        self,
        understood: query.Understood,
        plan: Plan,
        counts: dict[str, Counts],
        *,
        corrected: str | None,
        better: str | None,
    ) -> SearchResult:
        asked, total = self.asked, counts[""].total
        found = self._page(plan, total)
        if corrected and understood.accented:
            corrected = self._accented(corrected, found)
        return SearchResult(
            product_ids=tuple(found),
            total=total,
            page=asked.page,
            pages=min(-(-total // asked.per_page), DEEPEST_PAGE),
            per_page=asked.per_page,
            sort=asked.sort or Sort.NEWEST,
            facets=self._facets(plan, counts),
            did_you_mean=better,
            corrected=corrected,
            nearest=() if total else self._nearest(understood),
            popular=() if total else self._popular(),
        )

    def _page(self, plan: Plan, total: int) -> list[int]:
        offset = (self.asked.page - 1) * self.asked.per_page
        if offset >= total:
            return []
        return self.engine.find(
            self.session,
            plan,
            self.filters,
            sort=self.asked.sort or Sort.NEWEST,
            offset=offset,
            limit=self.asked.per_page,
        )

    def _accented(self, text: str, found: Sequence[int]) -> str:
        """Return a corrected text with the accents that the names found have."""
        names = self.session.scalars(select(Product.name).where(Product.id.in_(found[:3])))
        written = {
            rules.fold_word(word): word for name in names for word in rules.exact_words(name)
        }
        return " ".join(written.get(word, word) for word in text.split())

    def _facets(self, plan: Plan, counts: dict[str, Counts]) -> tuple[Facet, ...]:
        chosen = (self.asked.category, self.asked.place, self.asked.seller, self.asked.language)
        self.about = ("facets", self.version, plan, self.filters, *chosen)
        kept: tuple[Facet, ...] | None = self.engine.memory.get(self.about)
        if kept is None:
            by = {name: counts.get(name, counts[""]) for name in FACETS}
            names = facets.reference(self.session, self.engine, known=by["category"])
            kept = facets.facets(self.session, names, self.asked, counts[""].total, by)
            weight = ANSWER_WEIGHT + sum(len(facet.values) for facet in kept)
            self.engine.memory.keep(self.about, kept, weight)
        return kept

    # --- filters and counts

    def _filters(self) -> Filters:
        asked = self.asked
        sellers = None
        if asked.seller:
            named = select(Organisation.id).where(Organisation.slug == asked.seller)
            sellers = frozenset(self.session.scalars(named))
        return replace(
            self.bare,
            categories=self.names.below(asked.category) if asked.category else None,
            stars=asked.stars,
            communes=self.names.communes(asked.place) if asked.place else None,
            price_min=asked.price_min,
            price_max=asked.price_max,
            sellers=sellers,
        )

    def _counts(self, plan: Plan, filters: Filters | None = None) -> dict[str, Counts]:
        return facets.counted(
            self.session, self.engine, plan, filters or self.filters, version=self.version
        )

    # --- few hits, or none

    def _respelled(
        self, understood: query.Understood, plan: Plan, total: int
    ) -> tuple[str | None, str | None]:
        """Return the text to search instead, and the text to offer beside the hits."""
        if self.filters != self.bare:
            most = spelling.FEW + 1
            [without] = self.engine.totals(self.session, [plan], self.bare, most=most)
            if without > spelling.FEW or (without and not total):
                return None, None  # it is the filters that leave so little
            total = without
        named = query.named(understood)
        if total and any(self.engine.totals(self.session, [named], self.bare, most=1)):
            return None, None  # somebody calls it just that
        found = spelling.better(self.session, self.engine, understood, self.bare, than=total)
        return (None, found) if total else (found, None)

    def _nearest(self, understood: query.Understood) -> tuple[Nearest, ...]:
        """Return what is found when words are left out, one at a time, else one word alone."""
        words = [word.exact for word in understood.words]
        if len(words) < 2:
            return ()
        shorter = [" ".join(words[:at] + words[at + 1 :]) for at in range(len(words))]
        return self._found(shorter) or self._found(words)

    def _found(self, texts: Sequence[str]) -> tuple[Nearest, ...]:
        """Return up to three of these texts that find something."""
        found: list[Nearest] = []
        for text in dict.fromkeys(texts):
            plan = query.plan(query.understand(text))
            most = MOST_NEAREST + 1
            [total] = self.engine.totals(self.session, [plan], self.bare, most=most)
            if total:
                shown = min(total, MOST_NEAREST)
                found.append(Nearest(text=text, total=shown, more=total > shown))
            if len(found) == 3:
                break
        return tuple(found)

    def _popular(self) -> tuple[FacetValue, ...]:
        """Return the categories with the most on sale."""
        counts = facets.counted(
            self.session,
            self.engine,
            Plan(),
            self.bare,
            version=self.version,
            wanted=("category",),
        )
        language = "en" if self.asked.language == "en" else "vi"
        values = facets.categories(self.names, "", counts[""], language)
        leaves = [each for each in values if each.value not in {one.parent for one in values}]
        return tuple(sorted(leaves, key=lambda each: (-each.count, each.value))[:6])


# --- completions ------------------------------------------------------------------------------


def suggest(
    session: Session, engine: Engine, text: str, *, today: date, limit: int = 8
) -> list[Completion]:
    """Return completions for what has been typed so far: products, categories, sellers, places.

    The last word may be unfinished. Nothing for less than one letter.
    """
    line = query.typed(text)
    words = rules.folded_words(line)[: query.MOST_WORDS]
    if not words:
        return []
    hidden = organisations.hidden_ids(session)
    key = ("suggest", engine.version(session), today, hidden, tuple(words), limit)
    kept: tuple[Completion, ...] | None = engine.memory.get(key)
    if kept is None:
        bare = Filters(hidden_sellers=hidden, today=today)
        others = [
            *_category_completions(session, engine, words),
            *_seller_completions(session, words, hidden),
            *_place_completions(session, engine, words, bare),
        ][: max(limit // 2, 1)]
        products = _product_completions(session, engine, words, bare, limit=limit - len(others))
        kept = (*products, *others)
        engine.memory.keep(key, kept, ANSWER_WEIGHT)
    return list(kept)


def _product_completions(
    session: Session, engine: Engine, words: Sequence[str], bare: Filters, *, limit: int
) -> list[Completion]:
    *complete, last = words
    most = MOST_ENDINGS if len(last) > 1 else 3
    prefix = rules.token(rules.NAME, last)
    endings = [token[2:] for token in engine.starting(session, prefix, limit=most)]
    if last not in endings and engine.frequencies(session, [prefix]):
        endings.insert(0, last)
    if not endings:
        return []
    ids = engine.find(
        session,
        query.prefix_plan(complete, endings),
        bare,
        sort=Sort.RELEVANCE,
        offset=0,
        limit=3 * limit,
    )
    rows = session.execute(
        select(Product.id, Product.name, Product.slug).where(Product.id.in_(ids))
    )
    by_id = {row.id: row for row in rows}
    found: dict[str, Completion] = {}
    for product_id in ids:
        if product_id in by_id:
            row = by_id[product_id]
            found.setdefault(row.name, Completion(kind="product", label=row.name, value=row.slug))
    return list(found.values())[:limit]


def _fits(words: Sequence[str], name: str) -> bool:
    """Say whether the words begin somewhere in the name, the last one perhaps unfinished."""
    return f" {' '.join(words)}" in _folded(name)


@lru_cache(maxsize=8_192)
def _folded(name: str) -> str:
    return f" {' '.join(rules.folded_words(name))}"


def _category_completions(
    session: Session, engine: Engine, words: Sequence[str]
) -> list[Completion]:
    names = facets.reference(session, engine)
    return [
        Completion(kind="category", label=row.names["vi"], value=row.slug)
        for row in names.categories.values()
        if _fits(words, row.names["vi"])
    ][:2]


def _seller_completions(
    session: Session, words: Sequence[str], hidden: frozenset[int]
) -> list[Completion]:
    typed = escape_like(" ".join(words))
    rows = session.execute(
        select(Organisation.name, Organisation.slug)
        .where(
            Organisation.state == State.VERIFIED,
            Organisation.id.not_in(hidden),
            or_(
                Organisation.fold_key.like(f"{typed}%", escape="\\"),
                Organisation.fold_key.like(f"% {typed}%", escape="\\"),
            ),
        )
        .order_by(Organisation.sort_key)
        .limit(2)
    )
    return [Completion(kind="seller", label=row.name, value=row.slug) for row in rows]


def _place_completions(
    session: Session, engine: Engine, words: Sequence[str], bare: Filters
) -> list[Completion]:
    """Return places of this name where something is on sale."""
    names = facets.reference(session, engine)
    version = engine.version(session)
    counts = facets.counted(session, engine, Plan(), bare, version=version, wanted=("place",))
    selling = Counter(counts[""].communes)
    for code, count in counts[""].communes.items():
        province = names.units[code].province_code if code in names.units else None
        if province:
            selling[province] += count
    found = [
        (count, names.units[code])
        for code, count in selling.items()
        if code in names.units and _fits(words, names.units[code].name)
    ]
    found.sort(key=lambda item: (-item[0], item[1].code))
    return [
        Completion(kind="place", label=unit.name, value=unit.slug) for _count, unit in found[:2]
    ]
