"""How account numbers and holders' names are read and shown."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.bank_accounts import rules
from payments.bank_accounts.errors import BadHolder, BadNumber


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0123456789", "0123456789"),
        ("0123 456 789", "0123456789"),
        ("0123.456-789", "0123456789"),
        ("\u00a00123\u2013456 789\t", "0123456789"),
        ("vqrq000abc12", "VQRQ000ABC12"),
        ("\uff10\uff11\uff12\uff13\uff14", "01234"),
        ("1" * 19, "1" * 19),
        ("1234", "1234"),
    ],
)
def test_numbers_are_read_in_any_usual_spelling(typed: str, number: str) -> None:
    assert rules.read_number(typed) == number
    assert rules.plain_number(typed) == number


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "123", "1" * 20, "0123/456", "TÀI KHOẢN", "0123\x00456", "=1+12345", "đ1234"],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(BadNumber):
        rules.read_number(typed)


@pytest.mark.parametrize(
    ("typed", "holder"),
    [
        ("Nguyễn Thị Ánh", "NGUYEN THI ANH"),
        ("  HTX  Bánh tráng\tTrảng Bàng ", "HTX BANH TRANG TRANG BANG"),
        ("Cty TNHH Đường Mía (Tây Ninh)", "CTY TNHH DUONG MIA (TAY NINH)"),
        ("CÔNG TY A&B", "CONG TY A&B"),
        ("Nguyễn Văn A", "NGUYEN VAN A"),  # decomposed letters
        ("<b>Lan</b>", "B LAN /B"),
    ],
)
def test_holders_are_written_as_banks_print_them(typed: str, holder: str) -> None:
    assert rules.read_holder(typed) == holder


@pytest.mark.parametrize("typed", ["", "  ", "A", "12345", "?!", "王小明", "A" * 121])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(BadHolder):
        rules.read_holder(typed)


@given(st.text(alphabet=string.ascii_uppercase + string.digits, min_size=4, max_size=19))
def test_lists_show_at_most_half_of_a_number(number: str) -> None:
    shown = rules.masked(number).removeprefix("•••• ")
    assert number.endswith(shown)
    assert 2 <= len(shown) <= min(4, len(number) // 2)
    assert rules.grouped(number).replace(" ", "") == number
    assert rules.read_number(rules.grouped(number)) == number


@given(st.text(max_size=60))
def test_any_text_is_a_number_or_refused(typed: str) -> None:
    try:
        number = rules.read_number(typed)
    except BadNumber:
        return
    assert number.isascii()
    assert rules.read_number(number) == number == rules.plain_number(typed)


@given(st.text(max_size=200))
def test_any_text_is_a_name_or_refused(typed: str) -> None:
    try:
        holder = rules.read_holder(typed)
    except BadHolder:
        return
    assert holder.isascii()
    assert rules.read_holder(holder) == holder
