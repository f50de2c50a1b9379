"""The address providers call, over HTTP."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from foundation.audit.models import AuditEntry
from foundation.db import Base
from foundation.notifications.models import Notification
from payments.bank_feeds.models import BankFeed, FeedState, InboxMessage, InboxWaiting, Provider
from payments.bank_feeds.processing import jobs
from payments.bank_feeds.webhooks import rules
from payments.credits.models import Movement, ToldMovement
from tests import factories
from tests.conftest import NOON
from tests.payments.bank_feeds.test_providers import (
    CASSO,
    casso_signed,
    casso_string,
    notice,
    payos_body,
    payos_data,
    sepay_signed,
)

KEY = factories.FEED_KEY
APIKEY = {"Authorization": f"Apikey {KEY}"}


@pytest.fixture
def feed(session: Session) -> BankFeed:
    return factories.BankFeedFactory()


def address(feed: BankFeed) -> str:
    return f"/webhooks/{feed.provider.value}/{feed.public_id}"


def send(
    client: FlaskClient, feed: BankFeed, body: bytes, headers: dict[str, str] | None = None
) -> TestResponse:
    return client.post(address(feed), data=body, headers=APIKEY if headers is None else headers)


def count(session: Session, table: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def drain(client: FlaskClient) -> None:
    with client.application.app_context():
        jobs.drain()


def nothing_kept(session: Session) -> bool:
    return not any(count(session, one) for one in (InboxMessage, InboxWaiting, Movement))


def test_a_notice_is_kept_as_it_came(client: FlaskClient, session: Session, feed: BankFeed) -> None:
    body = json.dumps(notice(), indent=3).encode()
    response = send(client, feed, body, {**APIKEY, "Content-Type": "text/weird", "X-One": "1"})

    assert (response.status_code, response.data) == (200, b'{"success": true}')
    assert response.content_type == "application/json"
    message = session.scalars(select(InboxMessage)).one()
    assert (message.body, message.feed_id, message.received_at) == (body, feed.id, NOON)
    assert message.source == "127.0.0.1"
    assert message.headers["Authorization"] == rules.HIDDEN
    assert message.headers["X-One"] == "1"
    assert KEY not in str(message.headers)
    assert session.scalars(select(InboxWaiting.message_id)).one() == message.id
    assert count(session, Movement) == 0  # that is for the worker


def test_each_provider_hears_what_it_expects(client: FlaskClient, session: Session) -> None:
    sepay, casso, payos = (
        factories.BankFeedFactory(provider=one)
        for one in (Provider.SEPAY, Provider.CASSO, Provider.PAYOS)
    )
    body = json.dumps(CASSO).encode()
    signed = json.dumps(notice()).encode()
    answers = [
        send(client, sepay, signed, sepay_signed(signed, NOON, KEY)),
        send(client, casso, body, casso_signed(casso_string({}), KEY)),
        send(client, casso, body, {"secure-token": KEY}),
        send(client, payos, payos_body(payos_data(), KEY), {}),
    ]
    for answer in [*answers, *(send(client, sepay, signed, APIKEY) for _ in range(2))]:
        assert (answer.status_code, answer.json) == (200, {"success": True})
    assert count(session, InboxMessage) == 6


def test_invariant_01_repeats_are_one_movement(client: FlaskClient, session: Session) -> None:
    account = factories.BankAccountFactory()
    feed = factories.BankFeedFactory(organisation=account.organisation)
    body = json.dumps(notice(accountNumber=account.number)).encode()
    for _ in range(5):
        assert send(client, feed, body).data == b'{"success": true}'
    drain(client)
    assert send(client, feed, body).data == b'{"success": true}'
    drain(client)

    assert count(session, InboxMessage) == 6
    assert count(session, ToldMovement) == count(session, Movement) == 1
    assert session.scalars(select(Movement.amount)).one() == 120_000


def refusals(session: Session) -> list[tuple[int, Any]]:
    return [
        (entry.subject_id, entry.facts["reason"])
        for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        if entry.action == "bank_feeds.refused"
    ]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "unsigned"),
        ({"Authorization": ""}, "unsigned"),
        ({"Authorization": "Apikey khoa-cua-don-vi-khac"}, "wrong"),
        ({"Authorization": "Apikey kho\xe1"}, "wrong"),
        ({"X-SePay-Signature": "sha256=" + "0" * 64, "X-SePay-Timestamp": "1"}, "wrong"),
        (sepay_signed(b"{}", NOON - timedelta(seconds=301), KEY), "stale"),
        (sepay_signed(b"{}", NOON + timedelta(seconds=301), KEY), "stale"),
    ],
)
def test_invariant_12_signature_refused_leaves_a_trace_and_no_money(
    client: FlaskClient, session: Session, feed: BankFeed, headers: dict[str, str], reason: str
) -> None:
    response = send(client, feed, b"{}", headers)
    assert response.status_code == 401
    assert response.json == {"success": False, "error": "unauthorized"}
    assert refusals(session) == [(feed.id, reason)]
    assert nothing_kept(session)


def test_invariant_12_signature_of_another_organisation(
    client: FlaskClient, session: Session, feed: BankFeed
) -> None:
    other = factories.BankFeedFactory(key="khoa-cua-don-vi-khac")
    assert send(client, other, b"{}").status_code == 401
    assert send(client, feed, b"{}").status_code == 200
    assert refusals(session) == [(other.id, "wrong")]


def test_invariant_12_signature_with_both_keys_during_a_change(
    client: FlaskClient, session: Session
) -> None:
    feed = factories.BankFeedFactory(
        key="khoa-moi-12345", old_key=KEY, old_key_until=NOON + timedelta(seconds=1)
    )
    assert send(client, feed, b"{}").status_code == 200
    assert send(client, feed, b"{}", {"Authorization": "Apikey khoa-moi-12345"}).status_code == 200
    feed.old_key_until = NOON
    session.flush()
    assert send(client, feed, b"{}").status_code == 401


def test_invariant_13_owners_hear_of_wrong_clocks_and_refusals_once_a_day(
    client: FlaskClient, session: Session
) -> None:
    owner = factories.MembershipFactory()
    feed = factories.BankFeedFactory(organisation=owner.organisation)
    for _ in range(3):
        send(client, feed, b"{}", {})
    send(client, feed, b"{}", sepay_signed(b"{}", NOON - timedelta(minutes=10), KEY))
    told = session.scalars(select(Notification.kind).order_by(Notification.id)).all()
    assert told == ["bank_feed.refused", "bank_feed.clock"]


def test_a_flood_leaves_few_traces_and_is_turned_away(
    client: FlaskClient, session: Session, feed: BankFeed, statements: list[str]
) -> None:
    answers = [send(client, feed, b"{}", {}).status_code for _ in range(rules.MOST_REFUSALS)]
    assert set(answers) == {401}
    assert len(refusals(session)) == rules.MOST_TRACES_OF_ADDRESS

    statements.clear()
    answer = send(client, feed, b"{}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert statements == []
    other = factories.BankFeedFactory(organisation=None, organisation_id=feed.organisation_id)
    assert send(client, other, b"{}").status_code == 200  # its sender has done nothing wrong


def test_unknown_addresses_are_told_alike(
    client: FlaskClient, session: Session, feed: BankFeed
) -> None:
    off = factories.BankFeedFactory(state=FeedState.OFF)
    answers = [
        client.post(path, data=b"{}", headers=APIKEY)
        for path in (
            address(off),
            f"/webhooks/casso/{feed.public_id}",
            f"/webhooks/nobody/{feed.public_id}",
            "/webhooks/sepay/00000000000000",
            "/webhooks/sepay/" + "x" * 500,
            "/webhooks/sepay/%00%F0",
        )
    ]
    assert {(one.status_code, one.data) for one in answers} == {
        (404, b'{"success": false, "error": "not_found"}')
    }
    assert nothing_kept(session)
    assert refusals(session) == []


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
def test_other_methods(client: FlaskClient, session: Session, feed: BankFeed, method: str) -> None:
    answer = client.open(address(feed), method=method, headers=APIKEY)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert nothing_kept(session)


def test_a_large_body_is_not_read(
    client: FlaskClient, session: Session, feed: BankFeed, statements: list[str]
) -> None:
    class Stream(BytesIO):
        was_read = False

        def read(self, size: int | None = -1) -> bytes:
            self.was_read = True
            return super().read(size)

    stream = Stream(b"x" * 10 * 1024 * 1024)
    answer = client.post(address(feed), input_stream=stream, headers=APIKEY)
    assert answer.status_code == 413
    assert answer.headers["Connection"] == "close"
    assert not stream.was_read
    assert statements == []
    assert send(client, feed, b"x" * 65_537).status_code == 413
    assert nothing_kept(session)
    assert send(client, feed, b"x" * 65_536).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00", b"\xff\xfe\x00", b"[" * 60_000, b'{"id": 1}', "Tiền".encode("utf-16")],
    ids=range(6),
)
def test_what_cannot_be_read_is_kept_and_told(
    client: FlaskClient, session: Session, body: bytes
) -> None:
    owner = factories.MembershipFactory()
    feed = factories.BankFeedFactory(organisation=owner.organisation)
    assert send(client, feed, body).data == b'{"success": true}'
    drain(client)
    assert session.scalars(select(InboxMessage.body)).one() == body
    assert session.scalars(select(Notification.kind)).all() == ["bank_feed.unreadable"]
    assert count(session, Movement) == 0


def test_a_webhook_costs_few_statements(
    client: FlaskClient, session: Session, feed: BankFeed, statements: list[str]
) -> None:
    send(client, feed, b"{}")
    statements.clear()
    send(client, feed, b"{}")
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    stored = ["WITH"] if on_postgresql else ["INSERT", "INSERT"]
    assert [one.split()[0] for one in statements] == ["SELECT", *stored]


def test_webhooks_need_no_form_token(app: Flask, session: Session, feed: BankFeed) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = send(app.test_client(), feed, b"{}")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
