"""No. 8: payments that concern the same intents, named in opposite orders, at one moment: nobody
waits for somebody who waits for them. PostgreSQL only; SQLite has one writer."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select

from foundation.db import Sessions
from payments.credits.models import Direction, Movement
from payments.credits.rules import Telling
from payments.hearing import service as hearing
from payments.intents.models import Intent, State
from payments.reconciliation.models import Allocation
from tests import factories
from tests.conftest import NOON
from tests.payments.conservation import check_books
from tests.payments.reconciliation.test_matching import intent_at
from tests.unguarded import wipe

ROUNDS = 5


@pytest.fixture
def committed(engine: Engine) -> Iterator[Sessions]:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    yield Sessions(engine)
    wipe(engine)


def test_invariant_08_codes_in_opposite_orders_do_not_deadlock(committed: Sessions) -> None:
    """Two accounts, so that the account's own lock does not line the payers up: each tells of
    money for the same two intents, in another order; one pays, the other's money waits."""
    with committed.transaction() as session:
        factories.use(session)
        account = factories.BankAccountFactory()
        other = factories.BankAccountFactory(organisation=account.organisation, main=False)
        pairs = [(intent_at(account, 50_000), intent_at(account, 70_000)) for _ in range(ROUNDS)]
        codes = [(first.reference, second.reference) for first, second in pairs]
    gate = Barrier(2)

    def pay(account_id: int, *, backwards: bool) -> int:
        for number, pair in enumerate(codes):
            told = Telling(
                source="sepay",
                told_id=f"{account_id}-{number}",
                bank_account_id=account_id,
                direction=Direction.IN,
                amount=120_000,
                booked_on=date(2026, 11, 22),
                memo=" ".join(reversed(pair) if backwards else pair),
                bank_reference=f"FT{account_id:06d}{number:06d}",
                origin="inbox:1",
            )
            gate.wait(timeout=20)
            with committed.transaction() as session:
                hearing.hear(session, [told], now=NOON)
        return len(codes)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(pay, account.id, backwards=False)
        two = pool.submit(pay, other.id, backwards=True)
        assert (one.result(timeout=60), two.result(timeout=60)) == (ROUNDS, ROUNDS)

    with committed.reading() as session:
        check_books(session)
        assert set(session.scalars(select(Intent.state))) == {State.PAID}
        assert session.scalar(select(func.count(Movement.id))) == 2 * ROUNDS
        assert session.scalar(select(func.sum(Allocation.amount))) == ROUNDS * 120_000
