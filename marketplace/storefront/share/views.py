"""The pictures that go with links to our pages."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from catalog.ocop import queries as ocop_queries
from catalog.shown import queries as shown
from catalog.shown.queries import ProductPage
from foundation.db import extension, reading
from foundation.kept import Kept
from foundation.storage import queries as storage_queries
from foundation.storage.models import FileKind
from foundation.web.access import public
from foundation.web.filters import vnd
from marketplace.storefront.share.rules import Card, draw
from marketplace.storefront.views import today

share = Blueprint("share", __name__)

A_DAY = 24 * 3600
PHOTO_WIDTH = 640
MOST_PICTURES = 64  # of about 60 kB each


@share.record_once
def _set_up(state: BlueprintSetupState) -> None:
    state.app.extensions["share_pictures"] = Kept(most=MOST_PICTURES)


@share.get("/products/<slug>/share.jpg")
@public
def product(slug: str) -> ResponseReturnValue:
    """Return the picture of a product on sale, for message apps and social networks."""
    found = shown.page(reading(), slug)
    if found is None or found.cheapest is None:
        abort(404)
    card = _card(found)
    photo = _photo(found)
    # Drawing takes tens of milliseconds: what does not change is drawn once in a while.
    drawn: Kept = extension("share_pictures")
    picture = drawn.get((card, photo), A_DAY, lambda: draw(card, _bytes(photo)))
    response = Response(picture, mimetype="image/jpeg")
    response.cache_control.public = True
    response.cache_control.max_age = A_DAY
    return response


def _card(found: ProductPage) -> Card:
    assert found.cheapest is not None
    badge = ocop_queries.badges(reading(), [found.product_id], today=today()).get(found.product_id)
    size = found.cheapest
    return Card(
        name=found.name,
        origin=found.commune.name,
        price=f"{vnd(size.price)} / {size.net_label}",
        stars=badge.stars if badge else None,
    )


def _photo(found: ProductPage) -> str:
    """Return the address of the first photo, empty where there are only drawings."""
    photos = (each.file for each in found.photos if each.file.kind == FileKind.PHOTO)
    return next((storage_queries.photo_url(file, PHOTO_WIDTH) for file in photos), "")


def _bytes(address: str) -> bytes | None:
    media = storage_queries.media(address.rsplit("/", 1)[-1]) if address else None
    return media[0] if media else None
