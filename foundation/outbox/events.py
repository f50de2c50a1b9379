"""The base of every event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact in the past tense. Fields are int, str, bool, StrEnum, date, datetime or None."""

    occurred_at: datetime
