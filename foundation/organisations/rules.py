"""What roles permit, and which way an application may go. Pure."""

from __future__ import annotations

from typing import Final

from foundation.organisations.models import Kind, Role, State

NEXT_STATES: Final[dict[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.NEEDS_MORE, State.VERIFIED, State.REJECTED}),
    State.NEEDS_MORE: frozenset({State.SUBMITTED}),
    State.VERIFIED: frozenset({State.SUSPENDED}),
    State.SUSPENDED: frozenset({State.VERIFIED}),
    State.REJECTED: frozenset({State.SUBMITTED}),
}

SELLING_KINDS: Final = frozenset(
    {Kind.COOPERATIVE, Kind.ENTERPRISE, Kind.HOUSEHOLD_BUSINESS, Kind.FARMER}
)

_SELL: Final = frozenset({"products.edit"})
_RUN: Final = _SELL | {"organisation.edit", "certificates.edit"}
_OWN: Final = _RUN | {"members.manage"}

PERMISSIONS: Final[dict[Role, frozenset[str]]] = {
    Role.OWNER: _OWN,
    Role.MANAGER: _RUN,
    Role.SELLER: _SELL,
    Role.ACCOUNTANT: frozenset(),
    Role.CASHIER: frozenset(),
    Role.CLASS_TEACHER: frozenset(),
    Role.OFFICER: frozenset(),
    Role.TRAINER: frozenset(),
    Role.VIEWER: frozenset(),
}
AUTHORITY_PERMISSIONS: Final[dict[Role, frozenset[str]]] = {
    Role.OWNER: frozenset(
        {"authority.view", "authority.review", "organisation.edit", "members.manage"}
    ),
    Role.OFFICER: frozenset({"authority.view", "authority.review"}),
    Role.VIEWER: frozenset({"authority.view"}),
    Role.TRAINER: frozenset({"authority.view"}),
}


def permissions(kind: Kind, role: Role) -> frozenset[str]:
    """Return what a role may do in an organisation of this kind; every member may look in."""
    table = AUTHORITY_PERMISSIONS if kind is Kind.AUTHORITY else PERMISSIONS
    return table.get(role, frozenset()) | {"organisation.view"}


def needs_second_factor(kind: Kind, role: Role) -> bool:
    """Say whether somebody in this role must sign in with a second factor."""
    return kind is Kind.AUTHORITY or role is Role.CASHIER
