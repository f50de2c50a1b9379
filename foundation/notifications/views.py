"""The inbox, and by which channel one wants to be told."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.notifications import queries, rules, service
from foundation.notifications.forms import PreferencesBase, PreferencesForm
from foundation.web.access import me, signed_in
from foundation.web.forms import say
from foundation.web.i18n import language
from foundation.web.pages import safe_next

notifications = Blueprint(
    "notifications", __name__, template_folder="templates", url_prefix="/account"
)

PER_PAGE = 20


@notifications.get("/inbox")
@signed_in
def inbox() -> ResponseReturnValue:
    session, person_id = reading(), me().person_id
    before = request.args.get("before")
    last = queries.line(session, person_id, before) if before else None
    lines = queries.inbox(session, person_id, before=last.id if last else None, limit=PER_PAGE + 1)
    return render_template(
        "notifications/inbox.html",
        lines=[(line, rules.words(line.kind, line.facts, language())) for line in lines[:PER_PAGE]],
        older=lines[PER_PAGE - 1].public_id if len(lines) > PER_PAGE else None,
        first_page=last is None,
    )


@notifications.get("/inbox/<line>")
@signed_in
def open_line(line: str) -> ResponseReturnValue:
    """Note that the line was read and go where it leads: the one thing this GET changes."""
    with transaction() as session:
        url = service.mark_read(session, me().person_id, line, now=clock.now())
    return redirect(safe_next(url, url_for("notifications.inbox")), 303)


@notifications.post("/inbox/read")
@signed_in
def read_all() -> ResponseReturnValue:
    with transaction() as session:
        service.mark_all_read(session, me().person_id, now=clock.now())
    say(_("Đã đánh dấu đọc hết."))
    return redirect(url_for("notifications.inbox"), 303)


@notifications.get("/notifications")
@signed_in
def preferences() -> ResponseReturnValue:
    return _show(_form())


@notifications.post("/notifications")
@signed_in
def keep_preferences() -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return _show(form), 422
    try:
        with transaction() as session:
            service.choose_channels(session, me().person_id, form.wanted())
    except DomainError as error:
        form.refuse(error)
        return _show(form), error.status
    say(_("Đã lưu cách nhận tin."))
    return redirect(url_for("notifications.preferences"), 303)


def _form() -> PreferencesBase:
    form = PreferencesForm()
    form.offer(queries.reach(reading(), me().person_id), current_app.extensions["transports"])
    return form


def _show(form: PreferencesBase) -> str:
    return render_template(
        "notifications/preferences.html",
        form=form,
        groups=[(form[group.value], _(rules.GROUP_HINTS[group])) for group in rules.Group],
    )
