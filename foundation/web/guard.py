"""Holds every request to what its route asks for, before the view runs."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_login import LoginManager

from foundation import clock
from foundation.web.access import Access, Acting, Me, access_of, me, me_or_none

# All that is open to somebody whose second factor has not been shown yet on this sign-in.
HALF_WAY = frozenset({"accounts.second_factor", "accounts.check_second_factor"})

FindMe = Callable[[str], Me | None]


def init_app(app: Flask, find_me: FindMe) -> None:
    """Set the guard up. `find_me` returns who holds a sign-in token, None when nobody does."""
    manager = LoginManager(app)
    manager.session_protection = None  # the token is revocable on the server instead
    manager.user_loader(find_me)
    # The library's "remember me" is not used; left in place, its hook reads the session at the end
    # of every request, and then even a picture would vary by cookie.
    app.after_request_funcs[None].remove(manager._update_remember_cookie)
    app.before_request(_hold)


def open_routes(app: Flask) -> list[str]:
    """Return the endpoints that say nothing about who may use them: there should be none."""
    return [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint != "static" and access_of(view) is None
    ]


def _hold() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static":
        return None
    access = access_of(current_app.view_functions[endpoint])
    if access is None:
        abort(500, f"{endpoint} does not say who may use it")
    if not access.signed_in:
        return None
    person = me_or_none()
    if person is None:
        return _to_sign_in()
    if person.has_second_factor and not person.second_factor_passed and endpoint not in HALF_WAY:
        return _to_second_factor()
    return _hold_to_permission(access) if access.permission else None


def _to_sign_in() -> ResponseReturnValue:
    if request.method != "GET":
        return redirect(url_for("accounts.sign_in"), 303)
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)


def _to_second_factor() -> ResponseReturnValue:
    if request.method != "GET":
        return redirect(url_for("accounts.second_factor"), 303)
    return redirect(url_for("accounts.second_factor", next=request.full_path.rstrip("?")), 303)


def _hold_to_permission(access: Access) -> ResponseReturnValue | None:
    person = me()
    wanted = (request.view_args or {}).get("org")
    found = _membership(person, access.permission or "", wanted)
    if found is None:
        abort(404)  # a stranger is not even told that it exists
    if access.permission not in found.permissions:
        abort(403)
    if found.needs_second_factor and not person.second_factor_passed:
        return _to_second_factor()
    if access.fresh and not person.showed_factor_lately(clock.now()):
        return redirect(url_for("accounts.second_factor", next=_way_back()), 303)
    g.acting = found
    return None


def _way_back() -> str:
    """Return the page to go on to: this one, if there is a page at this address to be shown."""
    adapter = request_ctx.url_adapter
    if request.method == "GET" or (adapter and adapter.test(request.path, "GET")):
        return request.full_path.rstrip("?")
    return url_for("accounts.home")


def _membership(person: Me, permission: str, wanted: str | None) -> Acting | None:
    if wanted is not None:
        return next((m for m in person.memberships if m.public_id == wanted), None)
    return next((m for m in person.memberships if permission in m.permissions), None)
