"""Asking providers for what their notices missed.

What a list says goes into the raw inbox and is processed like any notice: a transaction has the
same name in both, so one that was told of is not told of twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation import clock, crypto, http
from foundation.http import CannotReach
from payments.bank_feeds import service as feeds
from payments.bank_feeds.feed import Unreadable
from payments.bank_feeds.models import BankFeed, FeedState
from payments.bank_feeds.polling import rules
from payments.bank_feeds.polling.rules import Wish

SOURCE: Final = "poll"
PATH: Final = "/userapi/transactions/list"
_STYLE: Final = "%Y-%m-%d %H:%M:%S"


class Lister(Protocol):
    """A provider's list of transactions."""

    def page(self, wish: Wish) -> bytes:
        """Return one page as it came. Raises CannotReach."""


class SepayLister:
    """SePay's list, at `base_url`, with an API token."""

    def __init__(self, base_url: str, token: str) -> None:
        self.url = base_url.rstrip("/") + PATH
        self.token = token

    def page(self, wish: Wish) -> bytes:
        """Return one page as it came. Raises CannotReach."""
        params = {"limit": str(rules.PAGE)}
        if wish.since is not None:
            params["since_id"] = str(wish.since)
        if wish.earliest:
            params["transaction_date_min"] = wish.earliest
        if wish.latest:
            params["transaction_date_max"] = wish.latest
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return http.get(self.url, headers=headers, params=params).body


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A feed to be asked about: plain values, as no transaction is open meanwhile."""

    feed_id: int
    token: str
    polled_until: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a list said: pages with something new, and the newest id; `error` when it broke off,
    `refused` when the key is not accepted any more."""

    pages: tuple[bytes, ...] = ()
    until: str = ""
    error: str = ""
    refused: bool = False


def to_ask(session: Session, *, data_key: str) -> list[Asked]:
    """Return the feeds in use whose provider can be asked."""
    found = session.scalars(
        select(BankFeed)
        .where(BankFeed.state == FeedState.ACTIVE, BankFeed.poll_key_encrypted.is_not(None))
        .order_by(BankFeed.id)
    )
    return [
        Asked(
            feed_id=feed.id,
            token=crypto.decrypt(feed.poll_key_encrypted or "", data_key),
            polled_until=feed.polled_until,
        )
        for feed in found
    ]


def ask(asked: Asked, make_lister: Callable[[str], Lister], *, now: datetime) -> Found:
    """Go through a list from where it was left, outside any transaction. Never raises for what
    the other side does."""
    known = int(asked.polled_until) if asked.polled_until.isdecimal() else None
    earliest = "" if known is not None else f"{clock.local(now - rules.FIRST_LOOK_BACK):{_STYLE}}"
    wish: Wish | None = Wish(since=known, earliest=earliest)
    lister = make_lister(asked.token)
    pages: list[bytes] = []
    seen = {known} if known is not None else set[int]()
    try:
        for _ in range(rules.MOST_PAGES):
            if wish is None:
                break
            body = lister.page(wish)
            page = rules.rows(body)
            following = rules.next_wish(wish, page, seen=seen)
            if any(row.id not in seen for row in page):
                pages.append(body)
            seen.update(row.id for row in page)
            wish = following
    except CannotReach as error:
        return Found(pages=tuple(pages), error=str(error), refused=error.status in (401, 403))
    except Unreadable as error:
        return Found(pages=tuple(pages), error=f"unreadable: {error}")
    # A list that was cut off begins at the same place next time.
    until = str(max(seen)) if seen and wish is None else asked.polled_until
    return Found(pages=tuple(pages), until=until)


def note(session: Session, feed_id: int, found: Found, *, now: datetime) -> None:
    """Put what a list said into the inbox and remember how far it was read; tell the owners when
    the key is refused."""
    feed = session.scalars(
        select(BankFeed)
        .where(BankFeed.id == feed_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    for body in found.pages:
        feeds.put_in(session, feed.id, body, headers={}, source=SOURCE, now=now)
    feed.polled_until = found.until or feed.polled_until
    feed.polled_at = now
    feed.poll_error = found.error[:80]
    if found.refused:
        feeds.tell_owners_today(session, feed, "bank_feed.not_answering", now=now)
