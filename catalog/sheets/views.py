"""Products in and out as a spreadsheet."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from foundation.web.access import needs

sheets = Blueprint("sheets", __name__, template_folder="templates")

OWN = "/sell/<org>/products/sheet"


@sheets.get(OWN)
@needs("products.edit")
def index(org: str) -> ResponseReturnValue:
    return render_template("sheets/index.html", org=org)
