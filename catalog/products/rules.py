"""States, limits and what a product lacks; the price per kilogram; descriptions as HTML. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as default
from enum import StrEnum
from functools import lru_cache
from typing import Final

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from foundation import money
from foundation.errors import N_
from foundation.text import clean, fold


class State(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"


class NetUnit(StrEnum):
    """What the net amount counts: grams, millilitres, or pieces."""

    GRAM = "g"
    MILLILITRE = "ml"
    PIECE = "piece"


# Who may take which step is the service's matter; this is which steps there are at all.
NEXT_STATES: Final[dict[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.IN_REVIEW, State.PUBLISHED, State.WITHDRAWN}),
    State.IN_REVIEW: frozenset({State.DRAFT, State.PUBLISHED}),
    State.PUBLISHED: frozenset({State.PAUSED, State.WITHDRAWN}),
    State.PAUSED: frozenset({State.PUBLISHED, State.WITHDRAWN}),
    State.WITHDRAWN: frozenset({State.DRAFT, State.PAUSED, State.PUBLISHED}),
}
# A product in these states has been shown to buyers or judged, so it must stay complete.
MUST_BE_COMPLETE: Final = frozenset({State.IN_REVIEW, State.PUBLISHED, State.PAUSED})

NAME_LENGTH: Final = 160
SUMMARY_LENGTH: Final = 300
TEXT_LENGTH: Final = 2_000
DESCRIPTION_LENGTH: Final = 20_000
VARIANT_NAME_LENGTH: Final = 80
SKU_LENGTH: Final = 40
ALT_LENGTH: Final = 200
NOTE_LENGTH: Final = 1_000
LEAST_PRICE: Final = 500
MOST_PRICE: Final = 500_000_000
MOST_NET: Final = {NetUnit.GRAM: 1_000_000, NetUnit.MILLILITRE: 1_000_000, NetUnit.PIECE: 10_000}
MOST_STOCK: Final = 1_000_000
MOST_SHELF_DAYS: Final = 3_650
MOST_VARIANTS: Final = 20
MOST_PHOTOS: Final = 8
GOOD_PHOTOS: Final = 3


# --- what is given ----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class VariantGiven:
    """One size as somebody wrote it; `public_id` is None for a new one. An empty name becomes
    the net amount ("500 g")."""

    public_id: str | None = None
    name: str = ""
    sku: str = ""
    price: int
    net_amount: int
    net_unit: NetUnit
    stock: int = 0

    @property
    def shown_name(self) -> str:
        return self.name or net_words(self.net_amount, self.net_unit)


@dataclass(frozen=True, kw_only=True)
class ProductGiven:
    """A product as somebody wrote it, texts already cleaned."""

    name: str
    category_id: int
    commune_code: str
    summary: str = ""
    description: str = ""
    ingredients: str = ""
    storage: str = ""
    shelf_life_days: int | None = None
    adults_only: bool = False
    variants: tuple[VariantGiven, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something to put right: `field` of ProductGiven, or of the variant with this index."""

    field: str
    sentence: str
    facts: dict[str, object] = default(default_factory=dict)
    variant: int | None = None


TOO_LONG: Final = N_("Dài quá: %(has)s chữ, nhiều nhất %(most)s. Bớt lại một chút.")
NO_NAME: Final = N_("Ghi tên món hàng, ví dụ Bánh tráng phơi sương.")
NAME_WITHOUT_LETTERS: Final = N_("Tên món hàng cần có chữ.")
BAD_SHELF_LIFE: Final = N_("Hạn dùng phải từ 1 đến 3.650 ngày. Không có hạn thì để trống.")
BAD_PRICE: Final = N_("Giá phải từ 500 ₫ đến 500.000.000 ₫.")
BAD_MASS: Final = N_("Khối lượng, thể tích phải từ 1 g (ml) đến 1 tấn (1.000 lít).")
BAD_COUNT: Final = N_("Số cái phải từ 1 đến 10.000.")
BAD_STOCK: Final = N_("Số còn trong kho phải từ 0 đến 1.000.000.")
TWICE_NAMED: Final = N_("Hai quy cách cùng tên “%(name)s”. Đổi tên hoặc bỏ bớt một.")
TWICE_NUMBERED: Final = N_("Hai quy cách cùng mã SKU “%(sku)s”. Mỗi quy cách cần một mã riêng.")
TOO_MANY_VARIANTS: Final = N_("Nhiều nhất %(most)s quy cách cho một món.")


