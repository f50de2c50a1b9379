"""The lunar calendar against days everybody remembers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from foundation.lunar import LunarDate, lunar


@pytest.mark.parametrize(
    "new_year",
    [
        date(1968, 1, 29),  # a day before Beijing's: midnight lies between the two
        date(1985, 1, 21),  # a month before Beijing's
        date(2007, 2, 17),
        date(2020, 1, 25),
        date(2023, 1, 22),
        date(2024, 2, 10),
        date(2025, 1, 29),
        date(2026, 2, 17),
        date(2027, 2, 6),
        date(2030, 2, 2),
        date(2034, 2, 19),
    ],
)
def test_the_first_day_of_the_year_falls_where_people_kept_it(new_year: date) -> None:
    assert lunar(new_year) == LunarDate(day=1, month=1, year=new_year.year)


def test_an_ordinary_day_and_the_name_of_its_year() -> None:
    found = lunar(date(2026, 11, 22))
    assert found == LunarDate(day=14, month=10, year=2026)
    assert found.year_name == "Bính Ngọ"


@pytest.mark.parametrize(
    ("day", "month"), [(date(2023, 3, 22), 2), (date(2025, 7, 25), 6), (date(2033, 12, 22), 11)]
)
def test_a_leap_month_repeats_the_one_before_it(day: date, month: int) -> None:
    assert (lunar(day).month, lunar(day).leap) == (month, True)
    assert (lunar(day - timedelta(days=20)).month, lunar(day - timedelta(days=20)).leap) == (
        month,
        False,
    )


def test_every_day_follows_the_one_before_it() -> None:
    before = lunar(date(2020, 1, 1))
    for ordinal in range(date(2020, 1, 2).toordinal(), date(2040, 1, 1).toordinal()):
        day = lunar(date.fromordinal(ordinal))
        if day.day > 1:
            assert day == LunarDate(
                day=before.day + 1, month=before.month, year=before.year, leap=before.leap
            )
        else:
            assert before.day in (29, 30)
            assert day.month == (before.month if day.leap else before.month % 12 + 1)
        before = day
