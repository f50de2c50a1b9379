"""How long an invitation stands, and how many may be sent. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from foundation.organisations.rules import State

INVITATION_LASTS: Final = timedelta(days=7)
ONE_DAY: Final = timedelta(days=1)
# A message to a phone costs money and may annoy: who is not verified sends few.
INVITATIONS_A_DAY: Final = 20
INVITATIONS_A_DAY_UNVERIFIED: Final = 3
INVITATIONS_TO_A_PHONE_A_DAY: Final = 5


def invitations_a_day(state: State) -> int:
    """Return how many invitations an organisation in this state may send in a day."""
    return INVITATIONS_A_DAY if state is State.VERIFIED else INVITATIONS_A_DAY_UNVERIFIED
