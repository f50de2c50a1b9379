"""Whoever reconciles is reminded of waiting money, once a day and not at night."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.notifications.models import Notification
from foundation.organisations.models import Role
from payments.reconciliation.board import service
from tests.conftest import NOON
from tests.payments.reconciliation.desk import Desk, make_desk
from tests.payments.reconciliation.test_matching import arrive, intent_at


@pytest.fixture
def desk(session: Session) -> Desk:
    return make_desk(session)


def told(session: Session) -> set[int]:
    session.flush()
    rows = session.scalars(select(Notification).where(Notification.kind == "payments.waiting"))
    return {row.person_id for row in rows}


def test_those_who_reconcile_are_told_once_a_day(session: Session, desk: Desk) -> None:
    arrive(session, desk.account, 450_000, "TIEN AN")
    expected = {desk.people[role].id for role in (Role.OWNER, Role.ACCOUNTANT)}

    service.remind(session, now=NOON)
    service.remind(session, now=NOON + timedelta(hours=2))

    assert told(session) == expected
    rows = session.scalars(select(Notification)).all()
    assert len(rows) == 2
    assert rows[0].facts["amount"] == "450.000\u00a0₫"
    assert rows[0].url == desk.path
    service.remind(session, now=NOON + timedelta(days=1))
    assert len(session.scalars(select(Notification)).all()) == 4


def test_nobody_is_told_before_half_past_seven(session: Session, desk: Desk) -> None:
    arrive(session, desk.account, 450_000, "TIEN AN")

    service.remind(session, now=NOON.replace(hour=0, minute=29))
    assert told(session) == set()
    service.remind(session, now=NOON.replace(hour=0, minute=30))
    assert told(session)


def test_nobody_is_told_of_nothing(session: Session, desk: Desk) -> None:
    intent = intent_at(desk.account, 50_000)
    arrive(session, desk.account, 50_000, intent.reference)

    service.remind(session, now=NOON)

    assert told(session) == set()
