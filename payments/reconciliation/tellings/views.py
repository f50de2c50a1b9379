"""What was told twice and unlike: shown with both versions, for a person to decide."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation import clock
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web.access import acting, actor, needs
from foundation.web.filters import day, vnd
from foundation.web.forms import say
from payments.bank_accounts import rules as accounts
from payments.banks import queries as banks
from payments.credits.models import Told
from payments.reconciliation.tellings import queries, service
from payments.reconciliation.tellings.errors import DecidedAlready
from payments.reconciliation.tellings.forms import OWN, TellingForm

tellings = Blueprint("tellings", __name__, template_folder="templates")

ADDRESS: Final = "/money/<org>/tellings"


@tellings.get(ADDRESS)
@needs("payments.view")
def index(org: str) -> ResponseReturnValue:
    """The tellings that wait for a person, each with what it may mean."""
    return render_template(
        "tellings/index.html",
        org=org,
        may=acting().permissions,
        doubts=queries.waiting(reading(), acting().organisation_id),
        conflict=Told.CONFLICT,
        account_of=_account,
    )


@tellings.route(ADDRESS + "/<int:telling>", methods=["GET", "POST"])
@needs("payments.reconcile")
def decide(org: str, telling: int) -> ResponseReturnValue:
    """Say which movement it is about, or that it is its own."""
    session = reading()
    found = queries.one(session, acting().organisation_id, telling)
    if queries.decision(session, found) is not None:
        raise DecidedAlready
    candidates, form = queries.candidates(session, found), TellingForm()
    form.offer(
        (one.public_id, f"{vnd(one.amount)}, {day(one.booked_on)}, {one.memo[:80]}")
        for one in candidates
    )
    if form.validate_on_submit():
        try:
            _decide(telling, form)
        except DomainError as error:
            form.refuse(error)
        else:
            say(_("Đã ghi quyết định."))
            return redirect(url_for("tellings.index", org=org), 303)
    page = render_template(
        "tellings/decide.html",
        org=org,
        form=form,
        telling=found,
        candidates=candidates,
        conflict=Told.CONFLICT,
    )
    return page, 422 if form.is_submitted() else 200


def _decide(telling: int, form: TellingForm) -> None:
    own, chosen, why = acting().organisation_id, form.movement.data, form.reason.data
    with transaction() as session:
        if chosen == OWN:
            service.its_own(session, own, telling, reason=why, actor=actor(), now=clock.now())
            return
        service.same_as(session, own, telling, chosen, reason=why, actor=actor(), now=clock.now())


def _account(doubt: queries.Doubt) -> str:
    bank = banks.by_bin(doubt.account.bank_bin)
    return f"{bank.short_name if bank else ''} {accounts.masked(doubt.account.number)}"
