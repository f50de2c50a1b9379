"""The parts around every page, drawn once for all visitors: header, footer, bottom navigation.

What somebody signed in sees there is their own and is drawn every time.
"""

from __future__ import annotations

from flask import current_app, g, request
from flask.sansio.app import App
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from foundation.kept import Kept
from foundation.web import icons
from foundation.web.access import me_or_none
from foundation.web.i18n import language

AN_HOUR = 3600


def init_app(app: App) -> None:
    """Make the parts known to every template."""
    app.extensions["frames"] = Kept(most=64)
    app.jinja_env.globals.update(frame=frame)


def section() -> str:
    """Return the first word of the address, by which the navigation says where one is."""
    return request.path.split("/", 2)[1]


@pass_context
def frame(context: Context, part: str) -> Markup:
    """Return a part, "header", "footer" or "bottom", for the page of this request."""

    def draw() -> Markup:
        drawn = context.environment.get_template(f"web/{part}.html").render(context.get_all())
        return Markup(drawn)  # noqa: S704  # our own template

    if context.get("searched") or "acting" in g or me_or_none() is not None:
        return draw()
    held: Kept = current_app.extensions["frames"]
    key = (part, language(), section())
    return icons.used_by(held.get(key, AN_HOUR, lambda: icons.drawn(draw)))
