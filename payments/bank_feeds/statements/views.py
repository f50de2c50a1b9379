"""Statement files: sent in, looked at, imported or thrown away; and what came of earlier ones."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.jobs import queries as jobs
from foundation.jobs.models import RunState
from foundation.web.access import acting, actor, needs
from foundation.web.forms import say
from payments.bank_accounts import queries as bank_accounts
from payments.bank_feeds.statements import queries, rules, service
from payments.bank_feeds.statements.errors import HasMistakes
from payments.bank_feeds.statements.forms import StatementForm
from payments.bank_feeds.statements.models import State, StatementFile

statements = Blueprint("statements", __name__, template_folder="templates")

OWN = "/money/<org>/statements"
TEMPLATE = (
    "Ngày giao dịch;Số tham chiếu;Tiền vào;Tiền ra;Số dư;Nội dung;Tên đối ứng;"
    "Số tài khoản đối ứng\r\n"
)


@statements.route(OWN, methods=["GET", "POST"])
@needs("payments.reconcile")
def index(org: str) -> ResponseReturnValue:
    """Where a statement is sent in, and the latest ones; it answers with the preview."""
    form = StatementForm()
    form.offer(bank_accounts.own(reading(), acting().organisation_id))
    refused: DomainError | None = None
    if form.validate_on_submit():
        try:
            files = _preview(form)
        except DomainError as error:
            form.refuse(error)
            refused = error
        else:
            return redirect(url_for("statements.show", org=org, file=files[0].public_id), 303)
    page = render_template(
        "statements/index.html",
        org=org,
        form=form,
        mistakes=refused.facts if isinstance(refused, HasMistakes) else None,
        files=queries.history(reading(), acting().organisation_id),
        names=rules.STATE_NAMES,
    )
    return page, 422 if form.is_submitted() else 200


def _preview(form: StatementForm) -> list[StatementFile]:
    now = clock.now()
    data, name, statement = form.upload(today=clock.day(now))  # read before the lock is taken
    with transaction() as session:
        return service.preview(
            session,
            acting().organisation_id,
            statement,
            data,
            name=name,
            account=form.chosen(),
            replace=form.replace.data,
            actor=actor(),
            now=now,
        )


@statements.get(OWN + "/template.csv")
@needs("payments.reconcile")
def template(org: str) -> ResponseReturnValue:
    """An empty table for banks whose own files cannot be read."""
    return _download(("\ufeff" + TEMPLATE).encode(), "text/csv; charset=utf-8", "mau-sao-ke.csv")


@statements.get(OWN + "/<file>")
@needs("payments.reconcile")
def show(org: str, file: str) -> ResponseReturnValue:
    """What a statement says and what importing it would do, does or did."""
    found = queries.one(reading(), acting().organisation_id, file)
    run = jobs.run(reading(), found.run) if found.run else None
    return render_template(
        "statements/show.html",
        org=org,
        file=found,
        beside=queries.beside(reading(), found),
        run=run,
        running=found.state is State.IMPORTING and run is not None and run.state != RunState.FAILED,
        names=rules.STATE_NAMES,
        fates=rules.FATE_NAMES,
    )


@statements.post(OWN + "/<file>/import")
@needs("payments.reconcile")
def start_import(org: str, file: str) -> ResponseReturnValue:
    with transaction() as session:
        service.start_import(
            session, acting().organisation_id, file, actor=actor(), now=clock.now()
        )
    return redirect(url_for("statements.show", org=org, file=file), 303)


@statements.post(OWN + "/<file>/discard")
@needs("payments.reconcile")
def discard(org: str, file: str) -> ResponseReturnValue:
    with transaction() as session:
        service.discard(session, acting().organisation_id, file, actor=actor(), now=clock.now())
    say(_("Đã bỏ tệp. Sổ sách không thay đổi."))
    return redirect(url_for("statements.index", org=org), 303)


@statements.get(OWN + "/<file>/original")
@needs("payments.reconcile")
def original(org: str, file: str) -> ResponseReturnValue:
    """The upload itself, byte for byte."""
    found = queries.one(reading(), acting().organisation_id, file)
    data = queries.body(reading(), found)
    return _download(data, "application/octet-stream", _safe(found.name))


def _safe(name: str) -> str:
    """Return a file name that fits into a header."""
    plain = "".join(char if char.isascii() and char.isalnum() else "-" for char in name)
    stem, _mark, ending = name.rpartition(".")
    if stem and ending.isascii() and ending.isalnum() and len(ending) <= 5:
        return f"{plain[: -len(ending) - 1]}.{ending}"
    return plain


def _download(data: bytes, content_type: str, name: str) -> Response:
    response = Response(data, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
