"""Reading and masking what identifies people and firms: phones, e-mail, tax and personal numbers.

The texts come from forms and spreadsheets in any usual spelling; what comes out is one normal
form. Masked forms are for pages and logs.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import InvalidChecksum, InvalidComponent, ValidationError
from stdnum.vn import mst

_HIDDEN: Final = "•"
_SEPARATORS: Final = r"\s.\u2010-\u2015\u2212-"  # blanks, dots and every kind of dash
_FULL_WIDTH_PLUS: Final = "\uff0b"


class BadIdentity(ValueError):  # reads like BadPhone
    """A text that is not what it should identify; `code` names the rule that refused it.

    The text itself is kept out of the message, since it is personal data and messages are logged.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BadPhone(BadIdentity):
    """phone.empty, phone.characters, phone.length, phone.prefix or phone.fixed_line."""


class BadEmail(BadIdentity):
    """email.empty or email.format."""


class BadTaxCode(BadIdentity):
    """tax_code.empty, .characters, .length, .component, .check_digit, .province, .birth_year."""


# --- phones -----------------------------------------------------------------------------------

_MOBILE: Final = re.compile(r"0[35789][0-9]{8}")
_FIXED_LINE: Final = re.compile(r"02[0-9]{9}")
_INTERNATIONAL: Final = re.compile(r"(?:\+|00)84(?P<national>[0-9]*)")


def parse_phone(text: str, *, fixed_lines: bool = False) -> str:
    """Return a Vietnamese mobile number in normal form, "0912345678".

    Read with +84, 84 or 0084 before it (also followed by a 0), with blanks, dots, dashes,
    brackets and full-width digits, and without the leading zero that spreadsheets drop. With
    `fixed_lines` also numbers such as "02763812345". The old mobile numbers of eleven digits
    (01x) no longer ring and are refused.

    Raises BadPhone.
    """
    digits = _phone_digits(text)
    if _MOBILE.fullmatch(digits):
        return digits
    if _FIXED_LINE.fullmatch(digits):
        if fixed_lines:
            return digits
        raise BadPhone("phone.fixed_line")
    known = digits.startswith(("03", "05", "07", "08", "09", "02"))
    raise BadPhone("phone.length" if known else "phone.prefix")


def _phone_digits(text: str) -> str:
    """Strip separators and the country code; return digits that begin with 0 if it is a number."""
    compact = re.sub(rf"[()\[\]/{_SEPARATORS}]", "", _ascii_digits(text))
    if not compact:
        raise BadPhone("phone.empty")
    if not re.fullmatch(r"\+?[0-9]+", compact):
        raise BadPhone("phone.characters")
    if abroad := _INTERNATIONAL.fullmatch(compact):
        return "0" + abroad["national"].removeprefix("0")
    if compact.startswith("+"):
        raise BadPhone("phone.prefix")
    # 84 is the country code only where a whole number follows; 084 is also a mobile prefix.
    if compact.startswith("84") and len(compact) >= len("84912345678"):
        return "0" + compact[2:].removeprefix("0")
    return f"0{compact}" if _MOBILE.fullmatch(f"0{compact}") else compact


def mask_phone(phone: str) -> str:
    """Return a phone number with its middle hidden: "091••••678". Short ones are hidden whole."""
    return _masked(phone, shown_first=3, shown_last=3)


# --- e-mail -----------------------------------------------------------------------------------


def parse_email(text: str) -> str:
    """Return an e-mail address in normal form: trimmed, in lower case, its domain in ASCII.

    The syntax is checked (RFC 5321 and 5322, without quoted or non-ASCII names), not whether
    mail arrives. Lower case throughout lets one person have one account, as no provider of note
    distinguishes. Raises BadEmail.
    """
    trimmed = text.strip()
    if not trimmed:
        raise BadEmail("email.empty")
    try:
        # test_environment lets the reserved domain "test" through, which demo data uses.
        address = validate_email(
            trimmed, allow_smtputf8=False, check_deliverability=False, test_environment=True
        )
    except EmailNotValidError as error:
        raise BadEmail("email.format") from error
    return f"{address.ascii_local_part}@{address.ascii_domain}".lower()


