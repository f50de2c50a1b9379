"""Products in and out as a spreadsheet: template, export, upload, preview, confirmation."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from catalog.sheets import queries, service
from catalog.sheets.errors import AlreadyImported
from catalog.sheets.forms import WorkbookForm
from foundation import clock
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web.access import acting, actor, needs
from foundation.web.filters import sentence
from foundation.web.forms import say

sheets = Blueprint("sheets", __name__, template_folder="templates")

OWN = "/sell/<org>/products/sheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@sheets.route(OWN, methods=["GET", "POST"])
@needs("products.edit")
def index(org: str) -> ResponseReturnValue:
    """Where a workbook is sent in; it answers with the preview."""
    form = WorkbookForm()
    if form.validate_on_submit():
        data, name = form.upload()
        try:
            with transaction() as session:
                kept = service.take_in(
                    session,
                    data,
                    name=name,
                    organisation_id=acting().organisation_id,
                    actor=actor(),
                    now=clock.now(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("sheets.preview", org=org, token=kept.token), 303)
    page = render_template("sheets/index.html", org=org, form=form)
    return page, 422 if form.is_submitted() else 200


@sheets.get(OWN + "/template.xlsx")
@needs("products.edit")
def template(org: str) -> ResponseReturnValue:
    return _file(queries.template(reading(), _today()), "mau-hang-hoa.xlsx")


@sheets.get(OWN + "/products.xlsx")
@needs("products.edit")
def export(org: str) -> ResponseReturnValue:
    data = queries.export(reading(), acting().organisation_id, _today())
    return _file(data, f"hang-hoa-{_today():%Y-%m-%d}.xlsx")


@sheets.get(OWN + "/<token>")
@needs("products.edit")
def preview(org: str, token: str) -> ResponseReturnValue:
    """What the workbook would change, row by row; nothing is saved yet."""
    kept = queries.preview(
        reading(), token, organisation_id=acting().organisation_id, now=clock.now()
    )
    fresh = [entry for entry in kept.content["entries"] if entry["public_id"] is None]
    changed = [entry for entry in kept.content["entries"] if entry["public_id"] is not None]
    return render_template("sheets/preview.html", org=org, kept=kept, fresh=fresh, changed=changed)


@sheets.post(OWN + "/<token>")
@needs("products.edit")
def confirm(org: str, token: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            count = service.confirm(
                session,
                token,
                organisation_id=acting().organisation_id,
                actor=actor(),
                now=clock.now(),
            )
    except AlreadyImported as error:
        say(sentence(error), "care")
    except DomainError as error:
        if error.status == 404:
            raise
        say(sentence(error), "bad")
        return redirect(url_for("sheets.index", org=org), 303)
    else:
        say(ngettext("Đã lưu %(num)s món.", "Đã lưu %(num)s món.", count))
        say(_("Món mới là bản nháp: thêm ảnh rồi gửi lên chợ."), "plain")
    return redirect(url_for("products.index", org=org), 303)


def _file(data: bytes, name: str) -> Response:
    response = Response(data, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _today() -> date:
    return clock.day(clock.now())
