"""The shop window: home, listing, product, suggestions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, partial

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from markupsafe import Markup

from catalog.categories.queries import named
from catalog.ocop.queries import Badge
from catalog.products.queries import ProductCard, Size
from catalog.search import queries as search_queries
from catalog.search.engine import Engine, SearchRequest, SearchResult
from catalog.shown.queries import ProductPage
from foundation import clock
from foundation.config import Config
from foundation.db import extension, reading
from foundation.kept import Kept
from foundation.lunar import LunarDate, lunar
from foundation.organisations.queries import hidden_ids
from foundation.storage.queries import photo_url
from foundation.web import icons, kept_pages
from foundation.web.access import public
from foundation.web.filters import asset, day, vnd
from foundation.web.i18n import language
from foundation.web.i18n import spoken as _
from foundation.web.kept_pages import kept_page, marked
from foundation.web.pages import safe_next
from marketplace.storefront import forms, queries, rules
from marketplace.storefront.directory import queries as directory

storefront = Blueprint("storefront", __name__, template_folder="templates")

ADULT = "adult"
THIRTY_DAYS = 30 * 24 * 3600
AN_HOUR = 3600
MOST_CARDS = 1024  # of 1 kB each


@storefront.record_once
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["kept"] = Kept()
    state.app.extensions["kept_cards"] = Kept(most=MOST_CARDS)
    kept_pages.init_app(state.app)
    state.app.jinja_env.globals.update(
        in_season=rules.in_season,
        kept_card=kept_card,
        ocop_badge=ocop_badge,
        unit_price=unit_price,
        stock_words=stock_words,
    )
    state.app.jinja_env.filters.update(phone=rules.phone, initials=rules.initials)


# --- words ------------------------------------------------------------------------------------


def ocop_badge(stars: int) -> Markup:
    """Return the badge of a valid certificate, 3 to 5 stars."""
    return Markup('<span class="ocop">OCOP{}<span class="unseen"> {}</span></span>').format(
        icons.stars(stars), _("%(count)s sao", count=stars)
    )


def kept_card(one: ProductCard, badge: Badge | None, month: int) -> Markup:
    """Return a product's card as `card` in card.html draws it, once while nothing on it changes."""

    def draw() -> Markup:
        drawn: Markup = current_app.jinja_env.get_template("storefront/card.html").module.card(  # type: ignore[attr-defined]  # a macro
            one, badge, month
        )
        return drawn

    cards: Kept = extension("kept_cards")
    key = (language(), one, badge.stars if badge else 0, month)
    return icons.used_by(cards.get(key, AN_HOUR, lambda: icons.drawn(draw)))


def unit_price(size: ProductCard | Size) -> str:
    """Return what one size holds, unless its name says so, and the price per kilogram or litre."""
    if size.unit_price is None:
        return size.net_label
    per = {"kg": "kg", "l": _("lít"), "piece": _("cái")}[size.unit_price.per]
    each = f"{vnd(size.unit_price.amount)}/{per}"
    if size.net_label in size.name or size.unit_price.amount == size.price:
        return each
    return f"{size.net_label}, {each}"


def stock_words(size: Size) -> str:
    """Return in words whether a size can be had: few left are counted."""
    if size.stock == 0:
        return str(_("Tạm hết"))
    return str(_("Còn %(count)s", count=size.stock) if size.stock <= 10 else _("Còn hàng"))


def lunar_words(of: LunarDate) -> str:
    """Return a lunar date in words, with the name of its year."""
    facts = {"day": of.day, "month": of.month, "year": of.year_name}
    if of.leap:
        return str(_("%(day)s/%(month)s nhuận âm lịch, năm %(year)s", **facts))
    return str(_("%(day)s/%(month)s âm lịch, năm %(year)s", **facts))


# --- what every page needs --------------------------------------------------------------------


def engine() -> Engine:
    """Return the search engine of the running application."""
    found: Engine = extension("search")
    return found


def kept() -> Kept:
    """Return the answers this process keeps for a while."""
    found: Kept = extension("kept")
    return found


def config() -> Config:
    """Return the configuration of the running application."""
    found: Config = extension("config")
    return found


def today() -> date:
    """Return the day in Việt Nam."""
    return clock.day(clock.now())


def search(asked: SearchRequest) -> SearchResult:
    """Return what is on sale and fits, as of today."""
    return search_queries.search(reading(), engine(), asked, today=today())


def page(template: str, *, canonical: str, share: Mapping[str, str], **facts: object) -> Response:
    """Return a page of the shop. `share` holds title, text, picture and kind for a link's card.

    The service worker may show a copy offline, but only of what nobody's name stands on.
    """
    rendered = render_template(
        template,
        canonical=canonical,
        share={"kind": "website", "picture": asset("share.jpg"), **share},
        month=today().month,
        **facts,
    )
    return marked(make_response(rendered))


