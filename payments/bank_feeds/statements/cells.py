"""What stands in one cell: an amount of đồng, a day, a time. Read beyond doubt, or refused."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Final

from foundation.errors import N_
from foundation.money import LARGEST, BadAmount, parse_vnd

Cell = str | int | float | bool | date | datetime | time | timedelta | None


class BadCell(ValueError):
    """A cell that is not, beyond doubt, what its column holds; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


NOT_AN_AMOUNT: Final = N_("“%(cell)s” không phải số tiền.")
UNCLEAR_AMOUNT: Final = N_("“%(cell)s” đọc được nhiều cách. Ghi rõ số tiền, ví dụ 23.000.")
NOT_WHOLE: Final = N_("“%(cell)s” có phần lẻ dưới một đồng.")
TOO_LARGE: Final = N_("“%(cell)s” lớn quá mức.")
NOT_A_DAY: Final = N_("“%(cell)s” không phải ngày. Cần dạng ngày/tháng/năm.")
STRANGE_DAY: Final = N_("Ngày %(cell)s nằm ngoài khoảng có thể.")
_REASONS: Final = {
    "money.ambiguous": UNCLEAR_AMOUNT,
    "money.not_whole": NOT_WHOLE,
    "money.too_large": TOO_LARGE,
}

# --- amounts ----------------------------------------------------------------------------------

_BLANK_AMOUNTS: Final = frozenset({"", "-", "–", "—", "--", "n/a", "null", "none"})
_CURRENCY: Final = re.compile(r"(?:vnd|vnđ|đồng|đ|₫)", re.IGNORECASE)
_BRACKETED: Final = re.compile(r"\((.*)\)")
_SIGNED: Final = re.compile(r"(?P<before>[-+]?)(?P<digits>[0-9][0-9., ]*)(?P<after>[-+]?)")
_NO_CENTS: Final = re.compile(r"(?P<whole>.+)(?P<mark>[.,])0{1,2}")
_GROUPS: Final = re.compile(r"[1-9][0-9]{0,2}(?:(?P<mark>[., ])[0-9]{3})(?:(?P=mark)[0-9]{3})*")
_DIGITS: Final = re.compile(r"[0-9]+")
_LARGEST_EXACT: Final = 2**53


def amount(cell: Cell) -> int | None:
    """Return the whole đồng in a cell, with its sign; None when it is blank.

    Reads 10,000,000, 2.014.882, 20.000.000,00, 500.00, (1.000), +5.000, 5.000- and whole numbers
    of any cell type. Raises BadCell for fractions and for what can be read in two ways.
    """
    if cell is None or isinstance(cell, str):
        return _written(cell or "")
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise BadCell(NOT_AN_AMOUNT)
    if cell != cell or abs(cell) > LARGEST:  # noqa: PLR0124  # not a number
        raise BadCell(TOO_LARGE)
    if isinstance(cell, float) and abs(cell) > _LARGEST_EXACT:
        raise BadCell(TOO_LARGE)
    if int(cell) != cell:
        raise BadCell(NOT_WHOLE)
    return int(cell)


def explicit_sign(cell: Cell) -> bool:
    """Say whether a cell writes its sign down."""
    if isinstance(cell, str):
        tidy = cell.replace("\u2212", "-").strip(" \u00a0'")
        return tidy[:1] in ("+", "-", "(") or tidy[-1:] in ("+", "-")
    return isinstance(cell, int | float) and cell < 0


def _written(text: str) -> int | None:
    if text.isdecimal() and text.isascii() and len(text) < 18:  # the usual case, fast
        return int(text)
    tidy = _CURRENCY.sub("", text.replace("\u2212", "-"))
    tidy = " ".join(tidy.strip("'").split())
    if tidy.casefold() in _BLANK_AMOUNTS:
        return None
    bracketed = _BRACKETED.fullmatch(tidy)
    found = _SIGNED.fullmatch((bracketed[1] if bracketed else tidy).replace("- ", "-").strip())
    if found is None or (found["before"] and found["after"]) or (bracketed and found["before"]):
        raise BadCell(NOT_AN_AMOUNT)
    number = _whole(found["digits"].strip())
    negative = bracketed or "-" in (found["before"], found["after"])
    return -number if negative else number


def _whole(number: str) -> int:
    """Read digits with thousands marks; two decimals are let go when they are noughts."""
    cents = _NO_CENTS.fullmatch(number)
    if cents:
        groups = _GROUPS.fullmatch(cents["whole"])
        if _DIGITS.fullmatch(cents["whole"]) or (groups and groups["mark"] != cents["mark"]):
            number = cents["whole"]
    if _DIGITS.fullmatch(number):
        value = int(number)
        if value > LARGEST:
            raise BadCell(TOO_LARGE)
        return value
    try:
        return parse_vnd(number)
    except BadAmount as error:
        raise BadCell(_REASONS.get(error.code, NOT_AN_AMOUNT)) from error


