"""What an OCOP certificate may say, and how long it counts. Pure.

Decision 148/QĐ-TTg (2023), amended by 1489/QĐ-TTg (2025): the district level is gone since
2025-07-01; the province recognises three and four stars, the centre five. Before that a district
recognised three stars, and such a certificate stays valid until its own last day.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

from foundation import clock


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    REJECTED = "rejected"
    REVOKED = "revoked"


class IssuerLevel(StrEnum):
    DISTRICT = "district"
    PROVINCE = "province"
    CENTRAL = "central"


VALID_MONTHS: Final = 36
PROGRAMME_BEGAN: Final = date(2018, 5, 7)
LAST_DISTRICT_DAY: Final = date(2025, 6, 30)
WARN_DAYS: Final = (90, 30, 7)

NEXT_STATES: Final[dict[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.DRAFT, State.VERIFIED, State.REJECTED}),
    State.REJECTED: frozenset({State.SUBMITTED}),
    State.VERIFIED: frozenset({State.REVOKED}),
    State.REVOKED: frozenset(),
}
EDITABLE: Final = frozenset({State.DRAFT, State.REJECTED})

STARS_OF: Final[dict[IssuerLevel, frozenset[int]]] = {
    IssuerLevel.DISTRICT: frozenset({3}),
    IssuerLevel.PROVINCE: frozenset({3, 4}),
    IssuerLevel.CENTRAL: frozenset({5}),
}


def lapse_day(issued_on: date) -> date:
    """Return the first day on which a certificate of that day counts no more."""
    return clock.add_months(issued_on, VALID_MONTHS)


def counts(issued_on: date, lapses_on: date, today: date) -> bool:
    """Say whether a verified certificate counts on this day in Việt Nam."""
    return issued_on <= today < lapses_on


def may_issue(level: IssuerLevel, stars: int, issued_on: date) -> bool:
    """Say whether this level could give so many stars on that day."""
    if level is IssuerLevel.DISTRICT and issued_on > LAST_DISTRICT_DAY:
        return False
    return stars in STARS_OF[level]


def warning_due(lapses_on: date, today: date) -> int | None:
    """Return which warning (90, 30 or 7 days ahead) is due, None when none is.

    A warning whose day was missed is given late, but only the nearest one.
    """
    left = (lapses_on - today).days
    if left <= 0:
        return None
    return min((days for days in WARN_DAYS if left <= days), default=None)
