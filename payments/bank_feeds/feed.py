"""What every provider's file can do, and how all of them read JSON, money and time.

A provider's file holds `ACCEPTED`, `verify` and `read`; adding one is that file and a line in
providers.py. JSON numbers are kept as they were written: what is signed is their text, and money
never passes through a fraction.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Protocol

from foundation import clock, text
from payments.bank_feeds.rules import Verdict
from payments.credits.rules import Direction

LARGEST_AMOUNT: Final = 10**15
LONGEST_MEMO: Final = 1000
_WHOLE: Final = re.compile(r"(\d{1,16})(?:\.0{1,2})?", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"(\d{1,16})(?:\.(\d{1,16}))?[eE]\+?(\d{1,2})", re.ASCII)
_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_YEARS: Final = range(2000, 2100)


class Unreadable(ValueError):  # reads like the sentence it is
    """A message, or one movement in it, cannot be understood; the argument says why."""


class Number(str):
    """A JSON number as it was written."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Said:
    """One movement as a provider tells it. The account is one of `account_numbers`: the real one
    first, then a virtual one that leads to it."""

    account_numbers: tuple[str, ...]
    told_id: str
    direction: Direction
    amount: int
    booked_on: date
    happened_at: datetime | None
    memo: str
    bank_reference: str = ""
    counter_name: str = ""
    counter_account: str = ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a message says: its movements, and a word on each part that cannot be understood.
    `test` when the provider merely tried the line; a movement may stand in it all the same, and
    then it is a test if the account is nobody's."""

    said: tuple[Said, ...] = ()
    faults: tuple[str, ...] = ()
    test: bool = False


class Feed(Protocol):
    """What a provider's file can do."""

    @property
    def ACCEPTED(self) -> bytes:  # noqa: N802  # in each file it is a constant
        """The body of the answer, status 200, that tells the provider to send no more."""

    def verify(
        self, headers: Mapping[str, str], body: bytes, keys: Sequence[str], now: datetime
    ) -> Verdict:
        """Say whether one of the keys signed this body. Never raises."""

    def read(self, body: bytes) -> Reading:
        """Return what a message says. Raises Unreadable."""


# --- signatures -------------------------------------------------------------------------------


def header(headers: Mapping[str, str], name: str) -> str:
    """Return a header whatever the case of its name, "" when it is missing."""
    if name in headers:
        return headers[name].strip()
    wanted = name.lower()
    return next((value.strip() for key, value in headers.items() if key.lower() == wanted), "")


def is_one_of(given: str, right: Iterable[str]) -> bool:
    """Say whether a secret or signature is one of these, in a time that tells nothing of them."""
    plain = given.encode("utf-8", "surrogatepass")
    found = False
    for one in right:
        found |= hmac.compare_digest(plain, one.encode()) and one != ""
    return found


def signed(string: bytes, keys: Sequence[str], algorithm: str) -> list[str]:
    """Return the hexadecimal HMAC of `string` under each key."""
    return [hmac.new(key.encode(), string, algorithm).hexdigest() for key in keys if key]


# --- reading ----------------------------------------------------------------------------------


