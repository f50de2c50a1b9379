"""Reading which refunds are to go back to cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.refunds import rules
from payments.refunds.models import Means, Refund, RefundAttempt

# Providers forget their idempotency keys after a day; asking later could pay a second time.
ASK_FOR: Final = timedelta(hours=20)


def due(session: Session, *, now: datetime, limit: int) -> Sequence[int]:
    """Return the refunds that providers are asked to give back, or how they stand, the oldest
    first; those whose latest attempt is too old for that are left to people."""
    newer = select(RefundAttempt.id).where(
        RefundAttempt.refund_id == Refund.id, RefundAttempt.began_at > now - ASK_FOR
    )
    return session.scalars(
        select(Refund.id)
        .where(
            Refund.means == Means.CARD,
            Refund.state.in_(sorted(rules.ON_ITS_WAY)),
            newer.exists(),
        )
        .order_by(Refund.id)
        .limit(limit)
    ).all()