def problems(given: ProductGiven) -> list[Problem]:
    """Return everything that breaks a limit, in the form's order; nothing when all is well.

    What is merely missing is no problem here: see `missing`.
    """
    found = _name_problems(given.name)
    lengths = (
        ("summary", given.summary, SUMMARY_LENGTH),
        ("description", given.description, DESCRIPTION_LENGTH),
        ("ingredients", given.ingredients, TEXT_LENGTH),
        ("storage", given.storage, SUMMARY_LENGTH),
    )
    found += [_too_long(name, text, most) for name, text, most in lengths if len(text) > most]
    days = given.shelf_life_days
    if days is not None and not 1 <= days <= MOST_SHELF_DAYS:
        found.append(Problem(field="shelf_life_days", sentence=BAD_SHELF_LIFE))
    if len(given.variants) > MOST_VARIANTS:
        found.append(
            Problem(field="variants", sentence=TOO_MANY_VARIANTS, facts={"most": MOST_VARIANTS})
        )
    for index, variant in enumerate(given.variants):
        found += variant_problems(variant, index)
    return found + _twins(given.variants)


def _name_problems(name: str) -> list[Problem]:
    if not name:
        return [Problem(field="name", sentence=NO_NAME)]
    if not any(letter.isalpha() for letter in name):
        return [Problem(field="name", sentence=NAME_WITHOUT_LETTERS)]
    return [_too_long("name", name, NAME_LENGTH)] if len(name) > NAME_LENGTH else []


def variant_problems(given: VariantGiven, index: int | None = None) -> list[Problem]:
    """Return what breaks a limit in one size."""
    found = [
        _too_long(name, text, most, index)
        for name, text, most in (
            ("name", given.name, VARIANT_NAME_LENGTH),
            ("sku", given.sku, SKU_LENGTH),
        )
        if len(text) > most
    ]
    if not LEAST_PRICE <= given.price <= MOST_PRICE:
        found.append(Problem(field="price", sentence=BAD_PRICE, variant=index))
    if not 1 <= given.net_amount <= MOST_NET[given.net_unit]:
        words = BAD_COUNT if given.net_unit is NetUnit.PIECE else BAD_MASS
        found.append(Problem(field="net", sentence=words, variant=index))
    if not 0 <= given.stock <= MOST_STOCK:
        found.append(Problem(field="stock", sentence=BAD_STOCK, variant=index))
    return found


def _twins(variants: Sequence[VariantGiven]) -> list[Problem]:
    found: list[Problem] = []
    names: set[str] = set()
    skus: set[str] = set()
    for index, variant in enumerate(variants):
        name, sku = fold(variant.shown_name), fold(variant.sku)
        if name in names:
            facts: dict[str, object] = {"name": variant.shown_name}
            found.append(Problem(field="name", sentence=TWICE_NAMED, facts=facts, variant=index))
        if sku and sku in skus:
            facts = {"sku": variant.sku}
            found.append(Problem(field="sku", sentence=TWICE_NUMBERED, facts=facts, variant=index))
        names.add(name)
        skus.add(sku)
    return found


def _too_long(name: str, text: str, most: int, variant: int | None = None) -> Problem:
    facts: dict[str, object] = {"has": len(text), "most": most}
    return Problem(field=name, sentence=TOO_LONG, facts=facts, variant=variant)


# --- what is missing --------------------------------------------------------------------------


class Lack(StrEnum):
    """What a product still needs before buyers may see it."""

    VARIANT = "variant"
    PHOTO = "photo"
    SUMMARY = "summary"


LACK_WORDS: Final = {
    Lack.VARIANT: N_("Thêm ít nhất một quy cách: khối lượng, giá bán và số còn trong kho."),
    Lack.PHOTO: N_("Thêm ít nhất một ảnh chụp món hàng."),
    Lack.SUMMARY: N_("Viết một câu giới thiệu món hàng."),
}


def missing(*, variants: int, photos: int, summary: str) -> list[Lack]:
    """Return what is missing before the product may go on sale, in the form's order."""
    wanted = (
        (Lack.PHOTO, photos > 0),
        (Lack.SUMMARY, bool(summary.strip())),
        (Lack.VARIANT, variants > 0),
    )
    return [lack for lack, there in wanted if not there]


def short_name(file_name: str) -> str:
    """Return an upload's own name, short enough for a sentence."""
    last = clean(re.split(r"[/\\\\]", file_name)[-1])
    return last if len(last) <= 40 else f"{last[:24]}…{last[-12:]}"


# --- net amounts ------------------------------------------------------------------------------


class BadNet(ValueError):  # like BadAmount
    """A text that is not, beyond doubt, one net amount."""


