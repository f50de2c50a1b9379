"""What the shop window decides without looking anything up: seasons, days, pages. Pure."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from catalog.ocop.queries import Badge
from catalog.products.queries import Size
from catalog.shown.queries import ProductPage
from foundation.lunar import LunarDate, lunar
from foundation.text import new_tone_placement

_SEASONS: Final = Path(__file__).parent / "data" / "seasons.tsv"
# What follows the name of a fruit when it is no longer the fruit.
_PROCESSED: Final = frozenset(
    {"sấy", "mứt", "nước", "trà", "rượu", "kẹo", "bột", "bánh", "tinh", "ép", "ngâm", "siro"}
)
DAYS_BEFORE_TET: Final = 30
LARGEST_SITEMAP: Final = 5000
LAST_PAGE: Final = 9999


# --- seasons ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Season:
    """A kind of goods, and the solar months in which it is at its best."""

    name: str
    name_en: str
    months: frozenset[int]
    words: tuple[str, ...]
    without: tuple[str, ...]

    def covers(self, name: str) -> bool:
        """Say whether a product's name, spelled as `spelled` does, begins with this kind."""
        if any(name.startswith(words) for words in self.without):
            return False
        for words in self.words:
            rest = name.removeprefix(words)
            if rest != name and rest[:1] in ("", " ", ","):
                return _PROCESSED.isdisjoint(rest.replace(",", " ").split())
        return False


def spelled(name: str) -> str:
    """Return a name as seasons compare it: accents count, letter case and tone place do not."""
    return new_tone_placement(name).lower()


@lru_cache(maxsize=1)
def seasons() -> tuple[Season, ...]:
    """Return every kind that has a season, as data/seasons.tsv lists them."""
    with _SEASONS.open(encoding="utf-8", newline="") as source:
        return tuple(_season(row) for row in csv.DictReader(source, delimiter="\t"))


def _season(row: dict[str, str]) -> Season:
    return Season(
        name=row["name"],
        name_en=row["name_en"],
        months=frozenset(month for span in row["months"].split(",") for month in _months(span)),
        words=tuple(spelled(words) for words in row["words"].split("|")),
        without=tuple(spelled(words) for words in row["not"].split("|") if words),
    )


def _months(span: str) -> list[int]:
    """Return the months of "4", "4-8" or, over the turn of the year, "11-1"."""
    first, _, last = span.partition("-")
    length = (int(last or first) - int(first)) % 12 + 1
    return [(int(first) + step - 1) % 12 + 1 for step in range(length)]


@lru_cache(maxsize=12)
def of_month(month: int) -> tuple[Season, ...]:
    """Return the kinds in season in a month, 1 to 12, in the order of the list."""
    return tuple(season for season in seasons() if month in season.months)


@lru_cache(maxsize=4096)
def kind_in_season(name: str, month: int) -> Season | None:
    """Return the kind in season in a month, 1 to 12, that a product's name belongs to."""
    comparable = spelled(name)
    return next((season for season in of_month(month) if season.covers(comparable)), None)


def in_season(name: str, month: int) -> bool:
    """Say whether a product of this name is in season in a month, 1 to 12."""
    return kind_in_season(name, month) is not None


def in_turns(rows: Sequence[Sequence[int]]) -> list[int]:
    """Return the first of every row, then the second of every row, and so on."""
    longest = max((len(row) for row in rows), default=0)
    return [row[turn] for turn in range(longest) for row in rows if turn < len(row)]


def phone(digits: str) -> str:
    """Return a phone number in groups, as people read it out: 0912 345 678."""
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}" if len(digits) == 10 else digits


# --- days -------------------------------------------------------------------------------------


class Occasion(StrEnum):
    FULL_MOON_TOMORROW = "full_moon_tomorrow"
    FULL_MOON = "full_moon"
    NEW_MOON_TOMORROW = "new_moon_tomorrow"
    NEW_MOON = "new_moon"
    BEFORE_TET = "before_tet"


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """A day people prepare for. `month` is the lunar month, `days` how many days remain."""

    occasion: Occasion
    month: int
    days: int


def reminder(today: date) -> Reminder | None:
    """Return the occasion that is near: the full or new moon today or tomorrow, or Tết."""
    now, then = lunar(today), lunar(today + timedelta(days=1))
    days = days_to_tet(today)
    if 0 < days <= DAYS_BEFORE_TET:
        return Reminder(occasion=Occasion.BEFORE_TET, month=1, days=days)
    for day, tomorrow_is, today_is in (
        (15, Occasion.FULL_MOON_TOMORROW, Occasion.FULL_MOON),
        (1, Occasion.NEW_MOON_TOMORROW, Occasion.NEW_MOON),
    ):
        if now.day == day:
            return Reminder(occasion=today_is, month=now.month, days=0)
        if then.day == day:
            return Reminder(occasion=tomorrow_is, month=then.month, days=1)
    return None


def days_to_tet(today: date) -> int:
    """Return how many days remain until the next first day of the lunar year, 0 on the day."""
    now = lunar(today)
    if (now.day, now.month, now.leap) == (1, 1, False):
        return 0
    start = _new_year(now.year + 1)
    return (start - today).days


