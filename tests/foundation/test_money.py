from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.money import (
    LARGEST,
    BadAmount,
    format_vnd,
    in_words,
    parse_vnd,
    share,
    split,
    unit_price,
)

AMOUNTS = st.integers(-LARGEST, LARGEST)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


# --- dividing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (101, [1, 1, 1], [34, 34, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (10, [0, 1, 0, 2], [0, 3, 0, 7]),
        (0, [3, 4], [0, 0]),
        (1, [1, 2], [0, 1]),
        (5, [7], [5]),
        (99_792_000, [60, 40], [59_875_200, 39_916_800]),
    ],
)
def test_split(amount: int, weights: list[int], parts: list[int]) -> None:
    assert split(amount, weights) == parts


@given(AMOUNTS, WEIGHTS)
def test_invariant_19_split_is_exact_and_fair(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    assert split(-amount, weights) == [-part for part in parts]
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
        assert weight or part == 0


@pytest.mark.parametrize("amount", [0, 10])
@pytest.mark.parametrize("weights", [[], [0], [0, 0], [2, -1], [-1]])
def test_split_refuses_weights_that_divide_nothing(amount: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(amount, weights)


@pytest.mark.parametrize("wrong", [1.0, True, "1", None])
def test_only_whole_numbers_are_money(wrong: int) -> None:
    for call in (
        lambda: split(wrong, [1]),
        lambda: split(1, [wrong]),
        lambda: in_words(wrong),
        lambda: format_vnd(wrong),
        lambda: share(wrong, 1),
        lambda: share(1, wrong),
        lambda: unit_price(wrong, 1, 1),
    ):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize(
    ("price", "net", "per", "expected"),
    [
        (45_000, 500, 1_000, 90_000),
        (100, 300, 100, 33),
        (200, 300, 100, 67),
        (1, 2, 1, 1),  # half rounds up
        (0, 5, 1_000, 0),
    ],
)
def test_unit_price(price: int, net: int, per: int, expected: int) -> None:
    assert unit_price(price, net, per) == expected


@pytest.mark.parametrize(("price", "net", "per"), [(-1, 1, 1), (1, 0, 1), (1, 1, 0), (1, -5, 1)])
def test_unit_price_needs_quantities(price: int, net: int, per: int) -> None:
    with pytest.raises(ValueError, match="quantities"):
        unit_price(price, net, per)


@pytest.mark.parametrize(
    ("amount", "basis_points", "expected"),
    [
        (1_000_000, 250, 25_000),
        (1, 5_000, 1),
        (-1, 5_000, -1),
        (1, 4_999, 0),
        (99, 10_000, 99),
        (99, 0, 0),
    ],
)
def test_share(amount: int, basis_points: int, expected: int) -> None:
    assert share(amount, basis_points) == expected


@pytest.mark.parametrize("basis_points", [-1, 10_001])
def test_share_is_at_most_the_whole(basis_points: int) -> None:
    with pytest.raises(ValueError, match="basis points"):
        share(1, basis_points)


# --- digits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (125_000, "125.000\u00a0₫"),
        (0, "0\u00a0₫"),
        (-1_250_000, "-1.250.000\u00a0₫"),
        (999, "999\u00a0₫"),
    ],
)
def test_format_vnd(amount: int, text: str) -> None:
    assert format_vnd(amount) == text


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("45000", 45_000),
        ("45.000", 45_000),
        ("45,000", 45_000),
        ("45 000đ", 45_000),
        ("45\u202f000\u00a0₫", 45_000),
        ("45k", 45_000),
        ("45.5K", 45_500),
        ("1,2 triệu", 1_200_000),
        ("1.2tr", 1_200_000),
        ("0,125 triệu", 125_000),
        ("1.234,5 triệu", 1_234_500_000),
        ("2 tỷ đồng", 2_000_000_000),
        ("5 nghìn", 5_000),
        ("10,000,000", 10_000_000),
        ("2.014.882", 2_014_882),
        ("20.000.000,00", 20_000_000),
        ("23.000,00", 23_000),
        ("23,000.00", 23_000),
        ("23000.00", 23_000),
        ("23000.0", 23_000),
        ("0", 0),
        ("0.00", 0),
        ("VND 45,000", 45_000),
        ("₫45.000", 45_000),
        ("45.000 VNĐ", 45_000),
        ("45.000 đo\u0302\u0300ng", 45_000),
        ("+45.000", 45_000),
        ("-45.000", -45_000),
        ("\u221245.000", -45_000),
        ("  45.000đ. ", 45_000),
        ("999999999999999999", LARGEST),
    ],
)
def test_parse_vnd(text: str, amount: int) -> None:
    assert parse_vnd(text) == amount


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty"),
        (" \u00a0", "empty"),
        *((text, "ambiguous") for text in ("1.5", "12,34", "45.00", "1.2345", "0,500")),
        *((text, "ambiguous") for text in ("1.234,567", "1234.567", "1,250 triệu", "45.000k")),
        *((text, "not_whole") for text in ("23000.50", "1.000,5", "1,2345k")),
        *((text, "unreadable") for text in ("2.3E+4", "đ", "abc", "1tr2", "2.500đ/kg", "45,")),
        *((text, "unreadable") for text in ("1.23.456", "1.000.00", "1,000.000,00", "--5", "4 5")),
        *((text, "unreadable") for text in ("0912345678", "(45.000)", "٤٥", "4²", "NaN", "1_000")),
        ("1000000000000000000", "too_large"),
        ("1.000.000.000 tỷ", "too_large"),
    ],
)
def test_parse_vnd_never_guesses(text: str, rule: str) -> None:
    with pytest.raises(BadAmount) as refusal:
        parse_vnd(text)
    assert refusal.value.code == f"money.{rule}"
    assert refusal.value.text == text


