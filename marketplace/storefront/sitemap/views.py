"""The map of the site for search engines: only what anybody can open, with its last change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from foundation import clock
from foundation.db import reading
from foundation.web.access import public
from marketplace.storefront.rules import LARGEST_SITEMAP
from marketplace.storefront.sitemap import queries
from marketplace.storefront.views import config, kept

sitemap = Blueprint("sitemap", __name__)

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
AN_HOUR = 3600
# What only people at work, or somebody signed in, has business with.
PRIVATE = ("/account", "/ops", "/sell/", "/files/", "/language/", "/adults", "/offline")


@sitemap.get("/robots.txt")
@public
def robots() -> ResponseReturnValue:
    """Tell crawlers what is not for them, and where the map is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    lines += ["Disallow: /*?*sort=", "", f"Sitemap: {config().public_url}/sitemap.xml", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@sitemap.get("/sitemap.xml")
@public
def index() -> ResponseReturnValue:
    """List the parts of the map."""
    today = clock.day(clock.now()).isoformat()
    entries = (
        f"<sitemap><loc>{config().public_url}/sitemap-{part}.xml</loc>"
        f"<lastmod>{today}</lastmod></sitemap>"
        for part in ["pages", "sellers", "places", *_product_parts()]
    )
    return _xml("sitemapindex", entries)


def _product_parts() -> list[str]:
    starts = queries.product_starts(reading(), kept(), size=LARGEST_SITEMAP)
    return [f"products-{start}" for start in starts]


@sitemap.get("/sitemap-<any(pages, sellers, places):part>.xml")
@public
def part(part: str) -> ResponseReturnValue:
    """List the standing pages, the sellers, or the places that sell something."""
    if part == "pages":
        return _urls([("/", None), ("/products", None), ("/sellers", None), ("/places", None)])
    if part == "sellers":
        return _urls(queries.sellers(reading(), limit=LARGEST_SITEMAP))
    return _urls(queries.places(reading(), kept()))


@sitemap.get("/sitemap-products-<int:after>.xml")
@public
def products(after: int) -> ResponseReturnValue:
    """List the products on sale that follow an id, 5,000 at most."""
    if after >= 2**63:
        abort(404)
    return _urls(queries.products(reading(), after_id=after, limit=LARGEST_SITEMAP))


def _urls(pages: Iterable[tuple[str, datetime | None]]) -> Response:
    base = config().public_url
    return _xml(
        "urlset",
        (
            f"<url><loc>{escape(base + path)}</loc>"
            + (f"<lastmod>{clock.local(changed):%Y-%m-%d}</lastmod>" if changed else "")
            + "</url>"
            for path, changed in pages
        ),
    )


def _xml(root: str, entries: Iterable[str]) -> Response:
    body = "\n".join(entries)
    response = Response(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {NAMESPACE}>\n{body}\n</{root}>\n',
        mimetype="application/xml",
    )
    response.cache_control.public = True
    response.cache_control.max_age = AN_HOUR
    return response
