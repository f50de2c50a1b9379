"""The listing's search form: what its address asks for, and the choices it offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from flask_babel import gettext as _

from catalog.search.engine import (
    Completion,
    Facet,
    FacetValue,
    SearchRequest,
    SearchResult,
    Sort,
)
from foundation.text import clean
from marketplace.storefront import rules

LONGEST_QUERY = 100
MOST_PRICE = 1_000_000_000
# How many choices of a facet stand on the page; those with the most products come first.
MOST_CHOICES = {"category": 30, "stars": 3, "place": 12, "price": 6, "seller": 8}
MOST_COMMUNES = 6


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One radio button; `under` says how deep it lies below the first level."""

    value: str
    label: str
    count: int
    chosen: bool
    under: bool


@dataclass(frozen=True, kw_only=True)
class Choices:
    """One group of radio buttons of the name `field`; `every` is the one that filters nothing."""

    field: str
    legend: str
    every: str
    choices: tuple[Choice, ...]
    chosen: bool
    more: tuple[str, str] | None = None


def asked(args: Mapping[str, str], language: str, *, per_page: int = 24) -> SearchRequest:
    """Return what an address asks for. Whatever makes no sense in it is left out."""
    price_min, price_max = _prices(args)
    stars = args.get("stars", "")
    sort = args.get("sort", "")
    return SearchRequest(
        q=clean(args.get("q", ""))[:LONGEST_QUERY],
        category=args.get("category", "")[:120],
        stars=int(stars) if stars in ("3", "4", "5") else None,
        place=args.get("place", "")[:120],
        seller=args.get("seller", "")[:120],
        price_min=price_min,
        price_max=price_max,
        sort=Sort(sort) if sort in set(Sort) else None,
        page=rules.page_asked(args.get("page")),
        per_page=per_page,
        language=language,
    )


def _prices(args: Mapping[str, str]) -> tuple[int | None, int | None]:
    """Return the ends of "price=50000-99999"; one end may be missing."""
    least, _dash, most = args.get("price", "").partition("-")
    return _amount(least), _amount(most)


def _amount(typed: str) -> int | None:
    if not (typed.isascii() and typed.isdecimal()) or len(typed) > 10:
        return None
    return min(int(typed), MOST_PRICE)


def sorts(request: SearchRequest) -> list[tuple[str, str]]:
    """Return the orders a listing offers; by fit only where words were searched."""
    offered = [
        (Sort.NEWEST, _("Mới lên chợ")),
        (Sort.PRICE_UP, _("Giá thấp trước")),
        (Sort.PRICE_DOWN, _("Giá cao trước")),
        (Sort.UNIT_PRICE, _("Giá theo cân thấp trước")),
        (Sort.STARS, _("Nhiều sao trước")),
    ]
    if request.q:
        offered.insert(0, (Sort.RELEVANCE, _("Sát nhất trước")))
    return [(sort.value, words) for sort, words in offered]


def facets(found: SearchResult) -> list[Choices]:
    """Return the filters to offer beside these results: those that leave a choice."""
    named = {
        "category": (_("Loại hàng"), _("Mọi loại hàng")),
        "stars": (_("Sao OCOP"), _("Có sao hay chưa đều được")),
        "place": (_("Nơi làm ra"), _("Mọi xã, phường")),
        "price": (_("Giá một quy cách"), _("Mọi mức giá")),
        "seller": (_("Người bán"), _("Mọi người bán")),
    }
    offered = []
    for name, (legend, every) in named.items():
        facet = found.facet(name)
        choices = _choices(facet)
        if choices:
            offered.append(
                Choices(
                    field=name,
                    legend=legend,
                    every=every,
                    choices=choices,
                    chosen=any(choice.chosen for choice in choices),
                    more=(_("Chọn xã, phường khác"), "/places") if name == "place" else None,
                )
            )
    return offered


def _choices(facet: Facet) -> tuple[Choice, ...]:
    """Return the choices of a facet: of a tree, the first level and what is open below it."""
    opened = _open(facet)
    shown = [
        value
        for value in facet.values
        if value.chosen or (value.count and (value.parent is None or value.parent in opened))
    ]
    if facet.name == "place" and not opened:
        # The communes with most goods are worth a place of their own before a province is chosen.
        below = [value for value in facet.values if value.parent is not None]
        shown += sorted(below, key=lambda value: -value.count)[:MOST_COMMUNES]
    kept = shown[: MOST_CHOICES[facet.name]]
    kept += [value for value in shown[len(kept) :] if value.chosen]
    return tuple(
        Choice(
            value=in_address(value),
            label=value.label,
            count=value.count,
            chosen=value.chosen,
            under=value.parent is not None and value.parent in opened,
        )
        for value in kept
    )


