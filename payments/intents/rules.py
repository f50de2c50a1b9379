"""Reference codes, and which way what is owed may go. Pure.

A reference code is what a payer's bank carries to the payee's: PZC, twelve random characters and
a check character, of an alphabet in which nothing can be misread (no I, L, O, U, B). No word of
Vietnamese or English, and no bank's own mark, holds the letters PZC.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from foundation.errors import N_
from payments.intents.errors import (
    AmountTooLarge,
    AmountTooSmall,
    ExpiryPast,
    KeyUnfit,
    LinesDoNotSum,
    LineUnclear,
    PayerTooLong,
    PurposeMissing,
    PurposeTooLong,
)

PREFIX: Final = "PZC"
ALPHABET: Final = "0123456789ACDEFGHJKMNPQRSTVWXYZ"  # 31 characters, a prime number of them
RANDOM_LENGTH: Final = 12
REFERENCE_LENGTH: Final = len(PREFIX) + RANDOM_LENGTH + 1
_VALUES: Final = {character: value for value, character in enumerate(ALPHABET)}
_GENERATOR: Final = 3  # its powers run through all of 1..30 modulo 31
_WEIGHTS: Final = tuple(pow(_GENERATOR, place + 1, len(ALPHABET)) for place in range(RANDOM_LENGTH))

LARGEST_AMOUNT: Final = 499_999_999  # transfers between banks stay below 500 million đồng
LONGEST_KEY: Final = 120
LONGEST_PURPOSE: Final = 120
LONGEST_PAYER: Final = 80
LONGEST_PAYER_NAME: Final = 120
LONGEST_KIND: Final = 40
LONGEST_SUBJECT: Final = 60
LONGEST_LABEL: Final = 160
LONGEST_REASON: Final = 200

# Nothing in a code can be misread: what people and machines make of these is put right.
_MISREAD: Final = str.maketrans("OILUBĐ", "011V8D")
_NOT_CODE: Final = re.compile(r"[^A-Z0-9]+")


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


def references_in(memo: str) -> list[str]:
    """Return the reference codes in a memo, in order, each once.

    Banks change case, drop or insert blanks and punctuation, glue words of their own to it and
    lose accents; people type O for 0. A code cut short, or with a wrong character, fails its
    check character and is not found.
    """
    plain = unicodedata.normalize("NFKD", memo).upper().translate(_MISREAD)
    letters = _NOT_CODE.sub("", plain)
    found: dict[str, None] = {}
    start = letters.find(PREFIX)
    while start >= 0:
        candidate = letters[start : start + REFERENCE_LENGTH]
        known = is_reference(candidate)
        if known:
            found[candidate] = None
        start = letters.find(PREFIX, start + (REFERENCE_LENGTH if known else 1))
    return list(found)


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


@dataclass(frozen=True, kw_only=True)
class Line:
    """What part of an amount is for what, in the words of whoever asks for it."""

    kind: str
    subject: str
    label: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants to be paid. `key` names the asking: the same key again is the same
    intent. Lines may be left out; given, they sum to the amount."""

    key: str
    amount: int
    purpose: str
    lines: tuple[Line, ...] = ()
    payer: str | None = None
    payer_name: str = ""
    expires_at: datetime | None = None
    settles_late: bool = True


def check(wanted: Wanted, *, now: datetime) -> None:
    """Raise the refusal of payments.intents.errors for what may not be asked for."""
    if not 0 < len(wanted.key) <= LONGEST_KEY:
        raise KeyUnfit
    if wanted.amount < 1:
        raise AmountTooSmall
    if wanted.amount > LARGEST_AMOUNT:
        raise AmountTooLarge
    if not wanted.purpose.strip():
        raise PurposeMissing
    if len(wanted.purpose) > LONGEST_PURPOSE:
        raise PurposeTooLong
    if len(wanted.payer or "") > LONGEST_PAYER or len(wanted.payer_name) > LONGEST_PAYER_NAME:
        raise PayerTooLong
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise ExpiryPast
    if not all(_is_clear(line) for line in wanted.lines):
        raise LineUnclear
    if wanted.lines and sum(line.amount for line in wanted.lines) != wanted.amount:
        raise LinesDoNotSum


def _is_clear(line: Line) -> bool:
    return (
        0 < len(line.kind) <= LONGEST_KIND
        and 0 < len(line.subject) <= LONGEST_SUBJECT
        and 0 < len(line.label) <= LONGEST_LABEL
        and line.amount >= 0
    )


def input_hash(wanted: Wanted) -> str:
    """Return what tells two askings with the same key apart.

    The expiry is not part of it: callers count it from the present, and ask again later.
    """
    facts = [
        wanted.amount,
        wanted.purpose,
        [[line.kind, line.subject, line.label, line.amount] for line in wanted.lines],
        wanted.payer,
        wanted.payer_name,
        wanted.settles_late,
    ]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()


def effective_state(state: State, expires_at: datetime | None, *, now: datetime) -> State:
    """Return the state at this moment: what has run out is expired, written down yet or not."""
    if state in PAYABLE and expires_at is not None and expires_at <= now:
        return State.EXPIRED
    return state


def may_settle(state: State, *, settles_late: bool) -> bool:
    """Say whether money that arrives now settles what is owed: while it is open, and after it
    has expired where whoever asked for it still wants it then."""
    return state in PAYABLE or (state is State.EXPIRED and settles_late)


def takes_money(state: State, *, settles_late: bool) -> bool:
    """Say whether money may be put down for it at all, if only as excess: a cancelled one, or an
    expired one that is not wanted late, takes none."""
    if state is State.EXPIRED:
        return settles_late
    return state is not State.CANCELLED


def state_for(amount: int, settled: int, excess: int) -> State:
    """Return the state that these đồng make: due, settled so far, and arrived beyond it."""
    if excess:
        return State.OVERPAID
    if settled >= amount:
        return State.PAID
    return State.PART_PAID if settled else State.OPEN
