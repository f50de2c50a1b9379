"""What machines ask: alive, ready, and the figures.

/healthz says that the process answers; it asks nobody, so a slow database does not get a good
process killed. /readyz says that requests can be served. /metrics is for Prometheus.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import structlog
from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import inspect, text

from foundation.config import Config
from foundation.db import reading
from foundation.web import logs
from foundation.web.access import public

log = structlog.get_logger(__name__)
health = Blueprint("health", __name__)

MIGRATIONS = Path(__file__).parents[2] / "migrations" / "versions"
_KEYS = ("revision", "down_revision")
_SAID = re.compile(r"""^(revision|down_revision)\b[^=\n]*= *["']([^"']+)["']""", re.MULTILINE)
Check = Callable[[], bool]
Figure = Callable[[], float]

REQUESTS = Histogram(
    "phiencho_request_seconds",
    "Time to answer a request.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def init_app(app: Flask) -> None:
    """Register the pages and time every request."""
    app.extensions["checks"] = {"database": _database, "migrations": _migrated}
    app.extensions["figures"] = {}
    app.register_blueprint(health)
    app.after_request(_time)


def add_check(app: Flask, name: str, check: Check) -> None:
    """Have /readyz ask `check`, which returns False or raises when requests cannot be served."""
    app.extensions["checks"][name] = check


def add_figure(app: Flask, name: str, help_text: str, figure: Figure) -> None:
    """Have /metrics show `phiencho_<name>` as `figure` returns it when asked."""
    app.extensions["figures"][f"phiencho_{name}"] = (help_text, figure)


@health.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(alive=True)


@health.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """Requests can be served: 200, else 503; the log says why not."""
    answers = dict(_answers(current_app.extensions["checks"]))
    good = all(answers.values())
    words = {name: "ok" if answer else "failed" for name, answer in answers.items()}
    return jsonify(ready=good, checks=words), 200 if good else 503


@health.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """The figures, for whoever holds the token; to others this page does not exist."""
    config: Config = current_app.extensions["config"]
    given = request.headers.get("Authorization", "")
    if config.metrics_token is None and config.production:
        abort(404)
    if config.metrics_token is not None and not secrets.compare_digest(
        given.encode(), f"Bearer {config.metrics_token}".encode()
    ):
        abort(404)
    return Response(generate_latest(_requests()) + _figures(), content_type=CONTENT_TYPE_LATEST)


def _answers(checks: dict[str, Check]) -> Iterator[tuple[str, bool]]:
    for name, check in checks.items():
        try:
            yield name, check()
        except Exception:  # whatever is wrong, the answer is that we are not ready
            log.exception("health.check_failed", check=name)
            yield name, False


def _database() -> bool:
    return bool(reading().scalar(text("SELECT 1")) == 1)


@cache
def _newest_migrations() -> frozenset[str]:
    """Return the revisions no other migration follows, as their files say. Read without Alembic,
    which would cost every web process 13 MB."""
    said = [_SAID.findall(path.read_text()) for path in MIGRATIONS.glob("*.py")]
    names = {what: {name for one in said for key, name in one if key == what} for what in _KEYS}
    return frozenset(names["revision"] - names["down_revision"])


def _migrated() -> bool:
    """The tables are as the newest migration left them, or were not made by migrations at all."""
    if not inspect(reading().connection()).has_table("alembic_version"):
        return True
    present = reading().scalars(text("SELECT version_num FROM alembic_version")).all()
    return set(present) == _newest_migrations()


def _requests() -> CollectorRegistry:
    """Return what all web processes of this machine have counted, if they share a folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


class _Figures(Collector):
    """Asks for the figures when they are shown; a figure that cannot be had is left out."""

    def __init__(self, figures: dict[str, tuple[str, Figure]]) -> None:
        self.figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, (help_text, figure) in self.figures.items():
            try:
                yield GaugeMetricFamily(name, help_text, value=figure())
            except Exception:
                log.exception("health.figure_failed", figure=name)


def _figures() -> bytes:
    asked = CollectorRegistry()
    asked.register(_Figures(current_app.extensions["figures"]))
    return generate_latest(asked)


def _time(response: Response) -> Response:
    if request.url_rule is not None:  # unknown addresses are endless
        status = f"{response.status_code // 100}xx"
        REQUESTS.labels(request.method, request.url_rule.rule, status).observe(logs.elapsed())
    return response
