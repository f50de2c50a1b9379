"""The ids of a payment code, and what the standard asks of each. Pure.

EMVCo "QR Code Specification for Payment Systems, Merchant-Presented Mode" 1.1 gives the frame;
NAPAS "VietQR format" 1.0 (09/2021) fills field 38. An object is an id of two digits, a length
of two digits and a value; templates hold objects in turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from foundation.errors import N_

Value: TypeAlias = "str | dict[str, Value]"
Fields: TypeAlias = dict[str, Value]

FORMAT: Final = "00"
USE: Final = "01"
VNPAY: Final = "26"
VIETQR: Final = "38"
CURRENCY: Final = "53"
AMOUNT: Final = "54"
COUNTRY: Final = "58"
NAME: Final = "59"
CITY: Final = "60"
ADDITIONAL: Final = "62"
CHECKSUM: Final = "63"

NAPAS_GUID: Final = "A000000727"
VNPAY_GUID: Final = "A000000775"
TO_ACCOUNT: Final = "QRIBFTTA"
TO_CARD: Final = "QRIBFTTC"
REUSABLE: Final = "11"
SINGLE_USE: Final = "12"
DONG: Final = "704"
VIETNAM: Final = "VN"

LONGEST_VALUE: Final = 99
LONGEST_TEXT: Final = 4_296  # the most characters that any QR code holds
LONGEST_ACCOUNT: Final = 19
LONGEST_LABEL: Final = 25
LONGEST_REFERENCE: Final = 19
LARGEST_AMOUNT: Final = 499_999_999  # NAPAS247 carries less than 500 million đồng
DIGITS: Final = frozenset(f"{number:02d}" for number in range(100))

# Always made of objects. 02-25 belong to card schemes and are plain.
TEMPLATES: Final = frozenset({*(f"{number}" for number in range(26, 52)), ADDITIONAL, "64"})
# Made of objects where they begin with the owner's id; MoMo writes three bare digits into 80.
OPEN_TEMPLATES: Final = frozenset(f"{number}" for number in range(80, 100))


class Kind(StrEnum):
    """Whose code it is."""

    VIETQR = "VietQR"
    VNPAY = "VNPAY-QR"
    OTHER = "other"


def kind_of(fields: Fields) -> Kind:
    """Return whose code these fields make, by the owner's id in their template."""
    if text_at(fields, VIETQR, "00") == NAPAS_GUID:
        return Kind.VIETQR
    return Kind.VNPAY if text_at(fields, VNPAY, "00") == VNPAY_GUID else Kind.OTHER


def text_at(fields: Fields, *path: str) -> str | None:
    """Return the text at this path of ids, None where there is none."""
    value: Value | None = fields
    for each in path:
        value = value.get(each) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def whole_dong(amount: str) -> int | None:
    """Return the đồng that field 54 says; None for zero, parts of a đồng and what is no number.

    `50000`, `50000.` and `50000.00` are the same.
    """
    found = _AMOUNT.fullmatch(amount)
    return int(found[1]) or None if found else None


_AMOUNT: Final = re.compile(r"([0-9]{1,13})(?:\.0*)?")


# --- findings ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """Something a reader can live with, although the standard says otherwise."""

    field: str
    code: str

    @property
    def sentence(self) -> str:
        """The sentence for people, with %(field)s in it, to be translated when shown."""
        return SENTENCES[self.code]


SENTENCES: Final = {
    "format": N_("Trường %(field)s phải là 01."),
    "empty": N_("Trường %(field)s để trống."),
    "too_long": N_("Trường %(field)s dài hơn quy định."),
    "value": N_("Giá trị của trường %(field)s không theo quy định."),
    "amount": N_("Số tiền ở trường %(field)s không phải một số đồng lớn hơn 0."),
    "currency": N_("Trường %(field)s không phải tiền đồng (704)."),
    "missing": N_("Thiếu trường %(field)s."),
    "unknown_within": N_("Trường %(field)s không thuộc phần này."),
    "opaque": N_("Trường %(field)s không chia thành các trường con."),
}

# Longest value, and what it must look like where the standard says so. `***` asks the payer.
_SHAPES: Final[dict[str, tuple[int, str]]] = {
    "01": (2, r"1[12]"),
    "38.01.00": (6, r"[0-9]{6}"),
    "38.01.01": (19, r"[A-Za-z0-9]+"),
    "38.02": (10, r".+"),
    "52": (4, r"[0-9]{4}"),
    "54": (13, r".+"),
    "55": (2, r"0[123]"),
    "56": (13, r"[0-9]+(?:\.[0-9]*)?"),
    "57": (5, r"[0-9]{1,2}(?:\.[0-9]{0,2})?"),
    "58": (2, r"[A-Z]{2}"),
    "59": (25, r".+"),
    "60": (15, r".+"),
    "61": (10, r".+"),
    "62.09": (3, r"[AME]+"),
    "64.00": (2, r"[a-z]{2}"),
    "64.01": (25, r".+"),
    "64.02": (15, r".+"),
    **{f"62.{number:02d}": (25, r".+") for number in range(1, 9)},
}
_PATTERNS: Final = {path: re.compile(shape) for path, (_longest, shape) in _SHAPES.items()}


def findings(fields: Fields) -> tuple[Finding, ...]:
    """Return what the standard would not have written so, in the order of reading."""
    rules: tuple[Callable[[Fields], Iterator[Finding]], ...] = (_of_frame, _of_payee, _of_values)
    return tuple(finding for rule in rules for finding in rule(fields))


def _of_frame(fields: Fields) -> Iterator[Finding]:
    if fields.get(FORMAT) != "01":
        yield Finding(FORMAT, "format")
    if CURRENCY in fields and fields[CURRENCY] != DONG:
        yield Finding(CURRENCY, "currency")
    amount = fields.get(AMOUNT)
    if isinstance(amount, str) and amount and whole_dong(amount) is None:
        yield Finding(AMOUNT, "amount")


def _of_payee(fields: Fields) -> Iterator[Finding]:
    payee = fields.get(VIETQR)
    if kind_of(fields) is not Kind.VIETQR or not isinstance(payee, dict):
        return
    for path in (("01", "00"), ("01", "01"), ("02",)):
        if text_at(payee, *path) is None:
            yield Finding(".".join((VIETQR, *path)), "missing")
    inner = payee.get("01")
    if isinstance(inner, dict):
        yield from (
            Finding(f"{VIETQR}.01.{each}", "unknown_within")
            for each in inner
            if each not in {"00", "01"}
        )
    yield from (Finding(each, "missing") for each in (CURRENCY, COUNTRY) if each not in fields)


def _of_values(fields: Fields, path: str = "") -> Iterator[Finding]:
    for each, value in fields.items():
        where = path + each
        if not value:
            yield Finding(where, "empty")
        elif isinstance(value, dict):
            yield from _of_values(value, where + ".")
        elif where in OPEN_TEMPLATES:
            yield Finding(where, "opaque")
        elif where in _SHAPES:
            if len(value) > _SHAPES[where][0]:
                yield Finding(where, "too_long")
            elif value != "***" and not _PATTERNS[where].fullmatch(value):
                yield Finding(where, "value")
