"""Pages to come."""

from __future__ import annotations

from flask import Blueprint, render_template_string
from flask.typing import ResponseReturnValue

from foundation.web.access import needs

ocop = Blueprint("ocop", __name__, template_folder="templates")


@ocop.get("/sell/<org>/certificates")
@needs("certificates.edit")
def index(org: str) -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>ocop.index</h1>{% endblock %}'
    )
