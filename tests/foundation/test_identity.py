from __future__ import annotations

from datetime import date

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.vn import mst

from foundation.identity import (
    BadEmail,
    BadPhone,
    BadTaxCode,
    TaxCode,
    TaxCodeKind,
    check_personal_number,
    check_tax_code,
    mask_email,
    mask_personal_number,
    mask_phone,
    parse_email,
    parse_phone,
)

TODAY = date(2026, 11, 22)
MOBILES = st.from_regex(r"0[35789][0-9]{8}", fullmatch=True)
FULL_WIDTH = str.maketrans("0123456789+", "".join(map(chr, [*range(0xFF10, 0xFF1A), 0xFF0B])))


# --- phones -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("0912345678", "+84912345678", "84912345678", "0084912345678", "912345678"),
        *(
            "0912 345 678",
            "0912.345.678",
            "0912-345-678",
            "(091) 2345678",
            "0912\u2013345\u2013678",
        ),
        *("+84 912 345 678", "+84 0912 345 678", "(+84) 912.345.678", "+84 (0) 912 345 678"),
        *("840912345678", "\u00a00912\u200b345678\n", "+84912345678".translate(FULL_WIDTH)),
    ],
)
def test_a_mobile_number_in_any_spelling(text: str) -> None:
    assert parse_phone(text) == "0912345678"


@pytest.mark.parametrize(
    ("text", "normal"),
    [("0849123456", "0849123456"), ("849123456", "0849123456"), ("84849123456", "0849123456")],
)
def test_084_is_a_mobile_prefix_too(text: str, normal: str) -> None:
    assert parse_phone(text) == normal


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("0276 3812 345", "02763812345"),
        ("+84 24 3812 3456", "02438123456"),
        ("842763812345", "02763812345"),
    ],
)
def test_fixed_lines_only_where_asked_for(text: str, normal: str) -> None:
    assert parse_phone(text, fixed_lines=True) == normal
    with pytest.raises(BadPhone) as refusal:
        parse_phone(text)
    assert refusal.value.code == "phone.fixed_line"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "phone.empty"),
        (" - ", "phone.empty"),
        ("gọi anh Ba", "phone.characters"),
        ("0912345678 (Zalo)", "phone.characters"),
        ("0912345678,0987654321", "phone.characters"),
        ("091234567", "phone.length"),
        ("09123456789", "phone.length"),
        ("01684567890", "phone.prefix"),
        ("0612345678", "phone.prefix"),
        ("19001234", "phone.prefix"),
        ("+12025550123", "phone.prefix"),
        ("8412345", "phone.prefix"),
    ],
)
def test_other_numbers_are_refused(text: str, code: str) -> None:
    with pytest.raises(BadPhone) as refusal:
        parse_phone(text, fixed_lines=True)
    assert refusal.value.code == code
    assert not text.strip() or text not in str(refusal.value)


@given(MOBILES, st.sampled_from(["", ".", " ", "-", "\u00a0"]), st.booleans())
def test_every_spelling_of_a_mobile_number(number: str, mark: str, wide: bool) -> None:
    groups = mark.join((number[1:4], number[4:7], number[7:]))
    for spelling in (f"0{groups}", f"+84{mark}{groups}", f"84{mark}{groups}", f"+84 0{groups}"):
        assert parse_phone(spelling.translate(FULL_WIDTH) if wide else spelling) == number
    assert parse_phone(parse_phone(number)) == number


@given(st.text("0123456789+ .()", min_size=2, max_size=16) | MOBILES)
def test_no_vietnamese_mobile_number_is_missed(text: str) -> None:
    try:
        known = phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException:
        return
    kind = phonenumbers.number_type(known)
    if known.country_code == 84 and kind == phonenumbers.PhoneNumberType.MOBILE:
        assert parse_phone(str(known.national_number)) == f"0{known.national_number}"


def test_masks() -> None:
    assert mask_phone("0912345678") == "091••••678"
    assert mask_phone("12345") == "•••••"
    assert mask_personal_number("079085123456") == "079•••••3456"
    assert mask_email("nguyenvana@example.com") == "n•••@example.com"
    assert mask_email("a@example.com") == "•••@example.com"
    assert mask_email("không phải thư") == "•••"


# --- e-mail -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" An.Nguyen+ocop@GMail.com\n", "an.nguyen+ocop@gmail.com"),
        ("ban@hang.test", "ban@hang.test"),
        ("a@bánh.vn", "a@xn--bnh-ela.vn"),
    ],
)
def test_parse_email(text: str, normal: str) -> None:
    assert parse_email(text) == normal
    assert parse_email(normal) == normal


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("  ", "email.empty"),
        *(
            (text, "email.format")
            for text in ("a", "a@", "@b.vn", "a@b", "a b@c.vn", "ă@c.vn", "a@b.vn, c@d.vn")
        ),
        ("a@b.vn\r\nBcc: c@d.vn", "email.format"),
    ],
)
def test_bad_email(text: str, code: str) -> None:
    with pytest.raises(BadEmail) as refusal:
        parse_email(text)
    assert refusal.value.code == code


# --- tax codes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("0100112437", TaxCodeKind.ENTERPRISE, "0100112437"),
        ("01.00.112.437", TaxCodeKind.ENTERPRISE, "0100112437"),
        ("0100112437-001", TaxCodeKind.BRANCH, "0100112437-001"),
        ("0100112437001", TaxCodeKind.BRANCH, "0100112437-001"),
        ("0100112437 \u2013 001", TaxCodeKind.BRANCH, "0100112437-001"),
        ("079085123456", TaxCodeKind.PERSON, "079085123456"),
        ("072 385 123 456", TaxCodeKind.PERSON, "072385123456"),
    ],
)
def test_check_tax_code(text: str, kind: TaxCodeKind, number: str) -> None:
    born_later = date(2099, 1, 1)
    assert check_tax_code(text, today=born_later) == TaxCode(kind, number)
    assert check_tax_code(number) == TaxCode(kind, number)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty"),
        ("010011243A", "characters"),
        ("01001124370", "length"),
        ("123", "length"),
        ("0100112430", "check_digit"),
        ("0100112430-001", "check_digit"),
        ("0100112437-000", "component"),
        ("0100000000", "component"),
        ("000085123456", "province"),
        ("097085123456", "province"),
        ("079227123456", "birth_year"),  # a boy of 2027
        ("079399123456", "birth_year"),
    ],
)
def test_bad_tax_code(text: str, rule: str) -> None:
    with pytest.raises(BadTaxCode) as refusal:
        check_tax_code(text, today=TODAY)
    assert refusal.value.code == f"tax_code.{rule}"


def test_a_person_is_not_shown_in_full() -> None:
    person = check_tax_code("079085123456", today=TODAY)
    assert person.shown == "079•••••3456"
    assert "079085123456" not in repr(person)
    assert check_tax_code("0100112437").shown == "0100112437"


def test_personal_numbers() -> None:
    assert check_personal_number("079 226 123 456", today=TODAY) == "079226123456"
    with pytest.raises(BadTaxCode, match=r"tax_code\.length"):
        check_personal_number("0100112437", today=TODAY)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True).filter(lambda digits: digits[2:] != "0" * 7))
def test_exactly_one_check_digit_fits(digits: str) -> None:
    fitting = [last for last in "0123456789" if _is_tax_code(digits + last)]
    assert fitting == [last for last in "0123456789" if last == mst.calc_check_digit(digits)]


def _is_tax_code(text: str) -> bool:
    try:
        check_tax_code(text)
    except BadTaxCode:
        return False
    return True
