"""No. 10: the order in which things are heard of does not matter.

Everything that can happen to one payment in every legal order: it is told of by webhook and by
statement, somebody tries to cancel it, somebody asks for its money back, its time runs out. What
a step comes to depends on those before it (money that arrived cannot be cancelled away), and on
nothing else: all orders of one class end with the same balances."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.errors import DomainError
from payments.credits.models import Direction, Movement
from payments.credits.rules import Telling
from payments.hearing import service as hearing
from payments.intents import service as intents
from payments.intents.models import Intent
from payments.intents.rules import Wanted
from payments.ledger.models import AccountKind, LedgerAccount, Posting
from payments.reconciliation.decisions import service as decisions
from payments.refunds.asking import service as asking
from payments.refunds.models import Source
from tests.conftest import NOON
from tests.payments.conservation import check_books
from tests.payments.refunds import books

DAY = date(2026, 11, 22)
AMOUNT = 120_000
ENDS = NOON + timedelta(minutes=30)
STEPS = ("webhook", "statement", "cancel", "refund", "expire")


class Story:
    """One payment that is owed, and what happens to it."""

    def __init__(self, session: Session, shop: books.Shop, *, settles_late: bool) -> None:
        self.session, self.shop, self.now = session, shop, NOON
        wanted = Wanted(
            key="order:1",
            amount=AMOUNT,
            purpose="Đơn hàng",
            expires_at=ENDS,
            settles_late=settles_late,
        )
        self.intent = intents.create(session, shop.id, wanted, actor=shop.asker, now=NOON)
        self.who: dict[str, Any] = {"actor": shop.asker}

    def telling(self, number: int, amount: int, *, webhook: bool) -> Telling:
        memo = f"MBVCB.{number}.{self.intent.reference}.CT tu 0070000000001"
        return Telling(
            source="sepay" if webhook else "statement:1",
            told_id=f"t{number}",
            bank_account_id=self.shop.account.id,
            direction=Direction.IN,
            amount=amount,
            booked_on=DAY if webhook else DAY + timedelta(days=1),
            memo=memo if webhook else memo.replace(".", ""),
            bank_reference=f"FT{number:012d}" if webhook else "",
            origin="test",
        )

    def take(self, step: str) -> bool:
        """Take one step; say whether it was refused."""
        try:
            with self.session.begin_nested():
                getattr(self, step)()
        except DomainError:
            self.session.expire_all()
            return False
        return True

    def webhook(self) -> None:
        hearing.hear(self.session, [self.telling(1, AMOUNT, webhook=True)], now=self.now)

    def statement(self) -> None:
        hearing.hear(self.session, [self.telling(1, AMOUNT, webhook=False)], now=self.now)

    def cancel(self) -> None:
        intents.cancel(
            self.session,
            self.shop.id,
            self.intent.public_id,
            reason="Khách đổi ý",
            now=self.now,
            **self.who,
        )

    def refund(self) -> None:
        wanted = books.wanted(Source.INTENT, self.intent.public_id, AMOUNT)
        asking.request(self.session, self.shop.id, wanted, now=self.now, **self.who)

    def expire(self) -> None:
        self.now = ENDS + timedelta(minutes=1)
        intents.expire_due(self.session, now=self.now)

    def balances(self) -> dict[AccountKind, int]:
        rows = self.session.execute(
            select(LedgerAccount.kind, func.sum(Posting.amount))
            .join(Posting, Posting.account_id == LedgerAccount.id)
            .where(LedgerAccount.organisation_id == self.shop.id)
            .group_by(LedgerAccount.kind)
        )
        return {kind: int(amount) for kind, amount in rows if amount}


def outcome(order: tuple[str, ...], *, settles_late: bool) -> dict[AccountKind, int]:
    """What an order must come to, worked out from nothing but who came before whom."""
    heard = min(order.index("webhook"), order.index("statement"))
    cancelled = order.index("cancel") < heard
    too_late = not settles_late and order.index("expire") < heard
    if cancelled or too_late:
        return {AccountKind.BANK: AMOUNT, AccountKind.SUSPENSE: -AMOUNT}
    if order.index("refund") < heard:
        return {AccountKind.BANK: AMOUNT, AccountKind.RECEIVED: -AMOUNT}
    return {AccountKind.BANK: AMOUNT, AccountKind.RETURNS_DUE: -AMOUNT}


def orders(story: Story, taken: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Live through every order of the steps; orders that begin alike share their beginning, and
    each is yielded at its end, before it is rolled back."""
    if len(taken) == len(STEPS):
        yield taken
    for step in STEPS:
        if step not in taken:
            now, undo = story.now, story.session.begin_nested()
            story.take(step)
            yield from orders(story, (*taken, step))
            undo.rollback()
            story.now = now


