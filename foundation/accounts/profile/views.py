"""One's own account: name, contacts, password, language, and where one is signed in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.accounts import queries, rules
from foundation.accounts.forms import CodeForm, data_key, refused, tried, visit
from foundation.accounts.models import CodePurpose
from foundation.accounts.profile import service
from foundation.accounts.profile.forms import (
    LanguageForm,
    NameForm,
    NewContactForm,
    PasswordForm,
)
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web.access import actor, me, signed_in
from foundation.web.forms import say
from foundation.web.i18n import language

profile = Blueprint("profile", __name__, template_folder="templates", url_prefix="/account")

# The page that sends a code again (accounts.send_again) reads it here too.
PENDING = "pending_code"


@profile.get("/name")
@signed_in
def name() -> ResponseReturnValue:
    return render_template("profile/name.html", form=NameForm(full_name=me().full_name))


@profile.post("/name")
@signed_in
def change_name() -> ResponseReturnValue:
    form, person_id, who = NameForm(), me().person_id, actor()
    if not form.validate():
        return refused("profile/name.html", form)
    outcome = tried(
        lambda session: service.change_name(
            session, person_id, form.full_name.data, actor=who, now=clock.now()
        )
    )
    if isinstance(outcome, DomainError):
        return refused("profile/name.html", form, outcome)
    say(_("Đã đổi tên."))
    return redirect(url_for("accounts.home"), 303)


@profile.get("/language")
@signed_in
def choose_language() -> ResponseReturnValue:
    return render_template("profile/language.html", form=LanguageForm(language=me().language))


@profile.post("/language")
@signed_in
def keep_language() -> ResponseReturnValue:
    form, person_id = LanguageForm(), me().person_id
    if not form.validate():
        return refused("profile/language.html", form)
    with transaction() as session:
        service.choose_language(session, person_id, form.language.data)
    chosen = url_for("pages.choose_language", language=form.language.data, next="/account")
    return redirect(chosen, 303)


@profile.get("/password")
@signed_in
def password() -> ResponseReturnValue:
    return render_template("profile/password.html", form=PasswordForm())


@profile.post("/password")
@signed_in
def change_password() -> ResponseReturnValue:
    form, person, who = PasswordForm(), me(), actor()
    if not form.validate():
        return refused("profile/password.html", form)
    outcome = tried(
        lambda session: service.change_password(
            session,
            person.person_id,
            form.present.data,
            form.password.data,
            keep_id=person.sign_in_id,
            actor=who,
            now=clock.now(),
        )
    )
    if isinstance(outcome, DomainError):
        return refused("profile/password.html", form, outcome)
    say(_("Đã đổi mật khẩu. Các máy khác đã được đăng xuất."))
    return redirect(url_for("accounts.home"), 303)


@profile.get("/contact")
@signed_in
def contact() -> ResponseReturnValue:
    return render_template("profile/contact.html", form=NewContactForm())


@profile.post("/contact")
@signed_in
def ask_contact() -> ResponseReturnValue:
    form, person_id = NewContactForm(), me().person_id
    if not form.validate():
        return refused("profile/contact.html", form)
    outcome = tried(
        lambda session: service.ask_contact_change(
            session,
            person_id,
            form.contact.data,
            form.present.data,
            visit=visit(),
            language=language(),
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return refused("profile/contact.html", form, outcome)
    masked = rules.stored_contact(outcome.target).masked
    cookie[PENDING] = [outcome.public_id, outcome.purpose.value, masked]
    return redirect(url_for("profile.confirm_contact"), 303)


@profile.get("/contact/confirm")
@signed_in
def confirm_contact() -> ResponseReturnValue:
    kept = _kept()
    if kept is None:
        return redirect(url_for("profile.contact"), 303)
    return render_template("profile/contact_confirm.html", form=CodeForm(), contact=kept[2])


@profile.post("/contact/confirm")
@signed_in
def check_contact() -> ResponseReturnValue:
    form, person_id, who, kept = CodeForm(), me().person_id, actor(), _kept()
    if kept is None:
        return redirect(url_for("profile.contact"), 303)
    if not form.validate():
        return refused("profile/contact_confirm.html", form, contact=kept[2])
    outcome = tried(
        lambda session: service.confirm_contact(
            session,
            person_id,
            kept[0],
            form.code.data,
            actor=who,
            now=clock.now(),
            data_key=data_key(),
        )
    )
    if isinstance(outcome, DomainError):
        return refused("profile/contact_confirm.html", form, outcome, contact=kept[2])
    cookie.pop(PENDING)
    say(_("Đã đổi. Từ nay bạn đăng nhập bằng %(contact)s.", contact=kept[2]))
    return redirect(url_for("accounts.home"), 303)


@profile.get("/sign-ins")
@signed_in
def sign_ins() -> ResponseReturnValue:
    found = queries.sign_ins_of(reading(), me().person_id, now=clock.now())
    return render_template("profile/sign_ins.html", sign_ins=found)


@profile.post("/sign-ins/<sign_in>/end")
@signed_in
def end_sign_in(sign_in: str) -> ResponseReturnValue:
    person_id, who = me().person_id, actor()
    with transaction() as session:
        service.sign_out_of(session, person_id, sign_in, actor=who, now=clock.now())
    say(_("Đã đăng xuất máy đó."))
    return redirect(url_for("profile.sign_ins"), 303)


@profile.post("/sign-ins/end-others")
@signed_in
def end_other_sign_ins() -> ResponseReturnValue:
    person, who = me(), actor()
    with transaction() as session:
        service.sign_out_everywhere_else(
            session, person.person_id, keep_id=person.sign_in_id, actor=who, now=clock.now()
        )
    say(_("Đã đăng xuất mọi máy khác."))
    return redirect(url_for("profile.sign_ins"), 303)


def _kept() -> list[str] | None:
    kept: list[str] | None = cookie.get(PENDING)
    return kept if kept and kept[1] == CodePurpose.CHANGE_CONTACT.value else None
