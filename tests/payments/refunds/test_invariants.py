"""What holds of refunds whatever happens, in whatever order, however many do it at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from foundation.audit.errors import CannotMove
from foundation.errors import DomainError
from payments.credits.models import Direction, Movement
from payments.intents.models import Intent
from payments.ledger.models import AccountKind
from payments.refunds import service
from payments.refunds.asking import service as asking
from payments.refunds.errors import StaleAvailable
from payments.refunds.models import Refund, RefundAttempt, Source, State
from tests import factories
from tests.conftest import NOON
from tests.payments.refunds import books
from tests.payments.refunds.books import Shop
from tests.unguarded import wipe

PAID = 1_000_000
HELD = frozenset({State.REQUESTED, State.APPROVED, State.SENT, State.FAILED})
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "ask intent",
                "ask movement",
                "ask stale",
                "approve",
                "decline",
                "withdraw",
                "sent",
                "failed",
                "retry",
                "debit",
                "return",
                "repeat",
            ]
        ),
        st.integers(0, 5),
        st.sampled_from([1, 250_000, 600_000, PAID]),
    ),
    max_size=18,
)


class Life:
    """One shop with paid and waiting money, to which anything may happen."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.shop = books.shop()
        self.intent = books.paid(session, self.shop, PAID)
        self.movement = books.told(session, self.shop, PAID)
        self.refunds: list[Refund] = []
        self.heard: list[int] = []

    def step(self, what: str, which: int, amount: int) -> None:
        if what.startswith("ask"):
            self.ask(what.removeprefix("ask "), amount)
        elif what == "repeat":
            service.match(self.session, self.heard, now=NOON)
        elif self.refunds:
            self.act(what, self.refunds[which % len(self.refunds)])

    def ask(self, what: str, amount: int) -> None:
        source = Source.MOVEMENT if what == "movement" else Source.INTENT
        row = self.movement if source is Source.MOVEMENT else self.intent
        left = (
            self.movement.waiting
            if source is Source.MOVEMENT
            else self.intent.settled - self.intent.refunded
        )
        believed = left + 1 if what == "stale" else left
        wanted = books.wanted(source, row.public_id, amount, believed)
        made = asking.request(self.session, self.shop.id, wanted, actor=self.shop.asker, now=NOON)
        self.refunds.append(made)

    def act(self, what: str, refund: Refund) -> None:
        own, one = self.shop.id, refund.public_id
        attempt = refund.attempts[-1].public_id if refund.attempts else ""
        said: dict[str, Any] = {"actor": self.shop.approver, "now": NOON}
        if what == "approve":
            asking.approve(self.session, own, one, **said)
        elif what == "decline":
            asking.decline(self.session, own, one, reason="Không", **said)
        elif what == "withdraw":
            asking.withdraw(self.session, own, one, reason="Thôi", **said)
        elif what == "sent":
            service.mark_sent(self.session, own, one, attempt=attempt, **said)
        elif what == "failed":
            service.mark_failed(self.session, own, one, attempt=attempt, reason="Sai", **said)
        elif what == "retry":
            service.retry(self.session, own, one, attempt=attempt, **said)
        else:
            way = Direction.OUT if what == "debit" else Direction.IN
            heard = books.told(
                self.session, self.shop, refund.amount, f"x {refund.reference} y", direction=way
            )
            self.heard.append(heard.id)
            service.match(self.session, [heard.id], now=NOON)

    def check(self) -> None:
        self.session.flush()
        held = sum(one.amount for one in self.refunds if one.state in HELD)
        gone = sum(one.amount for one in self.refunds if one.state is State.CONFIRMED)
        for source, paid in ((Source.INTENT, self.intent), (Source.MOVEMENT, self.movement)):
            mine = [one for one in self.refunds if one.source is source]
            kept = [one for one in mine if one.state in HELD or one.state is State.CONFIRMED]
            assert sum(one.amount for one in kept) <= paid.amount
        assert 0 <= self.intent.refunded <= self.intent.settled == PAID
        assert 0 <= self.movement.allocated <= PAID
        assert self.shop.balance(self.session, AccountKind.RETURNS_DUE) == -held
        assert books.books_balance(self.session)
        movements = self.session.scalars(
            select(Movement).where(Movement.organisation_id == self.shop.id)
        ).all()
        bank = sum(one.amount * (1 if one.direction is Direction.IN else -1) for one in movements)
        assert (
            self.shop.balance(self.session, AccountKind.BANK, self.shop.account.public_id) == bank
        )
        explained = sum(one.allocated for one in movements if one.direction is Direction.OUT)
        back = sum(
            one.amount for each in self.refunds for one in [a.back for a in each.attempts] if one
        )
        assert explained - back == gone


