"""Looking sellers and places up."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from catalog.search.engine import SearchRequest, SearchResult, Sort
from foundation.db import reading
from foundation.organisations.models import Kind
from foundation.places import queries as places_queries
from foundation.places.queries import Suggestion
from foundation.text import clean
from foundation.web.access import public
from foundation.web.i18n import language
from marketplace.storefront import queries as shop
from marketplace.storefront import rules
from marketplace.storefront.directory import queries
from marketplace.storefront.forms import LONGEST_QUERY
from marketplace.storefront.views import config, kept, page, search, today

directory = Blueprint("directory", __name__, template_folder="templates")

SELLERS_ON_A_PAGE = 48
GOODS_ON_A_PAGE = 24


@directory.get("/sellers")
@public
def sellers() -> ResponseReturnValue:
    """List the verified sellers in Vietnamese order."""
    q = clean(request.args.get("q", ""))[:LONGEST_QUERY]
    number = rules.page_asked(request.args.get("page"))
    served = queries.served(reading(), kept(), config().provinces)
    province = next((one for one in served if one.slug == request.args.get("place")), None)
    found, total = queries.sellers(
        reading(),
        q=q,
        province=province.code if province else None,
        page=number,
        per_page=SELLERS_ON_A_PAGE,
    )
    last = rules.last_page(total, SELLERS_ON_A_PAGE)
    if number > last:
        abort(404)
    place_slug = province.slug if province else ""
    return page(
        "directory/sellers.html",
        canonical=_numbered("/sellers", number),
        share={"title": _("Người bán"), "text": _("Hợp tác xã, cơ sở, nhà vườn đã xác minh")},
        trail=[(_("Trang chủ"), "/"), (_("Người bán"), None)],
        q=q,
        province=province,
        provinces=served,
        sellers=found,
        total=total,
        page=number,
        numbers=rules.page_numbers(number, last),
        page_address=partial(_numbered, "/sellers", q=q, place=place_slug),
    )


@directory.get("/sellers/<slug>")
@public
def seller(slug: str) -> ResponseReturnValue:
    """Show a verified seller and everything they have on sale."""
    found = queries.seller(reading(), slug)
    if found is None:
        abort(404)
    commune = queries.place(reading(), code=found.commune_code) if found.commune_code else None
    goods = _on_sale(SearchRequest(seller=slug, sort=Sort.NEWEST))
    return page(
        "directory/seller.html",
        canonical=_numbered(f"/sellers/{slug}", goods.page),
        share={"title": found.name, "text": _summary(found, commune)},
        trail=[(_("Trang chủ"), "/"), (_("Người bán"), "/sellers"), (found.name, None)],
        seller=found,
        kind_words=_kind_words(found.kind),
        commune=commune,
        summary=_summary(found, commune),
        data=_data(found, commune),
        **_shown(goods, f"/sellers/{slug}"),
    )


def _on_sale(asked: SearchRequest) -> SearchResult:
    """Return one page of what fits, as the address numbers it; 404 beyond the last one."""
    number = rules.page_asked(request.args.get("page"))
    found = search(
        SearchRequest(
            seller=asked.seller,
            place=asked.place,
            sort=asked.sort,
            page=number,
            per_page=GOODS_ON_A_PAGE,
            language=language(),
        )
    )
    if number > max(1, found.pages):
        abort(404)
    return found


def _shown(found: SearchResult, path: str) -> dict[str, object]:
    return {
        "found": found,
        "goods": shop.goods(reading(), found.product_ids, today=today()),
        "numbers": rules.page_numbers(found.page, found.pages),
        "page_address": partial(_numbered, path),
    }


def _numbered(path: str, page: int, **asked: str) -> str:
    kept_args = {name: value for name, value in asked.items() if value}
    if page > 1:
        kept_args["page"] = str(page)
    return f"{path}?{urlencode(kept_args)}" if kept_args else path


def _kind_words(kind: Kind) -> str:
    words = {
        Kind.COOPERATIVE: _("Hợp tác xã, tổ hợp tác"),
        Kind.ENTERPRISE: _("Doanh nghiệp"),
        Kind.HOUSEHOLD_BUSINESS: _("Hộ kinh doanh"),
        Kind.FARMER: _("Nhà vườn"),
    }
    return str(words.get(kind, ""))


def _summary(found: queries.SellerPage, commune: queries.Place | None) -> str:
    if found.story:
        return " ".join(found.story.split())[:200]
    where = f"{commune.full_name}, {commune.province}" if commune else ""
    return str(_("%(name)s, %(place)s: đặc sản bán trên Phiên Chợ.", name=found.name, place=where))


def _data(found: queries.SellerPage, commune: queries.Place | None) -> Markup:
    address = {
        "@type": "PostalAddress",
        "streetAddress": found.address,
        "addressLocality": commune.full_name if commune else "",
        "addressRegion": commune.province if commune else "",
        "addressCountry": "VN",
    }
    data = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": found.name,
        "url": f"{config().public_url}/sellers/{found.slug}",
        "telephone": found.phone,
        "address": {name: value for name, value in address.items() if value},
    }
    # json_ld leaves no character that could end the script element.
    return Markup(rules.json_ld({name: value for name, value in data.items() if value}))  # noqa: S704


# --- places -----------------------------------------------------------------------------------


@directory.get("/places")
@public
def places() -> ResponseReturnValue:
    """List the communes that sell something, and find one by its new or its old name."""
    q = clean(request.args.get("q", ""))[:LONGEST_QUERY]
    served = queries.served(reading(), kept(), config().provinces)
    communes = queries.communes_with_goods(reading(), kept(), [one.code for one in served])
    return page(
        "directory/places.html",
        canonical="/places",
        share={"title": _("Đặc sản theo xã, phường"), "text": _("Chọn xã, phường để xem món quê")},
        trail=[(_("Trang chủ"), "/"), (_("Xã, phường"), None)],
        q=q,
        matches=_matches(q),
        provinces=[(one, communes[one.code]) for one in served],
    )


def _matches(q: str) -> list[queries.PlaceLine]:
    """Return the communes a name, new or old, may mean."""
    if len(q) < 2:
        return []
    counts = queries.place_counts(reading(), kept())
    found = places_queries.find_communes(reading(), q, limit=12, near=config().provinces)
    return [
        queries.PlaceLine(
            slug=one.slug, name=one.label, count=counts.get(one.code, 0), hint=_former(one)
        )
        for one in found
    ]


def _former(found: Suggestion) -> str:
    """Return which old name a commune was found by."""
    if not found.old:
        return ""
    if found.part:
        return str(_("Gồm một phần %(old)s trước 01/07/2025", old=found.old))
    return str(_("Gồm %(old)s trước 01/07/2025", old=found.old))


@directory.get("/places/<slug>")
@public
def place(slug: str) -> ResponseReturnValue:
    """Show a province or a commune: its goods, its sellers, the old units it was made of."""
    found = queries.place(reading(), slug=slug)
    if found is None:
        abort(404)
    goods = _on_sale(SearchRequest(place=slug, sort=Sort.NEWEST))
    trail: list[tuple[str, str | None]] = [(_("Trang chủ"), "/"), (_("Xã, phường"), "/places")]
    if found.province:
        trail.append((found.province, f"/places/{found.province_slug}"))
    beside = _province(found) if found.is_province else _commune(found)
    summary = ngettext(
        "%(num)s đặc sản %(place)s đang bán trên Phiên Chợ.",
        "%(num)s đặc sản %(place)s đang bán trên Phiên Chợ.",
        goods.total,
        place=found.name,
    )
    return page(
        "directory/place.html",
        canonical=_numbered(f"/places/{slug}", goods.page),
        share={"title": _("Đặc sản %(place)s", place=found.name), "text": summary},
        trail=[*trail, (found.full_name, None)],
        place=found,
        summary=summary,
        **beside,
        **_shown(goods, f"/places/{slug}"),
    )


def _commune(found: queries.Place) -> dict[str, object]:
    return {
        "sellers": queries.sellers_of_place(reading(), found.code),
        "former": queries.former_units(reading(), kept(), found.code),
        "communes": [],
    }


def _province(found: queries.Place) -> dict[str, object]:
    communes = queries.communes_with_goods(reading(), kept(), [found.code])
    return {"sellers": [], "former": (), "communes": communes[found.code]}
