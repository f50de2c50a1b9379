"""Pages to come."""

from __future__ import annotations

from flask import Blueprint, render_template_string
from flask.typing import ResponseReturnValue

from foundation.web.access import needs

operations = Blueprint("operations", __name__, template_folder="templates")


@operations.get("/ops")
@needs("authority.view")
def desk() -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>operations.desk</h1>{% endblock %}'
    )


@operations.get("/ops/organisations")
@needs("authority.view")
def organisations() -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>operations.organisations</h1>{% endblock %}'
    )


@operations.get("/ops/products")
@needs("authority.view")
def products() -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>operations.products</h1>{% endblock %}'
    )


@operations.get("/ops/certificates")
@needs("authority.view")
def certificates() -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>operations.certificates</h1>{% endblock %}'
    )
