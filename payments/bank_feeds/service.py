"""Setting up lines to providers, and what their owners are told."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import cast

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from foundation import clock, crypto
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.notifications import service as notifications
from payments.bank_feeds import queries, rules
from payments.bank_feeds.errors import CannotAsk, FeedOff, SameKey, UnfitKey
from payments.bank_feeds.models import BankFeed, FeedState, InboxMessage, InboxWaiting, Provider
from payments.bank_feeds.queries import Line

ASKABLE = frozenset({Provider.SEPAY})
SOURCE_OF_TRIALS = "trial"
_TRIALS = {
    Provider.SEPAY: b'{"id": 0}',
    Provider.CASSO: b'{"error": 0, "data": {"id": 0}}',
    Provider.PAYOS: b'{"data": {"reference": "TF230204212323", "orderCode": 123, "amount": 3000, '
    b'"accountNumber": "-", "transactionDateTime": "2023-02-04 18:25:00", '
    b'"paymentLinkId": "124c33293c43417ab7879e14c8d9eb18"}}',
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A line to be set up. An empty `key` has one made; `poll_key` is for asking the provider's
    list and may be empty."""

    provider: Provider
    key: str
    label: str = ""
    poll_key: str = ""


def add(
    session: Session,
    organisation_id: int,
    wanted: Wanted,
    *,
    data_key: str,
    actor: Actor,
    now: datetime,
) -> tuple[BankFeed, str]:
    """Set a line up and tell the owners. Returns it with its key, to be shown once.

    Raises UnfitKey, CannotAsk.
    """
    key = wanted.key or secrets.token_urlsafe(32)
    _check(key)
    feed = BankFeed(
        organisation_id=organisation_id,
        provider=wanted.provider,
        label=wanted.label,
        key_encrypted=crypto.encrypt(key, data_key),
        state=FeedState.ACTIVE,
        created_at=now,
    )
    session.add(feed)
    _keep_poll_key(feed, wanted.poll_key, data_key)
    audit.record(
        session, "bank_feeds.added", feed, actor=actor, now=now, provider=wanted.provider.value
    )
    tell_owners(session, feed, "bank_feed.changed", occasion=f"added:{feed.id}", now=now)
    return feed, key


def rotate(
    session: Session,
    organisation_id: int,
    public_id: str,
    key: str,
    *,
    both_for: timedelta = rules.BOTH_KEYS_FOR,
    data_key: str,
    actor: Actor,
    now: datetime,
) -> tuple[BankFeed, str]:
    """Change a feed's key; the old one counts as well for the time given, so that nothing is
    missed while the provider is told. Returns the feed with its new key.

    Raises FeedNotFound, UnfitKey, SameKey.
    """
    feed = queries.lock(session, organisation_id, public_id)
    key = key or secrets.token_urlsafe(32)
    _check(key)
    if crypto.same(key, opened(feed.key_encrypted, data_key)):
        raise SameKey
    feed.old_key_encrypted, feed.key_encrypted = (
        feed.key_encrypted,
        crypto.encrypt(key, data_key),
    )
    feed.old_key_until = now + both_for
    audit.record(
        session,
        "bank_feeds.key_changed",
        feed,
        actor=actor,
        now=now,
        both_until=feed.old_key_until.isoformat(),
    )
    occasion = f"key:{feed.id}:{now.timestamp():.0f}"
    tell_owners(session, feed, "bank_feed.changed", occasion=occasion, now=now)
    return feed, key


def reveal(
    session: Session,
    organisation_id: int,
    public_id: str,
    *,
    data_key: str,
    actor: Actor,
    now: datetime,
) -> tuple[BankFeed, str]:
    """Return a feed and its present key, and write down who saw it. Raises FeedNotFound."""
    feed = queries.one(session, organisation_id, public_id)
    audit.record(session, "bank_feeds.key_shown", feed, actor=actor, now=now)
    return feed, opened(feed.key_encrypted, data_key)


