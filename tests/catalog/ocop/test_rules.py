from __future__ import annotations

from datetime import date

import pytest

from catalog.ocop import rules
from catalog.ocop.models import IssuerLevel


def test_a_certificate_counts_up_to_but_not_on_the_day_it_lapses() -> None:
    issued = date(2023, 12, 29)
    lapses = rules.lapse_day(issued)

    assert lapses == date(2026, 12, 29)
    assert not rules.counts(issued, lapses, date(2023, 12, 28))
    assert rules.counts(issued, lapses, date(2023, 12, 29))
    assert rules.counts(issued, lapses, date(2026, 12, 28))
    assert not rules.counts(issued, lapses, date(2026, 12, 29))
    assert not rules.counts(issued, lapses, date(2026, 12, 30))


def test_36_months_from_a_leap_day_end_on_the_last_of_february() -> None:
    assert rules.lapse_day(date(2024, 2, 29)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("level", "stars", "issued_on", "allowed"),
    [
        (IssuerLevel.DISTRICT, 3, date(2025, 6, 30), True),
        (IssuerLevel.DISTRICT, 3, date(2025, 7, 1), False),
        (IssuerLevel.DISTRICT, 4, date(2024, 1, 1), False),
        (IssuerLevel.PROVINCE, 3, date(2025, 7, 1), True),
        (IssuerLevel.PROVINCE, 4, date(2020, 7, 1), True),
        (IssuerLevel.PROVINCE, 5, date(2024, 1, 1), False),
        (IssuerLevel.CENTRAL, 5, date(2024, 1, 1), True),
        (IssuerLevel.CENTRAL, 4, date(2024, 1, 1), False),
    ],
)
def test_who_may_give_how_many_stars(
    level: IssuerLevel, stars: int, issued_on: date, allowed: bool
) -> None:
    assert rules.may_issue(level, stars, issued_on) is allowed


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 9, 29), None),
        (date(2026, 9, 30), 90),
        (date(2026, 11, 28), 90),
        (date(2026, 11, 29), 30),
        (date(2026, 12, 22), 7),
        (date(2026, 12, 28), 7),
        (date(2026, 12, 29), None),
        (date(2027, 1, 1), None),
    ],
)
def test_which_warning_is_due(today: date, due: int | None) -> None:
    assert rules.warning_due(date(2026, 12, 29), today) == due
