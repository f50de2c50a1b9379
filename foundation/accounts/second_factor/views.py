"""Setting the second factor up, and looking after it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.accounts import queries
from foundation.accounts.forms import data_key, hold_token, refused, tried
from foundation.accounts.second_factor import rules, service
from foundation.accounts.second_factor.errors import NotOn
from foundation.accounts.second_factor.forms import FirstCodeForm, PasswordAndCodeForm
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web.access import actor, me, signed_in
from foundation.web.forms import say
from foundation.web.pages import safe_next

second_factor = Blueprint("second_factor", __name__, template_folder="templates")

BEFORE = "/account/second-factor"


@second_factor.get(f"{BEFORE}/set-up")
@signed_in
def set_up() -> ResponseReturnValue:
    if me().has_second_factor:
        return redirect(url_for("accounts.second_factor", next=request.args.get("next")), 303)
    return _uncached("second_factor/set_up.html", form=FirstCodeForm(), **_secret())


@second_factor.post(f"{BEFORE}/begin")
@signed_in
def begin() -> ResponseReturnValue:
    person_id = me().person_id
    with transaction() as session:
        service.begin(session, person_id, data_key=data_key())
    return redirect(url_for("second_factor.set_up", next=request.args.get("next")), 303)


@second_factor.post(f"{BEFORE}/set-up")
@signed_in
def confirm() -> ResponseReturnValue:
    form, person, who = FirstCodeForm(), me(), actor()
    if not form.validate():
        return refused("second_factor/set_up.html", form, **_secret())
    outcome = tried(
        lambda session: service.confirm(
            session,
            person.person_id,
            person.sign_in_id,
            form.code.data,
            actor=who,
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, NotOn):
        return redirect(url_for("second_factor.set_up"), 303)
    if isinstance(outcome, DomainError):
        return refused("second_factor/set_up.html", form, outcome, **_secret())
    hold_token(outcome.token)
    return _show_codes(outcome.recovery_codes)


@second_factor.get(f"{BEFORE}/manage")
@signed_in
def manage() -> ResponseReturnValue:
    if not me().has_second_factor:
        return redirect(url_for("second_factor.set_up"), 303)
    return render_template("second_factor/manage.html", form=PasswordAndCodeForm(), **_left())


@second_factor.post(f"{BEFORE}/off")
@signed_in
def switch_off() -> ResponseReturnValue:
    form, person_id, who = PasswordAndCodeForm(), me().person_id, actor()
    if not form.validate():
        return refused("second_factor/manage.html", form, **_left())
    outcome = tried(
        lambda session: service.switch_off(
            session,
            person_id,
            form.present.data,
            form.code.data,
            actor=who,
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return refused("second_factor/manage.html", form, outcome, **_left())
    say(_("Đã tắt xác thực hai lớp."))
    return redirect(url_for("accounts.home"), 303)


@second_factor.post(f"{BEFORE}/recovery-codes")
@signed_in
def renew_recovery_codes() -> ResponseReturnValue:
    form, person_id, who = PasswordAndCodeForm(), me().person_id, actor()
    if not form.validate():
        return refused("second_factor/manage.html", form, **_left())
    outcome = tried(
        lambda session: service.renew_recovery_codes(
            session,
            person_id,
            form.present.data,
            form.code.data,
            actor=who,
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return refused("second_factor/manage.html", form, outcome, **_left())
    return _show_codes(outcome)


def _secret() -> dict[str, Any]:
    """Return what the set-up page shows: nothing secret before it has begun."""
    person = queries.person(reading(), me().person_id)
    secret = service.secret_of(person, data_key())
    if secret is None:
        return {"picture": None, "secret": "", "address": ""}
    address = rules.address_of(secret, person.phone or person.email or "")
    picture = rules.qr_picture(address)
    return {"picture": picture, "secret": rules.in_groups(secret), "address": address}


def _left() -> dict[str, Any]:
    person = queries.person(reading(), me().person_id)
    return {"left": service.recovery_codes_left(person), "since": person.totp_confirmed_at}


def _show_codes(codes: list[str]) -> ResponseReturnValue:
    where = safe_next(request.args.get("next"), url_for("accounts.home"))
    return _uncached("second_factor/recovery_codes.html", codes=codes, where=where)


def _uncached(template: str, **facts: object) -> ResponseReturnValue:
    """Show a page with secrets on it, which no browser is to keep."""
    response = make_response(render_template(template, **facts))
    response.headers["Cache-Control"] = "no-store"
    return response
