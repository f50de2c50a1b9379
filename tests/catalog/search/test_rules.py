from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search import rules
from foundation.text import expand_abbreviations, old_tone_placement


def test_tokens_of_a_product() -> None:
    tokens = rules.tokens_of(
        name="Đế Gò Đen 31%",
        around=[rules.around_tokens(["Đồ uống có cồn", "HTX Bến Lức"])],
        description=["Rượu nếp **truyền thống**\n\nthơm", ""],
    )
    assert {"n:de", "n:go", "n:den", "n:31", "x:đế", "x:gò", "x:đen"} <= tokens
    assert {"N:^ de", "N:de go", "N:go den", "N:den 31", "N:31 $"} <= tokens
    assert {"X:^ đế", "X:đế gò", "X:gò đen", "X:đen 31", "X:31 $"} <= tokens
    assert {"m:do", "m:uong", "m:hop", "m:tac", "m:xa", "m:ben", "m:luc"} <= tokens
    assert {"d:ruou", "d:nep", "d:truyen", "d:thong", "d:thom"} <= tokens


def test_both_tone_placements_and_normal_forms_make_the_same_tokens() -> None:
    def made(name: str) -> frozenset[str]:
        return rules.tokens_of(name=name, around=[], description=[])

    assert made("Xoài cát Hòa Lộc") == made("Xoài cát Hoà Lộc") == made("Xoài cát Hòa Lộc")


def test_long_texts_are_bounded() -> None:
    description = " ".join(f"từ{number}" for number in range(5_000)) + " " + "a" * 5_000
    tokens = rules.tokens_of(name="b" * 500, around=[], description=[description])
    assert sum(token.startswith("d:") for token in tokens) == rules.MOST_DESCRIPTION_WORDS
    assert max(map(len, tokens)) <= 2 * rules.LONGEST_WORD + 3


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("suog", "suong"), ("suonng", "suong"), ("suomg", "suong"), ("sougn", "soung")],
)
def test_near_words_are_one_slip_away(typed: str, meant: str) -> None:
    assert meant in rules.near_words(typed)
    assert typed not in rules.near_words(typed)


@pytest.mark.parametrize("word", ["", "ga", "sen", "st25", "12345", "đường"])
def test_short_words_and_numbers_have_no_near_ones(word: str) -> None:
    assert rules.near_words(word) == frozenset()


@pytest.mark.parametrize(
    ("price", "band"),
    [(1, 0), (49_999, 0), (50_000, 1), (99_999, 1), (100_000, 2), (499_999, 3), (10**9, 4)],
)
def test_bands(price: int, band: int) -> None:
    assert rules.band_of(price) == band
    least, most = rules.band_ends(band)
    assert least <= price
    assert most is None or price <= most


def test_every_band_and_rank_has_words() -> None:
    for words in rules.BAND_WORDS.values():
        assert len(words) == len(rules.PRICE_BANDS)
    for ranks in rules.STAR_WORDS.values():
        assert set(ranks) == set(rules.STARS)


def test_most_sellers_are_those_with_the_most() -> None:
    counts = {number: number % 50 for number in range(200)}
    kept = rules.most_sellers(counts)
    assert len(kept) == rules.MOST_SELLERS
    assert list(kept)[:3] == [49, 99, 149]


@given(st.text(max_size=200))
def test_any_name_makes_tokens(name: str) -> None:
    tokens = rules.tokens_of(name=name, around=[rules.around_tokens([name])], description=[name])
    assert not any("\x00" in token for token in tokens)


@pytest.mark.parametrize(
    "text",
    [
        "HTX Sen Tháp Mười",
        "TP.HCM",
        "TPHCM",
        "T.P Hồ Chí Minh",
        "TT Cần Đước, H. Cần Đước",
        "Q.1, P12, q 3",
        "X. Mỹ Lệ",
        "Gạo 5 ký",
        "gạo 10kg",
        "ĐT 825",
        "sp OCOP của DN",
        "Bánh tráng phơi sương",
        "Khóm Bến Lức",
    ],
)
def test_looking_first_for_anything_short_changes_nothing(text: str) -> None:
    written = old_tone_placement(expand_abbreviations(text)).lower()
    assert rules.exact_words(text) == re.findall(r"[^\W_]+", written)
