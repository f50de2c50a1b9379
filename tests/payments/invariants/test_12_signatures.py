"""No. 12: secrets are compared in a time that tells nothing of them, by every bank provider.
(What is refused, and that a refusal leaves a trace and no money: tests/payments/bank_feeds; of
cards: tests/payments/gateways, whose library compares so by itself.)"""

from __future__ import annotations

import hmac
import json
from typing import Any

import pytest

from payments.bank_feeds import feed
from payments.bank_feeds.providers import PROVIDERS
from payments.bank_feeds.rules import Provider, Verdict
from tests.payments.bank_feeds import test_providers as samples

BODY = json.dumps(samples.notice()).encode()
CASSO = json.dumps(samples.CASSO).encode()
CALLS: list[tuple[Provider, dict[str, str], bytes]] = [
    (Provider.SEPAY, {"Authorization": f"Apikey {samples.KEY}"}, BODY),
    (Provider.SEPAY, samples.sepay_signed(BODY, samples.NOW), BODY),
    (Provider.CASSO, {"secure-token": samples.KEY}, CASSO),
    (Provider.CASSO, samples.casso_signed(samples.casso_string({})), CASSO),
    (Provider.PAYOS, {}, samples.payos_body(samples.payos_data())),
]


@pytest.mark.parametrize(("provider", "headers", "body"), CALLS)
def test_invariant_12_signature_is_compared_in_constant_time(
    monkeypatch: pytest.MonkeyPatch, provider: Provider, headers: dict[str, str], body: bytes
) -> None:
    """Nothing but the one comparison says whether a call is believed, and it looks at every key
    that is valid, whichever fits."""
    keys = ["khoa-cu-12345", samples.KEY, "khoa-moi-12345"]
    compared = []
    real = hmac.compare_digest

    def compare(given: Any, right: Any) -> bool:
        compared.append(right)
        return real(given, right)

    monkeypatch.setattr(feed.hmac, "compare_digest", compare)
    assert PROVIDERS[provider].verify(headers, body, keys, samples.NOW) is Verdict.GOOD
    assert len(compared) >= len(keys)

    monkeypatch.setattr(feed.hmac, "compare_digest", lambda _given, _right: False)
    assert PROVIDERS[provider].verify(headers, body, keys, samples.NOW) is Verdict.WRONG
