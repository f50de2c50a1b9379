"""What a seller's desk thinks worth saying. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

LOW_STOCK: Final = 5
LAPSING_WITHIN: Final = timedelta(days=90)
ROWS_SHOWN: Final = 5
PHOTOS_WANTED: Final = 3


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step on the way to the first sale; `name` says which, `done` whether it is behind."""

    name: str
    done: bool


def first_steps(
    *, verified: bool, sent: bool, products: int, with_photos: int, published: int
) -> list[Step]:
    """Return the steps from an application to a product that buyers can see, in order."""
    return [
        Step(name="application", done=sent or verified),
        Step(name="verified", done=verified),
        Step(name="product", done=products > 0),
        Step(name="photos", done=with_photos > 0),
        Step(name="published", done=published > 0 and verified),
    ]