# How a seller may write a unit → (what is counted, how many of it).
WRITTEN_UNITS: Final = {
    "g": (NetUnit.GRAM, 1),
    "kg": (NetUnit.GRAM, 1_000),
    "ml": (NetUnit.MILLILITRE, 1),
    "l": (NetUnit.MILLILITRE, 1_000),
    "piece": (NetUnit.PIECE, 1),
}
_SPELLINGS: Final = {
    "gam": "g", "gram": "g", "gr": "g", "ky": "kg", "ki": "kg", "kilogam": "kg", "kilogram": "kg",
    "mililit": "ml", "lit": "l", "litre": "l", "liter": "l",
    "cai": "piece", "chiec": "piece", "qua": "piece", "trai": "piece", "con": "piece",
    "vien": "piece", "bo": "piece", "chau": "piece", "canh": "piece", "ve": "piece",
    "luot": "piece", "nguoi": "piece", "phan": "piece", "pieces": "piece",
}  # fmt: skip
_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?:([. ,])[0-9]{3})(?:\1[0-9]{3})*")
_DECIMAL: Final = re.compile(r"([0-9]{1,7})[.,]([0-9]{1,3})")


def written_unit(text: str) -> str | None:
    """Return the key of WRITTEN_UNITS that a unit was meant as ("Gam" → "g"), else None."""
    word = fold(text).strip(". ")
    word = _SPELLINGS.get(word, word)
    return word if word in WRITTEN_UNITS else None


def parse_net(text: str, unit: str) -> tuple[int, NetUnit]:
    """Read a net amount: ("1,5", "kg") is 1500 grams. `unit` is a key of WRITTEN_UNITS.

    Raises BadNet for anything unclear: "1.500 kg" might be one and a half or fifteen hundred.
    """
    counted, factor = WRITTEN_UNITS[unit]
    tidy = " ".join(text.split())
    if tidy.isascii() and tidy.isdecimal() and len(tidy) <= 9:
        return int(tidy) * factor, counted
    if factor == 1:
        if _GROUPED.fullmatch(tidy):
            return int(re.sub(r"[. ,]", "", tidy)), counted
        raise BadNet(text)
    decimal = _DECIMAL.fullmatch(tidy)
    if decimal is None or (len(decimal[2]) == 3 and decimal[1] != "0"):
        raise BadNet(text)
    return int(decimal[1]) * factor + int(decimal[2].ljust(3, "0")), counted


def net_written(amount: int, unit: NetUnit) -> tuple[str, str]:
    """Return a net amount as `parse_net` reads it back: 1500 grams is ("1,5", "kg")."""
    big = {NetUnit.GRAM: "kg", NetUnit.MILLILITRE: "l"}.get(unit)
    if big is None or amount < 1_000 or amount % 10:
        return str(amount), unit.value
    whole, rest = divmod(amount, 1_000)
    decimals = f"{rest:03d}".rstrip("0")
    return (f"{whole},{decimals}" if decimals else str(whole)), big


def net_words(amount: int, unit: NetUnit) -> str:
    """Return a net amount as a label says it: "500 g", "1,5 kg", "12 cái"."""
    number, written = net_written(amount, unit)
    return f"{number} {'cái' if written == 'piece' else written}"


@dataclass(frozen=True, kw_only=True)
class UnitPrice:
    """Whole đồng for one `per`: "kg", "l" or "piece"."""

    amount: int
    per: str


def unit_price_of(price: int, net_amount: int, net_unit: NetUnit) -> UnitPrice | None:
    """Return the price of a kilogram, a litre or a piece; None where it would say nothing new.

    `price` is đồng for one variant that holds `net_amount` of `net_unit`.
    """
    if net_unit is NetUnit.PIECE:
        if net_amount == 1:
            return None
        return UnitPrice(amount=money.unit_price(price, net_amount, 1), per="piece")
    per = "kg" if net_unit is NetUnit.GRAM else "l"
    return UnitPrice(amount=money.unit_price(price, net_amount, 1_000), per=per)


# --- descriptions -----------------------------------------------------------------------------

_MARKDOWN: Final = MarkdownIt("zero", {"html": False, "linkify": False, "breaks": True}).enable(
    ["heading", "list", "emphasis", "newline", "escape", "blockquote", "hr", "table"]
)
_ALLOWED: Final = {
    "p", "br", "strong", "em", "ul", "ol", "li", "h3", "blockquote", "hr",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
# A page has one h1 and the section's own h2: whatever a seller writes stands one level below.
_HEADING: Final = re.compile(r"<(/?)h[1-6]>")


@lru_cache(maxsize=1024)
def render_description(source: str) -> Markup:
    """Return a description, written in a small part of Markdown, as safe HTML.

    Headings, lists, emphasis, quotes and tables; no links, no images, no HTML: what somebody
    writes as a tag is shown as written.
    """
    html = _HEADING.sub(r"<\1h3>", _MARKDOWN.render(source))
    return Markup(nh3.clean(html, tags=_ALLOWED, attributes={}))  # noqa: S704  # sanitised here
