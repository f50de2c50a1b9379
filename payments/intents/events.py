"""Facts about what is owed that others act upon."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class IntentMoved(Event):
    """What is owed went from one state to another, or, where the two are equal, another part of
    it was settled or taken back; each is a payments.intents.rules.State. Look at the row: it
    may have moved on."""

    intent_id: int
    organisation_id: int
    before: str
    state: str
