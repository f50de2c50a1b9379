"""Facts about products that others act upon."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class ProductChanged(Event):
    """Anything a buyer can see of a product changed: words, price, stock, photos or state."""

    product_id: int


@dataclass(frozen=True, kw_only=True)
class ProductPublished(Event):
    product_id: int
    organisation_id: int
    first_time: bool


@dataclass(frozen=True, kw_only=True)
class ProductReviewed(Event):
    """The authority sent a product back or let it through."""

    product_id: int
    organisation_id: int
    accepted: bool
