"""Pages to come."""

from __future__ import annotations

from flask import Blueprint, render_template_string
from flask.typing import ResponseReturnValue

from foundation.web.access import public

storefront = Blueprint("storefront", __name__, template_folder="templates")


@storefront.get("/")
@public
def home() -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>storefront.home</h1>{% endblock %}'
    )


@storefront.get("/products")
@public
def listing() -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>storefront.listing</h1>{% endblock %}'
    )
