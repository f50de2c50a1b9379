"""Work put aside for the worker, how far it has come, and when the regular work is next due."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, Json, JsonDict, Key, PublicId


class RunState(StrEnum):
    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobRun(Base):
    """One call of a named job, stored in the transaction that asked for it. `next_try_at` is when
    it is to be queued: while it is queued or runs, that is the moment it counts as lost."""

    __tablename__ = "job_runs"
    __table_args__ = (Index("ix_job_runs_waiting", "state", "next_try_at"),)

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    name: Mapped[str] = mapped_column(String(80))
    args: Mapped[JsonDict]
    state: Mapped[RunState] = mapped_column(default=RunState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    result: Mapped[dict[str, object] | None] = mapped_column(Json)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobPeriod(Base):
    """When a regular job is next due; the row is what keeps two workers from doing it twice."""

    __tablename__ = "job_periods"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    next_at: Mapped[datetime]
