"""Money: whole đồng as `int`. Splitting, rounding, reading and writing amounts; never a float.

Every division of money in the project happens here, so that every remainder has a known owner.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

LARGEST: Final = 10**18 - 1  # fits a signed 64-bit column and the longest number words
BASIS_POINTS: Final = 10_000  # one hundred per cent
_NO_BREAK_SPACE: Final = "\u00a0"


class BadAmount(ValueError):  # like BadPhone and its kin
    """A text that is not, beyond doubt, one whole amount of đồng.

    `code` says which rule refused it: money.empty, money.unreadable, money.ambiguous,
    money.not_whole or money.too_large. `text` is what was given.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text[:60]!r}")
        self.code = code
        self.text = text


# --- dividing ---------------------------------------------------------------------------------


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide đồng in proportion to weights, by largest remainder; the parts sum to the amount.

    Every part is within 1 đồng of its exact share; đồng left over go to the largest remainders,
    equal ones to the earlier index. A zero weight gets 0, and a negative amount the mirrored
    parts, so that a refund undoes a split exactly.

    Raises ValueError when there are no weights (whatever the amount), when one is negative or
    when all are zero; TypeError when a number is not an int.
    """
    for number in (amount, *weights):
        _require_int(number)
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and at least one positive")
    parts = [abs(amount) * weight // total for weight in weights]
    remainders = [abs(amount) * weight % total for weight in weights]
    left_over = abs(amount) - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in by_remainder[:left_over]:
        parts[index] += 1
    return parts if amount >= 0 else [-part for part in parts]


def unit_price(price: int, net_amount: int, per: int) -> int:
    """Return the price in đồng of `per` units, given the price of `net_amount` of them.

    `unit_price(45_000, 500, 1_000)` is the price of a kilogram when 500 g cost 45.000 ₫. Both
    quantities are whole numbers of the same unit (grams, millilitres, pieces). Half a đồng
    rounds up. Raises ValueError for a negative price or a quantity below 1, TypeError for
    anything but int.
    """
    for number in (price, net_amount, per):
        _require_int(number)
    if price < 0 or net_amount < 1 or per < 1:
        raise ValueError("price must not be negative, quantities must be positive")
    return _rounded(price * per, net_amount)


def share(amount: int, basis_points: int) -> int:
    """Return a share of đồng, in hundredths of a per cent (250 is 2.5 %).

    Half a đồng rounds away from zero, so that the share of a refund mirrors that of the payment.
    Raises ValueError unless 0 ≤ basis_points ≤ 10 000, TypeError for anything but int.
    """
    _require_int(amount)
    _require_int(basis_points)
    if not 0 <= basis_points <= BASIS_POINTS:
        raise ValueError("basis points must lie between 0 and 10 000")
    part = _rounded(abs(amount) * basis_points, BASIS_POINTS)
    return part if amount >= 0 else -part


def _rounded(numerator: int, denominator: int) -> int:
    """Divide two non-negative numbers, half upwards."""
    return (2 * numerator + denominator) // (2 * denominator)


def _require_int(number: int) -> None:
    # bool is an int to Python and a float reaches us from JSON; neither is an amount.
    if type(number) is not int:
        raise TypeError(f"expected a whole number, not {type(number).__name__}")


# --- digits -----------------------------------------------------------------------------------

_MULTIPLIERS: Final = {
    1: ("",),
    1_000: ("k", "nghìn", "ngàn", "nghin", "ngan"),
    1_000_000: ("tr", "triệu", "trieu"),
    1_000_000_000: ("tỷ", "tỉ", "ty", "ti"),
}
_FACTORS: Final = {word: factor for factor, words in _MULTIPLIERS.items() for word in words}
_MINUS: Final = "\u2212"
_CURRENCY: Final = r"(?:₫|đ|d|đồng|dong|vnd|vnđ)"
_AMOUNT: Final = re.compile(
    rf"(?P<sign>[-+{_MINUS}]?) ?(?:{_CURRENCY} ?)?(?P<number>[0-9][0-9., ]*?) ?"
    rf"(?P<factor>{'|'.join(sorted(_FACTORS, key=len, reverse=True))}) ?{_CURRENCY}?\.?"
)
_PLAIN_DIGITS: Final = re.compile(r"0|[1-9][0-9]*")
_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?P<mark>[., ])[0-9]{3}(?:(?P=mark)[0-9]{3})*")
_DECIMAL: Final = re.compile(r"(?P<whole>.*[0-9])(?P<mark>[.,])(?P<fraction>[0-9]+)")


def format_vnd(amount: int) -> str:
    """Return an amount as people read it, `125.000 ₫`, with a no-break space before the sign.

    Raises TypeError for anything but int.
    """
    _require_int(amount)
    return f"{amount:,}".replace(",", ".") + f"{_NO_BREAK_SPACE}₫"


def parse_vnd(text: str) -> int:
    """Read an amount of đồng as typed by a person or written by a bank; refuse what is unclear.

    Read: `45000`, `45.000`, `45,000`, `45 000đ`, `45k`, `1,2 triệu`, `20.000.000,00`,
    `23000.00`, each with a sign before it or đ, ₫, đồng, VND, VNĐ around it. A mark between groups
    of three digits groups them, for đồng have no thousandths. Zeros after a decimal mark are read
    when the whole part is at least 1.000 (or 0), since `45.00` may be meant for 45.000.

    Raises BadAmount for everything else: `1.5`, `12,34`, `1.234,567`, `1,250 triệu`, `2.3E+4`,
    digits with a leading zero (a phone or account number), and amounts beyond 10^18 - 1.
    """
    tidy = " ".join(unicodedata.normalize("NFC", text).lower().split())
    if not tidy:
        raise BadAmount("money.empty", text)
    found = _AMOUNT.fullmatch(tidy)
    if found is None:
        raise BadAmount("money.unreadable", text)
    amount = _read_number(found["number"], _FACTORS[found["factor"]], text)
    if amount > LARGEST:
        raise BadAmount("money.too_large", text)
    return amount if found["sign"] in ("", "+") else -amount


def _read_number(number: str, factor: int, text: str) -> int:
    if _PLAIN_DIGITS.fullmatch(number):
        return int(number) * factor
    if grouped := _GROUPED.fullmatch(number):
        # One group before "triệu" may be a decimal part: 1,250 triệu.
        if factor > 1 and len(re.findall(r"[., ]", number)) == 1 and grouped["mark"] != " ":
            raise BadAmount("money.ambiguous", text)
        return int(re.sub(r"[., ]", "", number)) * factor
    decimal = _DECIMAL.fullmatch(number)
    if decimal is None:
        raise BadAmount("money.unreadable", text)
    return _read_decimal(decimal["whole"], decimal["mark"], decimal["fraction"], factor, text)


def _read_decimal(whole: str, mark: str, fraction: str, factor: int, text: str) -> int:
    grouped = _GROUPED.fullmatch(whole)
    if not (_PLAIN_DIGITS.fullmatch(whole) or (grouped and grouped["mark"] != mark)):
        raise BadAmount("money.unreadable", text)
    units = int(re.sub(r"[., ]", "", whole))
    # Three digits look like a group, except after "0," with a factor: 0,125 triệu.
    if len(fraction) == 3 and (factor == 1 or units != 0):
        raise BadAmount("money.ambiguous", text)
    if factor == 1:
        return _without_cents(units, fraction, text)
    part, rest = divmod(int(fraction) * factor, int("1" + "0" * len(fraction)))
    if rest:
        raise BadAmount("money.not_whole", text)
    return units * factor + part


def _without_cents(units: int, fraction: str, text: str) -> int:
    if 0 < units < 1_000 or len(fraction) > 2:
        raise BadAmount("money.ambiguous", text)
    if int(fraction):
        raise BadAmount("money.not_whole", text)
    return units


# --- words ------------------------------------------------------------------------------------

_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_BILLION: Final = 10**9


@dataclass(frozen=True)
class _Style:
    zero_tens: str
    thousand: str
    four: str
    say_empty: bool


def in_words(
    amount: int,
    *,
    unit: str = "đồng",
    capital: bool = True,
    even: bool = False,
    zero_tens: Literal["linh", "lẻ"] = "linh",
    thousand: Literal["nghìn", "ngàn"] = "nghìn",
    four: Literal["tư", "bốn"] = "tư",
    say_empty: bool = False,
    minus: str = "âm",
) -> str:
    """Return an amount in Vietnamese words, as a receipt spells it out.

    `in_words(1_250_000)` is "Một triệu hai trăm năm mươi nghìn đồng"; with `unit=""` and
    `capital=False` the bare number. `even` adds "chẵn" to whole thousands; `zero_tens` is said
    for a tens digit 0, `four` for a 4 after "mươi"; `say_empty` also says groups of three zeros
    that stand between others ("không nghìn").

    Raises ValueError beyond ±(10^18 - 1), TypeError for anything but int.
    """
    _require_int(amount)
    if abs(amount) > LARGEST:
        raise ValueError("amount beyond 10^18 - 1")
    style = _Style(zero_tens, thousand, four, say_empty)
    words = _number_words(abs(amount), style) or [_DIGITS[0]]
    if amount < 0:
        words.insert(0, minus)
    words.append(unit)
    if even and amount and amount % 1_000 == 0:
        words.append("chẵn")
    said = " ".join(word for word in words if word)
    return said[0].upper() + said[1:] if capital else said


def _number_words(number: int, style: _Style) -> list[str]:
    billions, rest = divmod(number, _BILLION)
    words = [*_nine_digits(billions, style, after=False), "tỷ"] if billions else []
    return words + _nine_digits(rest, style, after=bool(billions))


def _nine_digits(number: int, style: _Style, *, after: bool) -> list[str]:
    """Say a number below 10^9; `after` when something has been said before it."""
    words: list[str] = []
    for scale, name in ((1_000_000, "triệu"), (1_000, style.thousand), (1, "")):
        group = number // scale % 1_000
        said_before = after or bool(words)
        if group:
            words += [*_three_digits(group, style, after=said_before), name]
        elif style.say_empty and said_before and number % scale:
            words += [_DIGITS[0], name]
    return words


def _three_digits(number: int, style: _Style, *, after: bool) -> list[str]:
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    words = [_DIGITS[hundreds], "trăm"] if hundreds or after else []
    if tens == 0:
        words += [style.zero_tens] if words and ones else []
    else:
        words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if ones:
        words.append(_ones_after(tens, ones, style))
    return words


def _ones_after(tens: int, ones: int, style: _Style) -> str:
    """Say the last digit, which changes its sound after a tens digit: mốt, tư, lăm."""
    if tens == 0:
        return _DIGITS[ones]
    changed = {5: "lăm"} if tens == 1 else {1: "mốt", 4: style.four, 5: "lăm"}
    return changed.get(ones, _DIGITS[ones])
