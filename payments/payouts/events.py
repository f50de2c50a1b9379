"""Facts about payouts that others act upon."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class PayoutMoved(Event):
    """A transfer to a seller went from one state to another (payments.payouts.rules.State). Look
    at the row: it may have moved on."""

    payout_id: int
    seller_id: int
    state: str
