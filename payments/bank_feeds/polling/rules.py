"""Reading pages of a list of transactions: what is new, and where to go on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from payments.bank_feeds import feed
from payments.bank_feeds.feed import Unreadable

# A list that was never asked is asked this far back: longer than notices are ever late.
FIRST_LOOK_BACK: Final = timedelta(days=7)
PAGE: Final = 500
MOST_PAGES: Final = 20


@dataclass(frozen=True, kw_only=True)
class Row:
    """What of a listed transaction is needed to find the next page."""

    id: int
    moment: str


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which part of the list is wanted: from an id or a moment on, up to a moment."""

    since: int | None = None
    earliest: str = ""
    latest: str = ""


def rows(body: bytes) -> list[Row]:
    """Return the rows of a page of SePay's list. Raises Unreadable when it is none."""
    entries = feed.parse(body).get("transactions")
    if not isinstance(entries, list):
        raise Unreadable("no list of transactions")
    return [_row(entry) for entry in entries]


def _row(entry: Any) -> Row:
    told_id = feed.words(entry.get("id"), 20) if isinstance(entry, dict) else ""
    if not (told_id.isascii() and told_id.isdecimal()):
        raise Unreadable("a transaction without an id")
    return Row(id=int(told_id), moment=feed.words(entry.get("transaction_date"), 40))


def next_wish(wish: Wish, page: list[Row], *, seen: set[int]) -> Wish | None:
    """Return what to ask for after a page; None when the list is at its end.

    The list does not say in which order it comes. Where a full page runs from new to old, older
    ones may have been cut off; else newer ones.
    """
    if len(page) < PAGE or all(row.id in seen for row in page):
        return None
    if page[0].id > page[-1].id:
        return Wish(since=wish.since, earliest=wish.earliest, latest=page[-1].moment)
    return Wish(since=max(row.id for row in page), latest=wish.latest)
