"""Facts about organisations that others act upon."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class OrganisationSubmitted(Event):
    organisation_id: int


@dataclass(frozen=True, kw_only=True)
class OrganisationDecided(Event):
    """The authority moved an application: `state` is the new one (verified, needs_more,
    rejected, suspended)."""

    organisation_id: int
    state: str


@dataclass(frozen=True, kw_only=True)
class OrganisationChanged(Event):
    """What buyers see of it changed (name, place), or whether they see it at all."""

    organisation_id: int


@dataclass(frozen=True, kw_only=True)
class MemberInvited(Event):
    invitation_id: int
