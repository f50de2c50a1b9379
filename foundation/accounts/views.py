"""Pages to come."""

from __future__ import annotations

from flask import Blueprint, render_template_string
from flask.typing import ResponseReturnValue

from foundation.web.access import public, signed_in

accounts = Blueprint("accounts", __name__, template_folder="templates")


@accounts.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>accounts.sign_in</h1>{% endblock %}'
    )


@accounts.get("/account")
@signed_in
def home() -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>accounts.home</h1>{% endblock %}'
    )


@accounts.get("/account/second-factor")
@signed_in
def second_factor() -> ResponseReturnValue:
    return render_template_string(
        '{% extends "layout.html" %}{% block content %}<h1>accounts.second_factor</h1>{% endblock %}'
    )
