"""Reading lines to providers and the raw inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session, aliased

from foundation.ids import ALPHABET, LENGTH
from foundation.organisations.models import Membership, Organisation, Role
from payments.bank_feeds.errors import FeedNotFound, MessageNotFound
from payments.bank_feeds.models import (
    BankFeed,
    FeedState,
    InboxMessage,
    InboxResult,
    InboxWaiting,
    Provider,
    Result,
)
from payments.bank_feeds.rules import FAILED

PER_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Line:
    """What must be known of a feed to look at a message for it: plain values."""

    id: int
    organisation_id: int
    provider: Provider
    key_encrypted: str
    old_key_encrypted: str | None
    old_key_until: datetime | None


def line(session: Session, provider: str, public_id: str) -> Line | None:
    """Return the feed at a webhook's address; None when there is none or it is switched off."""
    if len(public_id) != LENGTH or not set(public_id) <= set(ALPHABET):
        return None
    found = session.execute(_line(), {"public_id": public_id}).one_or_none()
    if found is None or found.provider.value != provider or found.state is not FeedState.ACTIVE:
        return None
    return Line(**{name: getattr(found, name) for name in Line.__dataclass_fields__})


@cache
def _line() -> Select[*tuple[Any, ...]]:
    # Built once: every webhook asks.
    return select(
        BankFeed.id,
        BankFeed.organisation_id,
        BankFeed.provider,
        BankFeed.state,
        BankFeed.key_encrypted,
        BankFeed.old_key_encrypted,
        BankFeed.old_key_until,
    ).where(BankFeed.public_id == bindparam("public_id"))


def one(session: Session, organisation_id: int, public_id: str) -> BankFeed:
    """Return a feed of this organisation. Raises FeedNotFound."""
    found = session.scalars(_one(organisation_id, public_id)).one_or_none()
    if found is None:
        raise FeedNotFound
    return found


def lock(session: Session, organisation_id: int, public_id: str) -> BankFeed:
    """Return a feed of this organisation as it is now, locked. Raises FeedNotFound."""
    found = session.scalars(
        _one(organisation_id, public_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise FeedNotFound
    return found


def _one(organisation_id: int, public_id: str) -> Select[BankFeed]:
    return select(BankFeed).where(
        BankFeed.organisation_id == organisation_id, BankFeed.public_id == public_id
    )


def owner_ids(session: Session, organisation_id: int) -> Sequence[int]:
    """Return the people who are told when something is wrong with a feed."""
    return session.scalars(
        select(Membership.person_id)
        .where(Membership.organisation_id == organisation_id, Membership.role == Role.OWNER)
        .order_by(Membership.id)
    ).all()


def organisation_public_id(session: Session, organisation_id: int) -> str:
    """Return what stands in the addresses of an organisation's pages."""
    return session.scalars(
        select(Organisation.public_id).where(Organisation.id == organisation_id)
    ).one()


@dataclass(frozen=True, kw_only=True)
class Overview:
    """A feed and how it goes. `waiting` and `failed` count messages."""

    feed: BankFeed
    heard_at: datetime | None
    waiting: int
    failed: int


def overview(session: Session, organisation_id: int) -> list[Overview]:
    """Return an organisation's feeds with how they go, those in use first."""
    feeds = session.scalars(
        select(BankFeed)
        .where(BankFeed.organisation_id == organisation_id)
        .order_by(BankFeed.state, BankFeed.id)
    ).all()
    return [overview_of(session, feed) for feed in feeds]


def overview_of(session: Session, feed: BankFeed) -> Overview:
    """Return how one feed goes."""
    heard_at = session.scalar(
        select(InboxMessage.received_at)
        .where(InboxMessage.feed_id == feed.id)
        .order_by(InboxMessage.id.desc())
        .limit(1)
    )
    waiting = session.scalar(
        select(func.count())
        .select_from(InboxWaiting)
        .join(InboxMessage, InboxMessage.id == InboxWaiting.message_id)
        .where(InboxMessage.feed_id == feed.id)
    )
    return Overview(
        feed=feed,
        heard_at=heard_at,
        waiting=waiting or 0,
        failed=session.scalar(_failed(feed.id).with_only_columns(func.count())) or 0,
    )


def _is_last() -> ColumnElement[bool]:
    later = aliased(InboxResult)
    return ~exists().where(later.message_id == InboxResult.message_id, later.id > InboxResult.id)


def _failed(feed_id: int) -> Select[int]:
    return (
        select(InboxResult.message_id)
        .join(InboxMessage, InboxMessage.id == InboxResult.message_id)
        .where(InboxMessage.feed_id == feed_id, InboxResult.result.in_(FAILED), _is_last())
    )


def failed_ids(session: Session, feed_id: int) -> Sequence[int]:
    """Return the messages of a feed that came to nothing and do not wait to be tried again."""
    waiting = exists().where(InboxWaiting.message_id == InboxResult.message_id)
    return session.scalars(_failed(feed_id).where(~waiting).order_by(InboxMessage.id)).all()


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A message of the raw inbox and what became of it; `result` is None while it waits."""

    message: InboxMessage
    result: Result | None
    detail: str
    processed_at: datetime | None
    tries: int | None


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some messages, the newest first; `older` is where the next page begins."""

    rows: list[Stored]
    older: int | None


def messages(
    session: Session, feed_id: int, *, before: int | None = None, only_failed: bool = False
) -> Page:
    """Return a page of a feed's messages: all, or those that came to nothing."""
    wanted = select(InboxMessage).where(InboxMessage.feed_id == feed_id)
    if before is not None:
        wanted = wanted.where(InboxMessage.id < before)
    if only_failed:
        wanted = wanted.where(InboxMessage.id.in_(_failed(feed_id)))
    found = session.scalars(wanted.order_by(InboxMessage.id.desc()).limit(PER_PAGE + 1)).all()
    shown = found[:PER_PAGE]
    return Page(
        rows=_with_results(session, shown), older=shown[-1].id if len(found) > PER_PAGE else None
    )


def message(session: Session, feed_id: int, message_id: int) -> Stored:
    """Return one message of a feed. Raises MessageNotFound."""
    found = session.scalars(
        select(InboxMessage).where(InboxMessage.feed_id == feed_id, InboxMessage.id == message_id)
    ).one_or_none()
    if found is None:
        raise MessageNotFound
    return _with_results(session, [found])[0]


def _with_results(session: Session, found: Sequence[InboxMessage]) -> list[Stored]:
    ids = [one.id for one in found]
    results = {
        row.message_id: row
        for row in session.scalars(
            select(InboxResult).where(InboxResult.message_id.in_(ids)).order_by(InboxResult.id)
        )
    }
    rows = session.scalars(select(InboxWaiting).where(InboxWaiting.message_id.in_(ids)))
    tries = {row.message_id: row.tries for row in rows}
    return [_stored(one, results.get(one.id), tries.get(one.id)) for one in found]


def _stored(message: InboxMessage, result: InboxResult | None, tries: int | None) -> Stored:
    if result is None or tries is not None:
        return Stored(message=message, result=None, detail="", processed_at=None, tries=tries)
    return Stored(
        message=message,
        result=result.result,
        detail=result.detail,
        processed_at=result.processed_at,
        tries=None,
    )
