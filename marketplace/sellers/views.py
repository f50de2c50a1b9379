"""Where sellers begin, and the desk they come back to every day."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from catalog.products.models import State as ProductState
from foundation import clock
from foundation.db import reading
from foundation.organisations.models import Kind
from foundation.organisations.rules import REVIEW_DAYS, SELLING_KINDS
from foundation.web.access import acting, me_or_none, needs, public
from marketplace.sellers import queries

sellers = Blueprint("sellers", __name__, template_folder="templates")


@sellers.get("/sell")
@public
def home() -> ResponseReturnValue:
    """Show the way in; whoever works for one organisation goes straight to its desk."""
    person = me_or_none()
    own = [m for m in person.memberships if m.kind != Kind.AUTHORITY] if person else []
    if len(own) == 1:
        return redirect(url_for("sellers.desk", org=own[0].public_id), 303)
    if own:
        return render_template("sellers/organisations.html", organisations=own)
    return render_template("sellers/start.html", review_days=REVIEW_DAYS)


@sellers.get("/sell/<org>")
@needs("organisation.view")
def desk(org: str) -> ResponseReturnValue:
    today = clock.day(clock.now())
    found = queries.desk(reading(), acting().organisation_id, today=today)
    return render_template(
        "sellers/desk.html",
        desk=found,
        today=today,
        sells=found.organisation.kind in SELLING_KINDS,
        permissions=acting().permissions,
        states=ProductState,
        review_days=REVIEW_DAYS,
    )
