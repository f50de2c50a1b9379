"""payOS: an HMAC over the sorted fields of `data`, inside the body.

It tells when money came, not when it told of it, so what keeps an old notice from counting again
is the bank's reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from payments.bank_feeds import feed
from payments.bank_feeds.feed import Reading, Said, Unreadable
from payments.bank_feeds.rules import Verdict
from payments.credits.rules import Direction

ACCEPTED: Final = b'{"success": true}'
_EMPTY: Final = ("null", "undefined")
_DONE: Final = "00"
# What it sends to try the line, the same for everybody.
_TRIAL: Final = ("TF230204212323", "124c33293c43417ab7879e14c8d9eb18")
# How its libraries write the lists inside: JavaScript's way, and PHP's.
_WRITINGS: Final = (feed.plainly_quoted, feed.slashes_quoted, feed.ascii_quoted)


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[str], now: datetime) -> Verdict:
    """Say whether one of the keys signed this body; see feed.Feed."""
    try:
        found = feed.parse(body)
        given, data = found.get("signature"), found.get("data")
        if not isinstance(given, str) or not given:
            return Verdict.UNSIGNED
        if not isinstance(data, dict):
            return Verdict.WRONG
        strings = {string_to_sign(data, writing).encode() for writing in _WRITINGS}
    except (ValueError, RecursionError):
        return Verdict.WRONG
    right = [one for string in strings for one in feed.signed(string, keys, "sha256")]
    return Verdict.GOOD if feed.is_one_of(given.lower(), right) else Verdict.WRONG


def string_to_sign(
    data: Mapping[str, Any], quoted: Callable[[str], str] = feed.plainly_quoted
) -> str:
    """Return name=value&… of the sorted fields, nothing encoded, what is empty left in place."""
    return "&".join(f"{name}={_value(data[name], quoted)}" for name in sorted(data))


def _value(value: Any, quoted: Callable[[str], str]) -> str:
    if value is None or value in _EMPTY:
        return ""
    return value if isinstance(value, str) else feed.compact(value, quoted)


def read(body: bytes) -> Reading:
    """Return the movement a notice tells of; none when a payment failed. Raises Unreadable."""
    data = feed.parse(body).get("data")
    if not isinstance(data, dict):
        raise Unreadable("no data")
    if data.get("code", _DONE) != _DONE:  # what stands outside `data` nobody signed
        return Reading()
    if data.get("currency", "VND") != "VND":
        raise Unreadable("not in đồng")
    reference = feed.known_id(data.get("reference"))
    day, when = feed.moment(data.get("transactionDateTime"))
    said = Said(
        account_numbers=feed.numbers(data, "accountNumber", "virtualAccountNumber"),
        # One payment link may be paid by several transfers.
        told_id=f"{reference}:{feed.words(data.get('orderCode'), 30)}",
        direction=Direction.IN,
        amount=feed.amount(data.get("amount")),
        booked_on=day,
        happened_at=when,
        memo=feed.words(data.get("description"), feed.LONGEST_MEMO),
        bank_reference=reference,
        counter_name=feed.words(data.get("counterAccountName"), 160),
        counter_account=feed.words(data.get("counterAccountNumber"), 40),
    )
    return Reading(said=(said,), test=(reference, data.get("paymentLinkId")) == _TRIAL)
