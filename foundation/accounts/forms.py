"""What the forms of accounts share: fields, circumstances, and the cookies of a sign-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import current_app, redirect, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug import Response
from wtforms import PasswordField

from foundation.accounts.rules import Visit
from foundation.accounts.service import Entry
from foundation.config import Config
from foundation.db import transaction
from foundation.errors import DomainError
from foundation.web.forms import Form, LineField, at_most, required

DEVICE = "device"
DEVICE_LASTS = timedelta(days=400)
Outcome = TypeVar("Outcome")


class ContactForm(Form):
    contact = LineField(
        _("Số điện thoại hoặc e-mail"),
        [required(_("Nhập số điện thoại hoặc e-mail của bạn.")), at_most(300)],
    )


class CodeForm(Form):
    code = LineField(_("Mã 6 số"), [required(_("Nhập 6 số trong tin nhắn.")), at_most(40)])


class PresentForm(Form):
    """The base of forms that ask for the present password."""

    present = PasswordField(
        _("Mật khẩu hiện tại"), [required(_("Nhập mật khẩu hiện tại của bạn."))]
    )


def new_password_field() -> PasswordField:
    """Return a field for a new password."""
    return PasswordField(_("Mật khẩu mới"), [required(_("Nhập mật khẩu mới."))])


def data_key() -> str:
    """Return the key that personal data and short codes are kept with."""
    return cast("Config", current_app.extensions["config"]).data_key


def visit() -> Visit:
    """Return where this request comes from."""
    return Visit(
        address=request.remote_addr or "",
        user_agent=request.user_agent.string[:400],
        device_token=request.cookies.get(DEVICE, "")[:64],
        token=cookie.get("_user_id", ""),
    )


def tried(call: Callable[[Session], Outcome]) -> Outcome | DomainError:
    """Run one service in a transaction and return what came of it, a refusal too."""
    try:
        with transaction() as session:
            return call(session)
    except DomainError as refusal:
        return refusal


def refused(
    template: str, form: Form, refusal: DomainError | None = None, **facts: Any
) -> ResponseReturnValue:
    """Show a form again with what was typed and, beside it, what is wrong."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    headers = {}
    if refusal is not None:
        form.refuse(refusal)
        if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
            status = refusal.status
            headers["Retry-After"] = str(refusal.facts.get("retry_after", 60))
    return render_template(template, form=form, **facts), status, headers


def come_in(entry: Entry, where: str) -> Response:
    """Start a fresh cookie for somebody who has just signed in, and go on to `where`."""
    hold_token(entry.token)
    response = redirect(where, HTTPStatus.SEE_OTHER)
    response.set_cookie(
        DEVICE,
        entry.device_token,
        max_age=DEVICE_LASTS,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )
    return response


def hold_token(token: str) -> None:
    """Put a new sign-in token into an otherwise empty cookie: nothing planted before stays."""
    cookie.clear()
    cookie["_user_id"] = token
    cookie["_fresh"] = True
    cookie.permanent = True
