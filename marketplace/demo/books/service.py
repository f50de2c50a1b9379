"""Lets weeks of money arrive at the demo's shop, the way a bank tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from foundation import clock
from foundation.audit.rules import Actor
from foundation.organisations.models import Organisation
from foundation.text import fold
from marketplace.demo.books import rules
from marketplace.demo.books.rules import Sale, Stray
from payments.bank_accounts import queries as bank_accounts
from payments.bank_accounts.models import BankAccount
from payments.banks.rules import PRACTICE_BIN
from payments.credits.models import Direction, Movement
from payments.credits.rules import Telling
from payments.gateways.cash_desk import service as cash_desk
from payments.gateways.cash_on_delivery import service as cash_on_delivery
from payments.hearing import service as hearing
from payments.intents import service as intents
from payments.intents.models import Intent
from payments.intents.rules import Line, Wanted
from payments.payouts.drawing import service as drawing
from payments.reconciliation.decisions import service as decisions
from payments.refunds.asking import service as refunds
from payments.refunds.rules import Means, Source
from payments.refunds.rules import Wanted as WantedBack


def fill(
    session: Session,
    shop: Organisation,
    operator: Organisation,
    *,
    seller_id: int,
    officer_id: int,
    now: datetime,
) -> None:
    """Sell, be paid and decide for `shop`, which has its account; leave the rest to be decided."""
    account = bank_accounts.main(session, shop.id)
    if account is None:
        raise ValueError("the shop has no account to be paid at")
    seller = Actor.person(seller_id, organisation_id=shop.id)
    books = _Books(session, shop, account, seller, now)
    for sale in rules.sales():
        books.sell(sale)
    special = [books.sell(sale) for sale in rules.TOLD_APART]
    for stray in rules.STRAYS:
        books.hear(stray)
    books.decide()
    books.contradict()
    books.ask_back(special[3][-1])
    books.open_till(special[5][0])
    books.send_parcels(operator, Actor.person(officer_id, organisation_id=operator.id))


@dataclass
class _Books:
    """Carries what every step needs."""

    session: Session
    shop: Organisation
    account: BankAccount
    seller: Actor
    now: datetime
    number: int = 0

    def sell(self, sale: Sale) -> tuple[Intent, *tuple[Movement, ...]]:
        """Ask for money as it was asked for then, and let arrive what arrived."""
        self.number += 1
        asked = self.now - timedelta(minutes=sale.minutes)
        ends = None if sale.minutes_open is None else asked + timedelta(minutes=sale.minutes_open)
        line = Line(kind="demo", subject=str(self.number), label=sale.label, amount=sale.amount)
        wanted = Wanted(
            key=f"demo:{self.number}",
            amount=sale.amount,
            purpose=sale.label,
            lines=(line,),
            payer_name=sale.buyer,
            settles_late=sale.settles_late,
            expires_at=ends,
        )
        intent = intents.create(self.session, self.shop.id, wanted, actor=self.seller, now=asked)
        arrived: list[Movement] = []
        for turn, amount in enumerate(sale.paid, start=1):
            paid = Stray(
                minutes=sale.minutes - 7 * turn,
                amount=amount,
                memo=f"MBVCB.{4_100_000 + self.number * 10 + turn}.{intent.reference}.CT tu 0123",
                sender=fold(sale.buyer).upper(),
            )
            arrived.append(self.hear(paid))
        return (intent, *arrived)

    def hear(self, stray: Stray) -> Movement:
        """Let the bank tell of a movement when it happened."""
        self.number += 1
        then = self.now - timedelta(minutes=stray.minutes)
        (heard,) = hearing.hear(self.session, [self.telling(stray, self.number)], now=then)
        return self.session.get_one(Movement, heard.movement_id)

    def telling(self, stray: Stray, number: int, source: str = rules.SOURCE) -> Telling:
        then = self.now - timedelta(minutes=stray.minutes)
        return Telling(
            source=source,
            told_id=f"demo-{number}",
            bank_account_id=self.account.id,
            direction=Direction.OUT if stray.out else Direction.IN,
            amount=stray.amount,
            booked_on=clock.day(then),
            memo=stray.memo,
            origin="demo",
            happened_at=then,
            bank_reference=f"FT26{number:08d}",
            counter_name=stray.sender,
        )

    def decide(self) -> None:
        """A deposit is kept for who paid it; money of the household is set apart."""
        deposit, household = self.hear(rules.KEPT), self.hear(rules.NOT_OURS)
        decisions.keep(
            self.session,
            self.shop.id,
            deposit.public_id,
            "Bùi Thị Cúc",
            rules.KEPT.amount,
            reason="Đặt cọc hàng Tết, trừ dần vào các đơn sau",
            actor=self.seller,
            now=self.now - timedelta(minutes=rules.KEPT.minutes - 50),
        )
        decisions.mark_not_ours(
            self.session,
            self.shop.id,
            household.public_id,
            reason="Tiền nhà chuyển qua, không phải tiền hàng",
            actor=self.seller,
            now=self.now - timedelta(minutes=rules.NOT_OURS.minutes - 90),
        )

    def contradict(self) -> None:
        """Two sources tell of one reference, each another amount."""
        self.hear(rules.TOLD_TWICE)
        stray = Stray(
            minutes=rules.TOLD_TWICE.minutes,
            amount=rules.TOLD_OTHERWISE,
            memo=rules.TOLD_TWICE.memo,
        )
        telling = self.telling(stray, self.number, rules.OTHER_SOURCE)
        hearing.hear(self.session, [telling], now=self.now - timedelta(minutes=stray.minutes - 15))

    def ask_back(self, movement: Movement | Intent) -> None:
        """Ask to give back what came a second time; somebody else must approve."""
        wanted = WantedBack(
            key="demo:refund",
            source=Source.MOVEMENT,
            subject=movement.public_id,
            amount=movement.amount,
            believed=movement.amount,
            means=Means.BANK,
            reason="Khách chuyển hai lần cho cùng một đơn sỉ",
            bank_bin=PRACTICE_BIN,
            account_number="8811223344",
            holder="TRAN KIM THOA",
        )
        then = self.now - timedelta(minutes=35)
        refunds.request(self.session, self.shop.id, wanted, actor=self.seller, now=then)

    def open_till(self, intent: Intent) -> None:
        """The desk is open since the morning, and somebody has paid there in notes."""
        began = self.now - timedelta(hours=3)
        desk = cash_desk.add_desk(
            self.session, self.shop.id, rules.DESK, actor=self.seller, now=began
        )
        shift = cash_desk.open_shift(
            self.session,
            self.shop.id,
            desk.public_id,
            rules.FLOAT,
            actor=self.seller,
            now=began,
        )
        cash_desk.take(
            self.session,
            self.shop.id,
            shift.public_id,
            intent.public_id,
            intent.amount,
            given=100_000,
            key="demo:cash",
            actor=self.seller,
            now=self.now - timedelta(minutes=12),
        )

    def send_parcels(self, operator: Organisation, officer: Actor) -> None:
        """A courier has collected for the shop; what the platform owes it is drawn up to be paid
        out, and one parcel is still on its way."""
        courier = cash_on_delivery.add_courier(
            self.session, rules.COURIER, "0550000070", actor=officer, now=self.now
        )
        for place, amount in enumerate(rules.PARCELS, start=1):
            sale = Sale(
                minutes=(5 - place) * 1440,
                label=f"Kiện hàng giao tận nhà số {place}",
                amount=amount,
                buyer=rules.PEOPLE[place],
            )
            then = self.now - timedelta(minutes=sale.minutes)
            collection = cash_on_delivery.expect(
                self.session,
                self.sell(sale)[0],
                courier,
                key=f"demo:{place}",
                due_on=clock.day(self.now) + timedelta(days=1),
                parcel=f"TB{20_260 + place}",
                actor=officer,
                now=then,
            )
            self.session.flush()
            if place < len(rules.PARCELS):
                cash_on_delivery.collected(
                    self.session,
                    operator.id,
                    collection.public_id,
                    actor=officer,
                    now=then + timedelta(hours=9),
                )
        drawing.draw_up(self.session, actor=officer, now=self.now)
