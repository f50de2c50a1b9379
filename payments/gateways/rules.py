"""What gateways are told and tell, and which way a card payment may go. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class ChargeState(StrEnum):
    CREATED = "created"  # our key is stored, the provider may or may not know it
    PENDING = "pending"  # with the provider; the payer has not finished
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # the last try was declined; the payer may try another card
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  # the provider did not answer: it has to be asked


NEXT_STATES: Final[dict[ChargeState, frozenset[ChargeState]]] = {
    ChargeState.CREATED: frozenset(ChargeState) - {ChargeState.CREATED},
    ChargeState.PENDING: frozenset(
        {ChargeState.SUCCEEDED, ChargeState.FAILED, ChargeState.CANCELLED, ChargeState.UNKNOWN}
    ),
    ChargeState.UNKNOWN: frozenset(
        {ChargeState.PENDING, ChargeState.SUCCEEDED, ChargeState.FAILED, ChargeState.CANCELLED}
    ),
    ChargeState.FAILED: frozenset(
        {ChargeState.PENDING, ChargeState.SUCCEEDED, ChargeState.CANCELLED, ChargeState.UNKNOWN}
    ),
    # Whatever we believed: money that did arrive is never refused.
    ChargeState.CANCELLED: frozenset({ChargeState.SUCCEEDED}),
}
OPEN: Final = frozenset(
    {ChargeState.CREATED, ChargeState.PENDING, ChargeState.FAILED, ChargeState.UNKNOWN}
)
# Written out in the unique index that lets one payment at a time be open.
OPEN_SQL: Final = "state IN ('created', 'pending', 'failed', 'unknown')"

# A payer types a card in a few minutes; whoever left is asked about less and less often.
FIRST_ASK: Final = timedelta(seconds=20)
LONGEST_WAIT: Final = timedelta(hours=6)
# A page left open for so long is closed, so that nobody pays a forgotten one days later.
OPEN_FOR: Final = timedelta(hours=24)


class Capability(StrEnum):
    """What a gateway can do. The pages and services ask for these, never for a provider."""

    OWN_FORM = "own_form"  # the payer agrees on our page, then `confirm` takes the money
    SCRIPT = "script"  # the provider's script in the page takes the card
    REDIRECT = "redirect"  # the payer goes to the provider's page and comes back
    NOTICES = "notices"  # the provider tells us by itself
    REFUNDS = "refunds"
    PART_REFUNDS = "part_refunds"


class About(StrEnum):
    """What a notice is about."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Script:
    """The provider's script that takes the card in our page, and ours that starts it.

    `sources` is what the page's content policy must let in besides our own, by directive.
    """

    url: str
    ours: str
    key: str
    sources: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A payment as a gateway is told of it. `key` is ours, stored before anything is sent, and
    the same each time; `provider_id` is empty until the provider has answered once."""

    key: str
    charge: str
    amount: int
    reference: str
    provider_id: str = ""
    agreed: bool = False
    return_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """How a payment stands at the provider at this moment. `client_secret` lets the provider's
    script go on with it, `redirect_url` is where the payer goes; neither is stored."""

    provider_id: str
    state: ChargeState
    received: int = 0
    refunded: int = 0
    disputed: bool = False
    failure: str = ""
    client_secret: str = ""
    redirect_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What a provider told us, signature checked. `charge` is our own public id where the
    provider sends it back, for when we never heard the provider's."""

    event_id: str
    kind: str
    about: About
    provider_id: str = ""
    charge: str = ""


class RefundState(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Refunded:
    """How a refund stands at the provider."""

    provider_id: str
    state: RefundState
    amount: int
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to pay besides VietQR, as the payment page lists it."""

    code: str
    name: str
    url: str


def next_ask(asks: int, *, now: datetime) -> datetime:
    """Return when an open payment is asked about again, after so many times."""
    return now + min(FIRST_ASK * (1 << min(asks, 16)), LONGEST_WAIT)


def policy(script: Script | None) -> str:
    """Return the content policy of a page on which this script runs."""
    more = script.sources if script else {}
    ours = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'none'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "worker-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    names = dict.fromkeys([*ours, *more])
    return "; ".join(
        f"{name} " + " ".join(part for part in (ours.get(name), more.get(name)) if part)
        for name in names
    )
