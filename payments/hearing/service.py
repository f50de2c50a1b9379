"""The whole way of what is told of money: taken in, matched, and every other waiter asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from payments.credits import queries as credits_queries
from payments.credits import service as credits_service
from payments.credits.rules import Telling
from payments.credits.service import Heard
from payments.payouts import service as payouts
from payments.reconciliation import service as reconciliation
from payments.refunds import service as refunds


def hear(session: Session, tellings: Sequence[Telling], *, now: datetime) -> list[Heard]:
    """Take tellings in and find what their movements are: payments of what is owed, refunds and
    payouts that went or came back.

    Every source goes through here. Returns what became of each telling, in the order given.
    """
    heard = credits_service.take_in(session, tellings, now=now)
    recognise(session, [one.movement_id for one in heard if one.news and one.movement_id], now=now)
    return heard


def recognise(session: Session, movement_ids: Sequence[int], *, now: datetime) -> None:
    """Find what movements are that nobody has decided about yet."""
    if not movement_ids:
        return
    reconciliation.match(session, movement_ids, now=now)
    left = credits_queries.untouched(session, movement_ids)
    if left:
        refunds.match(session, left, now=now)
        payouts.match(session, left, now=now)
