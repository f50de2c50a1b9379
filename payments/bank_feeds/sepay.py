"""SePay: an API key in a header, or an HMAC over the moment and the raw body.

Its notices stop after eight tries in about half an hour, so its list of transactions is asked as
well; `read` understands an answer of that list, too, and gives a transaction the same name.
"""

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
DRIFT: Final = 300  # seconds
_SECONDS: Final = re.compile(r"\d{1,12}", re.ASCII)


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[str], now: datetime) -> Verdict:
    """Say whether one of the keys signed this body; see feed.Feed."""
    given = feed.header(headers, "X-SePay-Signature")
    if given:
        return _check_signature(given, feed.header(headers, "X-SePay-Timestamp"), body, keys, now)
    words = feed.header(headers, "Authorization").split()
    if not words:
        return Verdict.UNSIGNED
    if words[0].lower() == "bearer":  # so in the example of its own package
        words = words[1:]
    right = len(words) == 2 and words[0].lower() == "apikey" and feed.is_one_of(words[1], keys)
    return Verdict.GOOD if right else Verdict.WRONG


def _check_signature(
    given: str, timestamp: str, body: bytes, keys: Sequence[str], now: datetime
) -> Verdict:
    if not _SECONDS.fullmatch(timestamp):
        return Verdict.WRONG
    right = feed.signed(timestamp.encode() + b"." + body, keys, "sha256")
    if not feed.is_one_of(given.lower().removeprefix("sha256="), right):
        return Verdict.WRONG
    drift = abs(int(now.timestamp()) - int(timestamp))
    return Verdict.GOOD if drift <= DRIFT else Verdict.STALE


def read(body: bytes) -> Reading:
    """Return what a notice, or a page of the list of transactions, says. Raises Unreadable."""
    found = feed.parse(body)
    if "transactions" in found:
        return feed.each(found["transactions"], _listed)
    said = _notice(found)
    return Reading(said=(said,)) if said else Reading(test=True)


def _notice(entry: Mapping[str, Any]) -> Said | None:
    told_id = feed.known_id(entry.get("id"))
    if told_id == "0":
        return None
    kind = entry.get("transferType")
    if kind not in ("in", "out"):
        raise Unreadable("neither in nor out")
    return _said(
        entry,
        told_id,
        Direction(kind),
        entry.get("transferAmount"),
        {
            "day": "transactionDate",
            "number": "accountNumber",
            "virtual": "subAccount",
            "memo": "content",
            "reference": "referenceCode",
        },
    )


def _listed(entry: Mapping[str, Any]) -> Said:
    sides = [
        (direction, entry.get(name))
        for direction, name in ((Direction.IN, "amount_in"), (Direction.OUT, "amount_out"))
        if not _nothing(entry.get(name))
    ]
    if len(sides) != 1:
        raise Unreadable("neither in nor out")
    return _said(
        entry,
        feed.known_id(entry.get("id")),
        *sides[0],
        {
            "day": "transaction_date",
            "number": "account_number",
            "virtual": "sub_account",
            "memo": "transaction_content",
            "reference": "reference_number",
        },
    )


def _nothing(value: object) -> bool:
    return value is None or value in ("", "0", "0.0", "0.00")


def _said(
    entry: Mapping[str, Any],
    told_id: str,
    direction: Direction,
    value: object,
    names: Mapping[str, str],
) -> Said:
    day, when = feed.moment(entry.get(names["day"]))
    return Said(
        account_numbers=feed.numbers(entry, names["number"], names["virtual"]),
        told_id=told_id,
        direction=direction,
        amount=feed.amount(value),
        booked_on=day,
        happened_at=when,
        memo=feed.words(entry.get(names["memo"]), feed.LONGEST_MEMO),
        bank_reference=feed.words(entry.get(names["reference"]), 80),
    )
