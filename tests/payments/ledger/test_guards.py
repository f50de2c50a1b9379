"""What the database itself refuses, whoever writes to it, and what two workers do at once."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, configure_mappers

from foundation import db
from foundation.db import Base
from payments.ledger import queries, service
from payments.ledger.errors import PostedDifferently
from payments.ledger.models import AccountKind, Journal, LedgerAccount, Posting, UnbalancedJournal
from tests import factories
from tests.conftest import NOON
from tests.payments.ledger.test_posting import BANK, DAY, entry
from tests.unguarded import wipe


@pytest.fixture
def own(engine: Engine, tmp_path: Path) -> Iterator[Engine]:
    """A database in which a test may commit; on SQLite one of its own, where no guard needs to
    be lifted to tidy up."""
    if engine.dialect.name == "postgresql":
        yield engine
        wipe(engine)
        return
    configure_mappers()
    made = db.make_engine(f"sqlite:///{tmp_path / 'own.sqlite'}")
    Base.metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def org(own: Engine) -> int:
    with Session(own) as session, session.begin():
        factories.use(session)
        org: int = factories.OrganisationFactory.create().id
        service.post(session, [entry(org)], now=NOON)
    return org


LINE = text(
    "INSERT INTO ledger_postings (journal_id, account_id, day, amount) "
    "VALUES (:journal, :account, '2026-11-22', :amount)"
)
JOURNAL = text(
    "INSERT INTO ledger_journals (key, organisation_id, day, posted_at, memo) "
    "VALUES (:key, :org, '2026-11-22', '2026-11-22 05:00:00', '') RETURNING id"
)


def add(connection: Connection, journal: int, *amounts: int) -> None:
    account = connection.scalar(select(func.min(LedgerAccount.id)))
    for amount in amounts:
        connection.execute(LINE, {"journal": journal, "account": account, "amount": amount})


def commit(engine: Engine, write: Callable[[Connection], None]) -> None:
    with engine.begin() as connection:
        write(connection)


def postings(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count(Posting.id))) or 0


def waiting(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count(UnbalancedJournal.journal_id))) or 0


def test_a_balanced_journal_may_be_written_line_by_line(own: Engine, org: int) -> None:
    with own.begin() as connection:
        journal = connection.scalar(JOURNAL, {"key": "raw", "org": org}) or 0
        add(connection, journal, 700, -300, -500, 100)
    assert postings(own) == 6
    assert waiting(own) == 0


@pytest.mark.parametrize("amounts", [(700,), (700, -699), (5, -5, 1), (-1, 2)])
def test_invariant_04_an_unbalanced_journal_fails_at_commit(
    own: Engine, org: int, amounts: tuple[int, ...]
) -> None:
    done: list[str] = []

    def write(connection: Connection) -> None:
        journal = connection.scalar(JOURNAL, {"key": "raw", "org": org}) or 0
        add(connection, journal, *amounts)
        done.append("written")  # lines come one by one, so nothing is refused before the end

    with pytest.raises(IntegrityError):
        commit(own, write)
    assert done
    assert postings(own) == 2
    with own.connect() as connection:
        assert connection.scalar(select(func.count(Journal.id))) == 1


def test_a_journal_committed_before_stays_balanced(own: Engine, org: int) -> None:
    with own.connect() as connection:
        first = connection.scalar(select(func.min(Journal.id))) or 0
    with pytest.raises(IntegrityError), own.begin() as connection:
        add(connection, first, 1)
    assert postings(own) == 2
    with own.begin() as connection:
        add(connection, first, 4, -4)
    assert postings(own) == 4


def test_one_statement_with_many_journals_is_watched_each(own: Engine, org: int) -> None:
    """Two wrongs that cancel each other out are still two wrongs."""

    def write(connection: Connection) -> None:
        one = connection.scalar(JOURNAL, {"key": "raw 1", "org": org}) or 0
        two = connection.scalar(JOURNAL, {"key": "raw 2", "org": org}) or 0
        account = connection.scalar(select(func.min(LedgerAccount.id)))
        connection.execute(
            text(
                "INSERT INTO ledger_postings (journal_id, account_id, day, amount) VALUES "
                "(:one, :account, '2026-11-22', 9), (:two, :account, '2026-11-22', -9)"
            ),
            {"one": one, "two": two, "account": account},
        )

    with pytest.raises(IntegrityError):
        commit(own, write)
    assert postings(own) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM ledger_unbalanced",
        "UPDATE ledger_unbalanced SET never_id = journal_id",
        "UPDATE ledger_unbalanced SET journal_id = -1",
    ],
)
def test_invariant_04_the_watch_cannot_be_sent_away(own: Engine, org: int, statement: str) -> None:
    with own.connect() as connection:
        connection.begin()
        journal = connection.scalar(JOURNAL, {"key": "raw", "org": org}) or 0
        add(connection, journal, 5)
        with pytest.raises(DBAPIError):
            connection.execute(text(statement))
        connection.rollback()
    assert postings(own) == 2


@pytest.mark.parametrize("table", ["ledger_accounts", "ledger_journals", "ledger_postings"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id + 1"])
def test_invariant_05_rows_are_neither_changed_nor_deleted(
    own: Engine, org: int, table: str, statement: str
) -> None:
    with own.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement.format(table)))
    assert postings(own) == 2


def test_a_driver_without_our_engine_is_refused_too(own: Engine, org: int) -> None:
    raw = (
        "INSERT INTO ledger_postings (journal_id, account_id, day, amount) "
        "SELECT journal_id, account_id, day, 1 FROM ledger_postings LIMIT 1"
    )
    if own.dialect.name == "postgresql":
        address = own.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address) as other:
            other.execute(raw)
            with pytest.raises(psycopg.IntegrityError):
                other.commit()
    else:
        with closing(sqlite3.connect(own.url.database or "", isolation_level=None)) as file:
            file.execute("PRAGMA foreign_keys = ON")
            file.execute("BEGIN")
            file.execute(raw)
            with pytest.raises(sqlite3.IntegrityError):
                file.execute("COMMIT")
            file.execute("ROLLBACK")
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                file.execute("REPLACE INTO ledger_postings SELECT * FROM ledger_postings LIMIT 1")
    assert postings(own) == 2


def test_a_transaction_rolled_back_leaves_nothing_waiting(own: Engine, org: int) -> None:
    with own.connect() as connection:
        connection.begin()
        journal = connection.scalar(JOURNAL, {"key": "raw", "org": org}) or 0
        add(connection, journal, 5)
        assert connection.scalar(select(func.count(UnbalancedJournal.journal_id))) == 1
        connection.rollback()
    assert waiting(own) == 0


def race(engine: Engine, *calls: list[str], amount: dict[str, int], org: int) -> list[str]:
    """Post each list of keys in a thread of its own, at one moment; return how each ended."""
    start = threading.Barrier(len(calls))
    ends: list[str] = []

    def run(keys: list[str], by: int) -> None:
        many = [entry(org, key, amount.get(f"{key}/{by}", 1_000)) for key in keys]
        with Session(engine) as session:
            start.wait()
            try:
                service.post(session, many, now=NOON)
                session.commit()
                ends.append("posted")
            except PostedDifferently:
                ends.append("refused")

    threads = [
        threading.Thread(target=run, args=(keys, number)) for number, keys in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_many_workers_post_the_same_keys_once(engine: Engine, own: Engine, org: int) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    keys = [f"movement:{number}" for number in range(100, 160)]

    ends = race(own, *[keys] * 8, amount={}, org=org)

    assert ends == ["posted"] * 8
    with Session(own) as session:
        assert session.scalar(select(func.count(Journal.id))) == 61
        assert session.scalar(select(func.count(LedgerAccount.id))) == 2
        assert queries.balance(session, org, *BANK, on=DAY) == 50_000 + 60 * 1_000


def test_many_workers_open_the_same_accounts_once(engine: Engine, own: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    with Session(own) as session, session.begin():
        factories.use(session)
        org: int = factories.OrganisationFactory.create().id

    ends = race(own, *[[f"movement:{number}"] for number in range(8)], amount={}, org=org)

    assert ends == ["posted"] * 8
    with Session(own) as session:
        assert session.scalar(select(func.count(LedgerAccount.id))) == 2
        assert queries.balance(session, org, *BANK) == 8_000


def test_of_two_workers_with_other_legs_one_is_refused(
    engine: Engine, own: Engine, org: int
) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")

    ends = race(own, ["movement:7"], ["movement:7"], amount={"movement:7/1": 2_000}, org=org)

    assert ends == ["posted", "refused"]
    with Session(own) as session:
        assert session.scalar(select(func.count(Journal.id))) == 2
        assert queries.balance(session, org, AccountKind.BANK, "acct1") in (51_000, 52_000)
