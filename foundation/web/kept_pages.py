"""Whole pages kept for a short while: those that are the same for everybody without an account.

Who is signed in, or carries any cookie that may change the page, always gets a page of their own.
The mark of a kept page tells everything it shows that must hold at once; what it does not tell may
be a minute old.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import cast

from flask import Response, current_app, request
from flask.sansio.app import App

from foundation.kept import Kept
from foundation.web.i18n import COOKIE, language

A_MINUTE = 60
MOST_PAGES = 256  # of 15 to 40 kB each
SAME_FOR_ALL = "X-Same-For-All"


def init_app(app: App) -> None:
    """Set the pages of this process up."""
    app.extensions["kept_pages"] = Kept(most=MOST_PAGES)


def same_for_all(neutral: Collection[str] = ()) -> bool:
    """Say whether this request's page may be shown to others: no cookie names anybody.

    `neutral` are cookies that change the page but are part of its key.
    """
    return all(name == COOKIE or name in neutral for name in request.cookies)


def kept_page(
    key: Hashable,
    mark: Callable[[], Hashable],
    make: Callable[[], tuple[Hashable, Response]],
    *,
    neutral: Collection[str] = (),
) -> Response:
    """Return the page kept under `key` in the reader's language while `mark` stays what it was,
    or make it.

    `make` returns the page with its mark, None for one that nobody else may see. The mark is only
    looked up where a page is held, so that the first view of a page does not pay for it.
    """
    if not same_for_all(neutral):
        return make()[1]
    pages: Kept = current_app.extensions["kept_pages"]
    key = (language(), key)
    held = cast("tuple[Hashable, bytes] | None", pages.held(key, A_MINUTE))
    if held is not None and held[0] == mark():
        return marked(Response(held[1], mimetype="text/html"))
    made, response = make()
    if made is not None:
        pages.put(key, (made, response.get_data()))
    return response


def marked(response: Response) -> Response:
    """Tell the service worker that it may show a copy of this page offline, where it may."""
    if not request.cookies:
        response.headers[SAME_FOR_ALL] = "1"
    return response
