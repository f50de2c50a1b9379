"""Casso: a token in a header (version 1), or an HMAC over the sorted content (version 2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from payments.bank_feeds import feed
from payments.bank_feeds.feed import Reading, Said, Unreadable
from payments.bank_feeds.rules import Verdict
from payments.credits.rules import Direction

ACCEPTED: Final = b'{"success": true}'
_SIGNATURE: Final = re.compile(r"t=(\d{1,20})\s*,\s*v1=([0-9a-fA-F]{128})", re.ASCII)
# Its own samples write the content that is signed in different ways; which, no header says.
_WRITINGS: Final = (
    feed.plainly_quoted,
    feed.ascii_quoted,
    feed.ascii_slashes_quoted,
    feed.slashes_quoted,
)


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[str], now: datetime) -> Verdict:
    """Say whether one of the keys signed this body; see feed.Feed. The moment is part of what is
    signed, but Casso names no time after which it should count no more."""
    given = feed.header(headers, "X-Casso-Signature")
    if given:
        return _check_signature(given, body, keys)
    token = feed.header(headers, "secure-token")
    if not token:
        return Verdict.UNSIGNED
    return Verdict.GOOD if feed.is_one_of(token, keys) else Verdict.WRONG


def _check_signature(given: str, body: bytes, keys: Sequence[str]) -> Verdict:
    parts = _SIGNATURE.fullmatch(given)
    if parts is None:
        return Verdict.WRONG
    try:
        found = feed.parse(body)
        strings = {f"{parts[1]}.{feed.compact(found, writing)}".encode() for writing in _WRITINGS}
    except (ValueError, RecursionError):
        return Verdict.WRONG
    right = [one for string in strings for one in feed.signed(string, keys, "sha512")]
    return Verdict.GOOD if feed.is_one_of(parts[2].lower(), right) else Verdict.WRONG


def read(body: bytes) -> Reading:
    """Return what a notice says: a list of movements (version 1) or one (version 2). Raises
    Unreadable."""
    data = feed.parse(body).get("data")
    return feed.each(data if isinstance(data, list) else [data], _said)


def _said(entry: Mapping[str, Any]) -> Said | None:
    told_id = feed.known_id(entry.get("id"))
    if told_id == "0":  # each test is sent with it: no movement, and no name for one
        return None
    day, when = feed.moment(entry.get("transactionDateTime") or entry.get("when"))
    value = entry.get("amount")
    if not isinstance(value, str):
        raise Unreadable("no amount")
    # What left the account stands with a minus sign.
    outgoing = value.startswith("-")
    return Said(
        account_numbers=feed.numbers(
            entry, "accountNumber", "virtualAccountNumber", "subAccId", "bank_sub_acc_id"
        ),
        told_id=told_id,
        direction=Direction.OUT if outgoing else Direction.IN,
        amount=feed.amount(type(value)(value.removeprefix("-"))),
        booked_on=day,
        happened_at=when,
        memo=feed.words(entry.get("description"), feed.LONGEST_MEMO),
        bank_reference=feed.words(entry.get("reference") or entry.get("tid"), 80),
        counter_name=feed.words(
            entry.get("counterAccountName") or entry.get("corresponsiveName"), 160
        ),
        counter_account=feed.words(
            entry.get("counterAccountNumber") or entry.get("corresponsiveAccount"), 40
        ),
    )
