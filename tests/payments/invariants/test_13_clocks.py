"""No. 13: the bank's day counts, not the moment we heard of it; what comes late is never lost.
(Notices signed too long ago: test_invariant_13_clock, and for cards
test_invariant_13_a_clock_may_be_a_little_off; a clock that is wrong is told to the owners:
test_invariant_13_owners_hear_of_wrong_clocks_and_refusals_once_a_day.)"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.bank_feeds.processing import queries as inbox
from payments.bank_feeds.processing import service as processing
from payments.credits.models import Direction, Movement
from payments.credits.rules import Telling
from payments.hearing import service as hearing
from payments.ledger import queries as ledger
from payments.ledger.models import AccountKind
from tests import factories
from tests.payments.bank_feeds.test_providers import notice
from tests.payments.conservation import check_books
from tests.payments.refunds import books

LAST = date(2026, 11, 30)
HEARD = datetime(2026, 11, 30, 17, 0, 30, tzinfo=UTC)  # half a minute into December in Việt Nam


def hear_of_the_last_second(session: Session, shop: books.Shop) -> Movement:
    feed = factories.BankFeedFactory(organisation=shop.organisation)
    body = notice(accountNumber=shop.account.number, transactionDate="2026-11-30 23:59:59")
    factories.InboxMessageFactory(feed=feed, body=json.dumps(body).encode(), received_at=HEARD)
    session.flush()
    processing.process(session, inbox.take(session, now=HEARD, limit=10), now=HEARD)
    return session.scalars(select(Movement)).one()


def test_invariant_13_the_last_second_of_a_month_belongs_to_it(session: Session) -> None:
    """23:59:59 in Việt Nam is heard of in December: the movement and its journal are November's,
    the moments are kept as they were."""
    shop = books.shop()

    movement = hear_of_the_last_second(session, shop)

    assert movement.booked_on == LAST
    assert movement.happened_at == datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC)
    assert movement.heard_at == HEARD
    where = (shop.id, AccountKind.BANK, shop.account.public_id)
    assert ledger.balance(session, *where, on=date(2026, 11, 29)) == 0
    assert ledger.balance(session, *where, on=LAST) == 120_000


def test_invariant_13_a_statement_that_books_it_a_day_later_tells_of_the_same(
    session: Session,
) -> None:
    shop = books.shop()
    first = hear_of_the_last_second(session, shop)
    row = Telling(
        source="statement:1",
        told_id="1:1",
        bank_account_id=shop.account.id,
        direction=Direction.IN,
        amount=120_000,
        booked_on=date(2026, 12, 1),
        memo=first.memo,
        origin="statement:1:1",
    )

    (heard,) = hearing.hear(session, [row], now=HEARD)

    assert heard.movement_id == first.id
    session.refresh(first)
    assert first.booked_on == LAST
    check_books(session)


def test_invariant_13_late_money_lands_on_the_banks_day_by_the_list(session: Session) -> None:
    """No notice ever came; the list tells of it a week later, under the day of the bank."""
    shop = books.shop()
    late = Telling(
        source="sepay",
        told_id="77",
        bank_account_id=shop.account.id,
        direction=Direction.IN,
        amount=50_000,
        booked_on=LAST,
        memo="NOP TIEN",
        bank_reference="FT26334000077",
        origin="poll",
    )

    hearing.hear(session, [late], now=datetime(2026, 12, 7, 3, tzinfo=UTC))

    where = (shop.id, AccountKind.BANK, shop.account.public_id)
    assert ledger.balance(session, *where, on=LAST) == 50_000
    check_books(session)
