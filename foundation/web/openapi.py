"""The JSON API's description, made from the views themselves, as JSON and as a page.

A view says what it takes and gives with `@described`; everything so marked is listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Response, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema

from foundation.web.access import public

openapi = Blueprint("openapi", __name__)

VERSION: Final = "1"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What a view of the API does: `query` are the parameters, `answer` what comes back."""

    summary: object
    query: type[Schema]
    answer: type[Schema]


def described(
    *, summary: object, query: type[Schema], answer: type[Schema]
) -> Callable[[View], View]:
    """Describe a view of the API. Goes directly above its function."""

    def mark(view: View) -> View:
        view.__operation__ = Operation(  # type: ignore[attr-defined]  # description() reads it
            summary=summary, query=query, answer=answer
        )
        return view

    return mark


@openapi.get("/api/openapi.json")
@public
def document() -> ResponseReturnValue:
    """Answer with the OpenAPI document."""
    return open_to_all(jsonify(description()))


@openapi.get("/api/docs")
@public
def docs() -> ResponseReturnValue:
    """Answer with the same for people."""
    return render_template("web/api.html", spec=description())


def open_to_all(response: Response) -> Response:
    """Let scripts of any site read a public answer. Cookies are never sent along."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def description() -> dict[str, Any]:
    """Return the OpenAPI document of the running application, in the request's language."""
    spec = APISpec(
        title="Phiên Chợ",
        version=VERSION,
        openapi_version="3.0.3",
        info={"description": _("Dữ liệu mở của chợ: chỉ đọc, không cần đăng nhập.")},
        plugins=[MarshmallowPlugin()],
    )
    for rule in sorted(current_app.url_map.iter_rules(), key=str):
        operation = getattr(current_app.view_functions[rule.endpoint], "__operation__", None)
        if operation is not None:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            spec.path(path=path, operations={"get": _written(operation)})
    written: dict[str, Any] = _plain(spec.to_dict())
    return written


def _written(operation: Operation) -> dict[str, Any]:
    return {
        "summary": operation.summary,
        "parameters": [{"in": "query", "schema": operation.query}],
        "responses": {
            "200": {
                "description": _("Kết quả"),
                "content": {"application/json": {"schema": operation.answer}},
            },
            "429": {"description": _("Hỏi quá nhiều lần trong một phút")},
        },
    }


def _plain(value: Any) -> Any:
    """Return the document with sentences in the request's language instead of lazy ones."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
