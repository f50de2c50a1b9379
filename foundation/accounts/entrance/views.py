"""The entrance: signing in and up, codes, a new password, the second factor; and going out."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug import Response

from foundation import clock
from foundation.accounts import queries, rules
from foundation.accounts import service as accounts_service
from foundation.accounts.entrance import service
from foundation.accounts.entrance.forms import (
    ResetForm,
    SecondFactorForm,
    SignInForm,
    SignUpForm,
)
from foundation.accounts.errors import AlreadyRegistered, NoAccount
from foundation.accounts.forms import (
    CodeForm,
    ContactForm,
    come_in,
    data_key,
    hold_token,
    refused,
    tried,
    visit,
)
from foundation.accounts.models import CodePurpose, OneTimeCode
from foundation.accounts.second_factor import service as second_factor_service
from foundation.accounts.service import SEEN_EVERY, Entry
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web.access import actor, me, me_or_none, public, signed_in
from foundation.web.forms import Form, say
from foundation.web.i18n import language
from foundation.web.pages import safe_next

accounts = Blueprint("accounts", __name__, template_folder="templates")

HOME = "/account"
PENDING = "pending_code"


class Step(NamedTuple):
    """Where a code of one purpose is typed in, and where it all begins."""

    confirm: str
    start: str


STEPS = {
    CodePurpose.SIGN_UP: Step("accounts.confirm_sign_up", "accounts.sign_up"),
    CodePurpose.SIGN_IN: Step("accounts.sign_in_code", "accounts.sign_in"),
    CodePurpose.RESET: Step("accounts.confirm_reset", "accounts.reset"),
    CodePurpose.CHANGE_CONTACT: Step("profile.confirm_contact", "profile.contact"),
}


# --- signing in -------------------------------------------------------------------------------


@accounts.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if me_or_none() is not None:
        return redirect(_next(), 303)
    return render_template("entrance/sign_in.html", form=SignInForm())


@accounts.post("/sign-in")
@public
def check_sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if request.form.get("by") == "code":
        del form.password
        return _ask(form, CodePurpose.SIGN_IN, "entrance/sign_in.html")
    if not form.validate():
        return refused("entrance/sign_in.html", form)
    outcome = tried(
        lambda session: service.sign_in(
            session,
            form.contact.data,
            form.password.data,
            visit=visit(),
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return refused("entrance/sign_in.html", form, outcome)
    return _through(outcome)


@accounts.get("/sign-in/code")
@public
def sign_in_code() -> ResponseReturnValue:
    return _waiting(CodeForm(), CodePurpose.SIGN_IN, "entrance/code.html")


@accounts.post("/sign-in/code")
@public
def check_sign_in_code() -> ResponseReturnValue:
    form = CodeForm()
    if not form.validate():
        return _wrong(form, CodePurpose.SIGN_IN, "entrance/code.html")
    outcome = tried(
        lambda session: service.sign_in_by_code(
            session,
            _pending(),
            form.code.data,
            visit=visit(),
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return _wrong(form, CodePurpose.SIGN_IN, "entrance/code.html", outcome)
    return _through(outcome)


# --- signing up -------------------------------------------------------------------------------


@accounts.get("/sign-up")
@public
def sign_up() -> ResponseReturnValue:
    return render_template("entrance/sign_up.html", form=SignUpForm())


@accounts.post("/sign-up")
@public
def check_sign_up() -> ResponseReturnValue:
    form = SignUpForm()
    if not form.validate():
        return refused("entrance/sign_up.html", form)
    outcome = tried(
        lambda session: service.sign_up(
            session,
            form.contact.data,
            form.full_name.data,
            form.password.data,
            visit=visit(),
            language=language(),
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return refused("entrance/sign_up.html", form, outcome)
    return _to_code(outcome)


@accounts.get("/sign-up/confirm")
@public
def confirm_sign_up() -> ResponseReturnValue:
    return _waiting(CodeForm(), CodePurpose.SIGN_UP, "entrance/code.html")


@accounts.post("/sign-up/confirm")
@public
def check_sign_up_code() -> ResponseReturnValue:
    form = CodeForm()
    if not form.validate():
        return _wrong(form, CodePurpose.SIGN_UP, "entrance/code.html")
    outcome = tried(
        lambda session: service.confirm_sign_up(
            session,
            _pending(),
            form.code.data,
            visit=visit(),
            language=language(),
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return _wrong(form, CodePurpose.SIGN_UP, "entrance/code.html", outcome)
    response = _through(outcome)
    say(_("Tài khoản đã mở. Chào mừng bạn đến Phiên Chợ."))
    return response


# --- a new password ---------------------------------------------------------------------------


@accounts.get("/reset")
@public
def reset() -> ResponseReturnValue:
    return render_template("entrance/reset.html", form=ContactForm())


@accounts.post("/reset")
@public
def ask_reset() -> ResponseReturnValue:
    return _ask(ContactForm(), CodePurpose.RESET, "entrance/reset.html")


@accounts.get("/reset/confirm")
@public
def confirm_reset() -> ResponseReturnValue:
    return _waiting(ResetForm(), CodePurpose.RESET, "entrance/reset_confirm.html")


@accounts.post("/reset/confirm")
@public
def check_reset() -> ResponseReturnValue:
    form = ResetForm()
    if not form.validate():
        return _wrong(form, CodePurpose.RESET, "entrance/reset_confirm.html")
    outcome = tried(
        lambda session: service.reset_password(
            session,
            _pending(),
            form.code.data,
            form.password.data,
            visit=visit(),
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return _wrong(form, CodePurpose.RESET, "entrance/reset_confirm.html", outcome)
    response = _through(outcome)
    say(_("Mật khẩu mới đã dùng được. Các máy khác đã được đăng xuất."))
    return response


# --- codes ------------------------------------------------------------------------------------


@accounts.post("/code/again")
@public
def send_again() -> ResponseReturnValue:
    """Send a new code in place of the one a page is waiting for."""
    purpose = _purpose()
    if purpose is None:
        return redirect(url_for("accounts.sign_in"), 303)
    outcome = tried(
        lambda session: service.send_again(
            session,
            _pending(),
            purpose,
            visit=visit(),
            language=language(),
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        raise outcome
    say(_("Đã gửi mã mới. Mã cũ không còn dùng được."))
    return _to_code(outcome)


def _ask(form: ContactForm, purpose: CodePurpose, template: str) -> ResponseReturnValue:
    if not form.validate():
        return refused(template, form)
    outcome = tried(
        lambda session: service.ask_code(
            session,
            form.contact.data,
            purpose,
            visit=visit(),
            language=language(),
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return refused(template, form, outcome)
    return _to_code(outcome)


def _to_code(code: OneTimeCode) -> Response:
    """Go to the page where the code is typed in, the same for everybody."""
    cookie[PENDING] = [
        code.public_id,
        code.purpose.value,
        rules.stored_contact(code.target).masked,
    ]
    return redirect(url_for(STEPS[code.purpose].confirm, next=request.args.get("next")), 303)


def _pending() -> str:
    return str(cookie.get(PENDING, [""])[0])


def _purpose() -> CodePurpose | None:
    kept = cookie.get(PENDING)
    return CodePurpose(kept[1]) if kept else None


def _waiting(form: Form, purpose: CodePurpose, template: str) -> ResponseReturnValue:
    if _purpose() is not purpose:
        return redirect(url_for(STEPS[purpose].start, next=request.args.get("next")), 303)
    return render_template(template, form=form, contact=cookie[PENDING][2], purpose=purpose)


def _wrong(
    form: Form, purpose: CodePurpose, template: str, refusal: DomainError | None = None
) -> ResponseReturnValue:
    """Show the code's page again, or the way on for somebody who has shown whose contact it is."""
    if _purpose() is not purpose:
        return redirect(url_for(STEPS[purpose].start), 303)
    if isinstance(refusal, NoAccount):
        say(_("Số điện thoại hoặc e-mail này chưa có tài khoản. Mở một tài khoản nhé."), "plain")
        return redirect(url_for("accounts.sign_up", next=request.args.get("next")), 303)
    if isinstance(refusal, AlreadyRegistered):
        say(_("Số điện thoại hoặc e-mail này đã có tài khoản. Bạn đăng nhập nhé."), "plain")
        return redirect(url_for("accounts.sign_in", next=request.args.get("next")), 303)
    return refused(template, form, refusal, contact=cookie[PENDING][2], purpose=purpose)


