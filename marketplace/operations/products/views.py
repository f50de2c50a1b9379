"""The authority looks at products: lets them on sale, sends them back, takes them down."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from catalog.products.models import State
from catalog.publication import queries, service
from catalog.shown import queries as product_page
from foundation import clock
from foundation.accounts import queries as accounts
from foundation.audit import queries as audit
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.text import clean
from foundation.web.access import acting, actor, needs
from foundation.web.forms import say
from marketplace.operations.products.forms import NoteForm

operations_products = Blueprint("operations_products", __name__, template_folder="templates")

TABS = (State.IN_REVIEW, State.PUBLISHED, State.PAUSED, State.WITHDRAWN)
MOST_PAGES = 10_000


@operations_products.get("/ops/products")
@needs("authority.view")
def index() -> ResponseReturnValue:
    asked = request.args.get("state", "")
    state = next((tab for tab in TABS if tab.value == asked), State.IN_REVIEW)
    words = clean(request.args.get("q", ""))[:80]
    number = min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)
    return render_template(
        "operations_products/index.html",
        state=state,
        tabs=TABS,
        words=words,
        counts=queries.counts(reading()),
        found=queries.listed(reading(), state, words=words, page=number),
    )


@operations_products.get("/ops/products/<product>")
@needs("authority.view")
def show(product: str) -> ResponseReturnValue:
    return _page(product, NoteForm(), 200)


@operations_products.post("/ops/products/<product>/accept")
@needs("authority.review")
def accept(product: str) -> ResponseReturnValue:
    form = NoteForm()
    return _decide(
        product,
        form,
        lambda session: service.accept(
            session, product, version=_version(form), actor=actor(), now=clock.now()
        ),
        _("Đã duyệt. Món hàng lên chợ trong vài giây."),
    )


@operations_products.post("/ops/products/<product>/send-back")
@needs("authority.review")
def send_back(product: str) -> ResponseReturnValue:
    form = NoteForm()
    if not form.validate():
        return _page(product, form, 422)
    return _decide(
        product,
        form,
        lambda session: service.send_back(
            session,
            product,
            note=form.note.data or "",
            version=_version(form),
            actor=actor(),
            now=clock.now(),
        ),
        _("Đã gửi lại cho người bán kèm lời nhắn."),
    )


@operations_products.post("/ops/products/<product>/take-down")
@needs("authority.review")
def take_down(product: str) -> ResponseReturnValue:
    form = NoteForm()
    if not form.validate():
        return _page(product, form, 422)
    return _decide(
        product,
        form,
        lambda session: service.take_down(
            session, product, reason=form.note.data or "", actor=actor(), now=clock.now()
        ),
        _("Đã gỡ khỏi chợ và báo cho người bán."),
    )


def _decide(
    product: str, form: NoteForm, decision: Callable[[Session], object], done: str
) -> ResponseReturnValue:
    """Carry a decision out; a refusal (somebody else was first) is said on the page."""
    try:
        with transaction() as session:
            decision(session)
    except DomainError as error:
        if error.status == 404:
            raise
        form.refuse(error)
        return _page(product, form, int(error.status))
    say(done)
    return redirect(url_for("operations_products.index"), 303)


def _version(form: NoteForm) -> int:
    typed = form.version.data or ""
    return int(typed[:9]) if typed.isascii() and typed.isdecimal() else 0


def _page(product: str, form: NoteForm, status: int) -> ResponseReturnValue:
    session = reading()
    found = queries.one(session, product)
    history = audit.history(session, found.__tablename__, found.id)
    page = render_template(
        "operations_products/show.html",
        product=found,
        shown=product_page.preview(session, found.id),
        form=form,
        history=history,
        names=accounts.names_of(
            session, [each.actor_person_id for each in history if each.actor_person_id]
        ),
        may_review="authority.review" in acting().permissions,
    )
    return page, status