@given(steps=STEPS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_invariant_18_refunds_never_exceed_what_was_paid(
    session: Session, steps: list[tuple[str, int, int]]
) -> None:
    life = Life(session)
    for step in steps:
        try:
            with session.begin_nested():
                life.step(*step)
        except (DomainError, CannotMove):
            session.expire_all()
            life.refunds = [one for one in life.refunds if one in session]
        life.check()


# --- at the same moment, on PostgreSQL ------------------------------------------------------------


@pytest.fixture
def committed(engine: Engine) -> Iterator[Callable[[Callable[[Session], Any]], Any]]:
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


def count(session: Session, model: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("source", [Source.MOVEMENT, Source.INTENT, Source.BALANCE])
def test_invariant_18_of_two_refunds_at_once_of_the_same_money_one_is_stale(
    engine: Engine, committed: Callable[[Callable[[Session], Any]], Any], source: Source
) -> None:
    def make(session: Session) -> tuple[Shop, str]:
        shop = books.shop()
        if source is Source.MOVEMENT:
            return shop, books.told(session, shop, PAID).public_id
        if source is Source.INTENT:
            return shop, books.paid(session, shop, PAID).public_id
        books.kept(session, shop, "pupil:1", PAID)
        return shop, "pupil:1"

    shop, subject = committed(make)

    def ask(session: Session) -> object:
        wanted = books.wanted(source, subject, 600_000, PAID)
        return asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)

    answers = at_once(engine, [ask, ask])

    assert answers == [StaleAvailable.__name__, "done"]
    with Session(engine) as session:
        assert count(session, Refund) == 1
        assert shop.balance(session, AccountKind.RETURNS_DUE) == -600_000
        assert books.books_balance(session)


def test_invariant_18_the_same_form_sent_twice_at_once_is_one_refund(
    engine: Engine, committed: Callable[[Callable[[Session], Any]], Any]
) -> None:
    shop, subject = committed(
        lambda session: (made := books.shop(), books.paid(session, made, PAID).public_id)
    )
    wanted = books.wanted(Source.INTENT, subject, 600_000, PAID)

    answers = at_once(
        engine,
        [lambda session: asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)] * 4,
    )

    assert answers == ["done"] * 4
    with Session(engine) as session:
        assert count(session, Refund) == 1
        assert session.scalars(select(Intent.refunded)).one() == 600_000


def asked(session: Session) -> tuple[Shop, str]:
    shop = books.shop()
    intent = books.paid(session, shop, PAID)
    wanted = books.wanted(Source.INTENT, intent.public_id, 600_000, PAID)
    refund = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)
    return shop, refund.public_id


def test_invariant_18_of_two_approvers_at_once_one_is_late(
    engine: Engine, committed: Callable[[Callable[[Session], Any]], Any]
) -> None:
    shop, refund = committed(asked)

    answers = at_once(
        engine,
        [lambda session: asking.approve(session, shop.id, refund, actor=shop.approver, now=NOON)]
        * 2,
    )

    assert answers == ["CannotMove", "done"]
    with Session(engine) as session:
        assert count(session, RefundAttempt) == 1


def test_an_approval_and_a_refusal_at_once_do_not_both_count(
    engine: Engine, committed: Callable[[Callable[[Session], Any]], Any]
) -> None:
    shop, refund = committed(asked)

    answers = at_once(
        engine,
        [
            lambda session: asking.approve(session, shop.id, refund, actor=shop.approver, now=NOON),
            lambda session: asking.decline(
                session, shop.id, refund, reason="Không", actor=shop.approver, now=NOON
            ),
        ],
    )

    assert answers == ["CannotMove", "done"]
    with Session(engine) as session:
        state = session.scalars(select(Refund.state)).one()
        due = shop.balance(session, AccountKind.RETURNS_DUE)
        assert (state, due) in ((State.APPROVED, -600_000), (State.DECLINED, 0))


def test_invariant_18_a_debit_told_at_once_by_two_workers_confirms_once(
    engine: Engine, committed: Callable[[Callable[[Session], Any]], Any]
) -> None:
    def make(session: Session) -> tuple[Shop, int]:
        shop, public_id = asked(session)
        refund = asking.approve(session, shop.id, public_id, actor=shop.approver, now=NOON)
        return shop, books.gone(session, shop, refund).id

    shop, debit = committed(make)

    answers = at_once(engine, [lambda session: service.match(session, [debit], now=NOON)] * 3)

    assert answers == ["done"] * 3
    with Session(engine) as session:
        assert session.scalars(select(Refund.state)).one() is State.CONFIRMED
        assert shop.balance(session, AccountKind.GONE) == 0