@lru_cache(maxsize=8)
def _new_year(year: int) -> date:
    """Return the solar date of a lunar year's first day: 20 January to 21 February."""
    day = date(year, 1, 20)
    while lunar(day) != LunarDate(day=1, month=1, year=year):
        day += timedelta(days=1)
    return day


# --- names ------------------------------------------------------------------------------------


def in_sentence(place: str) -> str:
    """Return a place's name as it stands within a sentence: xã Mỹ Lệ, Tây Ninh."""
    kind, _blank, name = place.partition(" ")
    if kind == "Tỉnh":
        return name
    return f"{kind.lower()} {name}" if kind in ("Xã", "Phường", "Đặc") else place


def initials(name: str) -> str:
    """Return the first letters of a name's last two words: they stand where there is no logo."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[-2:]).upper()


# --- pages ------------------------------------------------------------------------------------


def last_page(total: int, per_page: int) -> int:
    """Return the number of the last page, at least 1."""
    return max(1, -(-total // per_page))


def page_numbers(page: int, last: int) -> Sequence[int | None]:
    """Return the page numbers to offer, None where some are left out: 1 … 4 5 6 … 12."""
    wanted = {1, last, page - 1, page, page + 1}
    if page <= 3:
        wanted |= {2, 3}
    if page >= last - 2:
        wanted |= {last - 1, last - 2}
    numbers = sorted(number for number in wanted if 1 <= number <= last)
    shown: list[int | None] = []
    for number in numbers:
        if shown and shown[-1] is not None and number - shown[-1] > 1:
            shown.append(number - 1 if number - shown[-1] == 2 else None)
        shown.append(number)
    return shown


def page_asked(typed: str | None) -> int:
    """Return the page number in an address; anything that is none counts as the first."""
    if typed and typed.isascii() and typed.isdecimal() and len(typed) <= 4:
        return max(1, int(typed))
    return 1


# --- addresses --------------------------------------------------------------------------------

# What a listing's address may hold, in the order it is written.
LISTING_ARGS: Final = ("q", "category", "stars", "place", "seller", "price", "sort", "page")


def address(path: str, args: Mapping[str, str], **changes: object) -> str:
    """Return `path` with the listing's arguments, some changed; None or "" takes one out."""
    wanted = {**{name: args.get(name) for name in LISTING_ARGS}, **changes}
    if wanted.get("page") in (1, "1"):
        wanted["page"] = None
    kept = [(name, str(wanted[name])) for name in LISTING_ARGS if wanted.get(name)]
    return f"{path}?{urlencode(kept)}" if kept else path


# --- what search engines read -----------------------------------------------------------------


def json_ld(data: Mapping[str, object]) -> str:
    """Return data as JSON that may stand inside a script element, whatever its texts hold."""
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def crumbs_data(trail: Sequence[tuple[str, str | None]], public_url: str) -> dict[str, object]:
    """Return a breadcrumb trail as schema.org has it; the last entry has no address."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": at, "name": words}
            | ({"item": public_url + path} if path else {})
            for at, (words, path) in enumerate(trail, start=1)
        ],
    }


def product_data(
    page: ProductPage, badge: Badge | None, *, public_url: str, pictures: Sequence[str]
) -> dict[str, object]:
    """Return a product as schema.org has it. The rank is there only while `badge` is valid."""
    path = f"{public_url}/products/{page.slug}"
    data: dict[str, object] = {
        "@type": "Product",
        "@id": path,
        "name": page.name,
        "description": page.summary or page.name,
        "url": path,
        "sku": page.public_id,
        "image": [public_url + picture for picture in pictures],
        "category": page.category.name,
        "brand": {"@type": "Brand", "name": page.organisation.name},
        "countryOfOrigin": {"@type": "Country", "name": "VN"},
        "offers": [_offer(page, size, path) for size in page.sizes],
    }
    if badge:
        data["award"] = f"OCOP {badge.stars} sao"
        data["hasCertification"] = {
            "@type": "Certification",
            "name": "OCOP",
            "certificationIdentification": badge.decision_number,
            "certificationRating": {
                "@type": "Rating",
                "ratingValue": badge.stars,
                "bestRating": 5,
                "worstRating": 1,
            },
            "issuedBy": {"@type": "Organization", "name": badge.issuer},
            "validFrom": badge.issued_on.isoformat(),
            "expires": badge.lapses_on.isoformat(),
        }
    return data


def _offer(page: ProductPage, size: Size, path: str) -> dict[str, object]:
    in_stock = "InStock" if size.in_stock else "OutOfStock"
    offer: dict[str, object] = {
        "@type": "Offer",
        "name": size.name,
        "url": f"{path}?size={size.public_id}",
        "price": size.price,
        "priceCurrency": "VND",
        "availability": f"https://schema.org/{in_stock}",
        "seller": {"@type": "Organization", "name": page.organisation.name},
    }
    if size.unit_price:
        offer["priceSpecification"] = {
            "@type": "UnitPriceSpecification",
            "price": size.unit_price.amount,
            "priceCurrency": "VND",
            "referenceQuantity": {
                "@type": "QuantitativeValue",
                "value": 1,
                "unitCode": _UNIT_CODES[size.unit_price.per],
            },
        }
    return offer


# UN/CEFACT codes, as schema.org asks for them.
_UNIT_CODES: Final = {"kg": "KGM", "l": "LTR", "piece": "C62"}
