from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.typing_methods import decode_typing

PHRASES = (
    "được đường rượu đế gò đen bánh tráng phơi sương muối tôm nước mắm đặc sản người việt nam "
    "tiếng quyển quý quốc giá gì giếng hoặc quăng thủy hòa khỏe nguyễn hưu mưa thuở khuỷu ngoài "
    "mãng cầu sầu riêng lạp xưởng trà vinh cà phê hạt điều thịt heo chuối bưởi quýt yến"
)
SAMPLE = PHRASES.split()

TELEX_MARKS = {
    "\u0302": None,  # the letter again
    "\u0306": "w",
    "\u031b": "w",
    "\u0300": "f",
    "\u0301": "s",
    "\u0303": "x",
    "\u0309": "r",
    "\u0323": "j",
}
VNI_MARKS = dict(
    zip(
        "\u0302\u0306\u031b\u0300\u0301\u0303\u0309\u0323",
        "68721435",
        strict=True,
    )
)


def telex(word: str) -> str:
    """Type a word the Telex way: marks right after their letter, the tone last."""
    keys, tone = "", ""
    for char in unicodedata.normalize("NFD", word.replace("đ", "dd")):
        if not unicodedata.combining(char):
            keys += char
        elif char in "\u0302\u0306\u031b":
            keys += TELEX_MARKS[char] or next(key for key in reversed(keys) if key in "aeo")
        else:
            tone = TELEX_MARKS[char] or ""
    return keys + tone


def vni(word: str) -> str:
    """Type a word the VNI way: every mark a digit right after its letter."""
    return "".join(
        VNI_MARKS.get(char, char) for char in unicodedata.normalize("NFD", word.replace("đ", "d9"))
    )


@pytest.mark.parametrize("word", SAMPLE)
def test_what_is_typed_is_read_back(word: str) -> None:
    for keys in (telex(word), vni(word)):
        if keys != word:
            assert decode_typing(keys) == word


@given(st.lists(st.sampled_from(SAMPLE), min_size=1, max_size=5))
def test_whole_phrases_are_read_back(words: list[str]) -> None:
    phrase = " ".join(words)
    if not phrase.isascii():
        assert decode_typing(" ".join(map(telex, words))) == phrase
        assert decode_typing(" ".join(map(vni, words))) == phrase


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dduwowngf", "đường"),
        ("banhs trangs", "bánh tráng"),
        ("ru7o7u5", "rượu"),
        ("ruouwj", "rượu"),
        ("ruou75", "rượu"),
        ("duoc975", "được"),
        ("thuowr", "thuở"),
        ("Tieengs Vieejt", "Tiếng Việt"),
        ("BANHS", "BÁNH"),
        ("gaoj ST25 5kg", "gạo ST25 5kg"),
        ("com71, ca2 phe6!", "cớm, cà phê!"),
    ],
)
def test_usual_ways_of_typing(typed: str, meant: str) -> None:
    assert decode_typing(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "banh trang phoi suong", "dac san", "ruou de go den", "mang cau", "khoai tay"),
        *("hello world", "vitamin c", "omega 3", "A4", "as", "w", "7", "ST25", "dduongf", "shop"),
        *("bánh trangs", "đường", "facebook", "wifi", "nuoc81", "0912345678", "+84 912"),
    ],
)
def test_other_text_is_not_decoded(text: str) -> None:
    assert decode_typing(text) is None


@given(st.text(max_size=20) | st.text("aeouwdsfrxj12679 bg", max_size=12))
def test_an_answer_is_always_accented_and_composed(text: str) -> None:
    decoded = decode_typing(text)
    if decoded is not None:
        assert decoded != text
        assert decoded == unicodedata.normalize("NFC", decoded)
