"""Adding papers to an application, taking them out, and the organisation's sign."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.db import transaction
from foundation.errors import DomainError
from foundation.organisations.documents import service
from foundation.organisations.forms import DocumentForm, LogoForm
from foundation.organisations.models import Kind, Paper
from foundation.organisations.views import show_page
from foundation.web.access import acting, actor, needs
from foundation.web.forms import say

documents = Blueprint("documents", __name__)


@documents.post("/sell/<org>/organisation/documents")
@needs("organisation.edit")
def add(org: str) -> ResponseReturnValue:
    form = DocumentForm.usual(Kind(acting().kind))
    if not form.validate_on_submit():
        return show_page(document_form=form), 422
    try:
        with transaction() as session:
            service.add_document(
                session,
                acting().organisation_id,
                form.document.data.stream,
                name=form.document.data.filename or "",
                paper=Paper(form.paper.data),
                title=form.title.data,
                actor=actor(),
                now=clock.now(),
            )
    except DomainError as error:
        form.refuse(error)
        return show_page(document_form=form), error.status
    say(_("Đã thêm giấy tờ."))
    return redirect(url_for("organisations.show", org=org, _anchor="giay-to"), 303)


@documents.post("/sell/<org>/organisation/documents/<file>/remove")
@needs("organisation.edit")
def remove(org: str, file: str) -> ResponseReturnValue:
    with transaction() as session:
        service.remove_document(
            session, acting().organisation_id, file, actor=actor(), now=clock.now()
        )
    say(_("Đã bỏ giấy tờ."))
    return redirect(url_for("organisations.show", org=org, _anchor="giay-to"), 303)


@documents.post("/sell/<org>/organisation/logo")
@needs("organisation.edit")
def set_logo(org: str) -> ResponseReturnValue:
    form = LogoForm()
    if not form.validate_on_submit():
        return show_page(logo_form=form), 422
    try:
        with transaction() as session:
            service.set_logo(
                session,
                acting().organisation_id,
                form.photo.data.stream,
                name=form.photo.data.filename or "",
                actor=actor(),
                now=clock.now(),
            )
    except DomainError as error:
        form.refuse(error)
        return show_page(logo_form=form), error.status
    say(_("Đã đổi ảnh đại diện."))
    return redirect(url_for("organisations.show", org=org), 303)
