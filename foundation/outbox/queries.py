"""Reading how far the telling has come."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.outbox.models import OutboxEvent


def waiting_count(session: Session) -> int:
    """Return how many facts have not been told to all."""
    return session.scalar(select(func.count()).where(OutboxEvent.delivered_at.is_(None))) or 0


def lag(session: Session, *, now: datetime) -> float:
    """Return for how many seconds the oldest fact has been waiting; 0 when none is."""
    oldest = session.scalars(
        select(OutboxEvent.occurred_at)
        .where(OutboxEvent.delivered_at.is_(None))
        .order_by(OutboxEvent.id)
        .limit(1)
    ).one_or_none()
    return 0.0 if oldest is None else max((now - oldest).total_seconds(), 0.0)
