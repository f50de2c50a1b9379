"""Logs: one line a request, JSON in production, with nothing in them that names a person.

Every value passes the mask, so that a phone number inside an error's text is hidden too. People
appear as numbers (person=17), requests by their id, addresses by their route.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request
from structlog.typing import Processor

from foundation.config import Config
from foundation.web.access import request_id

log = structlog.get_logger("request")

HIDDEN = "•••"
SECRET_NAMES = frozenset(
    {"password", "code", "token", "secret", "cookie", "authorization", "csrf_token", "body"}
)
OPEN_NAMES = frozenset({"timestamp", "request_id", "level", "logger", "route"})
QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics", "/static/<path:filename>"})
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.])(?:\+?84|0)(?:[ .-]?\d){9,10}(?!\d)")
_LONG_NUMBER = re.compile(r"(?<![\w.])\d{10,19}(?!\w)")  # personal numbers, bank accounts, cards

Entry = MutableMapping[str, Any]


def masked(text: str) -> str:
    """Return text without e-mail addresses, phone numbers and the long numbers people have."""
    for pattern in (_EMAIL, _PHONE, _LONG_NUMBER):
        text = pattern.sub(HIDDEN, text)
    return text


def mask(_logger: object, _method: str, entry: Entry) -> Entry:
    """Hide personal data in every value of a log entry."""
    for name, value in entry.items():
        if name.startswith("_") or name in OPEN_NAMES:
            continue
        entry[name] = HIDDEN if name in SECRET_NAMES else _mask_value(value)
    return entry


def _mask_value(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**9 else masked(str(value))
    if isinstance(value, dict):
        return {
            name: HIDDEN if name in SECRET_NAMES else _mask_value(item)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple | set):
        return [_mask_value(item) for item in value]
    return masked(str(value))


def set_up(config: Config, stream: TextIO = sys.stderr) -> None:
    """Send every log of the process, ours and the libraries', through the mask to `stream`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask,
    ]
    ending: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if config.production
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[*shared, ending],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared[:2], structlog.stdlib.add_logger_name, *shared[2:]],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, ending],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for chatty in ("werkzeug", "huey", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    """Write one line for each request, and tie every other line written meanwhile to it."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    structlog.contextvars.clear_contextvars()  # threads are used again
    structlog.contextvars.bind_contextvars(request_id=request_id())
    g.started = time.perf_counter()


def _end(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule else "-"
    person = g.get("_login_user")  # where Flask-Login keeps whom it has looked up, if it has
    write = log.debug if route in QUIET_ROUTES else log.info
    write(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(elapsed() * 1000, 1),
        person=getattr(person, "person_id", None),
    )
    return response


def elapsed() -> float:
    """Return for how many seconds this request has been running."""
    started: float = g.get("started", time.perf_counter())
    return time.perf_counter() - started
