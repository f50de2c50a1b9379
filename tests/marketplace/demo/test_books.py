"""The demo's money is alive: every kind of matter a person decides about is there."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace.demo import service
from payments.credits.models import Movement, Outcome, State, Told, ToldMovement
from payments.gateways.cash_desk.models import CashShift, ShiftState
from payments.intents.models import Intent
from payments.intents.models import State as IntentState
from payments.ledger.models import Posting
from payments.payouts.models import BatchState, PayoutBatch
from payments.refunds.models import Refund
from payments.refunds.models import State as RefundState
from tests.conftest import NOON


@pytest.fixture
def province(app: Flask, session: Session) -> Session:
    service.build(session, now=NOON, data_key="d" * 40, password_hash="!")
    session.flush()
    return session


def test_there_is_something_of_every_kind_to_decide(province: Session) -> None:
    waiting = set(
        province.scalars(select(Movement.outcome).where(Movement.state == State.WAITING)).all()
    )
    states = set(province.scalars(select(Intent.state)).all())

    assert waiting >= {
        Outcome.OVER,
        Outcome.DUPLICATE,
        Outcome.LATE,
        Outcome.NO_REFERENCE,
        Outcome.UNKNOWN_REFERENCE,
    }
    assert states >= {IntentState.OPEN, IntentState.PART_PAID, IntentState.PAID}
    told = select(ToldMovement.amount).where(ToldMovement.told == Told.CONFLICT)
    assert province.scalars(told).all() == [205_000]


def test_people_are_in_the_middle_of_their_work(province: Session) -> None:
    assert province.scalars(select(Refund.state)).all() == [RefundState.REQUESTED]
    assert province.scalars(select(CashShift.state)).all() == [ShiftState.OPEN]
    assert province.scalars(select(PayoutBatch.state)).all() == [BatchState.DRAFT]
    assert province.scalar(select(func.sum(Posting.amount))) == 0
