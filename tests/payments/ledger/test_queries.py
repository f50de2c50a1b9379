"""Balances of the past, the trial balance, statements page by page, and journals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.ledger import queries, service
from payments.ledger.errors import AccountNotFound, JournalNotFound
from payments.ledger.models import AccountKind, Journal, LedgerAccount
from payments.ledger.rules import Entry, transfer
from tests import factories
from tests.conftest import NOON
from tests.payments.ledger.test_posting import BANK, DAY, SUSPENSE, entry

RECEIVED = (AccountKind.RECEIVED, "")


def post(session: Session, org: int, key: str, amount: int, day: date) -> None:
    service.post(session, [replace(entry(org, key, amount), day=day)], now=NOON)


def bank_of(session: Session, org: int) -> str:
    return session.scalars(
        select(LedgerAccount.public_id).where(
            LedgerAccount.organisation_id == org, LedgerAccount.kind == AccountKind.BANK
        )
    ).one()


@pytest.fixture
def org(session: Session) -> int:
    org: int = factories.OrganisationFactory.create().id
    for number in range(10):
        post(session, org, f"m:{number}", 1_000 * (number + 1), DAY + timedelta(days=number // 2))
    service.post(
        session,
        [
            Entry(
                key="allocation:1",
                organisation_id=org,
                day=DAY + timedelta(days=1),
                memo="Đơn PC2026",
                legs=transfer(3_000, RECEIVED, SUSPENSE),
            )
        ],
        now=NOON,
    )
    other = factories.OrganisationFactory.create().id
    post(session, other, "m:other", 777, DAY)
    return org


def test_a_balance_is_that_of_the_day_asked_for(session: Session, org: int) -> None:
    balances = [
        queries.balance(session, org, *BANK, on=DAY + timedelta(days=days)) for days in range(-1, 5)
    ]
    assert balances == [0, 3_000, 10_000, 21_000, 36_000, 55_000]
    assert queries.balance(session, org, *SUSPENSE, on=DAY) == -3_000
    assert queries.balance(session, org, *SUSPENSE) == -52_000


def test_a_late_posting_counts_for_its_own_day(session: Session, org: int) -> None:
    post(session, org, "late", 500, DAY - timedelta(days=30))
    assert queries.balance(session, org, *BANK, on=DAY) == 3_500


def test_invariant_04_the_trial_balance_sums_to_nothing(session: Session, org: int) -> None:
    found = queries.trial_balance(session, org, on=DAY + timedelta(days=1))

    lines = {line.account.kind: (line.opening, line.debit, line.credit) for line in found.lines}
    assert lines == {
        AccountKind.BANK: (0, 10_000, 0),
        AccountKind.SUSPENSE: (0, 3_000, 10_000),
        AccountKind.RECEIVED: (0, 0, 3_000),
    }
    assert found.debit == found.credit == 13_000
    assert sum(line.closing for line in found.lines) == 0
    assert found.debits_of("closing") == found.credits_of("closing") == 10_000
    assert [line.account.kind for line in found.lines] == [
        AccountKind.BANK,
        AccountKind.SUSPENSE,
        AccountKind.RECEIVED,
    ]


def test_a_period_begins_with_what_stood_before(session: Session, org: int) -> None:
    found = queries.trial_balance(
        session, org, since=DAY + timedelta(days=1), on=DAY + timedelta(days=1)
    )

    lines = {line.account.kind: (line.opening, line.debit, line.credit) for line in found.lines}
    assert lines[AccountKind.BANK] == (3_000, 7_000, 0)
    assert lines[AccountKind.SUSPENSE] == (-3_000, 3_000, 7_000)
    assert found.debits_of("opening") == found.credits_of("opening") == 3_000
    assert found.lines[0].closing == 10_000


def test_books_without_postings_are_empty(session: Session) -> None:
    org = factories.OrganisationFactory.create().id
    assert queries.trial_balance(session, org, on=DAY).lines == []


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 50])
def test_invariant_20_a_statement_read_page_by_page_is_the_whole(
    session: Session, org: int, limit: int
) -> None:
    period = {"since": DAY + timedelta(days=1), "until": DAY + timedelta(days=3)}
    account, rows, after = bank_of(session, org), [], None
    for _ in range(20):
        page = queries.statement(session, org, account, **period, after=after, limit=limit)
        assert len(page.rows) <= limit
        assert (page.turnover.opening, page.turnover.debit, page.turnover.closing) == (
            3_000,
            33_000,
            36_000,
        )
        rows += page.rows
        after = page.following
        if after is None:
            break

    assert [row.amount for row in rows] == [3_000, 4_000, 5_000, 6_000, 7_000, 8_000]
    assert [row.balance for row in rows] == [6_000, 10_000, 15_000, 21_000, 28_000, 36_000]
    assert rows[-1].balance == 36_000
    assert rows[0].key == "m:2"


def test_a_period_without_lines_has_one_balance(session: Session, org: int) -> None:
    later = DAY + timedelta(days=100)
    page = queries.statement(session, org, bank_of(session, org), since=later, until=later)
    assert page.rows == []
    assert page.following is None
    assert page.turnover.opening == page.turnover.closing == 55_000


def test_invariant_20_a_strangers_account_and_journal_are_not_found(
    session: Session, org: int
) -> None:
    other = factories.OrganisationFactory.create().id
    journal = session.scalars(select(Journal.id).where(Journal.key == "m:1")).one()

    with pytest.raises(AccountNotFound):
        queries.statement(session, other, bank_of(session, org), since=DAY, until=DAY)
    with pytest.raises(JournalNotFound):
        queries.journal(session, other, journal)


def test_a_journal_shows_its_lines_and_what_undid_it(session: Session, org: int) -> None:
    service.reverse(session, "m:1", new_key="undo:1", day=DAY, memo="Nhầm", now=NOON)
    ids = {
        journal.key: journal.id
        for journal in session.scalars(select(Journal).where(Journal.organisation_id == org))
    }

    first = queries.journal(session, org, ids["m:1"])
    second = queries.journal(session, org, ids["undo:1"])

    assert [(line.account.kind, line.amount) for line in first.lines] == [
        (AccountKind.BANK, 2_000),
        (AccountKind.SUSPENSE, -2_000),
    ]
    assert first.reverses is None
    assert first.reversed_by is second.journal
    assert second.reverses is first.journal


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    moves=st.lists(
        st.tuples(
            st.integers(0, 6), st.integers(-(10**12), 10**12).filter(bool), st.integers(0, 2)
        ),
        max_size=30,
    ),
    days=st.tuples(st.integers(0, 6), st.integers(0, 6)),
)
def test_books_agree_with_a_plain_list(
    session: Session, moves: list[tuple[int, int, int]], days: tuple[int, int]
) -> None:
    """Whatever is posted in whatever order, every figure is what adding up by hand gives."""
    first, last = sorted(days)
    since, until = DAY + timedelta(days=first), DAY + timedelta(days=last)
    with session.begin_nested() as trial:
        org = factories.OrganisationFactory.create().id
        entries = [
            Entry(
                key=f"h:{number}",
                organisation_id=org,
                day=DAY + timedelta(days=day),
                memo="",
                legs=transfer(amount, SUSPENSE, (AccountKind.PAYER_BALANCE, str(payer))),
            )
            for number, (day, amount, payer) in enumerate(moves)
        ]
        service.post(session, entries, now=NOON)
        found = queries.trial_balance(session, org, since=since, on=until)
        for line in found.lines:
            mine = [
                (day, amount if line.account.subject else -amount)
                for day, amount, payer in moves
                if line.account.subject in ("", str(payer))
            ]
            within = [amount for day, amount in mine if first <= day <= last]
            assert line.opening == sum(amount for day, amount in mine if day < first)
            assert line.debit == sum(amount for amount in within if amount > 0)
            assert line.credit == -sum(amount for amount in within if amount < 0)
            page = queries.statement(
                session, org, line.account.public_id, since=since, until=until, limit=100
            )
            assert page.turnover == line
            assert sum(row.amount for row in page.rows) == sum(within)
            assert not page.rows or page.rows[-1].balance == line.closing
        assert found.debit == found.credit
        trial.rollback()
