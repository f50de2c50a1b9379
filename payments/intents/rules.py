"""Reference codes, and which way what is owed may go. Pure.

A reference code is what a payer's bank carries to the payee's: PZC, twelve random characters and
a check character, of an alphabet in which nothing can be misread (no I, L, O, U, B). No word of
Vietnamese or English, and no bank's own mark, holds the letters PZC.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import Final

from foundation.errors import N_

PREFIX: Final = "PZC"
ALPHABET: Final = "0123456789ACDEFGHJKMNPQRSTVWXYZ"  # 31 characters, a prime number of them
RANDOM_LENGTH: Final = 12
REFERENCE_LENGTH: Final = len(PREFIX) + RANDOM_LENGTH + 1
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_GENERATOR: Final = 3  # its powers run through all of 1..30 modulo 31
_WEIGHTS: Final = tuple(pow(_GENERATOR, place + 1, len(ALPHABET)) for place in range(RANDOM_LENGTH))


def new_reference() -> str:
    """Return a new reference code: 16 characters of A-Z0-9, about 59 random bits."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
        # The prefix inside would let a reader begin at the wrong place.
        if PREFIX not in f"{PREFIX}{body}"[1:]:
            return f"{PREFIX}{body}{check_character(body)}"


def check_character(body: str) -> str:
    """Return the character that makes any one wrong character, and any two swapped ones, show.

    Weights are distinct powers of a generator modulo a prime, so no such change leaves the sum
    as it was. KeyError for a character outside the alphabet.
    """
    total = sum(weight * _VALUES[one] for weight, one in zip(_WEIGHTS, body, strict=True))
    return ALPHABET[-total % len(ALPHABET)]


def is_reference(text: str) -> bool:
    """Say whether `text` is a reference code, exactly as new_reference writes it."""
    body = text[len(PREFIX) : -1]
    return (
        len(text) == REFERENCE_LENGTH
        and text.startswith(PREFIX)
        and set(body) <= set(ALPHABET)
        and check_character(body) == text[-1]
    )


class State(StrEnum):
    OPEN = "open"
    PART_PAID = "part_paid"
    PAID = "paid"
    OVERPAID = "overpaid"  # more arrived than was due, and nobody has decided about the rest
    EXPIRED = "expired"
    CANCELLED = "cancelled"


NEXT_STATES: Final[dict[State, frozenset[State]]] = {
    State.OPEN: frozenset(
        {State.PART_PAID, State.PAID, State.OVERPAID, State.EXPIRED, State.CANCELLED}
    ),
    State.PART_PAID: frozenset({State.PAID, State.OVERPAID, State.EXPIRED, State.CANCELLED}),
    State.PAID: frozenset({State.OVERPAID}),
    State.OVERPAID: frozenset({State.PAID}),
    State.EXPIRED: frozenset({State.PART_PAID, State.PAID, State.OVERPAID, State.CANCELLED}),
}
# A payment was taken back: by the bank, or by a cashier who had allocated it wrongly.
REPAIRS: Final[dict[State, frozenset[State]]] = {
    State.PART_PAID: frozenset({State.OPEN}),
    State.PAID: frozenset({State.OPEN, State.PART_PAID}),
    State.OVERPAID: frozenset({State.OPEN, State.PART_PAID, State.PAID}),
    State.EXPIRED: frozenset({State.OPEN, State.PART_PAID}),
}
PAYABLE: Final = frozenset({State.OPEN, State.PART_PAID})
STATE_NAMES: Final[dict[State, str]] = {
    State.OPEN: N_("Chờ thanh toán"),
    State.PART_PAID: N_("Đã trả một phần"),
    State.PAID: N_("Đã thanh toán"),
    State.OVERPAID: N_("Trả thừa"),
    State.EXPIRED: N_("Hết hạn"),
    State.CANCELLED: N_("Đã huỷ"),
}


def may_settle(state: State, *, settles_late: bool) -> bool:
    """Say whether money that arrives now settles what is owed: while it is open, and after it
    has expired where whoever asked for it still wants it then."""
    return state in PAYABLE or (state is State.EXPIRED and settles_late)


def state_for(amount: int, settled: int, excess: int) -> State:
    """Return the state that these đồng make: due, settled so far, and arrived beyond it."""
    if excess:
        return State.OVERPAID
    if settled >= amount:
        return State.PAID
    return State.PART_PAID if settled else State.OPEN
