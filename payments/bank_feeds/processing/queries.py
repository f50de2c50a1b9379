"""Reading what waits in the inbox, and what is needed to make sense of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from payments.bank_accounts.models import BankAccount
from payments.bank_accounts.models import State as AccountState
from payments.bank_feeds.models import BankFeed, InboxMessage, InboxWaiting, Provider
from payments.bank_feeds.rules import same_number
from payments.credits.models import Direction, ToldMovement
from payments.credits.rules import Telling

# What a source says again under a name it has used: kind of source, account, name.
Name = tuple[str, int, str]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A message taken up, as plain values."""

    id: int
    tries: int
    feed_id: int
    organisation_id: int
    provider: Provider
    body: bytes


def any_due(session: Session, *, now: datetime) -> bool:
    """Say whether a message waits to be processed now."""
    return session.scalar(_due(now).limit(1)) is not None


def _due(now: datetime) -> Select[int]:
    return select(InboxWaiting.message_id).where(InboxWaiting.next_try_at <= now)


def take(session: Session, *, now: datetime, limit: int, only: int | None = None) -> list[Waiting]:
    """Take due messages up, the oldest first, locked until the transaction ends; what another
    worker has taken is passed over. `only` takes that one, if it is still there."""
    statement = (
        select(
            InboxMessage.id,
            InboxWaiting.tries,
            InboxMessage.feed_id,
            BankFeed.organisation_id,
            BankFeed.provider,
            InboxMessage.body,
        )
        .join(InboxMessage, InboxMessage.id == InboxWaiting.message_id)
        .join(BankFeed, BankFeed.id == InboxMessage.feed_id)
        .where(InboxWaiting.next_try_at <= now)
        .order_by(InboxWaiting.message_id)
        .limit(limit)
        .with_for_update(of=InboxWaiting, skip_locked=True)
    )
    if only is not None:
        statement = statement.where(InboxWaiting.message_id == only)
    return [
        Waiting(
            id=row.id,
            tries=row.tries,
            feed_id=row.feed_id,
            organisation_id=row.organisation_id,
            provider=row.provider,
            body=row.body,
        )
        for row in session.execute(statement)
    ]


def accounts(session: Session, organisation_ids: Collection[int]) -> dict[tuple[int, str], int]:
    """Return the accounts of these organisations by (organisation, bare number). Money is taken
    in for closed ones, too; of two with one number the active one counts."""
    rows = session.execute(
        select(BankAccount.organisation_id, BankAccount.number, BankAccount.id)
        .where(
            BankAccount.organisation_id.in_(organisation_ids),
            BankAccount.state.in_((AccountState.ACTIVE, AccountState.CLOSED)),
        )
        .order_by(BankAccount.state.desc(), BankAccount.id)  # closed before active
    )
    return {(org, same_number(number)): account_id for org, number, account_id in rows}


def told(session: Session, tellings: Sequence[Telling]) -> dict[Name, tuple[Direction, int]]:
    """Return what these tellings said when they were told for the first time."""
    if not tellings:
        return {}
    rows = session.execute(
        select(
            ToldMovement.source_kind,
            ToldMovement.bank_account_id,
            ToldMovement.told_id,
            ToldMovement.direction,
            ToldMovement.amount,
        ).where(
            tuple_(
                ToldMovement.bank_account_id, ToldMovement.source_kind, ToldMovement.told_id
            ).in_([(one.bank_account_id, one.kind, one.told_id) for one in tellings])
        )
    )
    return {(kind, account, name): (way, amount) for kind, account, name, way, amount in rows}
