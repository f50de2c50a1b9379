"""Pages to come."""

from __future__ import annotations

from flask import Blueprint, render_template_string
from flask.typing import ResponseReturnValue

from foundation.web.access import needs

organisations = Blueprint("organisations", __name__, template_folder="templates")


@organisations.get("/sell/<org>/organisation")
@needs("organisation.view")
def show(org: str) -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>organisations.show</h1>{% endblock %}'
    )
