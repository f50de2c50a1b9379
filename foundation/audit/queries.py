"""Reading what happened to a row."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit.models import AuditEntry


def history(
    session: Session, subject_kind: str, subject_id: int, *, limit: int = 50
) -> Sequence[AuditEntry]:
    """Return what was done to a row, the newest first. `subject_kind` is its table's name."""
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == subject_kind, AuditEntry.subject_id == subject_id)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    ).all()
