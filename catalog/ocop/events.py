"""Facts about certificates that others act upon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from foundation.outbox.events import Event


@dataclass(frozen=True, kw_only=True)
class CertificateChanged(Event):
    """Which stars products carry may have changed: decided, revoked or lapsed."""

    certificate_id: int


@dataclass(frozen=True, kw_only=True)
class CertificateDecided(Event):
    certificate_id: int
    organisation_id: int
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class CertificateLapsing(Event):
    """It lapses in 90, 30 or 7 days."""

    certificate_id: int
    organisation_id: int
    days_ahead: int
    lapses_on: date
