"""Which column of a table is which, told by its heading's words alone; and labels beside figures.

The words stand in data/words.json. A heading may be Vietnamese with or without accents, English,
or both in one cell ("Nợ/ Debit", "Ngày giao dịch (Trans.Date)", "Ghi chú Remark"): it is parted
into known phrases, the longest first, and means what they agree upon.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from foundation.text import fold, fold_words
from payments.bank_feeds.statements.cells import Cell

_WORDS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "words.json").read_text(encoding="utf-8")
)
LONGEST_HEADING: Final = 90
LONGEST_LABEL: Final = 120
LEAST_ACCOUNT: Final = 6

Phrases = dict[tuple[str, ...], str]


def _phrases(lists: Mapping[str, Iterable[str]]) -> Phrases:
    return {tuple(fold_words(one)): kind for kind, many in lists.items() for one in many if one}


def _without_empty(phrases: Phrases) -> Phrases:
    phrases.pop((), None)
    return phrases


NOISE: Final = "noise"
_HEADINGS: Final = _without_empty(
    {**_phrases({NOISE: _WORDS["noise"]}), **_phrases(_WORDS["columns"])}
)
TOTALS: Final = ("opening", "closing", "total", "total_debit", "total_credit")
_LABEL_KINDS: Final = (*TOTALS, "subtotal", "count", "account", "currency")
_LABELS: Final = _without_empty(_phrases({kind: _WORDS[kind] for kind in _LABEL_KINDS}))
INTO: Final = frozenset(fold(word) for word in _WORDS["into"])
OUT_OF: Final = frozenset(fold(word) for word in _WORDS["out_of"])
# Words that may stand beside a label without changing what it means.
_BESIDE: Final = frozenset(
    [
        "vnd",
        "dong",
        "ngay",
        "den",
        "tu",
        "trong",
        "ky",
        "thang",
        "nam",
        "tai",
        "at",
        "as",
        "of",
        "on",
        "date",
        "the",
        "for",
        "in",
        "period",
        "va",
        "and",
        "tong",
        "so",
        "total",
        "co",
        "giao",
        "dich",
        "transactions",
        "transaction",
        "khoan",
        "tien",
    ]
)
_SURE_WORDS: Final = frozenset(
    [
        "debit",
        "credit",
        "balance",
        "description",
        "date",
        "amount",
        "remark",
        "reference",
        "withdrawal",
        "deposit",
    ]
)
DATES: Final = ("booked", "date", "value_date")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a cell says as a heading. `sure`: no word of it is unknown. `splits`: the cell below
    holds a day and, after it, a reference."""

    key: str
    sure: bool
    splits: bool = False


def _segments(words: Sequence[str], phrases: Phrases) -> tuple[list[tuple[str, int]], int]:
    """Part words into known phrases, the longest first; return (kind, length) and the number of
    words that belong to none."""
    found: list[tuple[str, int]] = []
    unknown, start = 0, 0
    while start < len(words):
        for length in range(min(8, len(words) - start), 0, -1):
            kind = phrases.get(tuple(words[start : start + length]))
            if kind is not None:
                found.append((kind, length))
                start += length
                break
        else:
            unknown += 1
            start += 1
    return found, unknown


@lru_cache(maxsize=4096)
def heading(text: str) -> Heading | None:
    """Return which column a heading names, None when it names none."""
    if not text or len(text) > LONGEST_HEADING:
        return None
    # Footnote marks: "Ngày1/ TNX Date".
    words = [re.sub(r"(?<=[a-z])\d$", "", word) for word in fold_words(text)]
    if not words:
        return Heading("sign", sure=True) if {"+", "-"} <= set(text) or "±" in text else None
    if _plain_no(text) and words == ["no"]:
        return Heading("no", sure=True)
    found, unknown = _segments(words, _HEADINGS)
    keys = {kind for kind, _length in found if kind != NOISE}
    if _plain_no(text) and "debit" in keys and "serial" in keys:
        keys.discard("debit")
    if not keys or unknown > 2:
        return None
    longest = max(length for kind, length in found if kind != NOISE)
    if unknown and longest < 2 and not _SURE_WORDS & set(words):
        return None
    return _agreed(keys, sure=not unknown)