@given(AMOUNTS)
def test_what_is_written_is_read_back(amount: int) -> None:
    assert parse_vnd(format_vnd(amount)) == amount
    assert parse_vnd(f"{amount:,}") == amount
    assert parse_vnd(str(amount)) == amount


@given(st.text("0123456789.,kđ -+", max_size=14) | st.text(max_size=10))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        amount = parse_vnd(text)
    except BadAmount:
        return
    assert abs(amount) <= LARGEST


# --- words ------------------------------------------------------------------------------------

GOLDEN = {
    0: "không",
    1: "một",
    5: "năm",
    10: "mười",
    11: "mười một",
    14: "mười bốn",
    15: "mười lăm",
    20: "hai mươi",
    21: "hai mươi mốt",
    24: "hai mươi tư",
    25: "hai mươi lăm",
    55: "năm mươi lăm",
    100: "một trăm",
    101: "một trăm linh một",
    105: "một trăm linh năm",
    110: "một trăm mười",
    115: "một trăm mười lăm",
    121: "một trăm hai mươi mốt",
    505: "năm trăm linh năm",
    1_000: "một nghìn",
    1_001: "một nghìn không trăm linh một",
    1_005: "một nghìn không trăm linh năm",
    1_010: "một nghìn không trăm mười",
    1_015: "một nghìn không trăm mười lăm",
    1_100: "một nghìn một trăm",
    10_000: "mười nghìn",
    21_000: "hai mươi mốt nghìn",
    100_000: "một trăm nghìn",
    101_000: "một trăm linh một nghìn",
    105_005: "một trăm linh năm nghìn không trăm linh năm",
    631_800: "sáu trăm ba mươi mốt nghìn tám trăm",
    1_000_000: "một triệu",
    1_000_005: "một triệu không trăm linh năm",
    1_263_600: "một triệu hai trăm sáu mươi ba nghìn sáu trăm",
    5_025_110: "năm triệu không trăm hai mươi lăm nghìn một trăm mười",
    99_792_000: "chín mươi chín triệu bảy trăm chín mươi hai nghìn",
    1_000_000_000: "một tỷ",
    1_000_000_001: "một tỷ không trăm linh một",
    1_505_555_005: "một tỷ năm trăm linh năm triệu năm trăm năm mươi lăm nghìn không trăm linh năm",
    999_999_999_999: (
        "chín trăm chín mươi chín tỷ chín trăm chín mươi chín triệu "
        "chín trăm chín mươi chín nghìn chín trăm chín mươi chín"
    ),
    1_000_000_000_000: "một nghìn tỷ",
}


