"""A transfer happens at most once, however many people press at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from foundation.audit.errors import CannotMove
from foundation.errors import DomainError
from payments.ledger.models import AccountKind, Posting
from payments.payouts import queries, service
from payments.payouts.drawing import service as drawing
from payments.payouts.models import BatchState, Payout, PayoutBatch, PayoutExport, State
from tests import factories
from tests.conftest import NOON
from tests.payments.payouts import books
from tests.payments.payouts.books import Platform
from tests.unguarded import wipe

OWED = 1_500_000
Run = Callable[[Callable[[Session], Any]], Any]


@pytest.fixture
def committed(engine: Engine) -> Iterator[Run]:
    """Run something in a transaction of its own; wipe at the end."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")

    def run(make: Callable[[Session], Any]) -> Any:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            factories.use(session)
            return make(session)

    yield run
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
            except (DomainError, CannotMove) as error:
                session.rollback()
                answers.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


def world(make: Callable[[Session, Platform], PayoutBatch]) -> Callable[[Session], Any]:
    def run(session: Session) -> tuple[Platform, str, str]:
        platform = books.platform()
        seller = books.with_account(session, platform, OWED)
        return platform, make(session, platform).public_id, seller.public_id

    return run


def count(session: Session, model: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_of_two_drafts_at_once_one_is_refused(engine: Engine, committed: Run) -> None:
    def make(session: Session) -> Platform:
        platform = books.platform()
        books.with_account(session, platform, OWED)
        return platform

    platform = committed(make)
    draw = [lambda session: drawing.draw_up(session, actor=platform.maker, now=NOON)] * 2
    assert at_once(engine, draw) == ["DraftOpen", "done"]
    with Session(engine) as session:
        assert count(session, PayoutBatch) == 1


def test_of_two_approvals_at_once_one_counts(engine: Engine, committed: Run) -> None:
    platform, batch, seller = committed(world(books.drawn))
    approve = [
        lambda session: drawing.approve(session, batch, actor=platform.checker, now=NOON)
    ] * 2
    assert at_once(engine, approve) == ["CannotMove", "done"]
    with Session(engine) as session:
        assert queries.owed(session, platform.id, seller) == 0
        assert session.scalar(select(func.sum(Posting.amount))) == 0


def test_of_two_exports_at_once_one_is_the_original(engine: Engine, committed: Run) -> None:
    platform, batch, _ = committed(world(books.approved))
    export = [lambda session: drawing.export(session, batch, actor=platform.maker, now=NOON)] * 2
    assert at_once(engine, export) == ["done", "done"]
    with Session(engine) as session:
        rows = session.scalars(select(PayoutExport).order_by(PayoutExport.nth)).all()
        assert [one.nth for one in rows] == [1, 2]
        assert len({one.sha256 for one in rows}) == 1
        assert session.scalars(select(PayoutBatch.state)).one() is BatchState.EXPORTED


@pytest.mark.parametrize("second", ["the debit again", "a failure"])
def test_a_line_leaves_once(engine: Engine, committed: Run, second: str) -> None:
    platform, _, seller = committed(world(books.exported))

    def tell(session: Session) -> tuple[int, str]:
        payout = session.scalars(select(Payout)).one()
        operator = session.merge(platform.operator, load=True)
        debit = books.told(session, operator, payout.net, payout.reference)
        return debit.id, payout.public_id

    debit, payout = committed(tell)
    calls: list[Callable[[Session], object]] = [
        lambda session: service.match(session, [debit], now=NOON)
    ] * 2
    if second == "a failure":
        calls[1] = lambda session: service.mark_failed(
            session, platform.id, payout, reason="Sai", actor=platform.maker, now=NOON
        )
    at_once(engine, calls)
    with Session(engine) as session:
        state = session.scalars(select(Payout.state)).one()
        owed = queries.owed(session, platform.id, seller)
        assert (state, owed) in ((State.CONFIRMED, 0), (State.FAILED, OWED))
        assert session.scalar(select(func.sum(Posting.amount))) == 0
        transit = books.balance(session, platform.operator, AccountKind.IN_TRANSIT, payout)
        assert transit == 0
