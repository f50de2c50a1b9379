"""Writing one product: its form, its photos, how buyers will see it, and putting it on sale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict, cast

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from catalog.categories import queries as categories
from catalog.editing import queries, service
from catalog.editing.forms import BeginForm, ProductForm, photos_given
from catalog.editing.service import FormGiven
from catalog.photos import service as photos
from catalog.products import queries as products_queries
from catalog.products import rules
from catalog.products import service as products
from catalog.products.errors import Incomplete, Stale
from catalog.products.models import Product, State
from catalog.publication import service as publication
from catalog.shown import queries as product_page
from foundation import clock
from foundation.audit.rules import Actor
from foundation.config import Config
from foundation.db import reading, transaction
from foundation.errors import DomainError
from foundation.organisations import queries as organisations
from foundation.web.access import acting, actor, needs
from foundation.web.filters import sentence
from foundation.web.forms import say
from foundation.web.i18n import language

editing = Blueprint("editing", __name__, template_folder="templates")

OWN = "/sell/<org>/products"
ACTS: dict[str, Callable[..., Product]] = {
    "take_back": publication.take_back,
    "pause": publication.pause,
    "resume": publication.resume,
    "withdraw": publication.withdraw,
    "restore": publication.restore,
}


@editing.route(OWN + "/new", methods=["GET", "POST"])
@needs("products.edit")
def new(org: str) -> ResponseReturnValue:
    """The first step: what it is called and what kind it is."""
    form = BeginForm()
    form.offer(_categories())
    if not form.is_submitted():
        seller = organisations.own(reading(), acting().organisation_id)
        form.commune.data = seller.commune_code or ""
    elif form.validate():
        try:
            with transaction() as session:
                given = form.given(_category_id(form))
                product = products.create(session, given, **_who())
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("editing.edit", org=org, product=product.public_id), 303)
    page = render_template("editing/new.html", org=org, form=form)
    return page, 422 if form.is_submitted() else 200


@editing.get(OWN + "/<product>")
@needs("products.edit")
def edit(org: str, product: str) -> ResponseReturnValue:
    found = queries.own(reading(), product, acting().organisation_id)
    form = ProductForm()
    form.fill(found)
    return _page(org, found, form, 200)


@editing.post(OWN + "/<product>")
@needs("products.edit")
def save(org: str, product: str) -> ResponseReturnValue:
    """Whatever was pressed on the form: photos that came along are kept first."""
    found = queries.own(reading(), product, acting().organisation_id)
    form = ProductForm()
    act, _colon, which = request.form.get("act", "save").partition(":")
    fresh = str(form.version.data) == str(found.version)
    refused = _change_photos(found, act, which)
    found = queries.own(reading(), product, acting().organisation_id)
    if fresh:
        form.version.data = found.version
    if act in ("photos", "remove_photo", "add_size", "remove_size"):
        _change_rows(form, act, which)
        return _page(org, found, form, 422 if refused else 200, refused)
    if form.validate() and not refused and _save(form, found, act):
        return redirect(url_for("editing.edit", org=org, product=product), 303)
    status = 409 if form.stale else 422
    return _page(org, found, form, status, refused)


@editing.get(OWN + "/<product>/preview")
@needs("products.edit")
def preview(org: str, product: str) -> ResponseReturnValue:
    """The product as buyers will see it."""
    found = queries.own(reading(), product, acting().organisation_id)
    shown = product_page.preview(reading(), found.id)
    return render_template("editing/preview.html", org=org, shown=shown)


@editing.post(OWN + "/<product>/<any(take_back, pause, resume, withdraw, restore):act>")
@needs("products.edit")
def move(org: str, product: str, act: str) -> ResponseReturnValue:
    """Take the product a step on; a refusal is said on its page."""
    try:
        with transaction() as session:
            moved = ACTS[act](session, product, **_who())
    except DomainError as error:
        if error.status == 404:
            raise
        say(sentence(error), "bad")
    else:
        _say_moved(act, moved)
    return redirect(url_for("editing.edit", org=org, product=product), 303)


@editing.post(OWN + "/<product>/duplicate")
@needs("products.edit")
def duplicate(org: str, product: str) -> ResponseReturnValue:
    with transaction() as session:
        copy = products.duplicate(session, product, **_who())
    say(_("Đây là bản sao, còn là nháp. Đổi tên và giá rồi gửi lên chợ."))
    return redirect(url_for("editing.edit", org=org, product=copy.public_id), 303)


@editing.post(OWN + "/<product>/delete")
@needs("products.edit")
def delete(org: str, product: str) -> ResponseReturnValue:
    try:
        with transaction() as session:
            products.delete_draft(session, product, **_who())
    except DomainError as error:
        if error.status == 404:
            raise
        say(sentence(error), "bad")
        return redirect(url_for("editing.edit", org=org, product=product), 303)
    say(_("Đã xoá bản nháp."))
    return redirect(url_for("products.index", org=org), 303)


# --- the form ---------------------------------------------------------------------------------


def _save(form: ProductForm, found: Product, act: str) -> bool:
    """Save the form, submit it too if that was pressed. Return whether it went well."""
    given = FormGiven(
        product=form.given(_category_id(form)),
        photos=photos_given(request.form, found),
        version=int(form.version.data) if str(form.version.data).isdecimal() else 0,
    )
    config = cast("Config", current_app.extensions["config"])
    try:
        with transaction() as session:
            if act == "submit":
                saved = service.save_and_submit(
                    session, found.public_id, given, review=config.review_products, **_who()
                )
            else:
                saved = service.save(session, found.public_id, given, **_who())
    except Stale as error:
        form.refuse(error)
        form.version.data = error.version
        form.stale = True
    except Incomplete as error:
        form.form_errors += [_(rules.LACK_WORDS[rules.Lack(lack)]) for lack in error.lacks]
    except DomainError as error:
        form.refuse(error)
    else:
        _say_saved(saved, submitted=act == "submit")
        return True
    return False


def _change_photos(product: Product, act: str, which: str) -> list[str]:
    """Keep the photos that came with the form, or take one away. Return what was refused."""
    refused: list[str] = []
    uploads = [file for file in request.files.getlist("photos") if file.filename]
    for upload in uploads[: rules.MOST_PHOTOS + 1]:
        try:
            with upload.stream, transaction() as session:
                data = upload.stream.read()
                name = upload.filename or ""
                photos.add(session, product.public_id, data, name=name, **_who())
        except DomainError as error:
            name = rules.short_name(upload.filename or "")
            refused.append(_("%(name)s: %(why)s", name=name, why=sentence(error)))
    kept = len(uploads) - len(refused)
    if kept > 0:
        say(ngettext("Đã thêm %(num)s ảnh.", "Đã thêm %(num)s ảnh.", kept))
    if act == "remove_photo":
        try:
            with transaction() as session:
                photos.remove(session, product.public_id, which, **_who())
        except DomainError as error:
            refused.append(sentence(error))
    return refused


def _change_rows(form: ProductForm, act: str, which: str) -> None:
    if act == "add_size":
        form.add_row()
    if act == "remove_size" and which.isascii() and which.isdecimal():
        form.remove_row(int(which[:3]))


def _page(
    org: str, product: Product, form: ProductForm, status: int, refused: list[str] | None = None
) -> ResponseReturnValue:
    form.offer(_categories())
    page = render_template(
        "editing/edit.html",
        org=org,
        product=product,
        form=form,
        refused=refused or [],
        typed=request.form,
        lacks=products.lacks_of(product),
        lack_words=rules.LACK_WORDS,
        limits=rules,
        seller=acting(),
        review=cast("Config", current_app.extensions["config"]).review_products,
        card=products_queries.cards(reading(), [product.id])[0],
        most_bytes=15 * 1024 * 1024,
    )
    return page, status


def _categories() -> dict[str, list[tuple[str, str]]]:
    return categories.choices(reading(), clock.day(clock.now()), language())


def _category_id(form: BeginForm) -> int:
    category = categories.by_code(reading(), form.category.data or "")
    return category.id if category else 0


class _Who(TypedDict):
    organisation_id: int
    actor: Actor
    now: datetime


def _who() -> _Who:
    return {
        "organisation_id": acting().organisation_id,
        "actor": actor(),
        "now": clock.now(),
    }


def _say_saved(product: Product, *, submitted: bool) -> None:
    if not submitted:
        say(_("Đã lưu."))
    elif product.state is State.PUBLISHED:
        say(_("Món hàng đã lên chợ."))
    else:
        say(_("Đã gửi duyệt. Sở trả lời thì có tin báo ngay."))


def _say_moved(act: str, product: Product) -> None:
    words = {
        "take_back": _("Đã lấy lại về bản nháp."),
        "pause": _("Đã tạm dừng bán. Người mua không còn thấy món này."),
        "resume": _("Đang bán lại."),
        "withdraw": _("Đã gỡ xuống. Muốn bán tiếp, bấm Đưa lên lại."),
        "restore": _("Đã đưa lên lại."),
    }
    if act == "restore" and product.state is not State.PUBLISHED:
        say(_("Đã đưa lại vào danh sách, nhưng chưa bán. Xem lại rồi cho bán."), "care")
        return
    say(words[act])
