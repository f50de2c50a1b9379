"""The providers that tell of money, and what may become of what they send. Pure."""

from __future__ import annotations

import json
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from foundation.errors import N_
from payments.bank_accounts.rules import masked


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


_ACCOUNT_NAMES: Final = frozenset(
    {
        *("accountnumber", "account_number", "subaccount", "sub_account", "subaccid"),
        *("bank_sub_acc_id", "virtualaccountnumber", "counteraccountnumber"),
        "corresponsiveaccount",
    }
)
_LONGEST_SHOWN: Final = 20_000


def shown_body(body: bytes) -> str:
    """Return a body as people read it: JSON on several lines, account numbers masked; what is not
    JSON as it is, as far as it is text."""
    try:
        found = json.loads(body, parse_float=str)
        shown = json.dumps(_masked(found), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        shown = body[:_LONGEST_SHOWN].decode("utf-8", "replace")
    plain = shown[:_LONGEST_SHOWN].replace("\0", "\ufffd")
    return plain.encode("utf-8", "replace").decode()


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _masked(item, key.lower()) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, name) for item in value]
    if name in _ACCOUNT_NAMES and isinstance(value, str | int) and value:
        return masked(str(value))
    return value
