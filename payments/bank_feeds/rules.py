"""The providers that tell of money, and what may become of what they send. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Provider(StrEnum):
    SEPAY = "sepay"
    CASSO = "casso"
    PAYOS = "payos"


class FeedState(StrEnum):
    ACTIVE = "active"
    OFF = "off"


class Result(StrEnum):
    """What processing made of a message of the raw inbox."""

    TAKEN = "taken"  # its movements are known, new or not
    TEST = "test"  # the provider tried the line
    NO_ACCOUNT = "no_account"  # for an account that this organisation has not entered
    UNREADABLE = "unreadable"
    CONFLICT = "conflict"  # same bank reference, other amount


PROVIDER_NAMES: Final[dict[Provider, str]] = {
    Provider.SEPAY: "SePay",
    Provider.CASSO: "Casso",
    Provider.PAYOS: "payOS",
}
