from __future__ import annotations

import csv
import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from catalog.search import queries
from catalog.search.engine import Engine, SearchRequest, SearchResult, Sort
from catalog.search.queries import DEEPEST_PAGE, search, suggest
from foundation.organisations.models import Organisation, State
from tests.catalog.search.conftest import TODAY, Market


class Judged:
    def __init__(self, row: dict[str, str]) -> None:
        self.query = row["query"]
        self.nothing = row["top"] == "-"
        self.top = set() if self.nothing else {name for name in row["top"].split("|") if name}
        self.never = {name for name in row["never"].split("|") if name}


def judged() -> list[Judged]:
    with Path(__file__).with_name("judged.tsv").open(encoding="utf-8", newline="") as lines:
        return [Judged(row) for row in csv.DictReader(lines, delimiter="\t")]


JUDGED = judged()


def find(market: Market, engine: Engine, q: str = "", **asked: object) -> SearchResult:
    request = replace(SearchRequest(q=q), **asked)  # type: ignore[arg-type]
    return search(market.session, engine, request, today=TODAY)


def names(market: Market, found: SearchResult) -> list[str]:
    return [market.names[product_id] for product_id in found.product_ids]


def test_the_judged_set_is_large_enough() -> None:
    assert len(JUDGED) >= 100
    assert len({case.query for case in JUDGED}) == len(JUDGED)


@pytest.mark.parametrize("case", JUDGED, ids=[case.query for case in JUDGED])
def test_finds_what_was_judged(market: Market, case: Judged) -> None:
    for engine in market.engines.values():
        found = find(market, engine, case.query)
        top = names(market, found)[:3]
        assert case.top <= set(top), top
        assert not case.never & set(top), top
        assert (found.total == 0) is case.nothing


@pytest.mark.parametrize("case", JUDGED, ids=[case.query for case in JUDGED])
def test_engines_answer_alike(market: Market, case: Judged) -> None:
    for sort in (None, Sort.PRICE_DOWN):
        answers = [find(market, each, case.query, sort=sort) for each in market.engines.values()]
        assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("case", JUDGED[::6], ids=[case.query for case in JUDGED[::6]])
def test_the_normal_form_makes_no_difference(market: Market, case: Judged) -> None:
    for engine in market.engines.values():
        composed = find(market, engine, unicodedata.normalize("NFC", case.query))
        decomposed = find(market, engine, unicodedata.normalize("NFD", case.query))
        assert composed == decomposed


def test_says_what_was_searched_instead(market: Market) -> None:
    for engine in market.engines.values():
        plain = find(market, engine, "banh trang phoi suog")
        assert plain.corrected == "banh trang phoi suong"
        assert plain.did_you_mean is None
        assert find(market, engine, "bánh tráng phơi suog").corrected == "bánh tráng phơi sương"
        assert find(market, engine, "bánh tráng phơi sương").corrected is None


def test_offers_a_better_spelling_beside_few_hits(market: Market) -> None:
    for engine in market.engines.values():
        found = find(market, engine, "Bì Lai Vung")
        assert found.total
        assert found.corrected is None


def test_filters_that_leave_nothing_are_not_a_spelling_fault(market: Market) -> None:
    for engine in market.engines.values():
        found = find(market, engine, "muối tôm", price_min=50_000_000)
        assert found.total == 0
        assert found.corrected is None
        assert sum(value.count for value in found.facet("price").values) > 0


def test_an_empty_answer_offers_something(market: Market) -> None:
    for engine in market.engines.values():
        found = find(market, engine, "bánh tráng zzzz")
        assert found.total == 0
        assert found.nearest[0].text == "bánh tráng"
        assert found.nearest[0].total == find(market, engine, "bánh tráng").total
        assert len(found.popular) == 6
        assert all(value.count for value in found.popular)
        assert find(market, engine, "zzzz").popular


