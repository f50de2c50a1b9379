"""Reading the inbox."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.notifications.models import Notification


def unread_count(session: Session, person_id: int) -> int:
    """Return how many lines of a person's inbox have not been read."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Notification)
            .where(Notification.person_id == person_id, Notification.read_at.is_(None))
        )
        or 0
    )