def parse(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body, its numbers as Number. Raises Unreadable."""
    try:
        found = json.loads(
            body.decode("utf-8-sig"), parse_int=Number, parse_float=Number, parse_constant=_refuse
        )
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error
    except ValueError as error:
        raise Unreadable("not JSON in UTF-8") from error
    if not isinstance(found, dict):
        raise Unreadable("not a JSON object")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def compact(value: Any, quoted: Callable[[str], str]) -> str:
    """Return JSON without blanks, the keys of every object sorted, numbers as they were written.
    `quoted` writes a text with its quotes."""
    if isinstance(value, Number):
        return value
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        pairs = [f"{quoted(key)}:{compact(value[key], quoted)}" for key in sorted(value)]
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join([compact(item, quoted) for item in value]) + "]"
    return {True: "true", False: "false", None: "null"}[value]


def plainly_quoted(value: str) -> str:
    """Write a text as JavaScript does: letters as they are."""
    return json.dumps(value, ensure_ascii=False)


def slashes_quoted(value: str) -> str:
    """Write a text as PHP does when told to leave letters as they are."""
    return plainly_quoted(value).replace("/", "\\/")


def ascii_quoted(value: str) -> str:
    """Write a text as Python does: all but ASCII as \\uXXXX."""
    return json.dumps(value)


def ascii_slashes_quoted(value: str) -> str:
    """Write a text as PHP does: as Python, and a slash as \\/."""
    return json.dumps(value).replace("/", "\\/")


def words(value: object, most: int) -> str:
    """Return a text, cleaned of what cannot be seen or stored and cut; "" for anything else."""
    return text.clean(value)[:most] if isinstance(value, str) else ""


def known_id(value: object) -> str:
    """Return what a provider calls a movement, the same whether a number or a text. Raises
    Unreadable when there is none."""
    found = words(value, 80)
    if not found:
        raise Unreadable("no id")
    return found


def amount(value: object) -> int:
    """Return whole đồng, above zero, from a JSON number or a text of digits.

    A text with thousands marks could mean two things and is refused, as are fractions, negative
    amounts and booleans. Raises Unreadable.
    """
    if not isinstance(value, str):
        raise Unreadable("no amount")
    found = _whole(value) if (plain := _WHOLE.fullmatch(value)) is None else int(plain[1])
    if not 0 < found <= LARGEST_AMOUNT:
        raise Unreadable("no amount that can be")
    return found


def _whole(value: str) -> int:
    """Return what a number like 2.3E+4 says; a text may not be written so."""
    parts = _SCIENTIFIC.fullmatch(value) if isinstance(value, Number) else None
    if parts is None:
        raise Unreadable("not an amount in whole đồng")
    fraction = (parts[2] or "").rstrip("0")
    zeros = int(parts[3]) - len(fraction)
    if zeros < 0:
        raise Unreadable("not an amount in whole đồng")
    return int(parts[1] + fraction + "0" * zeros)


def moment(value: object) -> tuple[date, datetime | None]:
    """Return the bank's day and, where it was told, the moment. A time without a zone is on the
    clock of Việt Nam. Raises Unreadable."""
    found = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise Unreadable("no day")
    try:
        if found[0] == found[1]:
            day, when = date.fromisoformat(found[1]), None
        else:
            when = datetime.fromisoformat(found[0])
            when = when if when.tzinfo else when.replace(tzinfo=clock.VIETNAM)
            when = when.astimezone(UTC)
            day = clock.day(when)
    except (ValueError, OverflowError) as error:
        raise Unreadable("no such day") from error
    if day.year not in _YEARS:
        raise Unreadable("no day that can be")
    return day, when


def numbers(entry: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """Return the account numbers found under these names, each once. Raises Unreadable when there
    is none."""
    found = tuple(dict.fromkeys(number for name in names if (number := words(entry.get(name), 40))))
    if not found:
        raise Unreadable("no account number")
    return found


def each(entries: object, read_one: Callable[[dict[str, Any]], Said | None]) -> Reading:
    """Read a list of entries one by one, so that one that cannot be read does not hide the
    others; None from `read_one` marks a test."""
    if not isinstance(entries, list):
        raise Unreadable("no list of transactions")
    said: list[Said] = []
    faults: list[str] = []
    tests = 0
    for place, entry in enumerate(entries, 1):
        try:
            if not isinstance(entry, dict):
                raise Unreadable("not an object")
            found = read_one(entry)
        except Unreadable as error:
            faults.append(f"{place}: {error}")
            continue
        said += [found] if found else []
        tests += found is None
    return Reading(said=tuple(said), faults=tuple(faults), test=tests > 0 and tests == len(entries))
