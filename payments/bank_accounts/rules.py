"""Which way a receiving account may go. Pure."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    PROPOSED = "proposed"  # entered by one member, waiting for a second pair of eyes
    ACTIVE = "active"
    DECLINED = "declined"
    CLOSED = "closed"  # receives no new payments; money that still arrives is still matched


NEXT_STATES: dict[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.ACTIVE, State.DECLINED}),
    State.ACTIVE: frozenset({State.CLOSED}),
}


def masked(number: str) -> str:
    """Return an account number as lists show it: the last four characters."""
    return "•••• " + number[-4:]
