"""Pages to come."""

from __future__ import annotations

from flask import Blueprint, render_template_string
from flask.typing import ResponseReturnValue

from foundation.web.access import needs

products = Blueprint("products", __name__, template_folder="templates")


@products.get("/sell/<org>/products")
@needs("products.edit")
def index(org: str) -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>products.index</h1>{% endblock %}'
    )
