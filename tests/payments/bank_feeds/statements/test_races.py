"""The same file sent and imported by several people at once, on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from foundation import clock
from foundation.audit.rules import Actor
from foundation.errors import DomainError
from payments.bank_accounts.models import BankAccount
from payments.bank_feeds.statements import service, tables
from payments.bank_feeds.statements.models import State, StatementFile
from payments.credits import service as credits_service
from payments.credits.models import Direction, Movement
from payments.credits.rules import Telling
from tests import factories
from tests.conftest import NOON
from tests.factories import PersonFactory
from tests.factories.payments import BankAccountFactory
from tests.payments.bank_feeds.statements import files
from tests.payments.conservation import check_books
from tests.unguarded import wipe

DATA = files.mb()
STATEMENT = tables.read(DATA, today=clock.day(NOON))


@pytest.fixture
def shop(engine: Engine) -> Iterator[tuple[BankAccount, Actor]]:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    with Session(engine, expire_on_commit=False) as session, session.begin():
        factories.use(session)
        account = BankAccountFactory(number="0071000123456")
        actor = Actor.person(PersonFactory().id, organisation_id=account.organisation_id)
    yield account, actor
    wipe(engine)


def at_once(engine: Engine, calls: list[Callable[[Session], object]]) -> list[str]:
    start = threading.Barrier(len(calls))
    answers: list[str] = []

    def run(call: Callable[[Session], object]) -> None:
        with Session(engine) as session:
            start.wait()
            try:
                call(session)
                session.commit()
                answers.append("done")
            except DomainError as error:
                session.rollback()
                answers.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def preview(session: Session, account: BankAccount, actor: Actor) -> list[StatementFile]:
    return service.preview(
        session,
        account.organisation_id,
        STATEMENT,
        DATA,
        name="a.xlsx",
        account=account.public_id,
        replace=False,
        actor=actor,
        now=NOON,
    )


def test_invariant_01_a_file_sent_by_four_at_once_is_one_file(
    engine: Engine, shop: tuple[BankAccount, Actor]
) -> None:
    assert at_once(engine, [lambda session: preview(session, *shop)] * 4) == ["done"] * 4
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(StatementFile)) == 1


def test_invariant_01_imports_and_a_webhook_at_once_make_each_movement_once(
    engine: Engine, shop: tuple[BankAccount, Actor]
) -> None:
    account, actor = shop
    with Session(engine) as session, session.begin():
        (file,) = preview(session, account, actor)
        file.state, file.imported_by_id = State.IMPORTING, actor.person_id
        session.flush()
        public_id = file.public_id
    row = STATEMENT.sections[0].rows[0]
    heard = Telling(
        source="sepay",
        told_id="1",
        bank_account_id=account.id,
        direction=Direction.IN,
        amount=row.amount,
        booked_on=row.booked_on,
        memo=row.memo,
        origin="inbox:1",
    )

    def take_over(session: Session) -> Any:
        return service.take_over(
            session,
            account.organisation_id,
            public_id,
            STATEMENT,
            now=NOON,
            progress=lambda _done: None,
        )

    def webhook(session: Session) -> Any:
        return credits_service.take_in(session, [heard], now=NOON)

    assert at_once(engine, [take_over, webhook, take_over, webhook]) == ["done"] * 4
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Movement)) == 2
        check_books(session)
