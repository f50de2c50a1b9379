"""What makes the shop installable: its manifest, its service worker, the page shown offline."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, current_app, json, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from foundation.web.access import public
from foundation.web.filters import asset
from foundation.web.i18n import language

offline = Blueprint("offline", __name__)

SHELL = ("style.css", "look.js", "suggest.js", "icon.svg")
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable-512.png", "512x512", "maskable"),
)
ONE_DAY = 24 * 3600


@offline.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """Say how the shop looks when it is installed on a phone."""
    response = jsonify(
        id="/",
        name=_("Phiên Chợ: đặc sản quê"),
        short_name="Phiên Chợ",
        description=_("Mua đặc sản OCOP của tỉnh, tận tay người làm ra."),
        lang=language(),
        start_url="/",
        scope="/",
        display="minimal-ui",
        background_color="#fbfaf6",
        theme_color="#14603d",
        icons=[
            {"src": asset(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in ICONS
        ],
    )
    response.mimetype = "application/manifest+json"
    response.cache_control.max_age = ONE_DAY
    return response


@offline.get("/sw.js")
@public
def service_worker() -> ResponseReturnValue:
    """Return the service worker; it changes, and so is renewed, whenever a static file does."""
    versions: dict[str, str] = current_app.extensions["asset_versions"]
    version = hashlib.sha256(json.dumps(versions, sort_keys=True).encode()).hexdigest()[:10]
    shell = [asset(name) for name in SHELL] + ["/offline"]
    with current_app.open_resource(f"{current_app.static_folder}/service-worker.js", "r") as source:
        words = f"const VERSION = {json.dumps(version)};\nconst SHELL = {json.dumps(shell)};\n"
        response = Response(words + source.read(), mimetype="text/javascript")
    response.cache_control.no_cache = True
    return response


@offline.get("/offline")
@public
def unreachable() -> ResponseReturnValue:
    """Return the page shown when the network is gone and there is no copy to show."""
    return render_template("web/offline.html")