def _plain_no(text: str) -> bool:
    """ "No" without an accent is as likely the English "number" as "Nợ"."""
    return re.search(r"(?<!\w)no(?!\w)", unicodedata.normalize("NFC", text).lower()) is not None


def _agreed(keys: set[str], *, sure: bool) -> Heading | None:
    """Return what several phrases in one heading mean together, None when they contradict."""
    dates = [key for key in DATES if key in keys]
    rest = keys - {*DATES, "time"}
    if dates:
        if rest <= {"reference", "serial"}:
            return Heading(dates[0], sure=sure, splits="reference" in rest)
        return None
    if keys == {"time"}:
        return Heading("time", sure=sure)
    if {"debit", "credit"} <= rest:
        rest = (rest - {"debit", "credit"}) | {"sign"}
    for weak in ("amount", "serial", "other"):
        if len(rest) > 1:
            rest = rest - {weak}
    if rest == {"counter_name", "counter_account"}:
        rest = {"counter_name"}
    if rest == {"memo", "counter_name"}:
        rest = {"memo"}
    return Heading(rest.pop(), sure=sure) if len(rest) == 1 else None


# --- a row of headings ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each kind of column stands: key → place from 0, and the headings as written."""

    places: Mapping[str, int]
    memos: tuple[int, ...]
    titles: Mapping[int, str]
    splits: bool
    unlabelled: tuple[int, ...]

    def title(self, key: str) -> str:
        """Return a column's heading, for people."""
        place = self.places.get(key)
        return "" if place is None else " ".join(self.titles.get(place, "").split())


def headings_in(row: Sequence[Cell]) -> dict[int, Heading]:
    """Return the headings in a row by place."""
    found = {
        place: heading(cell) for place, cell in enumerate(row) if isinstance(cell, str) and cell
    }
    return {place: one for place, one in found.items() if one is not None}


def score(row: Sequence[Cell]) -> int:
    """Return how much a row looks like headings: for choosing between ways of parting a file."""
    return sum(2 if one.sure else 1 for one in headings_in(row).values())


def columns_of(row: Sequence[Cell]) -> Columns | None:
    """Return the columns if this row heads a table of movements: with a day, and with amounts."""
    found = headings_in(row)
    if len(found) < 2:
        return None
    _settle_no(found)
    places: dict[str, int] = {}
    for key in sorted({one.key for one in found.values()}):
        places[key] = _best(key, found)
    day = next((key for key in DATES if key in places), None)
    if "amount" not in places and "debit" not in places and "credit" not in places:
        if "sign" not in places:
            return None
        places["amount"] = places.pop("sign")  # one column "Nợ/Có", with signed amounts
    if day is None:
        return None
    places["day"] = places[day]
    memos = tuple(place for place, one in found.items() if one.key == "memo" and one.sure)
    return Columns(
        places=places,
        memos=memos or ((places["memo"],) if "memo" in places else ()),
        titles={place: str(row[place]) for place in found},
        splits=found[places[day]].splits,
        unlabelled=tuple(place for place, cell in enumerate(row) if cell in ("", None)),
    )


def _settle_no(found: dict[int, Heading]) -> None:
    """Decide whether a bare "No" is the debit column or the running number."""
    keys = {one.key for one in found.values()}
    bare = [place for place, one in found.items() if one.key == "no"]
    for place in bare:
        is_debit = "credit" in keys and "debit" not in keys and len(bare) == 1
        found[place] = Heading("debit" if is_debit else "serial", sure=True)


def _best(key: str, found: Mapping[int, Heading]) -> int:
    """Return the leftmost column of a kind, a sure one before others."""
    places = [place for place, one in found.items() if one.key == key]
    return min(places, key=lambda place: (not found[place].sure, place))