def _open(facet: Facet) -> set[str]:
    """Return the values whose children are shown: the chosen one and everything above it."""
    above = {value.value: value.parent for value in facet.values}
    opened: set[str] = set()
    for value in facet.values:
        step: str | None = value.value if value.chosen else None
        while step is not None and step not in opened:
            opened.add(step)
            step = above.get(step)
    return opened


def in_address(value: FacetValue) -> str:
    """Return what stands in the address for a choice."""
    return next(iter(value.query.values()), value.value)


def chips(found: SearchResult, args: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return (words, address without it) for every filter chosen."""
    return [
        (value.label, rules.address("/products", args, page=None, **dict.fromkeys(value.query)))
        for facet in found.facets
        for value in facet.values
        if value.chosen
    ]


def trail(found: SearchResult, heading: str) -> list[tuple[str, str | None]]:
    """Return the way to a listing: home, all goods, the categories, the page itself."""
    way: list[tuple[str, str | None]] = [(_("Trang chủ"), "/")]
    opened = _category_trail(found)
    if heading != every_product():
        way.append((_("Đặc sản"), "/products"))
    way += [step for step in opened if step[0] != heading]
    return [*way, (heading, None)]


def _category_trail(found: SearchResult) -> list[tuple[str, str | None]]:
    by_value = {value.value: value for value in found.facet("category").values}
    step = next((value for value in by_value.values() if value.chosen), None)
    way: list[tuple[str, str | None]] = []
    while step is not None:
        way.insert(0, (step.label, rules.address("/products", {}, **step.query)))
        step = by_value.get(step.parent or "")
    return way


def every_product() -> str:
    """Return the heading of the listing without words or filters."""
    return str(_("Tất cả đặc sản"))


def chosen(found: SearchResult, name: str) -> FacetValue | None:
    """Return what is chosen of a facet, the most particular one."""
    return next((value for value in reversed(found.facet(name).values) if value.chosen), None)


def filters_chosen(found: SearchResult) -> int:
    """Return how many filters are chosen."""
    return sum(value.chosen for facet in found.facets for value in facet.values)


def heading(found: SearchResult, request: SearchRequest) -> str:
    """Return what the listing is of, in words."""
    if request.q:
        return str(_("Tìm “%(words)s”", words=request.q))
    category, place, seller = (chosen(found, name) for name in ("category", "place", "seller"))
    where = rules.in_sentence(place.label) if place else ""
    if category and place:
        return f"{category.label}, {where}"
    if category:
        return category.label
    if place:
        return str(_("Đặc sản %(place)s", place=where))
    if seller:
        return str(_("Hàng của %(seller)s", seller=seller.label))
    return every_product()


def intro(request: SearchRequest) -> str:
    """Return the sentence under the heading, none where words were searched."""
    if request.q:
        return ""
    return str(_("Mỗi món đều ghi rõ ai làm, ở xã phường nào. Sao OCOP chỉ hiện khi còn hạn."))


def canonical(found: SearchResult, args: Mapping[str, str]) -> str:
    """Return the one address of what is shown: sorting and fine filters do not make a page."""
    kept = {name: args.get(name, "") for name in ("q", "category", "place", "seller")}
    return rules.address("/products", kept, page=found.page)


def hidden(args: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the arguments a change of order takes along: all but the order and the page."""
    names = [name for name in rules.LISTING_ARGS if name not in ("sort", "page")]
    return [(name, args[name]) for name in names if args.get(name)]


def suggestion(found: Completion) -> dict[str, str]:
    """Return a completion as the search field shows it: text, hint, and where it leads."""
    paths = {
        "product": f"/products/{found.value}",
        "category": f"/products?category={quote(found.value)}",
        "seller": f"/sellers/{found.value}",
        "place": f"/places/{found.value}",
    }
    hints = {
        "category": _("Loại hàng"),
        "seller": _("Người bán"),
        "place": _("Xã, phường"),
    }
    url = paths.get(found.kind, f"/products?q={quote(found.value)}")
    return {"text": found.label, "hint": found.detail or hints.get(found.kind, ""), "url": url}
