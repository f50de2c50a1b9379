"""A gateway without a provider, for the demo and for tests: the amount says what happens.

Amounts that end in 402 are declined; 408: the answer is lost, though the money is taken; 504: no
answer when the payment is opened. It keeps nothing, so that any number of processes agree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from foundation.config import Config
from foundation.errors import N_
from payments.gateways.errors import BadNotice, GatewayError
from payments.gateways.rules import (
    Asked,
    Capability,
    ChargeState,
    Facts,
    Notice,
    Refunded,
    RefundState,
)

DECLINED: Final = 402
ANSWER_LOST: Final = 408
NO_ANSWER: Final = 504


class Null:
    """Succeeds, is declined or stays silent, by the last three digits of the amount."""

    code = "null"
    name = N_("Thẻ dùng thử")
    capabilities = frozenset({Capability.OWN_FORM, Capability.REFUNDS, Capability.PART_REFUNDS})
    script = None
    least = 1_000
    most = 99_999_999

    def begin(self, asked: Asked) -> Facts:
        """Open a payment."""
        if asked.amount % 1_000 == NO_ANSWER:
            raise GatewayError("no answer", unsure=True)
        return self.ask(asked)

    def ask(self, asked: Asked) -> Facts:
        """Say how a payment stands: pending until it was agreed to."""
        provider_id = "null_" + hashlib.sha256(asked.key.encode()).hexdigest()[:24]
        if not asked.agreed:
            return Facts(provider_id=provider_id, state=ChargeState.PENDING)
        if asked.amount % 1_000 == DECLINED:
            return Facts(provider_id=provider_id, state=ChargeState.FAILED, failure="card_declined")
        return Facts(provider_id=provider_id, state=ChargeState.SUCCEEDED, received=asked.amount)

    def confirm(self, asked: Asked) -> Facts:
        """Take the money, as far as there is any."""
        if asked.amount % 1_000 == ANSWER_LOST:
            raise GatewayError("the answer was lost", unsure=True)
        return self.ask(asked)

    def cancel(self, asked: Asked) -> Facts:
        """Close a payment, unless it was agreed to."""
        facts = self.ask(asked)
        if facts.state is ChargeState.SUCCEEDED:
            return facts
        return Facts(provider_id=facts.provider_id, state=ChargeState.CANCELLED)

    def read_notice(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Nobody notifies for this gateway."""
        raise BadNotice(why="no provider")

    def refund(self, asked: Asked, amount: int, key: str) -> Refunded:
        """Give money back: declined like the payment itself would be."""
        declined = amount % 1_000 == DECLINED
        return Refunded(
            provider_id="null_" + hashlib.sha256(key.encode()).hexdigest()[:24],
            state=RefundState.FAILED if declined else RefundState.SUCCEEDED,
            amount=amount,
            failure="declined" if declined else "",
        )


def open_with(config: Config) -> Null | None:
    """Return this gateway where no real money can be taken: in the demo, without a provider."""
    return Null() if config.demo and not config.stripe_secret_key else None