@pytest.mark.parametrize("settles_late", [True, False])
def test_invariant_10_all_legal_orders_of_a_payment_end_alike(
    session: Session, settles_late: bool
) -> None:
    story = Story(session, books.shop(), settles_late=settles_late)
    seen: Counter[frozenset[tuple[AccountKind, int]]] = Counter()
    for order in orders(story):
        found = story.balances()
        assert found == outcome(order, settles_late=settles_late), order
        assert session.scalar(select(func.count(Movement.id))) == 1, order
        end = frozenset(found.items())
        if end not in seen:
            check_books(session)
        seen[end] += 1
    assert sum(seen.values()) == 120
    assert len(seen) == 3


def test_invariant_10_parts_and_too_much_add_up_in_any_order(session: Session) -> None:
    """Two parts, one of them too much, one paid twice over, and the statement of all of them: what
    is settled and what waits is the same whoever comes first."""
    shop = books.shop()
    amounts = (50_000, 100_000, 120_000)
    ends = set()
    for order in itertools.permutations([1, 2, 3, 0]):
        undo = session.begin_nested()
        story = Story(session, shop, settles_late=True)
        for number in order:
            numbers = [number] if number else [1, 2, 3]
            told = [story.telling(one, amounts[one - 1], webhook=bool(number)) for one in numbers]
            hearing.hear(session, told, now=NOON)
        check_books(session)
        intent = session.get_one(Intent, story.intent.id)
        ends.add((intent.settled, intent.excess, frozenset(story.balances().items())))
        undo.rollback()
        session.expire_all()
    assert ends == {
        (
            AMOUNT,
            150_000,
            frozenset(
                {
                    (AccountKind.BANK, 270_000),
                    (AccountKind.RECEIVED, -AMOUNT),
                    (AccountKind.SUSPENSE, -150_000),
                }
            ),
        )
    }


def test_invariant_10_refund_notices_in_any_order_end_alike(session: Session) -> None:
    """Approved, debited, marked as sent by hand: the notice of the debit may come before or after
    what people do, the statement before or after the webhook."""
    shop = books.shop()
    ends = set()
    for order in itertools.permutations(["approve", "debit", "listed"]):
        undo = session.begin_nested()
        intent = books.paid(session, shop, AMOUNT)
        wanted = books.wanted(Source.INTENT, intent.public_id, AMOUNT)
        refund = asking.request(session, shop.id, wanted, actor=shop.asker, now=NOON)
        for step in order:
            if step == "approve":
                who = shop.approver
                asking.approve(session, shop.id, refund.public_id, actor=who, now=NOON)
                continue
            told = Telling(
                source="sepay" if step == "debit" else "statement:1",
                told_id="out1",
                bank_account_id=shop.account.id,
                direction=Direction.OUT,
                amount=AMOUNT,
                booked_on=DAY,
                memo=f"HOAN TIEN {refund.reference}",
                origin="test",
            )
            hearing.hear(session, [told], now=NOON)
        session.flush()
        ends.add(
            (
                refund.state,
                *(
                    shop.balance(session, kind)
                    for kind in (AccountKind.RETURNS_DUE, AccountKind.GONE, AccountKind.RECEIVED)
                ),
                shop.balance(session, AccountKind.BANK, shop.account.public_id),
            )
        )
        undo.rollback()
        session.expire_all()
    assert ends == {("confirmed", 0, 0, 0, 0)}


def test_invariant_10_a_decision_before_or_after_the_second_telling(session: Session) -> None:
    """A cashier decides about money between two tellings of it; the second changes nothing."""
    shop = books.shop()
    ends = set()
    for order in itertools.permutations(["webhook", "statement", "keep"]):
        if order[0] == "keep":
            continue  # nobody decides about what was not heard of
        undo = session.begin_nested()
        story = Story(session, shop, settles_late=True)
        for step in order:
            if step != "keep":
                told = story.telling(1, AMOUNT, webhook=step == "webhook")
                told = Telling(**{**vars(told), "memo": "NOP TIEN"})
                hearing.hear(session, [told], now=NOON)
                continue
            (movement,) = session.scalars(select(Movement))
            decisions.keep(
                session,
                shop.id,
                movement.public_id,
                "khach:1",
                AMOUNT,
                reason="Nộp trước",
                actor=shop.asker,
                now=NOON,
            )
        check_books(session)
        ends.add(frozenset(story.balances().items()))
        undo.rollback()
        session.expire_all()
    assert ends == {frozenset({(AccountKind.BANK, AMOUNT), (AccountKind.PAYER_BALANCE, -AMOUNT)})}
