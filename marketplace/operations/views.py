"""The province's back office: its desk, and its answers to those who apply."""

from __future__ import annotations

from flask import (
    Blueprint,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.accounts import queries as accounts
from foundation.audit import queries as audit
from foundation.config import Config
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.organisations import queries as organisation_queries
from foundation.organisations import rules
from foundation.organisations.models import State
from foundation.organisations.review import queries as review
from foundation.organisations.review import service
from foundation.text import clean
from foundation.web.access import acting, actor, needs
from foundation.web.forms import say
from marketplace.operations import queries
from marketplace.operations.forms import DecisionForm, SuspensionForm

operations = Blueprint("operations", __name__, template_folder="templates")

ALL = "all"
TABS = (
    State.SUBMITTED,
    State.NEEDS_MORE,
    State.VERIFIED,
    State.REJECTED,
    State.SUSPENDED,
)


@operations.get("/ops")
@needs("authority.view")
def desk() -> ResponseReturnValue:
    now = clock.now()
    return render_template(
        "operations/desk.html",
        now=now,
        desk=queries.desk(reading(), now=now, today=clock.day(now)),
        communes=queries.communes(reading()),
        review_days=rules.REVIEW_DAYS,
    )


@operations.get("/ops/organisations")
@needs("authority.view")
def organisations() -> ResponseReturnValue:
    asked = _request()
    now = clock.now()
    found = review.applications(reading(), asked, data_key=_data_key())
    return render_template(
        "operations/organisations.html",
        asked=asked,
        tab=asked.state.value if asked.state else ALL,
        tabs=TABS,
        counts=review.state_counts(reading()),
        found=found,
        sorts=review.Sort,
        days={row.id: rules.waiting_days(row.submitted_at or now, now=now) for row in found.rows},
        review_days=rules.REVIEW_DAYS,
    )


@operations.get("/ops/organisations/<organisation>")
@needs("authority.view")
def organisation(organisation: str) -> ResponseReturnValue:
    return _page(organisation)


@operations.post("/ops/organisations/<organisation>/decide")
@needs("authority.review")
def decide(organisation: str) -> ResponseReturnValue:
    """Answer an application, then go on to those that still wait."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(organisation, decision_form=form), 422
    try:
        with transaction() as session:
            found = service.decide(
                session,
                organisation,
                rules.Decision(form.decision.data),
                note=form.note.data,
                version=form.version.data or 0,
                actor=actor(),
                now=clock.now(),
            )
    except DomainError as error:
        form.refuse(error)
        return _page(organisation, decision_form=form), error.status
    say(_("Đã trả lời hồ sơ %(name)s và nhắn cho họ.", name=found.name))
    return redirect(url_for("operations.organisations"), 303)


@operations.post("/ops/organisations/<organisation>/suspend")
@needs("authority.review")
def suspend(organisation: str) -> ResponseReturnValue:
    """Take an organisation out of the market."""
    form = SuspensionForm()
    if not form.validate_on_submit():
        return _page(organisation, suspension_form=form), 422
    try:
        with transaction() as session:
            service.suspend(
                session,
                organisation,
                reason=form.note.data,
                version=form.version.data or 0,
                actor=actor(),
                now=clock.now(),
            )
    except DomainError as error:
        form.refuse(error)
        return _page(organisation, suspension_form=form), error.status
    say(_("Đã tạm ngừng. Hàng của gian hàng này đã ẩn khỏi chợ."))
    return redirect(url_for("operations.organisation", organisation=organisation), 303)


@operations.post("/ops/organisations/<organisation>/lift")
@needs("authority.review")
def lift(organisation: str) -> ResponseReturnValue:
    """Let a suspended organisation back in."""
    form = SuspensionForm()
    if not form.validate_on_submit():
        return _page(organisation, suspension_form=form), 422
    try:
        with transaction() as session:
            service.lift_suspension(
                session,
                organisation,
                note=form.note.data,
                version=form.version.data or 0,
                actor=actor(),
                now=clock.now(),
            )
    except DomainError as error:
        form.refuse(error)
        return _page(organisation, suspension_form=form), error.status
    say(_("Đã bỏ lệnh tạm ngừng. Hàng hiện lại trên chợ."))
    return redirect(url_for("operations.organisation", organisation=organisation), 303)


def _request() -> review.Request:
    """Read what the address asks for; what makes no sense is read as the usual."""
    asked = request.args.get("state", State.SUBMITTED.value)
    sort = request.args.get("sort", "")
    return review.Request(
        state=None if asked == ALL else State(asked) if asked in TABS else State.SUBMITTED,
        words=clean(request.args.get("q", ""))[:100],
        sort=review.Sort(sort) if sort in set(review.Sort) else review.Sort.OLDEST,
        page=min(max(request.args.get("page", 1, type=int), 1), 100_000),
    )


def _page(
    public_id: str,
    *,
    decision_form: DecisionForm | None = None,
    suspension_form: SuspensionForm | None = None,
) -> str:
    session = reading()
    found = review.application(session, public_id)
    papers = organisation_queries.documents(session, found.id)
    history = audit.history(session, "organisations", found.id)
    now = clock.now()
    return render_template(
        "operations/organisation.html",
        organisation=found,
        papers=papers,
        items=organisation_queries.checklist(found, papers),
        members=organisation_queries.member_ids(session, found.id),
        history=history,
        names=accounts.names_of(
            session, [entry.actor_person_id for entry in history if entry.actor_person_id]
        ),
        may_review="authority.review" in acting().permissions,
        days=rules.waiting_days(found.submitted_at or now, now=now),
        review_days=rules.REVIEW_DAYS,
        decision_form=decision_form or DecisionForm(),
        suspension_form=suspension_form or SuspensionForm(),
    )


def _data_key() -> str:
    config: Config = current_app.extensions["config"]
    return config.data_key