@pytest.mark.parametrize(("amount", "words"), GOLDEN.items())
def test_in_words(amount: int, words: str) -> None:
    assert in_words(amount, unit="", capital=False) == words
    assert in_words(amount) == f"{words[0].upper()}{words[1:]} đồng"
    if amount:
        assert in_words(-amount) == f"Âm {words} đồng"


def test_the_ways_of_saying_a_number() -> None:
    assert in_words(1_250_000) == "Một triệu hai trăm năm mươi nghìn đồng"
    assert in_words(1_250_000, even=True) == "Một triệu hai trăm năm mươi nghìn đồng chẵn"
    assert in_words(1_250, even=True) == "Một nghìn hai trăm năm mươi đồng"
    assert in_words(0, even=True) == "Không đồng"
    assert in_words(24_105, thousand="ngàn", four="bốn", zero_tens="lẻ", unit="") == (
        "Hai mươi bốn ngàn một trăm lẻ năm"
    )
    assert in_words(104, unit="") == "Một trăm linh bốn"
    assert in_words(-5, minus="trừ") == "Trừ năm đồng"
    assert in_words(1_000_005, say_empty=True, unit="") == (
        "Một triệu không nghìn không trăm linh năm"
    )
    assert in_words(1_000_000_001, say_empty=True, unit="") == (
        "Một tỷ không triệu không nghìn không trăm linh một"
    )
    assert in_words(2_000_000, say_empty=True, unit="") == "Hai triệu"


@pytest.mark.parametrize("amount", [LARGEST + 1, -LARGEST - 1])
def test_larger_amounts_have_no_words(amount: int) -> None:
    with pytest.raises(ValueError, match="beyond"):
        in_words(amount)


VALUES = {
    word: value
    for value, names in enumerate(
        ["không", "một mốt", "hai", "ba", "bốn tư", "năm lăm", "sáu", "bảy", "tám", "chín"]
    )
    for word in names.split()
}
SCALES = {"nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6, "tỷ": 10**9}


def from_words(words: list[str]) -> int:
    """Read number words back: a reader of its own, which knows nothing of how they were made."""
    for scale_word in ("tỷ", "triệu", "nghìn", "ngàn", "trăm"):
        if scale_word in words:
            at = words.index(scale_word)
            scale = SCALES.get(scale_word, 100)
            return from_words(words[:at]) * scale + from_words(words[at + 1 :])
    if words and words[0] in {"linh", "lẻ"}:
        words = words[1:]
    if "mươi" in words:
        return 10 * VALUES[words[0]] + from_words(words[2:])
    if words and words[0] == "mười":
        return 10 + from_words(words[1:])
    return VALUES[words[0]] if words else 0


NUMBERS = st.integers(0, LARGEST) | st.builds(
    lambda high, power, low: min(high * 10**power + low, LARGEST),
    st.integers(0, 999),
    st.integers(0, 15),
    st.integers(0, 1_200),
)


@given(
    NUMBERS,
    st.sampled_from(["linh", "lẻ"]),
    st.sampled_from(["nghìn", "ngàn"]),
    st.sampled_from(["tư", "bốn"]),
    st.booleans(),
)
def test_invariant_19_words_are_read_back(
    amount: int, zero_tens: str, thousand: str, four: str, say_empty: bool
) -> None:
    words = in_words(
        amount,
        unit="",
        capital=False,
        zero_tens="linh" if zero_tens == "linh" else "lẻ",
        thousand="nghìn" if thousand == "nghìn" else "ngàn",
        four="tư" if four == "tư" else "bốn",
        say_empty=say_empty,
    )
    assert from_words(words.split()) == amount
