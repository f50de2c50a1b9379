"""Who may use a route: each one says so, and the application's guard holds it to that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar, cast

from flask import g, request
from flask_login import UserMixin, current_user

from foundation.audit.rules import Actor
from foundation.ids import new_public_id

View = TypeVar("View", bound=Callable[..., Any])
# For how long a second factor that was shown counts where one is asked for anew.
FRESH: Final = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Acting:
    """The organisation somebody works for just now, and what the role there permits."""

    organisation_id: int
    public_id: str
    slug: str
    name: str
    kind: str
    state: str
    role: str
    permissions: frozenset[str]
    needs_second_factor: bool


@dataclass(frozen=True, kw_only=True)
class Me(UserMixin):
    """Whoever is signed in: plain values, no row."""

    person_id: int
    public_id: str
    full_name: str
    language: str
    sign_in_id: int
    token: str
    last_seen_at: datetime
    has_second_factor: bool
    second_factor_passed: bool
    memberships: tuple[Acting, ...]
    unread: int = 0
    second_factor_at: datetime | None = None

    def get_id(self) -> str:
        return self.token

    def showed_factor_lately(self, now: datetime) -> bool:
        """Say whether the second factor was shown on this sign-in within the last minutes."""
        return self.second_factor_at is not None and now - self.second_factor_at <= FRESH


@dataclass(frozen=True, kw_only=True)
class Access:
    """What a route asks for. `permission` is looked for in the organisation named by the
    route's `org` argument, or else in any authority the person works for. `fresh` asks for the
    second factor anew where it was shown long ago."""

    signed_in: bool
    permission: str | None = None
    fresh: bool = False


def public(view: View) -> View:
    """Anybody may use this route."""
    return _mark(view, Access(signed_in=False))


def signed_in(view: View) -> View:
    """Anybody with an account may use this route."""
    return _mark(view, Access(signed_in=True))


def needs(permission: str, *, fresh: bool = False) -> Callable[[View], View]:
    """Only members whose role has this permission may use this route; if `fresh`, only with a
    second factor, shown within the last minutes: for what moves money elsewhere."""
    return lambda view: _mark(view, Access(signed_in=True, permission=permission, fresh=fresh))


def access_of(view: Callable[..., Any]) -> Access | None:
    """Return what a view asks for, None when it does not say."""
    return cast("Access | None", getattr(view, "__access__", None))


def _mark(view: View, access: Access) -> View:
    view.__access__ = access  # type: ignore[attr-defined]  # functions carry it to the guard
    return view


def me() -> Me:
    """Return whoever is signed in. Only for routes that ask for it."""
    return cast("Me", current_user._get_current_object())


def me_or_none() -> Me | None:
    """Return whoever is signed in, or None."""
    return me() if current_user.is_authenticated else None


def acting() -> Acting:
    """Return the organisation the request is made for. Only for routes that say @needs."""
    return cast("Acting", g.acting)


def actor() -> Actor:
    """Return who acts, for services to write down."""
    person = me_or_none()
    for_whom: Acting | None = g.get("acting")
    if person is None:
        return Actor(kind="visitor", request_id=request_id())
    return Actor.person(
        person.person_id,
        organisation_id=for_whom.organisation_id if for_whom else None,
        request_id=request_id(),
    )


def request_id() -> str:
    """Return this request's id, as it stands in the logs and in the answer's header."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _plain(given) else new_public_id()
    return cast("str", g.request_id)


def _plain(given: str) -> bool:
    return 8 <= len(given) <= 36 and given.replace("-", "").isalnum() and given.isascii()
