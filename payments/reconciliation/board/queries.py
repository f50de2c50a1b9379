"""Reading the board: totals, and lists that stay fast however much has been heard of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from foundation import clock
from foundation.db import escape_like
from payments.bank_accounts.models import BankAccount
from payments.credits.models import Direction, Movement, Outcome, State
from payments.intents.models import Intent
from payments.intents.rules import PAYABLE
from payments.reconciliation.board import rules
from payments.reconciliation.board.rules import Column, Cursor, Filters, Sort

PAGE = 30
# Money that matching has not looked at yet is a matter of seconds, not one for a person.
ASKS_FOR_A_PERSON = Movement.outcome != Outcome.NEW


@dataclass(frozen=True, kw_only=True)
class Total:
    count: int = 0
    amount: int = 0


@dataclass(frozen=True, kw_only=True)
class Figures:
    """One day's money in: all of it, and what needed nobody."""

    arrived: Total
    matched: Total


@dataclass(frozen=True, kw_only=True)
class Movements:
    rows: Sequence[Movement]
    following: Cursor | None


@dataclass(frozen=True, kw_only=True)
class Intents:
    rows: Sequence[Intent]
    following: Cursor | None


def figures(session: Session, organisation_id: int, today: date) -> Figures:
    """Return what arrived on a day."""
    rows = session.execute(
        select(Movement.state, func.count(), func.sum(Movement.amount))
        .where(
            Movement.organisation_id == organisation_id,
            Movement.booked_on == today,
            Movement.direction == Direction.IN,
        )
        .group_by(Movement.state)
    ).all()
    by_state = {state: Total(count=count, amount=int(amount)) for state, count, amount in rows}
    return Figures(
        arrived=Total(
            count=sum(total.count for total in by_state.values()),
            amount=sum(total.amount for total in by_state.values()),
        ),
        matched=by_state.get(State.MATCHED, Total()),
    )


def totals(
    session: Session, organisation_id: int, filters: Filters, *, now: datetime
) -> Mapping[Column, Total]:
    """Return how much stands in each column under these filters."""
    found = dict.fromkeys(Column, Total())
    for column in rules.STATES:
        left = column in (Column.WAITING, Column.OUT)
        amount = Movement.amount - Movement.allocated - Movement.frozen if left else Movement.amount
        rows = _movements(select(func.count(), func.sum(amount)), organisation_id, column, filters)
        found[column] = _total(session, rows.where(*_since(column, filters, now)))
    owed: Any = select(func.count(), func.sum(Intent.amount - Intent.settled))
    found[Column.AWAITED] = _total(session, _intents(owed, organisation_id, filters, now))
    return found


