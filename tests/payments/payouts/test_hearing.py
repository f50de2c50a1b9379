"""Refunds and payouts are recognised wherever money is heard of."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.bank_accounts.models import BankAccount
from payments.credits.models import Direction
from payments.credits.rules import Telling
from payments.hearing import service as hearing
from payments.payouts.models import State
from tests.conftest import NOON
from tests.payments.payouts import books


def test_a_payout_is_heard_to_arrive_and_to_leave(session: Session) -> None:
    platform = books.platform()
    seller = books.with_account(session, platform, 1_500_000)
    payout = books.exported(session, platform).payouts[0]
    for where, direction in ((seller, Direction.IN), (platform.operator, Direction.OUT)):
        account = session.scalars(
            select(BankAccount.id).where(BankAccount.organisation_id == where.id)
        ).one()
        telling = Telling(
            source="sepay",
            told_id=f"h{account}",
            bank_account_id=account,
            direction=direction,
            amount=payout.net,
            booked_on=date(2026, 11, 22),
            memo=f"CT {payout.reference.lower()} tu",
            origin="inbox:1",
        )
        hearing.hear(session, [telling], now=NOON)

    assert payout.state is State.CONFIRMED
    assert payout.gone_id is not None
    assert payout.arrived_id is not None
