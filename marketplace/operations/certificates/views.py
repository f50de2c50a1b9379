"""The authority holds certificates against its register: verify, send back, revoke."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.ocop import queries, service
from foundation import clock
from foundation.audit import queries as audit
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.text import clean
from foundation.web.access import actor, needs
from foundation.web.forms import say
from marketplace.operations.certificates.forms import DecisionForm

operations_certificates = Blueprint(
    "operations_certificates", __name__, template_folder="templates"
)
TABS = ("waiting", "lapsing", "valid", "lapsed", "closed")
MOST_PAGES = 10_000


@operations_certificates.get("/ops/certificates")
@needs("authority.view")
def index() -> ResponseReturnValue:
    tab = request.args.get("tab", "waiting")
    tab = tab if tab in TABS else "waiting"
    words = clean(request.args.get("q", ""))[:80]
    number = min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)
    today = clock.day(clock.now())
    page = queries.for_review(reading(), tab, today=today, words=words, page=number)
    return render_template(
        "operations_certificates/index.html",
        tab=tab,
        words=words,
        number=number,
        page=page,
        today=today,
    )


@operations_certificates.get("/ops/certificates/<certificate>")
@needs("authority.view")
def show(certificate: str) -> ResponseReturnValue:
    return _page(certificate, DecisionForm(), 200)


@operations_certificates.post("/ops/certificates/<certificate>/verify")
@needs("authority.review")
def verify(certificate: str) -> ResponseReturnValue:
    with transaction() as session:
        service.verify(session, certificate, actor=actor(), now=clock.now())
    say(_("Đã xác minh. Sao hiện trên chợ trong vài giây."))
    return redirect(url_for("operations_certificates.index"), 303)


@operations_certificates.post("/ops/certificates/<certificate>/<any(reject, revoke):act>")
@needs("authority.review")
def refuse(certificate: str, act: str) -> ResponseReturnValue:
    form = DecisionForm()
    if not form.validate():
        return _page(certificate, form, 422)
    do = service.reject if act == "reject" else service.revoke
    try:
        with transaction() as session:
            do(session, certificate, reason=form.reason.data, actor=actor(), now=clock.now())
    except DomainError as error:
        form.refuse(error)
        return _page(certificate, form, int(error.status))
    say(_("Đã ghi lại và báo cho người bán."))
    return redirect(url_for("operations_certificates.index"), 303)


def _page(certificate: str, form: DecisionForm, status: int) -> ResponseReturnValue:
    session = reading()
    found = queries.one(session, None, certificate)
    page = render_template(
        "operations_certificates/show.html",
        certificate=found,
        form=form,
        twins=queries.same_scan(session, found),
        history=audit.history(session, found.__tablename__, found.id),
        today=clock.day(clock.now()),
    )
    return page, status
