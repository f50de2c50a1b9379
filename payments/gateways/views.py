"""Paying by card."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue

from foundation import clock
from foundation.config import Config
from foundation.db import close_reading, reading, sessions
from foundation.web.access import actor, public
from foundation.web.limits import limiter
from payments.gateways import queries, rules, service
from payments.gateways.errors import CardsNotOffered
from payments.gateways.gateway import Gateway
from payments.gateways.models import CardCharge, ChargeState
from payments.gateways.registry import gateways, preferred
from payments.gateways.rules import Capability
from payments.intents import queries as intents
from payments.intents.models import Intent

cards = Blueprint("cards", __name__, template_folder="templates")


def _config() -> Config:
    config: Config = current_app.extensions["config"]
    return config


def _intent(public_id: str) -> Intent:
    found = intents.by_public_id(reading(), public_id)
    if found is None:
        abort(404)
    return found


def _gateway() -> Gateway:
    found = preferred(_config())
    if found is None:
        raise CardsNotOffered
    return found


@cards.get("/pay/<intent>/card")
@public
def offer(intent: str) -> ResponseReturnValue:
    """What is to be paid, to whom, and the button that opens the card form."""
    found = _intent(intent)
    gateway = _gateway()
    now = clock.now()
    return render_template(
        "gateways/offer.html",
        intent=found,
        charge=None,
        gateway=gateway,
        payable=queries.payable(found, now=now),
        fits=queries.fits(gateway, found, now=now),
    )


@cards.post("/pay/<intent>/card")
@public
@limiter.limit("20 per minute")
def begin(intent: str) -> ResponseReturnValue:
    gateway = _gateway()
    standing = service.begin(
        sessions(),
        gateway,
        intent,
        return_url=url_for("cards.offer", intent=intent, _external=True),
        actor=actor(),
        now=clock.now(),
    )
    if Capability.REDIRECT in gateway.capabilities and standing.facts is not None:
        return redirect(standing.facts.redirect_url, 303)
    return redirect(url_for("cards.show", intent=intent, charge=standing.charge), 303)


@cards.get("/pay/<intent>/card/<charge>")
@public
@limiter.limit("60 per minute")
def show(intent: str, charge: str) -> ResponseReturnValue:
    """The card form, or how the payment stands. The provider is asked while it is not over."""
    found = queries.one(reading(), intent, charge)
    gateway = gateways(_config()).get(found.provider)
    if gateway is None or found.state in (ChargeState.SUCCEEDED, ChargeState.CANCELLED):
        return _page(found, gateway, "")
    close_reading()  # what was read is old once the provider has answered
    standing = service.ask(sessions(), gateway, found.id, now=clock.now())
    secret = standing.facts.client_secret if standing.facts else ""
    return _page(queries.one(reading(), intent, charge), gateway, secret)


@cards.post("/pay/<intent>/card/<charge>")
@public
@limiter.limit("20 per minute")
def agree(intent: str, charge: str) -> ResponseReturnValue:
    """The payer agreed on our own page; only for gateways without a script of their own."""
    found = queries.one(reading(), intent, charge)
    gateway = gateways(_config()).get(found.provider)
    if gateway is None or Capability.OWN_FORM not in gateway.capabilities:
        raise CardsNotOffered
    close_reading()
    service.agree(sessions(), gateway, found, actor=actor(), now=clock.now())
    return redirect(url_for("cards.show", intent=intent, charge=charge), 303)


def _page(charge: CardCharge, gateway: Gateway | None, secret: str) -> Response:
    script = gateway.script if gateway and secret and charge.state in rules.OPEN else None
    response = make_response(
        render_template(
            "gateways/charge.html",
            charge=charge,
            intent=charge.intent,
            gateway=gateway,
            script=script,
            secret=secret,
            own_form=gateway is not None and Capability.OWN_FORM in gateway.capabilities,
            back=url_for(
                "cards.show",
                intent=charge.intent.public_id,
                charge=charge.public_id,
                _external=True,
            ),
        )
    )
    # It holds what lets a script go on with the payment: nobody may keep it.
    response.headers["Cache-Control"] = "no-store"
    if script is not None:
        response.headers["Content-Security-Policy"] = rules.policy(script)
    return response
