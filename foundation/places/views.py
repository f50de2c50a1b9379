"""Suggestions under the field for a commune."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from foundation.db import reading
from foundation.places import forms, queries
from foundation.web.access import public
from foundation.web.limits import limiter

places = Blueprint("places", __name__, template_folder="templates")

MOST_SHOWN = 8
A_DAY = 24 * 3600


@places.get("/places/suggest")
@public
@limiter.limit("120 per minute")
def suggest() -> ResponseReturnValue:
    """Return communes that begin as typed, those of the platform's own provinces first."""
    typed = request.args.get("q", "")[: forms.LONGEST]
    home = current_app.extensions["config"].provinces
    found = queries.find_communes(reading(), typed, MOST_SHOWN, near=home)
    response = jsonify(
        items=[
            {"text": each.label, "hint": forms.explain(each), "code": each.code} for each in found
        ]
    )
    response.cache_control.public = True
    response.cache_control.max_age = A_DAY
    response.vary.add("Cookie")  # the hints are in the reader's language
    return response


def init_app(app: Flask) -> None:
    """Let the picker say by which old name a commune was found."""
    app.jinja_env.globals.update(commune_note=forms.explain)
