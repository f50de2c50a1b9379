"""Against localstripe, which behaves like Stripe's API, over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import time
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from foundation import clock, db
from foundation.audit.models import AuditEntry
from foundation.jobs.models import JobRun
from foundation.organisations.models import Kind, Organisation
from marketplace.app import create_app
from payments.gateways import queries, service
from payments.gateways.errors import BadNotice, GatewayError
from payments.gateways.models import CardCharge, ChargeState, ProviderEvent
from payments.gateways.registry import gateways, preferred
from payments.gateways.rules import About, Asked, RefundState
from payments.gateways.stripe_cards import StripeCards
from payments.intents.models import State as IntentState
from tests import factories
from tests.conftest import NOON, JoinedSessions, make_config
from tests.payments.gateways.test_service import begin
from tests.unguarded import wipe

SECRET_KEY = "sk_test_12345"
SECRET, OLD_SECRET = "whsec_of_today", "whsec_of_yesterday"


@pytest.fixture
def stripe(localstripe: str) -> StripeCards:
    return StripeCards(SECRET_KEY, "pk_test_12345", (SECRET, OLD_SECRET), localstripe)


def asked(**more: object) -> Asked:
    facts: dict[str, object] = {
        "key": f"charge-{time.monotonic_ns()}",
        "charge": "0123456789abcd",
        "amount": 45_000,
        "reference": "PZC0000000000000",
    }
    return Asked(**{**facts, **more})  # type: ignore[arg-type]


def payer_does(address: str, provider_id: str, card: str = "pm_card_visa") -> int:
    """Do what Stripe's script does in a payer's browser; return the HTTP status."""
    key = {"Authorization": "Basic " + b64encode(f"{SECRET_KEY}:".encode()).decode()}
    at = f"{address}/v1/payment_intents/{provider_id}"
    typed = urllib.parse.urlencode({"payment_method": card}).encode()
    for url, body in ((at, typed), (f"{at}/confirm", b"")):
        request = urllib.request.Request(url, data=body, headers=key, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status: int = answer.status
        except urllib.error.HTTPError as error:
            return error.code
    return status


# --- calls --------------------------------------------------------------------------------------


def test_dong_are_sent_as_they_are(stripe: StripeCards) -> None:
    facts = stripe.begin(asked(amount=45_000))

    told = stripe._client.v1.payment_intents.retrieve(facts.provider_id)
    assert (told.amount, told.currency) == (45_000, "vnd")
    assert facts.state is ChargeState.PENDING
    assert facts.client_secret.startswith(facts.provider_id)


def test_a_card_that_pays(stripe: StripeCards, localstripe: str) -> None:
    begun = stripe.begin(asked())
    payer_does(localstripe, begun.provider_id)

    facts = stripe.ask(asked(provider_id=begun.provider_id))

    assert (facts.state, facts.received) == (ChargeState.SUCCEEDED, 45_000)
    assert (facts.refunded, facts.disputed) == (0, False)


def test_a_card_that_is_declined(stripe: StripeCards, localstripe: str) -> None:
    begun = stripe.begin(asked())
    assert payer_does(localstripe, begun.provider_id, "pm_card_chargeCustomerFail") == 402

    facts = stripe.ask(asked(provider_id=begun.provider_id))

    assert (facts.state, facts.failure) == (ChargeState.FAILED, "card_declined")
    assert facts.received == 0


def test_a_payment_is_cancelled_unless_it_was_paid(stripe: StripeCards, localstripe: str) -> None:
    left, paid = stripe.begin(asked()), stripe.begin(asked())
    payer_does(localstripe, paid.provider_id)

    assert stripe.cancel(asked(provider_id=left.provider_id)).state is ChargeState.CANCELLED
    assert stripe.cancel(asked(provider_id=paid.provider_id)).state is ChargeState.SUCCEEDED


def test_part_of_a_payment_is_given_back(stripe: StripeCards, localstripe: str) -> None:
    begun = stripe.begin(asked())
    payer_does(localstripe, begun.provider_id)
    paid = asked(provider_id=begun.provider_id)

    refunded = stripe.refund(paid, 15_000, "refund-1")

    assert (refunded.state, refunded.amount) == (RefundState.SUCCEEDED, 15_000)
    assert stripe.ask(paid).refunded == 15_000


def test_every_call_that_makes_something_carries_our_key(
    monkeypatch: pytest.MonkeyPatch, stripe: StripeCards, localstripe: str
) -> None:
    sent: list[tuple[str, str, str]] = []
    client = stripe._client._requestor._client
    assert client is not None
    really = client.request

    def note(method: str, url: str, headers: dict[str, str], post_data: object = None) -> object:
        sent.append((method, url, headers.get("Idempotency-Key", "")))
        return really(method, url, headers, post_data)

    monkeypatch.setattr(client, "request", note)
    begun = stripe.begin(asked(key="charge-a"))
    stripe.ask(asked(key="charge-b"))  # its id was never heard: its beginning is repeated
    payer_does(localstripe, begun.provider_id)
    stripe.refund(asked(key="charge-a", provider_id=begun.provider_id), 1_000, "refund-a")

    posts = [key for method, _, key in sent if method == "post"]
    assert posts == ["charge-a", "charge-b", "refund-a"]


def test_what_does_not_exist_is_refused_for_good(stripe: StripeCards) -> None:
    with pytest.raises(GatewayError) as refusal:
        stripe.ask(asked(provider_id="pi_nobody"))

    assert (refusal.value.permanent, refusal.value.unsure) == (True, False)


def test_a_provider_that_cannot_be_reached_leaves_us_unsure() -> None:
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    gateway = StripeCards(SECRET_KEY, "pk", (SECRET,), address)

    with pytest.raises(GatewayError) as refusal:
        gateway.begin(asked())

    assert (refusal.value.permanent, refusal.value.unsure) == (False, True)


# --- notices ------------------------------------------------------------------------------------

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": {"charge": "abc"}}},
}
BODY = json.dumps(EVENT).encode()
AT = int(NOON.timestamp())


def sign(body: bytes, secret: str = SECRET, at: int = AT) -> str:
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def read(stripe: StripeCards, body: bytes, signature: str) -> object:
    return stripe.read_notice({"Stripe-Signature": signature}, body, now=NOON)


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
def test_a_signed_notice_is_read_with_either_key(stripe: StripeCards, secret: str) -> None:
    notice = stripe.read_notice({"Stripe-Signature": sign(BODY, secret)}, BODY, now=NOON)

    assert (notice.event_id, notice.provider_id, notice.charge) == ("evt_1", "pi_1", "abc")
    assert notice.about is About.PAYMENT


@pytest.mark.parametrize(
    ("kind", "about", "told"),
    [
        ("charge.dispute.created", About.DISPUTE, {"id": "dp_1", "payment_intent": "pi_9"}),
        ("charge.refunded", About.REFUND, {"id": "ch_1", "payment_intent": "pi_9"}),
        ("refund.updated", About.REFUND, {"id": "re_1", "payment_intent": "pi_9"}),
        ("payout.paid", About.OTHER, {"id": "po_1"}),
    ],
)
def test_notices_of_every_kind_find_their_payment(
    stripe: StripeCards, kind: str, about: About, told: dict[str, str]
) -> None:
    body = json.dumps({"id": "evt_2", "type": kind, "data": {"object": told}}).encode()

    notice = stripe.read_notice({"Stripe-Signature": sign(body)}, body, now=NOON)

    assert notice.about is about
    assert notice.provider_id == told.get("payment_intent", "")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v1=",
        "t=,v1=abc",
        f"t={AT}",
        f"t={AT},v1=đ",
        sign(BODY, "whsec_of_somebody_else"),
        sign(BODY).replace("v1=", "v0="),
        sign(BODY + b" "),
        sign(BODY)[:-1] + ("0" if sign(BODY)[-1] != "0" else "1"),
        sign(BODY, at=AT - 301),
        sign(BODY, at=AT + 301),
    ],
)
def test_invariant_12_a_wrong_signature_is_refused(stripe: StripeCards, signature: str) -> None:
    with pytest.raises(BadNotice):
        read(stripe, BODY, signature)


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_invariant_13_a_clock_may_be_a_little_off(stripe: StripeCards, seconds: int) -> None:
    assert read(stripe, BODY, sign(BODY, at=AT + seconds))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"not json",
        b"\xff\xfe\x00",
        b'{"id": "evt", "type": "x", "data": {"object": null}}',
        b'{"id": "evt", "type": 7, "data": {"object": {"id": "x"}}}',
        b"[" * 100_000,
        json.dumps({**EVENT, "data": {"object": "pi_1"}}).encode(),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_though_it_is_signed(
    stripe: StripeCards, body: bytes
) -> None:
    with pytest.raises(BadNotice):
        read(stripe, body, sign(body))


# --- the address it calls -----------------------------------------------------------------------


@pytest.fixture
def config(database_url: str, tmp_path: Path, localstripe: str) -> object:
    return make_config(
        database_url,
        tmp_path,
        stripe_secret_key=SECRET_KEY,
        stripe_publishable_key="pk_test_12345",
        stripe_webhook_secrets=(SECRET,),
        stripe_api_url=localstripe,
    )


@pytest.fixture
def authority(session: Session) -> Organisation:
    made: Organisation = factories.OrganisationFactory(kind=Kind.AUTHORITY)
    return made


def send(client: FlaskClient, body: bytes, signature: str) -> int:
    headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
    return client.post("/webhooks/stripe", data=body, headers=headers).status_code


def count(session: Session, model: type[object]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_invariant_02_a_notice_is_kept_once_and_answered_each_time(
    session: Session, client: FlaskClient, authority: Organisation
) -> None:
    answers = [send(client, BODY, sign(BODY)) for _ in range(3)]

    assert answers == [200, 200, 200]
    event = session.scalars(select(ProviderEvent)).one()
    assert event.body == BODY
    assert event.headers["Stripe-Signature"] == sign(BODY)
    assert count(session, JobRun) == 1


def test_a_notice_that_is_not_believed_leaves_a_trace_and_nothing_else(
    session: Session, client: FlaskClient, authority: Organisation
) -> None:
    assert send(client, BODY, sign(BODY + b" ")) == 400

    assert count(session, ProviderEvent) == 0
    assert count(session, JobRun) == 0
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "gateways.refused")).one()
    assert entry.facts == {"provider": "stripe", "why": "signature"}


def test_a_notice_that_is_too_big_is_not_read(session: Session, client: FlaskClient) -> None:
    assert send(client, b" " * (300 * 1024), "t=1,v1=a") == 413
    assert count(session, ProviderEvent) == 0


@pytest.mark.parametrize("provider", ["null", "nobody"])
def test_nobody_else_is_listened_to(client: FlaskClient, provider: str) -> None:
    assert client.post(f"/webhooks/{provider}", data=b"{}").status_code == 404


def test_the_card_page_lets_in_stripe_and_nobody_else(
    session: Session, client: FlaskClient, authority: Organisation
) -> None:
    intent = factories.IntentFactory()

    opened = client.post(f"/pay/{intent.public_id}/card")
    page = client.get(opened.location)

    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self' https://js.stripe.com" in policy
    assert "connect-src 'self' https://api.stripe.com" in policy
    assert "frame-src https://js.stripe.com" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert 'data-key="pk_test_12345"' in page.text
    assert SECRET_KEY not in page.text
    offer = client.get(f"/pay/{intent.public_id}/card")
    assert "stripe.com" not in offer.headers["Content-Security-Policy"]


def test_paid_in_the_browser_and_confirmed_by_asking(
    session: Session,
    client: FlaskClient,
    sessions: JoinedSessions,
    authority: Organisation,
    localstripe: str,
) -> None:
    intent = factories.IntentFactory()
    page = client.post(f"/pay/{intent.public_id}/card").location
    charge = session.scalars(select(CardCharge)).one()
    assert charge.provider_id is not None

    payer_does(localstripe, charge.provider_id)
    back = client.get(page + "?redirect_status=failed")  # what the browser says is not believed

    session.expire_all()
    assert intent.state is IntentState.PAID
    assert "Thẻ đã trả xong" in back.text


# --- from the browser to paid -------------------------------------------------------------------


@contextmanager
def listening(engine_url: str, tmp_path: Path, localstripe: str) -> Iterator[object]:
    """A platform that Stripe can call over HTTP, with its own data and the real clock."""
    config = make_config(
        engine_url,
        tmp_path,
        stripe_secret_key=SECRET_KEY,
        stripe_webhook_secrets=(SECRET,),
        stripe_api_url=localstripe,
    )
    app = create_app(config)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    hook = {"url": f"http://127.0.0.1:{server.port}/webhooks/stripe", "secret": SECRET}
    request = urllib.request.Request(
        f"{localstripe}/_config/webhooks/ours",
        data=json.dumps(hook).encode(),
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["phiencho_sessions"].engine.dispose()


def test_a_payment_is_heard_of_from_stripe_itself(
    engine: Engine, database_url: str, tmp_path: Path, localstripe: str
) -> None:
    """On PostgreSQL, where what was really committed can be wiped again."""
    if engine.dialect.name != "postgresql":
        pytest.skip("what is committed on SQLite cannot be wiped")
    with listening(database_url, tmp_path, localstripe) as app:
        sessions: db.Sessions = app.extensions["phiencho_sessions"]  # type: ignore[attr-defined]
        config = app.extensions["config"]  # type: ignore[attr-defined]
        with sessions.transaction() as session:
            factories.use(session)
            factories.OrganisationFactory(kind=Kind.AUTHORITY)
            intent = factories.IntentFactory()
        gateway = preferred(config)
        assert isinstance(gateway, StripeCards)
        now = datetime.now(UTC)
        charge = begin(sessions, intent, gateway, now=now)  # type: ignore[arg-type]
        assert charge.provider_id is not None
        payer_does(localstripe, charge.provider_id)

        ours = select(ProviderEvent.id).where(ProviderEvent.provider_id == charge.provider_id)
        event_id = None
        deadline = time.monotonic() + 15
        while event_id is None and time.monotonic() < deadline:
            time.sleep(0.1)
            with sessions.reading() as session:
                event_id = session.scalar(ours)
        assert event_id is not None
        service.follow(sessions, gateways(config), event_id, now=clock.now())
        with sessions.reading() as session:
            paid = queries.one(session, intent.public_id, charge.public_id)
        assert paid.state is ChargeState.SUCCEEDED
        assert paid.intent.state is IntentState.PAID
    wipe(engine)


def test_only_a_configuration_with_its_key_opens_it(config: object, tmp_path: Path) -> None:
    assert isinstance(preferred(config), StripeCards)  # type: ignore[arg-type]
    plain = make_config("sqlite://", tmp_path)
    assert preferred(plain) is None
    assert preferred(make_config("sqlite://", tmp_path, demo=True)).code == "null"  # type: ignore[union-attr]