# --- inside -----------------------------------------------------------------------------------


@accounts.get("/account")
@signed_in
def home() -> ResponseReturnValue:
    session, person = reading(), me()
    return render_template(
        "entrance/home.html",
        person=queries.person(session, person.person_id),
        sign_ins=queries.sign_ins_of(session, person.person_id, now=clock.now()),
    )


@accounts.get("/account/second-factor")
@signed_in
def second_factor() -> ResponseReturnValue:
    """Ask for the second factor after signing in, or anew where something asks for a fresh one;
    lead to setting it up where there is none."""
    person, wanted = me(), request.args.get("next")
    if not person.has_second_factor:
        return redirect(url_for("second_factor.set_up", next=wanted), 303)
    if person.second_factor_passed and (not wanted or person.showed_factor_lately(clock.now())):
        return redirect(safe_next(request.args.get("next"), url_for("second_factor.manage")), 303)
    return render_template("entrance/second_factor.html", form=SecondFactorForm())


@accounts.post("/account/second-factor")
@signed_in
def check_second_factor() -> ResponseReturnValue:
    form, person, who = SecondFactorForm(), me(), actor()
    if not form.validate():
        return refused("entrance/second_factor.html", form)
    outcome = tried(
        lambda session: second_factor_service.verify(
            session,
            person.person_id,
            person.sign_in_id,
            form.code.data,
            actor=who,
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return refused("entrance/second_factor.html", form, outcome)
    hold_token(outcome)
    return redirect(_next(), 303)


@accounts.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    with transaction() as session:
        accounts_service.close_sign_in(session, visit().token, now=clock.now())
    cookie.clear()
    return redirect("/", 303)


@accounts.after_app_request
def note_seen(response: Response) -> Response:
    """Write down, at most every ten minutes, that somebody was here."""
    # Pages that never asked who is there (files, pictures) are not made to.
    person = me_or_none() if "_login_user" in g else None
    now = clock.now()
    if person is not None and person.last_seen_at <= now - SEEN_EVERY:
        with transaction() as session:
            accounts_service.note_seen(session, person.sign_in_id, now=now)
    return response


def _next() -> str:
    return safe_next(request.args.get("next"), HOME)


def _through(entry: Entry) -> Response:
    """Go on to where somebody wanted to be, past the second factor if they have one."""
    where = _next()
    if entry.person.totp_confirmed_at is not None:
        where = url_for("accounts.second_factor", next=where)
    return come_in(entry, where)