def drop_old_key(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Let the old key count no more, before its time. Raises FeedNotFound."""
    feed = queries.lock(session, organisation_id, public_id)
    feed.old_key_encrypted = feed.old_key_until = None
    audit.record(session, "bank_feeds.old_key_dropped", feed, actor=actor, now=now)


def change_poll_key(
    session: Session,
    organisation_id: int,
    public_id: str,
    poll_key: str,
    *,
    data_key: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep the key for asking the provider's list; "" stops asking.

    Raises FeedNotFound, CannotAsk, UnfitKey.
    """
    feed = queries.lock(session, organisation_id, public_id)
    _keep_poll_key(feed, poll_key, data_key)
    audit.record(
        session, "bank_feeds.poll_key_changed", feed, actor=actor, now=now, asks=bool(poll_key)
    )


def switch(
    session: Session,
    organisation_id: int,
    public_id: str,
    wanted: FeedState,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Switch a feed on or off and tell the owners. Raises FeedNotFound, CannotMove."""
    feed = queries.lock(session, organisation_id, public_id)
    audit.move(session, feed, wanted, next_states=rules.NEXT_STATES, actor=actor, now=now)
    occasion = f"{wanted.value}:{feed.id}:{now.timestamp():.0f}"
    tell_owners(session, feed, "bank_feed.changed", occasion=occasion, now=now)


def send_trial(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> int:
    """Put a test message into the inbox as if the provider had sent it, to see that processing
    runs. Returns the message's id. Raises FeedNotFound, FeedOff."""
    feed = queries.one(session, organisation_id, public_id)
    if feed.state is not FeedState.ACTIVE:
        raise FeedOff
    audit.record(session, "bank_feeds.tried", feed, actor=actor, now=now)
    body = _TRIALS[feed.provider]
    return put_in(session, feed.id, body, headers={}, source=SOURCE_OF_TRIALS, now=now)


def reprocess(
    session: Session,
    organisation_id: int,
    public_id: str,
    message_id: int | None,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Have a message processed again, or (None) all of the feed's that came to nothing. Returns
    how many. What is known already stays as it is.

    Raises FeedNotFound, MessageNotFound.
    """
    feed = queries.lock(session, organisation_id, public_id)
    if message_id is None:
        wanted = list(queries.failed_ids(session, feed.id))
    else:
        found = queries.message(session, feed.id, message_id)
        wanted = [message_id] if found.tries is None else []
    if wanted:
        session.execute(
            insert(InboxWaiting),
            [{"message_id": one, "tries": 0, "next_try_at": now} for one in wanted],
        )
        audit.record(
            session, "bank_feeds.reprocessed", feed, actor=actor, now=now, messages=wanted[:50]
        )
    return len(wanted)


def put_in(
    session: Session,
    feed_id: int,
    body: bytes,
    *,
    headers: dict[str, str],
    source: str,
    now: datetime,
) -> int:
    """Store a message as it came, to be processed. Returns its id."""
    message = {
        "feed_id": feed_id,
        "received_at": now,
        "source": source[:60],
        "headers": headers,
        "body": body,
        "tries": 0,
        "next_try_at": now,
    }
    if session.get_bind().dialect.name == "postgresql":
        return int(session.execute(_both(), message).scalar_one())
    message_id = int(session.execute(_first(), message).scalar_one())
    session.execute(insert(InboxWaiting), {"message_id": message_id, "next_try_at": now})
    return message_id


@cache
def _first() -> ReturningInsert[int]:
    made = cast("Table", InboxMessage.__table__)
    columns = ("feed_id", "received_at", "source", "headers", "body")
    values = {name: bindparam(name, type_=made.c[name].type) for name in columns}
    return insert(made).values(values).returning(made.c.id)


@cache
def _both() -> ReturningInsert[int]:
    """Insert the message and its place among those that wait in one statement: how fast webhooks
    are answered depends on how often the database is asked."""
    waits = cast("Table", InboxWaiting.__table__)
    made = _first().cte("made")
    row = select(
        made.c.id,
        bindparam("tries", type_=waits.c.tries.type),
        bindparam("next_try_at", type_=waits.c.next_try_at.type),
    )
    return (
        insert(waits)
        .from_select(["message_id", "tries", "next_try_at"], row)
        .returning(waits.c.message_id)
    )


def keys_of(line: Line, *, data_key: str, now: datetime) -> list[str]:
    """Return the keys that count at this moment, the present one first."""
    keys = [opened(line.key_encrypted, data_key)]
    if line.old_key_encrypted and line.old_key_until and now < line.old_key_until:
        keys.append(opened(line.old_key_encrypted, data_key))
    return keys


@lru_cache(maxsize=4096)
def opened(encrypted: str, data_key: str) -> str:
    """Return a decrypted key. Kept in memory: decrypting costs as much as the rest of the look at
    a message. Raises CannotDecrypt."""
    return crypto.decrypt(encrypted, data_key)


def tell_owners(
    session: Session, feed: BankFeed, kind: str, *, occasion: str, now: datetime
) -> None:
    """Tell the organisation's owners, once for each occasion, about one of its feeds."""
    session.flush()
    owners = queries.owner_ids(session, feed.organisation_id)
    org = queries.organisation_public_id(session, feed.organisation_id) if owners else ""
    for person_id in owners:
        notifications.tell(
            session,
            person_id,
            kind,
            once_key=f"{kind}:{occasion}",
            facts={"feed": feed_name(feed), "at": now},
            url=f"/money/{org}/feeds/{feed.public_id}",
            now=now,
        )


def tell_owners_today(session: Session, feed: BankFeed, kind: str, *, now: datetime) -> None:
    """Tell the owners at most once a day that something is wrong with a feed."""
    tell_owners(session, feed, kind, occasion=f"{feed.id}:{clock.day(now)}", now=now)


def feed_name(feed: BankFeed) -> str:
    """Return what a feed is called: its provider, and its label where it has one."""
    name = rules.PROVIDER_NAMES[feed.provider]
    return f"{name} ({feed.label})" if feed.label else name


def _check(key: str) -> None:
    if not rules.is_key(key):
        raise UnfitKey


def _keep_poll_key(feed: BankFeed, poll_key: str, data_key: str) -> None:
    if poll_key and feed.provider not in ASKABLE:
        raise CannotAsk
    if poll_key:
        _check(poll_key)
    feed.poll_key_encrypted = crypto.encrypt(poll_key, data_key) if poll_key else None
    feed.poll_error = ""
