"""What a courier collects and owes, and which way it may go. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class CodState(StrEnum):
    OWED = "owed"  # the parcel is on its way; its buyer owes the money
    COLLECTED = "collected"  # the courier has the money, or some of it still
    HANDED_OVER = "handed_over"
    RETURNED = "returned"  # the parcel came back; nothing was collected


NEXT_STATES: Final[dict[CodState, frozenset[CodState]]] = {
    CodState.OWED: frozenset({CodState.COLLECTED, CodState.RETURNED}),
    CodState.COLLECTED: frozenset({CodState.HANDED_OVER}),
}


class HandedBy(StrEnum):
    """How a courier hands money over."""

    CASH = "cash"
    BANK = "bank"


# Ages, in days, that are shown apart: the last one is worth a telephone call.
AGES: Final = (3, 7)


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a courier still holds of one collection."""

    id: int
    left: int


def age(collected_on: date, *, today: date) -> int:
    """Return for how many days a courier has held money."""
    return max((today - collected_on).days, 0)


def age_group(days: int) -> int:
    """Return 0 for fresh, 1 for due soon, 2 for late."""
    return sum(days >= limit for limit in AGES)


def spread(received: int, held: Sequence[Held]) -> list[tuple[int, int]]:
    """Return (id, đồng) of what was handed over, in the order given, until nothing is left of it.

    What is short stays with the last ones. ValueError for more than is held.
    """
    if not 0 < received <= sum(one.left for one in held):
        raise ValueError("more than is held, or nothing")
    parts: list[tuple[int, int]] = []
    for one in held:
        part = min(one.left, received)
        if part:
            parts.append((one.id, part))
        received -= part
    return parts