# --- days -------------------------------------------------------------------------------------

FIRST_YEAR: Final = 2000
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  # Excel's day nought; cells have no zone
_SERIALS: Final = range(36_526, 73_051)  # 2000 to 2099
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?!\d)")
_YEAR_FIRST: Final = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT: Final = re.compile(r"(20\d{2})(\d{2})(\d{2})(?!\d)")
_NAMED: Final = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{4})(?!\d)")
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_CLOCK: Final = re.compile(
    r"[T ,-]*(\d{1,2})[:h](\d{2})(?::(\d{2})(?:\.\d+)?)?"
    r"(?: ?([AaPp])\.?[Mm]\.?)?(?:Z|\+07:?00)?(?![\d:])"
)

Moment = tuple[date, time | None]


def day(cell: Cell) -> Moment | None:
    """Return the day, and the time of day if there is one, in a cell; None when it is blank.

    Reads 22/11/2026, 22-11-2026, 2026-11-22, 22.11.2026, 22-Nov-2026, each also with a time,
    Excel's day numbers, and date cells. Raises BadCell, also for what stands after them.
    """
    read = day_and_rest(cell)
    if read is None:
        return None
    if read[1]:
        raise BadCell(NOT_A_DAY)
    return read[0]


def day_and_rest(cell: Cell) -> tuple[Moment, str] | None:
    """Return the moment at the start of a cell, and the text after it. Raises BadCell."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        text = " ".join(cell.split()).lstrip("'")
        return _from_text(text) if text else None
    return _from_value(cell), ""


def clock(cell: Cell) -> time | None:
    """Return the time of day in a cell, None when it is blank. Raises BadCell."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, datetime):
        return cell.time().replace(microsecond=0)
    if isinstance(cell, time):
        return cell.replace(microsecond=0)
    if isinstance(cell, float) and 0 <= cell < 1:
        return _from_serial(cell).time()
    if isinstance(cell, str):
        found = _CLOCK.fullmatch(" ".join(cell.split()))
        if found:
            return _time(found)
        if not cell.strip():
            return None
    raise BadCell(NOT_A_DAY)


def _from_value(cell: Cell) -> Moment:
    if isinstance(cell, datetime):
        moment = cell
    elif isinstance(cell, date):
        return _possible(cell), None
    elif isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in _SERIALS:
        moment = _from_serial(cell)
    elif isinstance(cell, int | float) and int(cell) == cell and cell > 0:
        found = _COMPACT.fullmatch(str(int(cell)))
        if found is None:
            raise BadCell(NOT_A_DAY)
        return _date(found[1], found[2], found[3]), None
    else:
        raise BadCell(NOT_A_DAY)
    clock_time = moment.time().replace(microsecond=0)
    return _possible(moment.date()), clock_time if clock_time != time() else None


def _from_serial(serial: float) -> datetime:
    return _EPOCH + timedelta(seconds=round(serial * 86_400))


def _from_text(text: str) -> tuple[Moment, str]:
    if text.isdecimal() and len(text) == 5 and int(text) in _SERIALS:
        return _from_value(int(text)), ""
    for pattern, year, month, day_of_month in (
        (_DAY_FIRST, 4, 3, 1),
        (_YEAR_FIRST, 1, 3, 4),
        (_COMPACT, 1, 2, 3),
        (_NAMED, 3, 2, 1),
    ):
        found = pattern.match(text)
        if found:
            written = _date(found[year], found[month], found[day_of_month])
            return _with_clock(written, text[found.end() :])
    early = _CLOCK.match(text)  # 14:05:00 22/11/2026
    if early and (found := _DAY_FIRST.fullmatch(text[early.end() :].strip())):
        return (_date(found[4], found[3], found[1]), _time(early)), ""
    raise BadCell(NOT_A_DAY)


def _with_clock(written: date, rest: str) -> tuple[Moment, str]:
    found = _CLOCK.match(rest)
    if found:
        return (written, _time(found)), rest[found.end() :].strip()
    return (written, None), rest.strip()


def _date(year: str, month: str, day_of_month: str) -> date:
    with suppress(ValueError):
        number = int(month) if month.isdecimal() else _MONTHS.index(month.lower()) + 1
        return _possible(date(int(year), number, int(day_of_month)))
    raise BadCell(NOT_A_DAY)


def _possible(written: date) -> date:
    if written.year < FIRST_YEAR:
        raise BadCell(STRANGE_DAY)
    return written


def _time(found: re.Match[str]) -> time:
    hour = int(found[1])
    if found[4] and hour <= 12:
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    with suppress(ValueError):
        return time(hour, int(found[2]), int(found[3] or 0))
    raise BadCell(NOT_A_DAY)
