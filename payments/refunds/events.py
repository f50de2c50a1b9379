"""Facts about refunds that others act upon."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class RefundMoved(Event):
    """A refund went from one state to another. `source` and `state` as
    payments.refunds.rules names them. Look at the row: it may have moved on."""

    refund_id: int
    organisation_id: int
    source: str
    state: str
