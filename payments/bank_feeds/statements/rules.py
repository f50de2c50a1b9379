"""What a statement says, in the platform's own terms; limits; how a row is known again. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from foundation.errors import N_
from foundation.text import fold_words
from payments.credits.rules import Direction

MEGABYTE: Final = 1024 * 1024
MOST_BYTES: Final = 20 * MEGABYTE
MOST_ROWS: Final = 100_000
MOST_PROBLEMS: Final = 200
NAME_LENGTH: Final = 160
SOURCE_KIND: Final = "statement"


class State(StrEnum):
    PREVIEWED = "previewed"
    IMPORTING = "importing"
    IMPORTED = "imported"
    DISCARDED = "discarded"


NEXT_STATES: Final[dict[State, frozenset[State]]] = {
    State.PREVIEWED: frozenset({State.IMPORTING, State.DISCARDED}),
    State.IMPORTING: frozenset({State.IMPORTED}),
    # The same file sent again after it was thrown away is looked at anew.
    State.DISCARDED: frozenset({State.PREVIEWED}),
}
STATE_NAMES: Final[dict[State, str]] = {
    State.PREVIEWED: N_("Chờ nhập"),
    State.IMPORTING: N_("Đang nhập"),
    State.IMPORTED: N_("Đã nhập"),
    State.DISCARDED: N_("Đã bỏ"),
}


class Fate(StrEnum):
    """What importing a row would do, as far as can be told beforehand."""

    NEW = "new"
    KNOWN = "known"  # an earlier statement told of it
    MERGED = "merged"  # another source told of it


FATE_NAMES: Final[dict[Fate, str]] = {
    Fate.NEW: N_("Mới"),
    Fate.KNOWN: N_("Đã có"),
    Fate.MERGED: N_("Đã báo từ nguồn khác"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One movement as the statement tells it. `number` is the row as a spreadsheet shows it."""

    number: int
    booked_on: date
    direction: Direction
    amount: int
    happened_at: datetime | None = None
    reference: str = ""
    memo: str = ""
    counter_name: str = ""
    counter_account: str = ""
    balance: int | None = None

    @property
    def delta(self) -> int:
        """What it does to the balance."""
        return self.amount if self.direction is Direction.IN else -self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong in a row: row and column as the file shows them, and a sentence."""

    row: int
    column: str
    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict)
    sheet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A row of the file that says what the rows above it add up to."""

    row: int
    column: str
    kind: str  # opening, closing, total_debit, total_credit, total
    amount: int


@dataclass(slots=True, kw_only=True)
class Section:
    """The statement of one account: its rows in the file's order, and what it says of them."""

    sheet: str = ""
    account: str = ""
    rows: list[Row] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)

    def said(self, kind: str) -> Total | None:
        """Return the first total of a kind."""
        return next((total for total in self.totals if total.kind == kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A file that was read and found without fault. `layout` is its heading row, for people."""

    sections: tuple[Section, ...]
    layout: str = ""


# --- accounts ---------------------------------------------------------------------------------


def same_account(said: str, number: str) -> bool:
    """Say whether a file's account number is this one: blanks, dots, dashes and noughts lost in
    front do not count, and hidden characters (0011•••345, 0011***345) fit any."""
    pattern = re.sub(r"[\s.\-_]", "", said).upper().lstrip("0")
    wanted = re.sub(r"[^0-9A-Z]", "", number.upper()).lstrip("0")
    if not pattern or not wanted:
        return False
    hidden = re.sub(r"(?:[*•#]+|X{2,})", "?", pattern)
    if "?" not in hidden:
        return hidden == wanted
    shown = re.escape(hidden).replace(r"\?", ".+").replace("?", ".+")
    return len(hidden) >= 5 and re.fullmatch(shown, wanted) is not None


# --- knowing a row again ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identified:
    """A row, the id under which it is told, and which of several alike it is. `known`: a
    statement told of it before."""

    row: Row
    told_id: str
    occurrence: int
    known: bool


def identify(
    bank_account_id: int, rows: Sequence[Row], told_before: Collection[str]
) -> list[Identified]:
    """Give every row the id under which every file that lists it tells of it.

    An id is "fingerprint.balance.time#n": the nth of rows that nothing tells apart. Not every
    layout has balances and times, so a row whose own id is not among `told_before`, the ids that
    statements of this account have told, takes one there that differs only in what one of the
    two does not say; each is taken once. `occurrence` counts rows of one bank reference and one
    amount, which other sources cannot tell apart either.
    """
    ids = _own_ids(bank_account_id, rows)
    free = set(told_before).difference(ids)
    by_fingerprint: dict[str, list[str]] = {}
    for told in sorted(free):
        by_fingerprint.setdefault(told.partition(".")[0], []).append(told)
    referred: Counter[tuple[Direction, str, int]] = Counter()
    made: list[Identified] = []
    for row, own in zip(rows, ids, strict=True):
        same = (row.direction, row.reference.casefold(), row.amount)
        referred[same] += bool(row.reference)
        known = own in told_before
        told_id = own if known else _vaguely(own, by_fingerprint)
        made.append(Identified(row, told_id or own, max(referred[same], 1), known or bool(told_id)))
    return made


def _own_ids(bank_account_id: int, rows: Sequence[Row]) -> list[str]:
    alike: Counter[str] = Counter()
    ids: list[str] = []
    for row in rows:
        balance = "-" if row.balance is None else str(row.balance)
        time = f"{row.happened_at:%H%M%S}" if row.happened_at else "-"
        base = f"{_fingerprint(bank_account_id, row)}.{balance}.{time}"
        alike[base] += 1
        ids.append(f"{base}#{alike[base]}")
    return ids


def _vaguely(own: str, by_fingerprint: Mapping[str, list[str]]) -> str | None:
    """Take the first told id that differs from this one only where one of them says nothing."""
    fingerprint, balance, time = own.partition("#")[0].split(".")
    left = by_fingerprint.get(fingerprint, [])
    for told in left:
        _same, other_balance, other_time = told.partition("#")[0].split(".")
        if _agree(balance, other_balance) and _agree(time, other_time):
            if (balance, time) == (other_balance, other_time):
                continue  # as full as this one, and another of its kind
            left.remove(told)
            return told
    return None


def _agree(first: str, second: str) -> bool:
    return first == second or "-" in (first, second)


def _fingerprint(bank_account_id: int, row: Row) -> str:
    facts = (
        str(bank_account_id),
        row.booked_on.isoformat(),
        row.direction.value,
        str(row.amount),
        row.reference.casefold(),
        "".join(fold_words(row.memo)),
    )
    return hashlib.sha256("\x1f".join(facts).encode()).hexdigest()[:40]
