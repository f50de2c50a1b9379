"""The pages of an application and of a profile, for those who work for the organisation."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.config import Config
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.organisations import queries, rules, service
from foundation.organisations.forms import (
    ApplicationForm,
    BeginForm,
    ContactForm,
    DocumentForm,
    LogoForm,
    ProfileForm,
    shown_values,
)
from foundation.organisations.models import Kind, Organisation, Paper, Role, State
from foundation.web.access import acting, actor, me, needs, signed_in
from foundation.web.forms import say

organisations = Blueprint("organisations", __name__, template_folder="templates")


@organisations.app_template_filter("kind_name")
def kind_name(kind: Kind) -> str:
    """Return what a kind of organisation is called, in the reader's language."""
    return str(_(rules.KIND_NAMES[kind]))


@organisations.app_template_filter("state_name")
def state_name(state: State) -> str:
    """Return what a state of an application is called."""
    return str(_(rules.STATE_NAMES[state]))


@organisations.app_template_filter("role_name")
def role_name(role: Role) -> str:
    """Return what a role is called."""
    return str(_(rules.ROLE_NAMES[role]))


@organisations.app_template_filter("paper_name")
def paper_name(paper: Paper) -> str:
    """Return what a document is called."""
    return str(_(rules.PAPER_NAMES[paper]))


@organisations.app_template_filter("action_name")
def action_name(action: str) -> str:
    """Return what was done, for the history; an action we have no words for stays as it is."""
    return str(_(rules.ACTION_NAMES[action])) if action in rules.ACTION_NAMES else action


@organisations.get("/sell/new")
@signed_in
def begin() -> ResponseReturnValue:
    return _begin_page(BeginForm())


@organisations.post("/sell/new")
@signed_in
def begun() -> ResponseReturnValue:
    """Open a draft; the rest of the application follows page by page."""
    form = BeginForm()
    if not form.validate_on_submit():
        return _begin_page(form), 422
    try:
        with transaction() as session:
            organisation = service.apply(
                session, form.application(), data_key=_data_key(), actor=actor(), now=clock.now()
            )
    except DomainError as error:
        form.refuse(error)
        return _begin_page(form), error.status
    return redirect(url_for("organisations.edit", org=organisation.public_id), 303)


@organisations.get("/sell/<org>/organisation")
@needs("organisation.view")
def show(org: str) -> ResponseReturnValue:
    return show_page()


def show_page(document_form: DocumentForm | None = None, logo_form: LogoForm | None = None) -> str:
    """Return the organisation's page, with a form that was refused in its place."""
    session = reading()
    organisation = queries.own(session, acting().organisation_id)
    papers = queries.documents(session, organisation.id)
    items = queries.checklist(organisation, papers)
    return render_template(
        "organisations/show.html",
        organisation=organisation,
        papers=papers,
        items=items,
        missing=sum(not item.done for item in items),
        is_open=organisation.state in rules.APPLICATION_OPEN,
        may_edit="organisation.edit" in acting().permissions,
        document_form=document_form or DocumentForm.usual(organisation.kind),
        logo_form=logo_form or LogoForm(),
        review_days=rules.REVIEW_DAYS,
    )


@organisations.get("/sell/<org>/organisation/edit")
@needs("organisation.edit")
def edit(org: str) -> ResponseReturnValue:
    organisation = queries.own(reading(), acting().organisation_id)
    if organisation.state in rules.PROFILE_OPEN:
        return _edit_page(organisation, ProfileForm(data=shown_values(organisation)))
    if organisation.state in rules.APPLICATION_OPEN:
        return _edit_page(organisation, ApplicationForm(data=shown_values(organisation)))
    say(_("Hồ sơ đang chờ sở xem nên chưa sửa được."), "care")
    return redirect(url_for("organisations.show", org=org), 303)


@organisations.post("/sell/<org>/organisation/edit")
@needs("organisation.edit")
def save(org: str) -> ResponseReturnValue:
    organisation = queries.own(reading(), acting().organisation_id)
    form = ProfileForm() if organisation.state in rules.PROFILE_OPEN else ApplicationForm()
    if isinstance(form, ApplicationForm):
        form.open_seal(_data_key())
    if not form.validate_on_submit():
        return _edit_page(organisation, form), 422
    try:
        _store(organisation, form)
    except DomainError as error:
        form.refuse(error)
        return _edit_page(organisation, form), error.status
    say(_("Đã lưu."))
    return redirect(url_for("organisations.show", org=org), 303)


def _store(organisation: Organisation, form: ProfileForm | ApplicationForm) -> None:
    now = clock.now()
    version = form.version.data or 0
    if isinstance(form, ProfileForm):
        with transaction() as session:
            service.edit_profile(
                session,
                organisation.id,
                form.profile(),
                version=version,
                actor=actor(),
                now=now,
            )
        return
    if form.tax_code.data and form.tax_code.data != organisation.tax_code:
        with transaction() as session:
            service.count_tax_code_try(session, person_id=me().person_id, now=now)
    with transaction() as session:
        service.edit_application(
            session,
            organisation.id,
            form.application(),
            version=version,
            data_key=_data_key(),
            actor=actor(),
            now=now,
        )


@organisations.post("/sell/<org>/organisation/submit")
@needs("organisation.edit")
def submit(org: str) -> ResponseReturnValue:
    """Send the application to the authority."""
    with transaction() as session:
        service.submit(session, acting().organisation_id, actor=actor(), now=clock.now())
    say(_("Đã gửi hồ sơ. Sở trả lời trong 5 ngày; có tin sẽ nhắn bạn."))
    return redirect(url_for("organisations.show", org=org), 303)


def _begin_page(form: BeginForm) -> str:
    hints = {kind.value: str(_(words)) for kind, words in rules.KIND_HINTS.items()}
    return render_template("organisations/begin.html", form=form, hints=hints)


def _edit_page(organisation: Organisation, form: ContactForm) -> str:
    sealed = form.seal(_data_key()) if isinstance(form, ApplicationForm) else ""
    return render_template(
        "organisations/edit.html",
        organisation=organisation,
        form=form,
        whole=isinstance(form, ApplicationForm),
        personal_number=sealed or organisation.personal_number_masked or "",
        hints={kind.value: str(_(words)) for kind, words in rules.KIND_HINTS.items()},
    )


def _data_key() -> str:
    config: Config = current_app.extensions["config"]
    return config.data_key
