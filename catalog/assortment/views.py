"""The list of a seller's products: by state, searched, sorted; several changed at once."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from catalog.assortment import forms, queries
from catalog.assortment.queries import Sort
from catalog.products import service
from catalog.products.errors import Stale
from catalog.products.models import State
from catalog.publication import service as publication
from foundation import clock
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.web.access import acting, actor, needs
from foundation.web.filters import sentence
from foundation.web.forms import say
from foundation.web.pages import safe_next

products = Blueprint("products", __name__, template_folder="templates")

OWN = "/sell/<org>/products"


@products.get(OWN)
@needs("products.edit")
def index(org: str) -> ResponseReturnValue:
    return _page(org, [], {}, 200)


@products.post(OWN + "/many")
@needs("products.edit")
def many(org: str) -> ResponseReturnValue:
    """Pause, resume or withdraw the ticked products."""
    act = request.form.get("act", "")
    chosen = forms.chosen(request)
    if act not in publication.MANY or not chosen:
        say(_("Chưa chọn món nào. Đánh dấu các món cần đổi rồi bấm lại."), "care")
        return redirect(_back(org), 303)
    try:
        with transaction() as session:
            count = publication.change_many(
                session,
                chosen,
                act,
                organisation_id=acting().organisation_id,
                actor=actor(),
                now=clock.now(),
            )
    except DomainError as error:
        say(sentence(error), "bad")
    else:
        _say_many(act, count, len(chosen) - count)
    return redirect(_back(org), 303)


@products.post(OWN + "/<product>/prices")
@needs("products.edit")
def prices(org: str, product: str) -> ResponseReturnValue:
    """Set price and stock of one product's sizes from the list."""
    wanted, wrong = forms.prices_and_stock(request)
    if wrong:
        return _page(org, wrong, {product: wrong}, 422)
    try:
        with transaction() as session:
            service.set_prices_and_stock(
                session,
                product,
                wanted,
                version=request.form.get("version", 0, type=int),
                organisation_id=acting().organisation_id,
                actor=actor(),
                now=clock.now(),
            )
    except Stale as error:
        words = _(
            "%(who)s đã sửa món này lúc %(at)s. Xem lại giá và kho rồi lưu lần nữa.", **_who(error)
        )
        return _page(org, [words], {product: [words]}, 409)
    except DomainError as error:
        return _page(org, [sentence(error)], {product: [sentence(error)]}, int(error.status))
    say(_("Đã lưu giá và kho."))
    return redirect(_back(org), 303)


def _who(error: Stale) -> dict[str, str]:
    moment = clock.local(error.at)
    return {"who": error.who, "at": f"{moment:%H:%M, %d/%m/%Y}"}


def _say_many(act: str, count: int, left: int) -> None:
    words = {
        "pause": ngettext("Đã tạm dừng %(num)s món.", "Đã tạm dừng %(num)s món.", count),
        "resume": ngettext("Đã bán lại %(num)s món.", "Đã bán lại %(num)s món.", count),
        "withdraw": ngettext("Đã gỡ %(num)s món.", "Đã gỡ %(num)s món.", count),
    }
    if count:
        say(words[act])
    if left > 0:
        say(
            ngettext(
                "%(num)s món giữ nguyên vì đang ở tình trạng khác.",
                "%(num)s món giữ nguyên vì đang ở tình trạng khác.",
                left,
            ),
            "care",
        )


def _back(org: str) -> str:
    """Return the page of the list the form was sent from, so that nobody loses the place."""
    here = url_for("products.index", org=org)
    asked = safe_next(request.form.get("back"), here)
    return asked if urlsplit(asked).path == here else here


def _page(
    org: str, problems: list[str], by_product: dict[str, list[str]], status: int
) -> ResponseReturnValue:
    asked = forms.asked(request)
    session = reading()
    page = render_template(
        "assortment/index.html",
        org=org,
        asked=asked,
        found=queries.listed(session, acting().organisation_id, asked),
        counts=queries.counts(session, acting().organisation_id),
        states=tuple(State),
        sorts=Sort,
        problems=problems,
        by_product=by_product,
        typed=request.form,
        seller_state=acting().state,
    )
    return page, status
