"""The address card providers call."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Blueprint, abort, current_app, request
from flask.typing import ResponseReturnValue

from foundation import clock
from foundation.config import Config
from foundation.db import transaction
from foundation.web.access import public
from foundation.web.limits import limiter
from payments.gateways import service
from payments.gateways.errors import BadNotice
from payments.gateways.registry import gateways
from payments.gateways.rules import Capability

card_notices = Blueprint("card_notices", __name__)

LARGEST_NOTICE: Final = 256 * 1024
KEPT_HEADERS: Final = ("Content-Type", "Stripe-Signature", "User-Agent")


@card_notices.post("/webhooks/<provider>")
@public
@limiter.limit("1200 per minute")
def notice(provider: str) -> ResponseReturnValue:
    """Keep what a provider tells us, once its signature was checked; a job acts on it."""
    config: Config = current_app.extensions["config"]
    request.max_content_length = LARGEST_NOTICE
    gateway = gateways(config).get(provider)
    if gateway is None or Capability.NOTICES not in gateway.capabilities:
        abort(404)
    body, now = request.get_data(), clock.now()
    try:
        told = gateway.read_notice(dict(request.headers), body, now=now)
    except BadNotice as error:
        with transaction() as session:
            service.refuse_notice(session, provider, str(error.facts.get("why")), now=now)
        return {"error": error.code}, HTTPStatus.BAD_REQUEST
    kept = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
    with transaction() as session:
        service.hear(session, provider, told, headers=kept, body=body, now=now)
    return {"received": True}
