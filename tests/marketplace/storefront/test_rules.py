"""Seasons, days people prepare for, page numbers, addresses."""

from __future__ import annotations

from datetime import date

import pytest

from marketplace.storefront import rules
from marketplace.storefront.rules import Occasion


@pytest.mark.parametrize(
    ("name", "month", "fits"),
    [
        ("Mãng cầu Bà Đen loại 1", 11, True),
        ("Mãng cầu Bà Đen loại 1", 4, False),
        ("Mãng cầu xiêm", 11, False),  # another fruit
        ("Mãng cầu sấy dẻo", 11, False),  # no longer the fruit
        ("Dưa hấu Gò Công", 1, True),
        ("Dừa xiêm", 4, False),  # not dứa, though it folds alike
        ("Cám gạo", 10, False),
        ("SẦU RIÊNG Bàu Đồn", 6, True),
    ],
)
def test_a_name_is_in_season_in_its_months(name: str, month: int, fits: bool) -> None:
    assert rules.in_season(name, month) is fits


def test_every_month_has_something() -> None:
    assert all(len(rules.of_month(month)) >= 3 for month in range(1, 13))


@pytest.mark.parametrize(
    ("today", "occasion", "month"),
    [
        (date(2026, 11, 22), Occasion.FULL_MOON_TOMORROW, 10),
        (date(2026, 11, 23), Occasion.FULL_MOON, 10),
        (date(2026, 12, 8), Occasion.NEW_MOON_TOMORROW, 11),
        (date(2026, 12, 9), Occasion.NEW_MOON, 11),
        (date(2027, 1, 20), Occasion.BEFORE_TET, 1),
    ],
)
def test_days_people_prepare_for_are_told_ahead(
    today: date, occasion: Occasion, month: int
) -> None:
    near = rules.reminder(today)
    assert near is not None
    assert (near.occasion, near.month) == (occasion, month)


def test_an_ordinary_day_has_no_reminder() -> None:
    assert rules.reminder(date(2026, 11, 26)) is None


def test_days_to_tet() -> None:
    assert rules.days_to_tet(date(2027, 1, 20)) == 17
    assert rules.days_to_tet(date(2027, 2, 6)) == 0
    assert rules.days_to_tet(date(2027, 2, 7)) > 300


@pytest.mark.parametrize(
    ("page", "last", "shown"),
    [
        (1, 1, [1]),
        (1, 12, [1, 2, 3, None, 12]),
        (6, 12, [1, None, 5, 6, 7, None, 12]),
        (4, 12, [1, 2, 3, 4, 5, None, 12]),
        (12, 12, [1, None, 10, 11, 12]),
        (400, 4167, [1, None, 399, 400, 401, None, 4167]),
    ],
)
def test_page_numbers_leave_out_what_is_far(page: int, last: int, shown: list[int | None]) -> None:
    assert rules.page_numbers(page, last) == shown


@pytest.mark.parametrize(
    ("typed", "page"),
    [(None, 1), ("", 1), ("7", 7), ("0", 1), ("-3", 1), ("٣", 1), ("99999", 1), ("x", 1)],
)
def test_page_numbers_in_addresses_are_read_with_care(typed: str | None, page: int) -> None:
    assert rules.page_asked(typed) == page


def test_an_address_keeps_what_was_asked() -> None:
    asked = {"q": "bánh tráng", "stars": "4", "page": "3", "stranger": "x"}
    assert rules.address("/products", asked) == "/products?q=b%C3%A1nh+tr%C3%A1ng&stars=4&page=3"
    assert rules.address("/products", asked, page=1, q=None) == "/products?stars=4"
    assert rules.address("/products", {}) == "/products"


def test_json_cannot_end_the_script_it_stands_in() -> None:
    written = rules.json_ld({"name": "</script><script>alert(1)</script>&"})
    assert "<" not in written
    assert "&" not in written


def test_turns_are_fair() -> None:
    assert rules.in_turns([[1, 2, 3], [4], [5, 6]]) == [1, 4, 5, 2, 6, 3]


def test_initials_are_the_last_two_words() -> None:
    assert rules.initials("Lò bánh tráng Sáu Hiền") == "SH"
    assert rules.initials("Ba") == "B"