# --- pages ------------------------------------------------------------------------------------


@storefront.get("/")
@public
def home() -> ResponseReturnValue:
    """Show the day, what is in season, and something of everything."""
    session, window = reading(), _window()
    shelves = queries.shelves(session, window, today=today())
    sellers, seller_total = directory.sellers_of_week(session, today())
    served = directory.served(session, kept(), config().provinces)
    names = _listed([place.name for place in served])
    return page(
        "storefront/home.html",
        canonical="/",
        share={"title": _("Phiên Chợ"), "text": _("Đặc sản %(place)s", place=names)},
        today=today(),
        lunar_words=lunar_words(lunar(today())),
        provinces=names,
        window=window,
        shelves=shelves,
        kinds=rules.of_month(today().month),
        stall_names=_listed([card.name for card in shelves.stall]),
        reminder=_reminder(rules.reminder(today())),
        sellers=sellers,
        seller_total=seller_total,
    )


def _window() -> queries.Window:
    return queries.window(reading(), engine(), kept(), today=today(), language=language())


def _listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: A, B và C."""
    if len(names) < 2:
        return "".join(names)
    return str(_("%(first)s và %(last)s", first=", ".join(names[:-1]), last=names[-1]))


def _reminder(near: rules.Reminder | None) -> dict[str, object] | None:
    """Return what the home page says about a day people prepare for."""
    if near is None:
        return None
    month = _lunar_month(near.month)
    titles = {
        rules.Occasion.FULL_MOON_TOMORROW: _("Mai là rằm %(month)s", month=month),
        rules.Occasion.FULL_MOON: _("Hôm nay là rằm %(month)s", month=month),
        rules.Occasion.NEW_MOON_TOMORROW: _("Mai là mùng một %(month)s", month=month),
        rules.Occasion.NEW_MOON: _("Hôm nay là mùng một %(month)s", month=month),
        rules.Occasion.BEFORE_TET: ngettext(
            "Còn %(num)s ngày nữa là Tết", "Còn %(num)s ngày nữa là Tết", near.days
        ),
    }
    if near.occasion is rules.Occasion.BEFORE_TET:
        body = _("Bánh tét, dưa hấu, quà biếu: gọi đặt sớm để người bán kịp làm và kịp gửi.")
        links = [(_("Bánh, mứt ngày Tết"), "/products?q=b%C3%A1nh"), (_("Trái cây"), FRUIT)]
    else:
        body = _("Trái cây chưng mâm, đồ chay cúng rằm: hỏi người bán gần nhà còn kịp giao không.")
        links = [(_("Trái cây chưng mâm"), FRUIT), (_("Đồ chay"), "/products?q=chay")]
    return {"title": titles[near.occasion], "body": body, "links": links}


FRUIT = "/products?category=food.fresh.fruit_vegetables"


def _lunar_month(month: int) -> str:
    names = (
        *(_("tháng Giêng"), _("tháng Hai"), _("tháng Ba"), _("tháng Tư"), _("tháng Năm")),
        *(_("tháng Sáu"), _("tháng Bảy"), _("tháng Tám"), _("tháng Chín"), _("tháng Mười")),
        *(_("tháng Mười Một"), _("tháng Chạp")),
    )
    return str(names[month - 1])


@storefront.get("/products")
@public
def listing() -> ResponseReturnValue:
    """Show what is on sale and fits the words and filters of the address."""
    args = tuple(request.args.get(name) for name in rules.LISTING_ARGS)
    mark = cache(_listing_mark)
    return kept_page(("listing", args), mark, partial(_listing, mark))


def _listing_mark() -> tuple[object, ...]:
    return (engine().version(reading()), hidden_ids(reading()), today())


def _listing(mark: Callable[[], tuple[object, ...]]) -> tuple[tuple[object, ...], Response]:
    mark()  # read first: should anything change meanwhile, the next reader finds another mark
    asked = forms.asked(request.args, language())
    found = search(asked)
    if asked.page > max(1, found.pages):
        abort(404)
    heading = forms.heading(found, asked)
    made = page(
        "storefront/listing.html",
        canonical=forms.canonical(found, request.args),
        share={"title": heading, "text": forms.intro(asked)},
        asked=asked,
        found=found,
        heading=heading,
        intro=forms.intro(asked),
        searched=asked.q,
        unlisted=bool(asked.q) or forms.filters_chosen(found) > 1,
        trail=forms.trail(found, heading),
        facets=forms.facets(found),
        chips=forms.chips(found, request.args),
        bare=rules.address("/products", {"q": asked.q}),
        hidden=forms.hidden(request.args),
        sorts=forms.sorts(asked),
        numbers=rules.page_numbers(found.page, found.pages),
        address=partial(rules.address, "/products", request.args),
        goods=queries.goods(reading(), found.product_ids, today=today()),
    )
    return mark(), made


@storefront.get("/products/<slug>")
@public
def product(slug: str) -> ResponseReturnValue:
    """Show a product on sale; what is paused or withdrawn is no longer there."""
    grown_up = request.cookies.get(ADULT) == "yes"
    return kept_page(
        ("product", slug, request.args.get("size", "")[:20], grown_up),
        lambda: queries.mark(reading(), slug, today=today()),
        partial(_product, slug, grown_up=grown_up),
        neutral={ADULT},
    )


def _product(slug: str, *, grown_up: bool) -> tuple[queries.Mark | None, Response]:
    there = queries.page(reading(), slug, today=today())
    if there is None or not there[0].sizes:
        abort(404)
    found, mark = there
    if found.adults_only and not grown_up:
        return None, _ask_age(found)
    whole = queries.whole(reading(), kept(), found, mark, today=today())
    made = page(
        "storefront/product.html",
        canonical=f"/products/{found.slug}",
        share=_share(found),
        product=found,
        seller=found.organisation,
        whole=whole,
        badge=whole.badge,
        trail=_trail(found),
        chosen=_chosen(found),
        facts=_facts(found),
        category=named(found.category, language()),
        data=_data(whole),
    )
    return mark, made


def _ask_age(found: ProductPage) -> Response:
    asking = render_template("storefront/adults.html", product=found, trail=_trail(found))
    return make_response(asking)


def _trail(found: ProductPage) -> list[tuple[str, str | None]]:
    category = found.category
    kind = (named(category, language()), f"/products?category={category.slug}")
    return [(_("Trang chủ"), "/"), (_("Đặc sản"), "/products"), kind, (found.name, None)]


def _data(whole: queries.Whole) -> Markup:
    """Return what search engines read about a product; safe inside a script element."""
    found, public_url = whole.page, config().public_url
    pictures = [photo_url(photo.file, 1280) for photo in found.photos] or [_share_picture(found)]
    product = rules.product_data(found, whole.badge, public_url=public_url, pictures=pictures)
    crumbs = rules.crumbs_data(_trail(found), public_url)
    return Markup(rules.json_ld({"@context": "https://schema.org", "@graph": [product, crumbs]}))  # noqa: S704


def _share(found: ProductPage) -> dict[str, str]:
    cheapest = found.cheapest
    price = f"{vnd(cheapest.price)}, {unit_price(cheapest)}. " if cheapest else ""
    return {
        "title": found.name,
        "text": f"{price}{found.summary}"[:200],
        "picture": _share_picture(found),
        "kind": "product",
    }


def _share_picture(found: ProductPage) -> str:
    return f"/products/{found.slug}/share.jpg"


def _chosen(found: ProductPage) -> Size:
    """Return the size the address names, else the cheapest that can be had."""
    wanted = request.args.get("size")
    named_size = next((size for size in found.sizes if size.public_id == wanted), None)
    in_stock = [size for size in found.sizes if size.in_stock] or list(found.sizes)
    return named_size or min(in_stock, key=lambda size: size.price)


def _facts(found: ProductPage) -> list[tuple[str, str]]:
    """Return name and value of what a label says."""
    sizes = ", ".join(dict.fromkeys(size.net_label for size in found.sizes))
    days = found.shelf_life_days
    facts = [
        (_("Khối lượng tịnh"), sizes),
        (_("Thành phần"), found.ingredients),
        (_("Hạn dùng"), ngettext("%(num)s ngày", "%(num)s ngày", days) if days else ""),
        (_("Bảo quản"), found.storage),
        (_("Loại hàng"), named(found.category, language())),
        (_("Cập nhật"), day(found.updated_at)),
    ]
    return [(name, value) for name, value in facts if value]


@storefront.post("/adults")
@public
def adults() -> ResponseReturnValue:
    """Remember, on this device alone, that somebody says to be 18 or older."""
    response = redirect(safe_next(request.form.get("next")), 303)
    response.set_cookie(
        ADULT, "yes", max_age=THIRTY_DAYS, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response


@storefront.get("/products/suggest")
@public
def suggest() -> ResponseReturnValue:
    """Return completions of what has been typed so far, as JSON."""
    typed = request.args.get("q", "")[: forms.LONGEST_QUERY]
    found = search_queries.suggest(reading(), engine(), typed, today=today(), limit=8)
    response = jsonify(items=[forms.suggestion(each) for each in found])
    response.cache_control.max_age = 60
    return response
