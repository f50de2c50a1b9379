"""Reading what the worker has before it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.jobs.models import JobRun, RunState

OPEN = (RunState.WAITING, RunState.QUEUED, RunState.RUNNING)


def run(session: Session, public_id: str) -> JobRun | None:
    """Return one run, to show how far it has come. Whether the asker may see it is for the
    caller to know."""
    return session.scalars(select(JobRun).where(JobRun.public_id == public_id)).one_or_none()


def open_count(session: Session) -> int:
    """Return how many runs are not over."""
    return session.scalar(select(func.count()).where(JobRun.state.in_(OPEN))) or 0


def any_due(session: Session, *, now: datetime) -> bool:
    """Say whether a run is to be queued: asked for, to be tried again, or lost."""
    due = select(JobRun.id).where(JobRun.state.in_(OPEN), JobRun.next_try_at <= now)
    return session.scalar(due.limit(1)) is not None
