"""Cards through Stripe: a PaymentIntent each, its Payment Element in our page.

Đồng are zero-decimal at Stripe: the amount sent is the amount meant. Every call that makes
something carries our key, so repeating it after a lost answer gives the first result. Whatever a
notice says, the PaymentIntent itself is asked how it stands: notices come late and in any order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import stripe

from foundation.config import Config
from foundation.errors import N_
from payments.gateways.errors import BadNotice, GatewayError
from payments.gateways.rules import (
    About,
    Asked,
    Capability,
    ChargeState,
    Facts,
    Notice,
    Refunded,
    RefundState,
    Script,
)

TIMEOUT: Final = (3.05, 15.0)  # seconds to connect, to answer
TOLERANCE: Final = 300  # seconds between the notice's clock and ours, either way
CURRENCY: Final = "vnd"
WITH_CHARGE: Final = "latest_charge"
# What Stripe's script asks a page's content policy to let in.
SOURCES: Final = {
    "script-src": "https://js.stripe.com https://*.js.stripe.com",
    "frame-src": "https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com",
    "connect-src": "https://api.stripe.com",
    "img-src": "https://*.stripe.com",
}

_STATES: Final = {
    "succeeded": ChargeState.SUCCEEDED,
    "canceled": ChargeState.CANCELLED,
    "requires_payment_method": ChargeState.PENDING,
    "requires_confirmation": ChargeState.PENDING,
    "requires_action": ChargeState.PENDING,
    "requires_capture": ChargeState.PENDING,
    "processing": ChargeState.PENDING,
}
_REFUND_STATES: Final = {
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_ABOUT: Final = (
    ("payment_intent.", About.PAYMENT),
    ("charge.dispute.", About.DISPUTE),
    ("charge.refund", About.REFUND),
    ("refund.", About.REFUND),
)
Answer = TypeVar("Answer")


class StripeCards:
    """Stripe's PaymentIntents. `address` is where its API answers."""

    code = "stripe"
    name = N_("Thẻ ngân hàng")
    capabilities = frozenset(
        {
            Capability.SCRIPT,
            Capability.NOTICES,
            Capability.REFUNDS,
            Capability.PART_REFUNDS,
        }
    )
    least = 15_000  # Stripe takes nothing worth less than half a dollar
    most = 99_999_999  # eight digits

    def __init__(
        self,
        secret_key: str,
        publishable_key: str,
        webhook_secrets: tuple[str, ...],
        address: str,
    ) -> None:
        self.script = Script(
            url="https://js.stripe.com/v3/",
            ours="stripe.js",
            key=publishable_key,
            sources=SOURCES,
        )
        self._webhook_secrets = webhook_secrets
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": address},
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
            max_network_retries=0,  # we ask again ourselves, and know of it
        )

    def begin(self, asked: Asked) -> Facts:
        """Open a PaymentIntent. The same key again gives the same one. Which cards and wallets
        it takes is chosen in Stripe's dashboard."""
        return _facts(
            _call(
                lambda: self._client.v1.payment_intents.create(
                    {
                        "amount": asked.amount,
                        "currency": CURRENCY,
                        "metadata": {"charge": asked.charge, "reference": asked.reference},
                    },
                    {"idempotency_key": asked.key},
                )
            )
        )

    def ask(self, asked: Asked) -> Facts:
        """Say how a payment stands; when its id was never heard, by repeating its beginning."""
        if not asked.provider_id:
            return self.begin(asked)
        return _facts(
            _call(
                lambda: self._client.v1.payment_intents.retrieve(
                    asked.provider_id, {"expand": [WITH_CHARGE]}
                )
            )
        )

    def confirm(self, asked: Asked) -> Facts:
        """Stripe's script confirms; here the payment is only asked how it stands."""
        return self.ask(asked)

    def cancel(self, asked: Asked) -> Facts:
        """Close a PaymentIntent, unless it was paid meanwhile."""
        facts = self.ask(asked)
        if facts.state not in (ChargeState.PENDING, ChargeState.FAILED):
            return facts
        try:
            cancelled = _call(
                lambda: self._client.v1.payment_intents.cancel(
                    facts.provider_id, None, {"idempotency_key": f"{asked.key}-cancel"}
                )
            )
        except GatewayError as error:
            if not error.permanent:
                raise
            return self.ask(asked)  # it was paid between the two calls
        return _facts(cancelled)

    def read_notice(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Notice:
        """Check the signature over the raw bytes and read the event. Raises BadNotice."""
        signature = headers.get("Stripe-Signature", "")
        if not any(self._signed(body, signature, secret) for secret in self._webhook_secrets):
            raise BadNotice(why="signature")
        if abs(now.timestamp() - _signed_at(signature)) > TOLERANCE:
            raise BadNotice(why="clock")
        return _notice(body)

    def refund(self, asked: Asked, amount: int, key: str) -> Refunded:
        """Give some of a payment back. The same key again is the same refund."""
        told = _call(
            lambda: self._client.v1.refunds.create(
                {
                    "payment_intent": asked.provider_id,
                    "amount": amount,
                    "metadata": {"charge": asked.charge},
                },
                {"idempotency_key": key},
            )
        )
        return Refunded(
            provider_id=told.id,
            state=_REFUND_STATES.get(told.status or "", RefundState.PENDING),
            amount=told.amount,
            failure=getattr(told, "failure_reason", "") or "",
        )

    def _signed(self, body: bytes, signature: str, secret: str) -> bool:
        try:
            # The clock is looked at apart: the library refuses the past only, and asks its own.
            stripe.WebhookSignature.verify_header(body, signature, secret)
        except (stripe.SignatureVerificationError, ValueError, TypeError):
            return False
        return True


def _call(call: Callable[[], Answer]) -> Answer:
    """Call Stripe; say of a failure whether it is for good, and whether it may have worked."""
    try:
        return call()
    except stripe.APIConnectionError as error:
        raise GatewayError("no answer from Stripe", unsure=True) from error
    except stripe.RateLimitError as error:
        raise GatewayError("Stripe asks us to wait") from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        words = f"Stripe answered {status} {error.code or ''}".strip()
        unsure = status == 0 or status >= 500 or status == 409
        raise GatewayError(words, permanent=not unsure, unsure=unsure) from error


def _facts(intent: stripe.PaymentIntent) -> Facts:
    told: dict[str, Any] = intent.to_dict()
    if told["currency"] != CURRENCY:
        raise GatewayError(f"a payment in {told['currency']}", permanent=True)
    error = told.get("last_payment_error") or {}
    state = _STATES.get(told["status"], ChargeState.PENDING)
    if told["status"] == "requires_payment_method" and error:
        state = ChargeState.FAILED
    charge = told.get(WITH_CHARGE)
    paid = charge if isinstance(charge, dict) else {}
    return Facts(
        provider_id=told["id"],
        state=state,
        received=_received(told) if state is ChargeState.SUCCEEDED else 0,
        refunded=paid.get("amount_refunded") or 0,
        disputed=bool(paid.get("disputed")),
        failure=(error.get("decline_code") or error.get("code") or "")[:60],
        client_secret=told.get("client_secret") or "",
    )


def _received(told: Mapping[str, Any]) -> int:
    received: int = told.get("amount_received") or told["amount"]
    return received


def _signed_at(signature: str) -> int:
    times = [part[2:] for part in signature.split(",") if part.startswith("t=")]
    return int(times[0])  # the signature was right, so there is one


def _notice(body: bytes) -> Notice:
    try:
        event = json.loads(body)
        kind, about = event["type"], event["data"]["object"]
        provider_id = about["id"] if kind.startswith("payment_intent.") else ""
        metadata = about.get("metadata") or {}
        return Notice(
            event_id=str(event["id"])[:120],
            kind=str(kind)[:80],
            about=next((what for start, what in _ABOUT if kind.startswith(start)), About.OTHER),
            provider_id=str(provider_id or about.get("payment_intent") or "")[:100],
            charge=str(metadata.get("charge") or "")[:14],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadNotice(why="unreadable") from error


def open_with(config: Config) -> StripeCards | None:
    """Return this gateway where the configuration has its key."""
    if not config.stripe_secret_key:
        return None
    return StripeCards(
        config.stripe_secret_key,
        config.stripe_publishable_key,
        config.stripe_webhook_secrets,
        config.stripe_api_url,
    )
