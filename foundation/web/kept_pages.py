"""Whole pages kept for a short while: those that are the same for everybody without an account.

Who is signed in, or carries any cookie that may change the page, always gets a page of their own.
The key of a kept page names everything it shows that must hold at once; what it does not name may
be a minute old.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable

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
    key: Hashable, make: Callable[[], Response], *, neutral: Collection[str] = ()
) -> Response:
    """Return the page kept under `key` in the reader's language, or make it."""
    if not same_for_all(neutral):
        return make()
    pages: Kept = current_app.extensions["kept_pages"]
    body = pages.get((language(), key), A_MINUTE, lambda: make().get_data())
    return marked(Response(body, mimetype="text/html"))


def marked(response: Response) -> Response:
    """Tell the service worker that it may show a copy of this page offline, where it may."""
    if not request.cookies:
        response.headers[SAME_FOR_ALL] = "1"
    return response