def doubled(row: Sequence[Cell]) -> str | None:
    """Return a heading of which a row has two where there must be one, None when it has none."""
    found = headings_in(row)
    _settle_no(found)
    for key in ("debit", "credit", "amount", "sign", "balance"):
        sure = [place for place, one in found.items() if one.key == key and one.sure]
        if len(sure) > 1:
            return str(row[sure[1]])
    return None


def stacked(above: Sequence[Cell], below: Sequence[Cell]) -> list[Cell]:
    """Return one row of headings out of two: a merged heading above counts for all below it."""
    made: list[Cell] = []
    carried = ""
    for place in range(max(len(above), len(below))):
        upper = above[place] if place < len(above) else ""
        lower = below[place] if place < len(below) else ""
        if isinstance(upper, str) and upper:
            carried = upper
        if lower in ("", None):
            made.append(upper)
        else:
            made.append(f"{carried} {lower}" if heading(f"{carried} {lower}") else lower)
    return made


# --- labels beside figures --------------------------------------------------------------------


@lru_cache(maxsize=8192)
def label(text: str) -> tuple[str, str] | None:
    """Return (kind, text after it) when a cell begins with a known label, None otherwise.

    "Số dư đầu kỳ/ Opening balance : 5.000" is ("opening", "5.000"); "Tổng cộng" is ("total", "").
    """
    if not text or len(text) > LONGEST_LABEL:
        return None
    before, colon, after = text.partition(":")
    words = _label_words(before if colon else text)
    kind, used = _leading_label(words)
    if kind is None:
        return None
    rest = words[used:]
    if colon:
        plain = all(word in _BESIDE or word.isdecimal() for word in rest)
        return (kind, after.strip()) if plain else None
    if kind in ("account", "currency"):
        return kind, _tail(text, rest)
    return (kind, "") if all(word in _BESIDE or word.isdecimal() for word in rest) else None


def _label_words(text: str) -> list[str]:
    words = fold_words(text)
    # "1. Số dư đầu kỳ", "I. Tổng cộng", "a) …"
    if len(words) > 1 and re.fullmatch(r"\d|[ivx]{1,3}|[a-e]", words[0]):
        return words[1:]
    return words


def _leading_label(words: Sequence[str]) -> tuple[str | None, int]:
    """Return the kind of the labels a text begins with, and how many words they take."""
    kind: str | None = None
    start = 0
    while start < len(words):
        for length in range(min(8, len(words) - start), 0, -1):
            found = _LABELS.get(tuple(words[start : start + length]))
            if found is not None and (kind is None or _same(kind, found)):
                kind = found if kind is None or kind == "total" else kind
                start += length
                break
        else:
            return kind, start
    return kind, start


def _same(first: str, second: str) -> bool:
    return first == second or {first, second} <= {"total", "total_debit", "total_credit"}


def _tail(text: str, rest: Sequence[str]) -> str:
    """Return the text from the first of the remaining words on."""
    if not rest:
        return ""
    found = re.search(re.escape(rest[0]), fold(text))
    return fold(text)[found.start() :].upper() if found else " ".join(rest).upper()


def account_in(value: Cell) -> str:
    """Return the account number that a text begins with, "" when it begins with none.

    "0011 0041 2345 - VND" is 001100412345; of two numbers side by side the first is taken.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    words = re.split(r"[\s/|(:]+", str(value).strip().upper())
    joined = ""
    for word in words:
        plain = re.sub(r"[.\-]", "", word)
        if not re.fullmatch(r"[A-Z]{0,6}[0-9*•#X]*[0-9][0-9A-Z*•#X]*", plain):
            break
        if len(joined) >= LEAST_ACCOUNT and len(plain) >= LEAST_ACCOUNT:
            break
        joined += plain
    return joined[:40] if sum(each.isdecimal() for each in joined) >= 4 else ""
