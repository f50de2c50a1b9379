"""GET /api/v1/products: the shop window as JSON, for anybody, without signing in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from marshmallow import Schema, fields, validate

from catalog.ocop import queries as ocop
from catalog.products import queries as products
from catalog.products.queries import ProductCard
from catalog.search import queries
from catalog.search.engine import Engine, FacetValue, SearchRequest, SearchResult, Sort
from foundation import clock
from foundation.config import Config
from foundation.db import extension, reading
from foundation.storage.queries import photo_url
from foundation.web.access import public
from foundation.web.limits import limiter
from foundation.web.openapi import described, open_to_all

search_api = Blueprint("search_api", __name__)

LIMIT: Final = "120 per minute"
PICTURE_WIDTH: Final = 480
# Other spellings of the orders that clients commonly try.
_SORTS: Final = {
    **{sort.value: sort for sort in Sort},
    "price_asc": Sort.PRICE_UP,
    "price_desc": Sort.PRICE_DOWN,
}


class Query(Schema):
    """What may be asked. Anything that makes no sense is left out rather than refused."""

    q = fields.String(metadata={"description": _("Từ cần tìm, có dấu hay không dấu đều được")})
    category = fields.String(metadata={"description": _("Mã hoặc tên rút gọn của loại hàng")})
    stars = fields.Integer(
        validate=validate.OneOf([3, 4, 5]),
        metadata={"description": _("Từ bấy nhiêu sao OCOP trở lên")},
    )
    place = fields.String(metadata={"description": _("Mã hoặc tên rút gọn của tỉnh, xã, phường")})
    seller = fields.String(metadata={"description": _("Tên rút gọn của người bán")})
    price_min = fields.Integer(metadata={"description": _("Giá thấp nhất, đồng")})
    price_max = fields.Integer(metadata={"description": _("Giá cao nhất, đồng")})
    sort = fields.String(
        validate=validate.OneOf([sort.value for sort in Sort]),
        metadata={"description": _("Thứ tự")},
    )
    page = fields.Integer(metadata={"description": _("Số trang, từ 1 đến 1000")})
    per_page = fields.Integer(metadata={"description": _("Số mặt hàng mỗi trang, đến 100")})


class Item(Schema):
    """One product."""

    slug = fields.String()
    url = fields.String()
    name = fields.String()
    price = fields.Integer(
        allow_none=True, metadata={"description": _("Giá của quy cách rẻ nhất, đồng")}
    )
    net = fields.String(metadata={"description": _("Quy cách có giá ấy")})
    unit_price = fields.Integer(
        allow_none=True, metadata={"description": _("Giá của một đơn vị, đồng")}
    )
    unit = fields.String(allow_none=True, metadata={"description": "kg, l, piece"})
    stars = fields.Integer(
        allow_none=True, metadata={"description": _("Sao OCOP còn hiệu lực hôm nay")}
    )
    in_stock = fields.Boolean()
    adults_only = fields.Boolean(metadata={"description": _("Chỉ bán cho người từ 18 tuổi")})
    seller = fields.Dict(metadata={"description": "slug, name"})
    place = fields.Dict(metadata={"description": "slug, name"})
    image = fields.String(allow_none=True)


class Value(Schema):
    """One choice of a facet."""

    value = fields.String()
    label = fields.String()
    count = fields.Integer()
    chosen = fields.Boolean()
    parent = fields.String(allow_none=True)


class Answer(Schema):
    """A page of products."""

    items = fields.List(fields.Nested(Item))
    total = fields.Integer()
    page = fields.Integer()
    pages = fields.Integer()
    per_page = fields.Integer()
    sort = fields.String()
    facets = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(Value)),
        metadata={"description": "category, stars, place, price, seller"},
    )
    corrected = fields.String(
        allow_none=True,
        metadata={"description": _("Từ đã dùng để tìm, khi từ được hỏi không có kết quả")},
    )
    did_you_mean = fields.String(
        allow_none=True, metadata={"description": _("Cách viết có thể đúng hơn")}
    )


@search_api.get("/api/v1/products")
@public
@limiter.limit(LIMIT)
@described(summary=_("Tìm hàng đang bán"), query=Query, answer=Answer)
def products_found() -> ResponseReturnValue:
    """Answer with a page of what is on sale and fits."""
    engine: Engine = extension("search")
    today = clock.day(clock.now())
    session = reading()
    found = queries.search(session, engine, asked(request.args), today=today)
    cards = products.cards(session, found.product_ids)
    badges = ocop.badges(session, found.product_ids, today=today)
    config: Config = extension("config")
    stars = {product_id: badge.stars for product_id, badge in badges.items()}
    items = [_item(card, stars.get(card.product_id), config.public_url) for card in cards]
    return open_to_all(jsonify(items=items, **_around(found)))


def asked(args: Mapping[str, str]) -> SearchRequest:
    """Return what an address asks for; whatever makes no sense in it is left out."""
    least, _dash, most = args.get("price", "").partition("-")
    return SearchRequest(
        q=args.get("q", ""),
        category=args.get("category", ""),
        stars=_number(args.get("stars")),
        place=args.get("place", ""),
        seller=args.get("seller", ""),
        price_min=_number(args.get("price_min") or least),
        price_max=_number(args.get("price_max") or most),
        sort=_SORTS.get(args.get("sort", "")),
        page=_number(args.get("page")) or 1,
        per_page=_number(args.get("per_page")) or SearchRequest.per_page,
        language="en" if str(get_locale()) == "en" else "vi",
    )


def _number(written: str | None) -> int | None:
    plain = written is not None and written.isascii() and written.isdecimal()
    return int(written) if written and plain and len(written) <= 12 else None


def _item(card: ProductCard, stars: int | None, site: str) -> dict[str, Any]:
    picture = photo_url(card.cover, PICTURE_WIDTH) if card.cover else None
    return {
        "slug": card.slug,
        "url": f"{site}/products/{card.slug}",
        "name": card.name,
        "price": card.price,
        "net": card.net_label,
        "unit_price": card.unit_price.amount if card.unit_price else None,
        "unit": card.unit_price.per if card.unit_price else None,
        "stars": stars,
        "in_stock": card.in_stock,
        "adults_only": card.adults_only,
        "seller": {"slug": card.seller_slug, "name": card.seller_name},
        "place": {"slug": card.commune_slug, "name": card.commune_name},
        "image": f"{site}{picture}" if picture else None,
    }


def _around(found: SearchResult) -> dict[str, Any]:
    return {
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "per_page": found.per_page,
        "sort": found.sort.value,
        "facets": {facet.name: [_value(each) for each in facet.values] for facet in found.facets},
        "corrected": found.corrected,
        "did_you_mean": found.did_you_mean or found.corrected,
    }


def _value(value: FacetValue) -> dict[str, Any]:
    return {
        "value": value.value,
        "label": value.label,
        "count": value.count,
        "chosen": value.chosen,
        "parent": value.parent,
    }