def movements(
    session: Session,
    organisation_id: int,
    column: Column,
    filters: Filters,
    *,
    after: Cursor | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Movements:
    """Return a page of a column of movements, each with its bank account."""
    rows = _movements(select(Movement), organisation_id, column, filters)
    rows = rows.where(*_since(column, filters, now)).options(joinedload(Movement.bank_account))
    rows = _paged(rows, Movement.amount, Movement.id, filters.sort, after)
    found = session.scalars(rows.limit(limit + 1)).all()
    return Movements(rows=found[:limit], following=_following(found, limit))


def intents(
    session: Session,
    organisation_id: int,
    filters: Filters,
    *,
    after: Cursor | None = None,
    limit: int = PAGE,
    now: datetime,
) -> Intents:
    """Return a page of what is owed and not paid."""
    rows = _intents(select(Intent), organisation_id, filters, now)
    rows = _paged(rows, Intent.amount, Intent.id, filters.sort, after)
    found = session.scalars(rows.limit(limit + 1)).all()
    return Intents(rows=found[:limit], following=_following(found, limit))


def meant(session: Session, movements: Iterable[Movement]) -> Mapping[int, Intent]:
    """Return, by key, the intents that these movements were found to be about."""
    wanted = {one.about_intent_id for one in movements} - {None}
    if not wanted:
        return {}
    rows = session.scalars(select(Intent).where(Intent.id.in_(wanted)))
    return {intent.id: intent for intent in rows}


def fitting(session: Session, organisation_id: int, amounts: Collection[int]) -> Mapping[int, int]:
    """Return how many open intents ask for exactly each of these amounts."""
    if not amounts:
        return {}
    due = Intent.amount - Intent.settled
    rows = session.execute(
        select(due, func.count())
        .where(
            Intent.organisation_id == organisation_id,
            Intent.state.in_(PAYABLE),
            due.in_(set(amounts)),
        )
        .group_by(due)
    )
    return {row[0]: row[1] for row in rows}


def waiting_by_organisation(session: Session) -> Mapping[int, Total]:
    """Return, by organisation, the money that waits for a person."""
    left = Movement.amount - Movement.allocated - Movement.frozen
    rows = session.execute(
        select(Movement.organisation_id, func.count(), func.sum(left))
        .where(
            Movement.direction == Direction.IN,
            Movement.state == State.WAITING,
            ASKS_FOR_A_PERSON,
        )
        .group_by(Movement.organisation_id)
    )
    return {row[0]: Total(count=row[1], amount=int(row[2])) for row in rows}


def _total(session: Session, rows: Select[Any]) -> Total:
    count, amount = session.execute(rows).one()
    return Total(count=count, amount=int(amount or 0))


def _movements(
    rows: Select[Any], organisation_id: int, column: Column, filters: Filters
) -> Select[Any]:
    direction = Direction.OUT if column is Column.OUT else Direction.IN
    rows = rows.where(
        Movement.organisation_id == organisation_id,
        Movement.direction == direction,
        Movement.state.in_(rules.STATES[column]),
    )
    if column is Column.WAITING:
        rows = rows.where(Movement.amount > Movement.allocated + Movement.frozen)
    if filters.account:
        own = select(BankAccount.id).where(
            BankAccount.organisation_id == organisation_id,
            BankAccount.public_id == filters.account,
        )
        rows = rows.where(Movement.bank_account_id.in_(own))
    return rows.where(*_sought(Movement.sought, [Movement.amount], filters.query))


def _intents(
    rows: Select[Any], organisation_id: int, filters: Filters, now: datetime
) -> Select[Any]:
    rows = rows.where(
        Intent.organisation_id == organisation_id,
        Intent.state.in_(PAYABLE),
        or_(Intent.expires_at.is_(None), Intent.expires_at > now),
    )
    since = filters.since(Column.AWAITED, clock.day(now))
    if since is not None:
        rows = rows.where(Intent.created_at >= _midnight(since))
    if filters.account:
        own = select(BankAccount.id).where(
            BankAccount.organisation_id == organisation_id,
            BankAccount.public_id == filters.account,
        )
        rows = rows.where(Intent.bank_account_id.in_(own))
    amounts = [Intent.amount, Intent.amount - Intent.settled]
    return rows.where(*_sought(Intent.sought, amounts, filters.query))


def _since(column: Column, filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    since = filters.since(column, clock.day(now))
    return [] if since is None else [Movement.booked_on >= since]


def _sought(
    text: InstrumentedAttribute[str], amounts: Sequence[Any], query: str
) -> list[ColumnElement[bool]]:
    """Return what a row must fulfil to be what was typed: its amount, or all of the words."""
    words = [text.like(f"%{escape_like(word)}%", escape="\\") for word in rules.words_in(query)]
    amount = rules.amount_in(query)
    if amount is None:
        return list(words)
    return [or_(*(one == amount for one in amounts), and_(*words) if words else amounts[0] < 0)]


def _paged(
    rows: Select[Any],
    amount: InstrumentedAttribute[int],
    key: InstrumentedAttribute[int],
    sort: Sort,
    after: Cursor | None,
) -> Select[Any]:
    if sort is Sort.OLDEST:
        rows = rows.order_by(key)
        return rows if after is None else rows.where(key > after.key)
    if sort is Sort.NEWEST:
        rows = rows.order_by(key.desc())
        return rows if after is None else rows.where(key < after.key)
    rows = rows.order_by(amount.desc(), key.desc())
    if after is None:
        return rows
    return rows.where(tuple_(amount, key) < tuple_(after.amount, after.key))


def _following(found: Sequence[Any], limit: int) -> Cursor | None:
    if len(found) <= limit:
        return None
    last = found[limit - 1]
    return Cursor(amount=last.amount, key=last.id)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.VIETNAM)