def mask_email(email: str) -> str:
    """Return an address with its name hidden: "n•••@example.com", not telling its length."""
    name, at_sign, domain = email.rpartition("@")
    first = name[0] if len(name) > 1 else ""
    return f"{first}{_HIDDEN * 3}@{domain}" if at_sign else _HIDDEN * 3


# --- tax codes and personal numbers -----------------------------------------------------------


class TaxCodeKind(StrEnum):
    """Who a tax code stands for (Circular 86/2024/TT-BTC)."""

    ENTERPRISE = "enterprise"  # ten digits
    BRANCH = "branch"  # ten digits of the enterprise and three of its dependent unit
    PERSON = "person"  # the personal number of a person, household or household business


@dataclass(frozen=True)
class TaxCode:
    """A tax code that passed every check. A personal number must be encrypted and masked."""

    kind: TaxCodeKind
    number: str = field(repr=False)  # a repr ends in logs

    @property
    def shown(self) -> str:
        """The number as pages may show it: a person's masked, a firm's in full."""
        is_person = self.kind is TaxCodeKind.PERSON
        return mask_personal_number(self.number) if is_person else self.number


_LAST_PROVINCE: Final = 96  # codes given before the mergers of 2025 stay in the numbers


def check_tax_code(text: str, *, today: date | None = None) -> TaxCode:
    """Return the tax code in a text, in normal form: ten digits, 10-3 digits, or twelve.

    Blanks, dots and dashes are read over. Ten and thirteen digits carry a check digit; twelve
    are a personal number, see `check_personal_number`, also for `today`. Raises BadTaxCode.
    """
    digits = _plain_digits(text)
    if len(digits) == 12:
        return TaxCode(TaxCodeKind.PERSON, check_personal_number(digits, today=today))
    if len(digits) not in (10, 13):
        raise BadTaxCode("tax_code.length")
    try:
        mst.validate(digits)
    except InvalidChecksum as error:
        raise BadTaxCode("tax_code.check_digit") from error
    except InvalidComponent as error:
        raise BadTaxCode("tax_code.component") from error
    except ValidationError as error:
        raise BadTaxCode("tax_code.characters") from error
    if len(digits) == 10:
        return TaxCode(TaxCodeKind.ENTERPRISE, digits)
    return TaxCode(TaxCodeKind.BRANCH, f"{digits[:10]}-{digits[10:]}")


def check_personal_number(text: str, *, today: date | None = None) -> str:
    """Return the twelve digits of a personal number (số định danh cá nhân, on the CCCD card).

    Three digits for the province of birth registration, one for century and sex, two for the
    year of birth, six free; there is no check digit. Not every code from 001 to 096 was given
    out, yet all are let through: refusing a real person is worse than missing a slip. The year
    of birth is compared with `today` where that is given. Raises BadTaxCode.
    """
    digits = _plain_digits(text)
    if len(digits) != 12:
        raise BadTaxCode("tax_code.length")
    if not 1 <= int(digits[:3]) <= _LAST_PROVINCE:
        raise BadTaxCode("tax_code.province")
    # 0 and 1 are men and women born in the 1900s, 2 and 3 in the 2000s, and so on.
    birth_year = 1900 + 100 * (int(digits[3]) // 2) + int(digits[4:6])
    if today is not None and birth_year > today.year:
        raise BadTaxCode("tax_code.birth_year")
    return digits


def mask_personal_number(number: str) -> str:
    """Return a personal number as it may be shown: "079•••••3456"."""
    return _masked(number, shown_first=3, shown_last=4)


def _plain_digits(text: str) -> str:
    compact = re.sub(rf"[{_SEPARATORS}]", "", _ascii_digits(text))
    if not compact:
        raise BadTaxCode("tax_code.empty")
    if not re.fullmatch(r"[0-9]+", compact):
        raise BadTaxCode("tax_code.characters")
    return compact


def _ascii_digits(text: str) -> str:
    """Turn full-width digits and plus signs into ASCII and drop zero-width characters."""
    visible = (char for char in text if unicodedata.category(char) != "Cf")
    return "".join("+" if char == _FULL_WIDTH_PLUS else _ascii_digit(char) for char in visible)


def _ascii_digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def _masked(text: str, *, shown_first: int, shown_last: int) -> str:
    hidden = len(text) - shown_first - shown_last
    if hidden < 3:
        return _HIDDEN * len(text)
    return text[:shown_first] + _HIDDEN * hidden + text[-shown_last:]
