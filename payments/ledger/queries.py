"""Balances on any day, the trial balance, the statement of an account, and a journal's lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, case, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from payments.ledger.errors import AccountNotFound, JournalNotFound
from payments.ledger.models import AccountKind, Journal, LedgerAccount, Posting

PAGE = 50

_Sums = tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]


@dataclass(frozen=True, kw_only=True)
class Turnover:
    """An account over a period. Balances are signed: what is owed to us, or held, is positive.
    `debit` and `credit` are both positive."""

    account: LedgerAccount
    opening: int
    debit: int
    credit: int

    @property
    def closing(self) -> int:
        return self.opening + self.debit - self.credit


@dataclass(frozen=True, kw_only=True)
class TrialBalance:
    """Every account of an organisation that was ever posted to, in the order of the chart."""

    lines: Sequence[Turnover]

    def debits_of(self, column: str) -> int:
        """Return the sum of what stands on the debit side of "opening" or "closing"."""
        return sum(max(getattr(line, column), 0) for line in self.lines)

    def credits_of(self, column: str) -> int:
        """Return the sum of what stands on the credit side of "opening" or "closing"."""
        return sum(max(-getattr(line, column), 0) for line in self.lines)

    @property
    def debit(self) -> int:
        return sum(line.debit for line in self.lines)

    @property
    def credit(self) -> int:
        return sum(line.credit for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """The last line of a page: statements go on behind it."""

    day: date
    posting_id: int


@dataclass(frozen=True, kw_only=True)
class StatementRow:
    posting_id: int
    journal_id: int
    day: date
    memo: str
    key: str
    amount: int
    balance: int  # after this line

    @property
    def cursor(self) -> Cursor:
        return Cursor(day=self.day, posting_id=self.posting_id)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A page of an account's lines within a period, the sums of the whole period beside them.
    `following` is None on the last page."""

    turnover: Turnover
    rows: Sequence[StatementRow]
    following: Cursor | None


@dataclass(frozen=True, kw_only=True)
class Line:
    account: LedgerAccount
    amount: int


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A journal, what it undoes and what undid it."""

    journal: Journal
    lines: Sequence[Line]
    reverses: Journal | None
    reversed_by: Journal | None


def balance(
    session: Session,
    organisation_id: int,
    kind: AccountKind,
    subject: str = "",
    *,
    on: date | None = None,
) -> int:
    """Return what stands in an account at the end of that day, or of all days: debits are
    positive. An account nobody has posted to holds nothing."""
    statement = (
        select(_sum_if(None))
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .where(
            LedgerAccount.organisation_id == organisation_id,
            LedgerAccount.kind == kind,
            LedgerAccount.subject == subject,
        )
    )
    if on is not None:
        statement = statement.where(Posting.day <= on)
    return int(session.execute(statement).scalar_one())


def trial_balance(
    session: Session, organisation_id: int, *, on: date, since: date | None = None
) -> TrialBalance:
    """Return the trial balance at the end of a day: what came and went on each account from
    `since` on (from the beginning, where it is None), and what stood there before."""
    rows = session.execute(
        select(LedgerAccount, *_columns(since))
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .where(LedgerAccount.organisation_id == organisation_id, Posting.day <= on)
        .group_by(LedgerAccount.id)
    )
    order = {kind: place for place, kind in enumerate(AccountKind)}
    lines = [
        Turnover(account=account, opening=int(opening), debit=int(debit), credit=int(credit))
        for account, opening, debit, credit in rows
    ]
    lines.sort(key=lambda line: (order[line.account.kind], line.account.subject))
    return TrialBalance(lines=lines)


def account(session: Session, organisation_id: int, public_id: str) -> LedgerAccount:
    """Return an account of these books. Raises AccountNotFound."""
    found = session.scalars(
        select(LedgerAccount).where(
            LedgerAccount.organisation_id == organisation_id,
            LedgerAccount.public_id == public_id,
        )
    ).one_or_none()
    if found is None:
        raise AccountNotFound
    return found


def statement(
    session: Session,
    organisation_id: int,
    public_id: str,
    *,
    since: date,
    until: date,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> Statement:
    """Return the lines of an account from one day to another, both included, oldest first, each
    with the balance behind it. `after` is where the page before ended. Raises AccountNotFound."""
    found = account(session, organisation_id, public_id)
    within = (Posting.account_id == found.id, Posting.day >= since, Posting.day <= until)
    sums = session.execute(
        select(*_columns(since)).where(Posting.account_id == found.id, Posting.day <= until)
    ).one()
    opening, debit, credit = (int(figure) for figure in sums)
    turnover = Turnover(account=found, opening=opening, debit=debit, credit=credit)
    carried = turnover.opening
    lines = _lines().where(*within).order_by(Posting.day, Posting.id).limit(limit + 1)
    if after is not None:
        place = tuple_(Posting.day, Posting.id)
        here = tuple_(after.day, after.posting_id)
        before = select(_sum_if(None)).where(*within, place <= here)
        carried += int(session.execute(before).scalar_one())
        lines = lines.where(place > here)
    rows = _running(session, lines, carried)
    more = len(rows) > limit
    rows = rows[:limit]
    return Statement(turnover=turnover, rows=rows, following=rows[-1].cursor if more else None)


def journal(session: Session, organisation_id: int, journal_id: int) -> Shown:
    """Return a journal of these books with its lines, debits first. Raises JournalNotFound."""
    undone, undoing = aliased(Journal), aliased(Journal)
    row = session.execute(
        select(Journal, undone, undoing)
        .outerjoin(undone, undone.id == Journal.reverses_id)
        .outerjoin(undoing, undoing.reverses_id == Journal.id)
        .where(Journal.id == journal_id, Journal.organisation_id == organisation_id)
    ).one_or_none()
    if row is None:
        raise JournalNotFound
    lines = session.execute(
        select(LedgerAccount, Posting.amount)
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .where(Posting.journal_id == journal_id)
        .order_by(case((Posting.amount > 0, 0), else_=1), Posting.id)
    )
    return Shown(
        journal=row[0],
        lines=[Line(account=found, amount=amount) for found, amount in lines],
        reverses=row[1],
        reversed_by=row[2],
    )


def _sum_if(condition: ColumnElement[bool] | None, sign: int = 1) -> ColumnElement[int]:
    amount = Posting.amount if sign > 0 else -Posting.amount
    counted = amount if condition is None else case((condition, amount), else_=0)
    return func.coalesce(func.sum(counted), 0)


def _columns(since: date | None) -> _Sums:
    earliest = date.min if since is None else since
    later = Posting.day >= earliest
    return (
        _sum_if(Posting.day < earliest).label("opening"),
        _sum_if(later & (Posting.amount > 0)).label("debit"),
        _sum_if(later & (Posting.amount < 0), -1).label("credit"),
    )


def _lines() -> Select[int, int, date, str, str, int]:
    return select(
        Posting.id, Posting.journal_id, Posting.day, Journal.memo, Journal.key, Posting.amount
    ).join(Journal, Journal.id == Posting.journal_id)


def _running(
    session: Session, lines: Select[int, int, date, str, str, int], carried: int
) -> list[StatementRow]:
    rows = []
    for posting_id, journal_id, day, memo, key, amount in session.execute(lines):
        carried += amount
        rows.append(
            StatementRow(
                posting_id=posting_id,
                journal_id=journal_id,
                day=day,
                memo=memo,
                key=key,
                amount=amount,
                balance=carried,
            )
        )
    return rows
