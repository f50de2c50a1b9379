"""No. 20, days: what stood in an account in the morning, and what came and went, is what stands
there in the evening and the next morning; and every movement is in one of the four states that
accountants are shown."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from payments.credits.models import Direction
from payments.credits.rules import Telling
from payments.hearing import service as hearing
from payments.ledger import queries as ledger
from payments.ledger.models import AccountKind
from tests.conftest import NOON
from tests.payments.conservation import check_books
from tests.payments.refunds import books

FIRST = date(2026, 11, 16)
MOVED = st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 500_000))


@settings(max_examples=10, deadline=None, suppress_health_check=[*HealthCheck])
@given(moved=st.lists(MOVED, min_size=1, max_size=12), data=st.data())
def test_invariant_20_opening_plus_in_minus_out_is_closing(
    session: Session, moved: list[tuple[int, bool, int]], data: st.DataObject
) -> None:
    """Told in any order, late or not: every day of every account carries on from the day before,
    and the bank account holds what the movements up to that day make."""
    shop = books.shop()
    tellings = [
        Telling(
            source="statement:1",
            told_id=f"row{number}",
            bank_account_id=shop.account.id,
            direction=Direction.IN if into else Direction.OUT,
            amount=amount,
            booked_on=FIRST + timedelta(days=day),
            memo=f"GIAO DICH {number}",
            origin="test",
        )
        for number, (day, into, amount) in enumerate(moved)
    ]
    for one in data.draw(st.permutations(tellings)):
        hearing.hear(session, [one], now=NOON)

    held: dict[int, int] = {}
    for offset in range(7):
        day = FIRST + timedelta(days=offset)
        lines = ledger.trial_balance(session, shop.id, on=day, since=day).lines
        for line in lines:
            assert line.opening == held.get(line.account.id, 0)
            assert line.opening + line.debit - line.credit == line.closing
            held[line.account.id] = line.closing
        assert sum(line.debit - line.credit for line in lines) == 0
        so_far = sum(amount if into else -amount for when, into, amount in moved if when <= offset)
        bank = (AccountKind.BANK, shop.account.public_id)
        assert ledger.balance(session, shop.id, *bank, on=day) == so_far
    check_books(session)
