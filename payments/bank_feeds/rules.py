"""The providers that tell of money, and what may become of what they send. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from foundation.errors import N_


class Provider(StrEnum):
    SEPAY = "sepay"
    CASSO = "casso"
    PAYOS = "payos"


class FeedState(StrEnum):
    ACTIVE = "active"
    OFF = "off"


NEXT_STATES: Final[dict[FeedState, frozenset[FeedState]]] = {
    FeedState.ACTIVE: frozenset({FeedState.OFF}),
    FeedState.OFF: frozenset({FeedState.ACTIVE}),
}


class Verdict(StrEnum):
    """What a look at a signature says. All but the first are answered alike."""

    GOOD = "good"
    UNSIGNED = "unsigned"
    WRONG = "wrong"
    STALE = "stale"  # rightly signed, but at a moment too far from ours: replayed, or a wrong clock


class Result(StrEnum):
    """What processing made of a message of the raw inbox."""

    TAKEN = "taken"  # its movements are known, new or not
    NOTHING = "nothing"  # it tells of no money: a payment that failed, an empty list
    TEST = "test"  # the provider tried the line
    NO_ACCOUNT = "no_account"  # for an account that this organisation has not entered
    UNREADABLE = "unreadable"
    CONFLICT = "conflict"  # told before with another amount


FAILED: Final = frozenset({Result.NO_ACCOUNT, Result.UNREADABLE, Result.CONFLICT})
PROVIDER_NAMES: Final[dict[Provider, str]] = {
    Provider.SEPAY: "SePay",
    Provider.CASSO: "Casso",
    Provider.PAYOS: "payOS",
}
RESULT_NAMES: Final[dict[Result, str]] = {
    Result.TAKEN: N_("Đã ghi nhận"),
    Result.NOTHING: N_("Không có giao dịch"),
    Result.TEST: N_("Tin thử"),
    Result.NO_ACCOUNT: N_("Tài khoản chưa khai báo"),
    Result.UNREADABLE: N_("Không đọc được"),
    Result.CONFLICT: N_("Trùng mã, khác số tiền"),
}

SHORTEST_KEY: Final = 8
LONGEST_KEY: Final = 200
# Both keys count for so long after a change, unless another day is chosen.
BOTH_KEYS_FOR: Final = timedelta(days=3)
LARGEST_BODY: Final = 64 * 1024
MOST_TRIES: Final = 10
_FIRST_WAIT: Final = timedelta(seconds=2)
_LONGEST_WAIT: Final = timedelta(minutes=30)


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after a message could not be processed so many times."""
    return min(_FIRST_WAIT * (1 << min(tries, 16)), _LONGEST_WAIT)


def is_key(key: str) -> bool:
    """Say whether a text can be a key: printable ASCII without blanks, of a sensible length."""
    plain = key.isascii() and key.isprintable() and " " not in key
    return plain and SHORTEST_KEY <= len(key) <= LONGEST_KEY


def same_number(number: str) -> str:
    """Return the form in which account numbers are compared: letters and digits alone."""
    return "".join(sign for sign in number if sign.isalnum()).upper()
