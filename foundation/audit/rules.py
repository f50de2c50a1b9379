"""Who acts. A service is given one; it never looks for one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does a thing: a person (for an organisation or for oneself), or the platform itself."""

    kind: str
    person_id: int | None = None
    organisation_id: int | None = None
    request_id: str | None = None

    @classmethod
    def person(
        cls, person_id: int, *, organisation_id: int | None = None, request_id: str | None = None
    ) -> Actor:
        return cls(
            kind="person",
            person_id=person_id,
            organisation_id=organisation_id,
            request_id=request_id,
        )


SYSTEM = Actor(kind="system")
