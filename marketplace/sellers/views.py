"""Pages to come."""

from __future__ import annotations

from flask import Blueprint, render_template_string
from flask.typing import ResponseReturnValue

from foundation.web.access import needs, signed_in

sellers = Blueprint("sellers", __name__, template_folder="templates")


@sellers.get("/sell")
@signed_in
def home() -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>sellers.home</h1>{% endblock %}'
    )


@sellers.get("/sell/<org>")
@needs("organisation.view")
def desk(org: str) -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>sellers.desk</h1>{% endblock %}'
    )
