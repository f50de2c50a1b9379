"""What a till is counted in, and what should be in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

# The banknotes in use, biggest first.
NOTES: Final = (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000)
MOST_NOTES: Final = 100_000
LEAST: Final = 1_000


class ShiftState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


NEXT_STATES: Final[dict[ShiftState, frozenset[ShiftState]]] = {
    ShiftState.OPEN: frozenset({ShiftState.CLOSED}),
}


class EntryKind(StrEnum):
    """Why money went into the till (positive) or out of it (negative)."""

    TAKEN = "taken"  # for something that was owed
    UNDONE = "undone"  # a wrong taking, given back
    GIVEN_BACK = "given_back"  # a refund
    BANKED = "banked"  # on its way to the bank
    PUT_IN = "put_in"  # change brought to the desk
    TAKEN_OUT = "taken_out"  # to the safe, or to the owner


# What a cashier may do to the till besides taking money, and whether it comes in.
MOVES: Final[dict[EntryKind, bool]] = {
    EntryKind.BANKED: False,
    EntryKind.TAKEN_OUT: False,
    EntryKind.PUT_IN: True,
}


def counted(notes: Mapping[int, int]) -> int:
    """Return what so many banknotes of each kind are worth.

    ValueError for a banknote there is not, or a number that cannot be.
    """
    for note, number in notes.items():
        if note not in NOTES or not 0 <= number <= MOST_NOTES:
            raise ValueError(f"{number} banknotes of {note}")
    return sum(note * number for note, number in notes.items())


def expected(opening: int, amounts: Iterable[int]) -> int:
    """Return what should be in a till: what it began with, plus in, minus out."""
    return opening + sum(amounts)


def change(given: int, amount: int) -> int:
    """Return what the payer gets back."""
    return given - amount


def suggestions(due: int) -> list[int]:
    """Return what payers usually hand over for an amount: exact, and with bigger banknotes."""
    notes = (10_000, 50_000, 100_000, 200_000, 500_000)
    return sorted({due, *(-(-due // note) * note for note in notes)})[:5]


def sums(entries: Iterable[tuple[EntryKind, int]]) -> dict[EntryKind, tuple[int, int]]:
    """Return (how many, đồng) of each kind of entry there was, in the order of EntryKind."""
    found: dict[EntryKind, tuple[int, int]] = {}
    for kind, amount in entries:
        number, total = found.get(kind, (0, 0))
        found[kind] = (number + 1, total + amount)
    return {kind: found[kind] for kind in EntryKind if kind in found}