def test_what_is_nearest_is_not_counted_to_the_end(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_NEAREST", 1)
    for engine in market.engines.values():
        nearest = find(market, engine, "bánh tráng qzqz").nearest[0]
        assert (nearest.total, nearest.more) == (1, True)


@pytest.mark.parametrize("facet", ["category", "stars", "place"])
def test_a_filter_leaves_its_own_facet_as_it_was(market: Market, facet: str) -> None:
    for engine in market.engines.values():
        values = find(market, engine).facet(facet).values
        chosen = int(values[-1].value) if facet == "stars" else values[-1].value
        asked: dict[str, Any] = {facet: chosen}
        found = find(market, engine, **asked)
        own = {each.value: each.count for each in found.facet(facet).values}
        assert own == {each.value: each.count for each in values}
        assert found.total < sum(own.values())


# --- listing, pages, orders -------------------------------------------------------------------


def test_without_words_everything_is_listed_newest_first(market: Market) -> None:
    for engine in market.engines.values():
        pages = [find(market, engine, page=page) for page in range(1, 10)]
        listed = [product_id for page in pages for product_id in page.product_ids]
        assert listed == sorted(market.names)  # the fixture's first is its newest
        assert pages[0].total == len(market.names)
        assert pages[0].pages == 9


@pytest.mark.parametrize("q", ["", "bánh", "sen"])
@pytest.mark.parametrize("sort", Sort)
def test_pages_neither_repeat_nor_lose(market: Market, q: str, sort: Sort) -> None:
    for engine in market.engines.values():
        whole = find(market, engine, q, sort=sort, per_page=100)
        pieces = [
            product_id
            for page in range(1, 12)
            for product_id in find(market, engine, q, sort=sort, per_page=9, page=page).product_ids
        ]
        assert tuple(pieces[: len(whole.product_ids)]) == whole.product_ids[: len(pieces)]
        assert len(set(whole.product_ids)) == len(whole.product_ids)


@pytest.mark.parametrize("q", ["", "kẹo dừa"])
def test_orders(market: Market, q: str) -> None:
    for engine in market.engines.values():
        up = find(market, engine, q, sort=Sort.PRICE_UP, per_page=100)
        prices = [market.prices[product_id] for product_id in up.product_ids]
        assert prices == sorted(prices)
        down = find(market, engine, q, sort=Sort.PRICE_DOWN, per_page=100)
        prices = [market.prices[product_id] for product_id in down.product_ids]
        assert prices == sorted(prices, reverse=True)
        best = find(market, engine, q, sort=Sort.STARS, per_page=100)
        stars = [market.stars.get(product_id, 0) for product_id in best.product_ids]
        assert stars == sorted(stars, reverse=True)


def test_a_page_beyond_the_end_is_empty_but_knows_the_total(market: Market) -> None:
    for engine in market.engines.values():
        found = find(market, engine, page=999)
        assert found.product_ids == ()
        assert found.total == len(market.names)
        assert find(market, engine, page=10**30).page == DEEPEST_PAGE
        assert find(market, engine, page=-5).page == 1
        assert find(market, engine, per_page=10**9).per_page == 100


@pytest.mark.parametrize(
    "q",
    [
        "' OR 1=1 --",
        "\\' | !x & (",
        "((((",
        "name:* AND *",
        "a" * 5_000,
        "bánh " * 400,
        "\x00\x00bánh\x00",
        "\ud800",
        "%_%",
        "🍜",
        "\u200b\u202e",
        ":* <-> 'x",
        "½ ² ﬁ",
    ],
)
def test_whatever_is_typed_is_answered(market: Market, q: str) -> None:
    answers = [find(market, each, q) for each in market.engines.values()]
    assert all(answer == answers[0] for answer in answers)
    for engine in market.engines.values():
        suggest(market.session, engine, q, today=TODAY)


def test_odd_filters_are_answered(market: Market) -> None:
    for engine in market.engines.values():
        assert find(market, engine, category="khong-co").total == 0
        assert find(market, engine, place="khong-co").total == 0
        assert find(market, engine, seller="'; DROP").total == 0
        assert find(market, engine, price_min=10**40).total == 0
        assert find(market, engine, price_max=-1).total == 0
        assert find(market, engine, stars=99).total == find(market, engine, stars=5).total


# --- filters and facets -----------------------------------------------------------------------


def test_facets_count_what_choosing_them_would_show(market: Market) -> None:
    for engine in market.engines.values():
        found = find(market, engine, "bánh", stars=3)
        for facet in found.facets:
            assert facet.values
            for value in facet.values[:6]:
                chosen: dict[str, object] = dict(value.query)
                if facet.name == "price":
                    least, _dash, most = str(chosen.pop("price")).partition("-")
                    chosen = {"price_min": int(least), "price_max": int(most) if most else None}
                elif facet.name == "stars":
                    chosen = {"stars": int(value.value)}
                narrowed = find(market, engine, "bánh", **{"stars": 3, **chosen})
                assert narrowed.total == value.count, (facet.name, value)
                again = narrowed.facet(facet.name)
                assert [each.count for each in again.values if each.chosen] == [value.count]


def test_a_facet_ignores_its_own_filter(market: Market) -> None:
    for engine in market.engines.values():
        before = find(market, engine, "bánh").facet("category")
        chosen = next(value for value in before.values if value.parent)
        after = find(market, engine, "bánh", category=chosen.value).facet("category")
        assert [(each.value, each.count) for each in after.values] == [
            (each.value, each.count) for each in before.values
        ]


def test_categories_go_by_code_or_slug_with_all_below(market: Market) -> None:
    for engine in market.engines.values():
        by_code = find(market, engine, category="food")
        group = next(each for each in by_code.facet("category").values if each.value == "thuc-pham")
        assert group.chosen
        assert by_code.total == group.count
        assert by_code.product_ids == find(market, engine, category="thuc-pham").product_ids
        below = [each for each in by_code.facet("category").values if each.parent == "thuc-pham"]
        assert sum(each.count for each in below) == group.count


def test_places_go_by_province_or_commune(market: Market) -> None:
    for engine in market.engines.values():
        province = find(market, engine, place="80")
        values = province.facet("place").values
        slug = next(each.value for each in values if each.chosen)
        assert find(market, engine, place=slug).total == province.total
        inside = [each for each in values if each.parent == slug]
        assert sum(each.count for each in inside) == province.total
        assert find(market, engine, place=inside[0].value).total == inside[0].count


def test_categories_speak_the_language_asked_for(market: Market) -> None:
    for engine in market.engines.values():
        found = find(market, engine, language="en")
        assert found.facet("category").values[0].label == "Food"
        assert found.facet("stars").values[0].label == "5 stars"


# --- what must not show -----------------------------------------------------------------------


def test_stars_go_the_day_they_lapse(market: Market) -> None:
    last = date(2028, 2, 29)  # certificates of the fixture lapse on 2028-03-01
    for engine in market.engines.values():
        request = SearchRequest(stars=3)
        shown = search(market.session, engine, request, today=last)
        gone = search(market.session, engine, request, today=date(2028, 3, 1))
        assert shown.total == sum(value >= 3 for value in market.stars.values())
        assert gone.total == 0
        unfiltered = search(market.session, engine, SearchRequest(), today=date(2028, 3, 1))
        assert unfiltered.facet("stars").values == ()


def test_a_suspended_seller_vanishes_at_once(market: Market) -> None:
    seller = update(Organisation).where(Organisation.slug == "lo-banh-trang-sau-hien")
    before = {name: find(market, each).total for name, each in market.engines.items()}
    market.session.execute(seller.values(state=State.SUSPENDED))
    try:
        for name, engine in market.engines.items():
            found = find(market, engine)
            assert found.total == before[name] - 25
            assert "lo-banh-trang-sau-hien" not in {
                value.value for value in found.facet("seller").values
            }
            hidden = set(find(market, engine, "sáu hiền").product_ids)
            assert not hidden & set(sorted(market.names)[::8])
            assert find(market, engine, seller="lo-banh-trang-sau-hien").total == 0
            kinds = suggest(market.session, engine, "sáu hiền", today=TODAY)
            assert not [each for each in kinds if each.kind == "seller"]
    finally:
        market.session.execute(seller.values(state=State.VERIFIED))


# --- completions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kind", "label"),
    [
        ("b", "product", "Bánh tráng siêu mỏng"),
        ("banh tr", "product", "Bánh tráng phơi sương"),
        ("bánh tráng ph", "product", "Bánh tráng phơi sương"),
        ("phoi su", "product", "Bánh tráng phơi sương"),
        ("de go d", "product", "Đế Gò Đen 31%"),
        ("rượu tr", "category", "Rượu trắng"),
        ("sau hi", "seller", "Lò bánh tráng Sáu Hiền"),
        ("lai v", "place", "Xã Lai Vung"),
        ("tây n", "place", "Tỉnh Tây Ninh"),
    ],
)
def test_completes_what_is_being_typed(market: Market, typed: str, kind: str, label: str) -> None:
    answers = [
        suggest(market.session, each, typed, today=TODAY) for each in market.engines.values()
    ]
    assert all(answer == answers[0] for answer in answers)
    assert (kind, label) in {(each.kind, each.label) for each in answers[0]}
    assert len(answers[0]) <= 8


def test_all_pages_of_a_listing_share_their_facets(market: Market) -> None:
    for engine in market.engines.values():
        first = find(market, engine, "bánh", per_page=5)
        second = find(market, engine, "bánh", per_page=5, page=2)
        again = find(market, engine, "bánh", per_page=5)
        assert first.facets is second.facets is again.facets
        assert first == again
        assert first.product_ids != second.product_ids
        assert find(market, engine, "bánh", per_page=5, stars=3).facets != first.facets
        assert find(market, engine, "bánh", per_page=5, language="en").facets != first.facets


def test_completes_nothing_from_nothing(market: Market) -> None:
    for engine in market.engines.values():
        assert suggest(market.session, engine, "  ?! ", today=TODAY) == []
        assert suggest(market.session, engine, "zzzz", today=TODAY) == []


def test_asks_few_statements(market: Market) -> None:
    for name, engine in market.engines.items():
        engine.memory.keep("reference", engine.memory.get("reference"))
        asked = market.counted(
            lambda engine=engine: find(market, engine, "bột", stars=3, place="82", per_page=50)
        )
        assert asked <= (6 if name == "postgres" else 2)
