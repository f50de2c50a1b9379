"""Which gateways there are: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from foundation.config import Config
from payments.gateways import null, stripe_cards
from payments.gateways.gateway import Gateway

# The first that the configuration opens takes new payments; the others still answer for theirs.
GATEWAYS: Final[tuple[Callable[[Config], Gateway | None], ...]] = (
    stripe_cards.open_with,
    null.open_with,
)


@lru_cache(maxsize=8)
def gateways(config: Config) -> Mapping[str, Gateway]:
    """Return the gateways of this configuration by their codes, the preferred first."""
    found = [gateway for make in GATEWAYS if (gateway := make(config)) is not None]
    return {gateway.code: gateway for gateway in found}


def preferred(config: Config) -> Gateway | None:
    """Return the gateway that takes new card payments, None where cards are not taken."""
    return next(iter(gateways(config).values()), None)
