"""The whole engine against a plain model: random webhooks, statements, polls, decisions, refunds,
recalls, expiries and crashes, with every đồng counted after each step, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, case, func, select
from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM
from foundation.errors import DomainError
from payments.bank_feeds.models import InboxMessage
from payments.bank_feeds.processing import queries as inbox
from payments.bank_feeds.processing import service as processing
from payments.credits.models import Direction, Movement, State
from payments.credits.rules import Telling
from payments.hearing import service as hearing
from payments.intents import service as intents
from payments.intents.models import Intent
from payments.intents.rules import Line, Wanted
from payments.reconciliation.decisions import service as decisions
from payments.reconciliation.models import Allocation, AllocationKind
from payments.refunds.asking import service as asking
from payments.refunds.models import Refund, Source
from tests import factories
from tests.conftest import NOON
from tests.payments.conservation import check_books
from tests.payments.refunds import books

DAY = date(2026, 11, 22)
AMOUNTS = st.sampled_from([10_000, 10_001, 50_000, 120_000])
DAMAGE = (
    "{code}",
    "mbvcb.699.{code}.CT tu 007 NGUYEN VAN A toi 970",
    "CUSTOMER QR {split}  Ma giao dich Trace2 23979",
    "ND:CT DEN:5919 {code}-221126-08:15:02; tai Napas",
)


class Crash(Exception):
    """The process died before its transaction was committed."""


@dataclass
class Owed:
    """What the model knows of an intent."""

    intent_id: int
    public_id: str
    amount: int
    payer: str | None
    settles_late: bool
    expires_at: datetime | None
    settled: int = 0
    cancelled: bool = False


@dataclass
class Transfer:
    """A real movement of money, whether the platform has heard of it or not."""

    number: int
    amount: int
    memo: str
    owed: Owed | None
    heard: bool = False


@dataclass
class Model:
    """The oracle: where every đồng lies that was heard of."""

    owed: list[Owed] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    waiting: int = 0
    kept: int = 0
    not_ours: int = 0
    returning: int = 0
    frozen: int = 0

    def hear(self, transfer: Transfer, now: datetime) -> None:
        if transfer.heard:
            return
        transfer.heard = True
        rest, one = transfer.amount, transfer.owed
        if one is not None:
            late = one.expires_at is not None and now >= one.expires_at
            if not one.cancelled and (one.settles_late or not late):
                share = min(rest, one.amount - one.settled)
                one.settled += share
                rest -= share
            if one.payer is not None:
                self.kept += rest
                rest = 0
        self.waiting += rest


class World(RuleBasedStateMachine):
    """Steps that the world and people take, in any order."""

    engine: Engine

    @initialize()
    def begin(self) -> None:
        self.connection = self.engine.connect()
        self.outer = self.connection.begin()
        self.session = Session(
            self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        factories.use(self.session)
        self.shop = books.shop()
        self.feed = factories.BankFeedFactory(organisation=self.shop.organisation)
        self.model = Model()
        self.now = NOON
        self.serial = 0

    def teardown(self) -> None:
        self.session.close()
        self.outer.rollback()
        self.connection.close()

    def attempt(self, step: Callable[[], Any], *, crash: bool = False) -> Any:
        """Take a step in a transaction of its own; None when it was refused or died."""
        try:
            with self.session.begin_nested():
                result = step()
                if crash:
                    raise Crash
        except (Crash, DomainError):
            self.session.expire_all()
            return None
        return True if result is None else result

    # --- what is owed -------------------------------------------------------------------------

    @rule(
        amount=AMOUNTS,
        payer=st.sampled_from([None, None, "pupil:1"]),
        settles_late=st.booleans(),
        minutes=st.sampled_from([None, None, 30]),
    )
    def ask_for_money(
        self, amount: int, payer: str | None, settles_late: bool, minutes: int | None
    ) -> None:
        self.serial += 1
        line = Line(kind="order", subject=str(self.serial), label="Khô cá lóc", amount=amount)
        wanted = Wanted(
            key=f"order:{self.serial}",
            amount=amount,
            purpose="Đơn hàng",
            lines=(line,),
            payer=payer,
            settles_late=settles_late,
            expires_at=None if minutes is None else self.now + timedelta(minutes=minutes),
        )
        made = intents.create(self.session, self.shop.id, wanted, actor=SYSTEM, now=self.now)
        again = intents.create(self.session, self.shop.id, wanted, actor=SYSTEM, now=self.now)
        assert again.id == made.id
        self.model.owed.append(
            Owed(
                intent_id=made.id,
                public_id=made.public_id,
                amount=amount,
                payer=payer,
                settles_late=settles_late,
                expires_at=wanted.expires_at,
            )
        )

    @precondition(lambda self: self.model.owed)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.model.owed))
        done = self.attempt(
            lambda: intents.cancel(
                self.session,
                self.shop.id,
                one.public_id,
                reason="Khách đổi ý",
                actor=self.shop.asker,
                now=self.now,
            )
        )
        if done:
            assert one.settled == 0
            one.cancelled = True

    @rule(minutes=st.sampled_from([1, 40]))
    def let_time_pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        intents.expire_due(self.session, now=self.now)

    # --- money moves, and is told of ----------------------------------------------------------

    @rule(amount=AMOUNTS, wrapped=st.sampled_from(DAMAGE), known=st.booleans(), data=st.data())
    def pay(self, amount: int, wrapped: str, known: bool, data: st.DataObject) -> None:
        """Somebody pays; nobody has told of it yet."""
        one, memo = None, "tien hang"
        if known and self.model.owed:
            one = data.draw(st.sampled_from(self.model.owed))
            code = self.session.get_one(Intent, one.intent_id).reference
            memo = wrapped.format(code=code, split=f"{code[:6]} {code[6:]}".lower())
        number = len(self.model.transfers)
        self.model.transfers.append(
            Transfer(number=number, amount=amount, memo=f"{memo} T{number:03d}", owed=one)
        )

    @precondition(lambda self: self.model.transfers)
    @rule(data=st.data(), crash=st.booleans(), poll=st.booleans())
    def tell(self, data: st.DataObject, crash: bool, poll: bool) -> None:
        """A webhook (perhaps again) or SePay's list tells of a transfer; the worker may die."""
        transfer = data.draw(st.sampled_from(self.model.transfers))
        step = self._poll if poll else self._webhook
        if self.attempt(lambda: step(transfer), crash=crash):
            self.model.hear(transfer, self.now)

    def _webhook(self, transfer: Transfer) -> None:
        body = {
            "id": 7_000 + transfer.number,
            "gateway": "Demo",
            "transactionDate": "2026-11-22 12:00:00",
            "accountNumber": self.shop.account.number,
            "code": None,
            "content": transfer.memo,
            "transferType": "in",
            "transferAmount": transfer.amount,
            "accumulated": 0,
            "subAccount": None,
            "referenceCode": f"FT{transfer.number:012d}",
            "description": transfer.memo,
        }
        message: InboxMessage = factories.InboxMessageFactory(
            feed=self.feed, body=json.dumps(body).encode()
        )
        self.session.flush()
        taken = inbox.take(self.session, now=self.now, limit=10)
        assert [one.id for one in taken] == [message.id]
        processing.process(self.session, taken, now=self.now)

    def _poll(self, transfer: Transfer) -> None:
        telling = self._telling(transfer, "sepay", str(7_000 + transfer.number))
        hearing.hear(self.session, [telling], now=self.now)

    @precondition(lambda self: self.model.transfers)
    @rule(crash=st.booleans())
    def import_statement(self, crash: bool) -> None:
        """The statement of all there is: whatever no webhook told of becomes known."""
        rows = [
            self._telling(transfer, "statement:1", f"row{transfer.number}")
            for transfer in self.model.transfers
        ]
        if self.attempt(lambda: hearing.hear(self.session, rows, now=self.now), crash=crash):
            for transfer in self.model.transfers:
                self.model.hear(transfer, self.now)

    def _telling(self, transfer: Transfer, source: str, told_id: str) -> Telling:
        by_bank = source.startswith("statement")
        return Telling(
            source=source,
            told_id=told_id,
            bank_account_id=self.shop.account.id,
            direction=Direction.IN,
            amount=transfer.amount,
            booked_on=DAY + timedelta(days=1) if by_bank else DAY,
            memo=transfer.memo,
            bank_reference="" if by_bank else f"FT{transfer.number:012d}",
            origin="test",
        )

    # --- people decide ------------------------------------------------------------------------

    def _waiting(self) -> list[Movement]:
        rows = select(Movement).where(
            Movement.state == State.WAITING, Movement.direction == Direction.IN
        )
        return [one for one in self.session.scalars(rows.order_by(Movement.id)) if one.waiting]

    def _person(self) -> dict[str, Any]:
        return {"reason": "Khách xác nhận", "actor": self.shop.asker, "now": self.now}

    @precondition(lambda self: self.model.waiting and self.model.owed)
    @rule(data=st.data(), crash=st.booleans())
    def allocate(self, data: st.DataObject, crash: bool) -> None:
        movement = data.draw(st.sampled_from(self._waiting()))
        one = data.draw(st.sampled_from(self.model.owed))
        amount = min(movement.waiting, one.amount - one.settled)
        shares = {one.public_id: amount}
        if self.attempt(
            lambda: decisions.allocate(
                self.session, self.shop.id, movement.public_id, shares, **self._person()
            ),
            crash=crash,
        ):
            one.settled += amount
            self.model.waiting -= amount

    @precondition(lambda self: self.model.waiting)
    @rule(data=st.data(), ours=st.booleans())
    def keep_or_disown(self, data: st.DataObject, ours: bool) -> None:
        movement = data.draw(st.sampled_from(self._waiting()))
        amount, public_id = movement.waiting, movement.public_id
        if ours:
            decisions.keep(
                self.session, self.shop.id, public_id, "khach:1", amount, **self._person()
            )
            self.model.kept += amount
        else:
            decisions.mark_not_ours(self.session, self.shop.id, public_id, **self._person())
            self.model.not_ours += amount
        self.model.waiting -= amount

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        made = self.session.scalars(
            select(Allocation).where(Allocation.amount > 0).order_by(Allocation.id)
        ).all()
        if not made:
            return
        one = data.draw(st.sampled_from(made))
        if self.attempt(
            lambda: decisions.undo(self.session, self.shop.id, one.public_id, **self._person())
        ):
            self._give_up(one)
            self.model.waiting += one.amount

    def _give_up(self, allocation: Allocation) -> None:
        if allocation.kind is AllocationKind.INTENT:
            (owed,) = [m for m in self.model.owed if m.intent_id == allocation.intent_id]
            owed.settled -= allocation.amount
        elif allocation.kind is AllocationKind.BALANCE:
            self.model.kept -= allocation.amount
        else:
            self.model.not_ours -= allocation.amount

    @precondition(lambda self: self.model.waiting)
    @rule(data=st.data(), approve=st.booleans())
    def give_back(self, data: st.DataObject, approve: bool) -> None:
        movement = data.draw(st.sampled_from(self._waiting()))
        amount = movement.waiting
        wanted = books.wanted(Source.MOVEMENT, movement.public_id, amount, amount)
        refund: Refund = asking.request(
            self.session, self.shop.id, wanted, actor=self.shop.asker, now=self.now
        )
        self.model.waiting -= amount
        self.model.returning += amount
        answer = asking.approve if approve else asking.decline
        more = {} if approve else {"reason": "Không đúng khách"}
        done = self.attempt(
            lambda: answer(
                self.session,
                self.shop.id,
                refund.public_id,
                actor=self.shop.approver,
                now=self.now,
                **more,
            )
        )
        if done and not approve:
            self.model.returning -= amount
            self.model.waiting += amount

    @rule(data=st.data(), taken_back=st.booleans())
    def recall(self, data: st.DataObject, taken_back: bool) -> None:
        """The bank wants a transfer back, and lets go of it again."""
        rows = select(Movement).where(Movement.direction == Direction.IN).order_by(Movement.id)
        known = self.session.scalars(rows).all()
        if not known:
            return
        movement = data.draw(st.sampled_from(known))
        standing = self._standing(movement)
        before = movement.waiting
        who = self._person()
        if not self.attempt(
            lambda: decisions.freeze(
                self.session, self.shop.id, movement.public_id, movement.amount, **who
            )
        ):
            return
        for one in standing:
            self._give_up(one)
        self.model.waiting -= before
        if taken_back:
            decisions.reverse(self.session, self.shop.id, movement.public_id, None, **who)
            self.model.frozen += movement.amount
        else:
            decisions.unfreeze(self.session, self.shop.id, movement.public_id, **who)
            self.model.waiting += movement.amount

    def _standing(self, movement: Movement) -> list[Allocation]:
        undone = select(Allocation.undoes_id).where(Allocation.undoes_id.is_not(None))
        rows = select(Allocation).where(
            Allocation.movement_id == movement.id,
            Allocation.amount > 0,
            Allocation.id.not_in(undone),
        )
        return list(self.session.scalars(rows))

    # --- what must always hold ----------------------------------------------------------------

    @invariant()
    def books_hold(self) -> None:
        if hasattr(self, "session"):
            check_books(self.session)

    @invariant()
    def model_agrees(self) -> None:
        if not hasattr(self, "session"):
            return
        heard = sum(one.amount for one in self.model.transfers if one.heard)
        arrived, waiting, frozen = self.session.execute(
            select(
                func.coalesce(func.sum(Movement.amount), 0),
                func.coalesce(func.sum(Movement.amount - Movement.allocated - Movement.frozen), 0),
                func.coalesce(func.sum(Movement.frozen), 0),
            ).where(Movement.direction == Direction.IN)
        ).one()
        assert (arrived, waiting, frozen) == (heard, self.model.waiting, self.model.frozen)
        for one in self.model.owed:
            stored = self.session.get_one(Intent, one.intent_id)
            assert stored.settled == one.settled
        sums = dict.fromkeys(AllocationKind, 0)
        rows = self.session.execute(
            select(
                Allocation.kind,
                func.sum(case((Allocation.movement_id.is_not(None), Allocation.amount), else_=0)),
            ).group_by(Allocation.kind)
        )
        sums.update({row[0]: int(row[1]) for row in rows})
        assert sums[AllocationKind.BALANCE] == self.model.kept
        assert sums[AllocationKind.NOT_OURS] == self.model.not_ours
        assert sums[AllocationKind.RETURN] == self.model.returning


def test_invariant_06_money_is_conserved_whatever_happens(engine: Engine) -> None:
    run_state_machine_as_test(
        type("OnThisDatabase", (World,), {"engine": engine}),
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[*HealthCheck],
        ),
    )
