"""Light answers: compressed text, and files that a browser asks for once."""

from __future__ import annotations

from flask import Flask, Response, current_app, request
from flask_compress import Compress

ONE_YEAR = 365 * 24 * 3600
FIVE_MINUTES = 300


def init_app(app: Flask) -> None:
    """Compress what is text; let versioned files be kept for good."""
    app.config.update(
        COMPRESS_MIMETYPES=[
            "text/html",
            "text/css",
            "text/plain",
            "text/javascript",
            "application/javascript",
            "application/json",
            "application/ld+json",
            "application/manifest+json",
            "application/xml",
            "text/xml",
            "image/svg+xml",
        ],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_STREAMS=False,
        COMPRESS_BR_LEVEL=5,
        COMPRESS_LEVEL=6,
    )
    Compress(app)
    app.after_request(_keep)


def _keep(response: Response) -> Response:
    """A static file named with its version never changes; one without may tomorrow."""
    if request.endpoint == "static" and response.status_code in (200, 304):
        if response.mimetype in current_app.config["COMPRESS_MIMETYPES"]:
            response.direct_passthrough = False
            response.get_data()  # whole: compressing it piece by piece would leave the file open
        versioned = "v" in request.args
        response.cache_control.public = True
        response.cache_control.max_age = ONE_YEAR if versioned else FIVE_MINUTES
        response.cache_control.immutable = versioned
    return response
