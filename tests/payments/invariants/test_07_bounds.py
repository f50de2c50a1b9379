"""No. 7: nothing is given out that did not arrive, nothing is settled that was not owed; the
database itself holds to it, whoever writes."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests import factories


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE movements SET allocated = amount + 1",
        "UPDATE movements SET allocated = -1",
        "UPDATE movements SET frozen = -1",
        "UPDATE movements SET allocated = amount, frozen = 1",
        "UPDATE movements SET amount = 0",
        "UPDATE movements SET amount = -amount",
    ],
)
def test_invariant_07_no_movement_gives_out_more_than_arrived(
    session: Session, change: str
) -> None:
    factories.MovementFactory()

    with pytest.raises(DBAPIError, match=r"allocated_within|positive"):
        session.execute(text(change))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payment_intents SET settled = amount + 1",
        "UPDATE payment_intents SET settled = -1",
        "UPDATE payment_intents SET refunded = settled + 1",
        "UPDATE payment_intents SET refunded = -1",
        "UPDATE payment_intents SET excess = -1",
        "UPDATE payment_intents SET amount = 0",
    ],
)
def test_invariant_07_no_intent_is_settled_beyond_what_is_owed(
    session: Session, change: str
) -> None:
    factories.IntentFactory()

    with pytest.raises(DBAPIError, match=r"within|excess|positive"):
        session.execute(text(change))
