"""Time: UTC inside, the clock of Việt Nam on pages. Services are given `now`; views ask here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, timezone

# Việt Nam has kept UTC+7 without daylight saving since 1975, so no time zone file is needed.
VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

_frozen: ContextVar[datetime | None] = ContextVar("frozen_now", default=None)


def now() -> datetime:
    """Return the present moment as an aware datetime in UTC."""
    return _frozen.get() or datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """Return the same moment on the clock of Việt Nam."""
    return moment.astimezone(VIETNAM)


def day(moment: datetime) -> date:
    """Return the calendar day in Việt Nam at this moment: the day certificates lapse on."""
    return local(moment).date()


def add_months(start: date, months: int) -> date:
    """Return the same day of the month that many months later, or that month's last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last_day = (following - timedelta(days=1)).day
    return date(year, month + 1, min(start.day, last_day))


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold `now()` at this moment within the block: for tests and for the demo's history."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)
