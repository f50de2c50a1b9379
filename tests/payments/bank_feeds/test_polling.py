"""Asking SePay's list for what its notices missed, against a local server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation import clock, http
from foundation.notifications.models import Notification
from payments.bank_accounts.models import BankAccount
from payments.bank_feeds.models import BankFeed, FeedState, InboxMessage
from payments.bank_feeds.polling import jobs, rules
from payments.bank_feeds.processing import jobs as processing
from payments.credits.models import Movement
from tests import factories
from tests.conftest import NOON
from tests.payments.bank_feeds.sepay_server import TOKEN, Sepay, answer, listed, running
from tests.payments.bank_feeds.test_providers import notice


@pytest.fixture
def sepay() -> Iterator[Sepay]:
    with running() as state:
        yield state


@pytest.fixture
def account(session: Session) -> BankAccount:
    return factories.BankAccountFactory()


@pytest.fixture
def feed(account: BankAccount) -> BankFeed:
    return factories.BankFeedFactory(organisation=account.organisation, poll_key=TOKEN)


@pytest.fixture
def poll(app: Flask, session: Session, sepay: Sepay) -> Callable[[], None]:
    """Return a function that polls and processes what was found."""
    app.extensions["config"] = replace(app.extensions["config"], sepay_api_url=sepay.url)

    def run() -> None:
        with app.app_context():
            jobs.poll()
            processing.drain()
        session.expire_all()

    return run


def movements(session: Session) -> list[tuple[str, int]]:
    rows = session.scalars(select(Movement).order_by(Movement.bank_reference))
    return [(row.bank_reference, row.amount) for row in rows]


def pages_kept(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(InboxMessage)) or 0


def test_invariant_13_what_notices_missed_is_found(
    session: Session, sepay: Sepay, account: BankAccount, feed: BankFeed, poll: Callable[[], None]
) -> None:
    told = listed(1, account.number)
    sepay.rows = [told, listed(2, account.number), listed(3, "999"), listed(4, account.number)]
    heard = notice(
        id=int(told["id"]),
        accountNumber=account.number,
        content=told["transaction_content"],
        referenceCode=told["reference_number"],
        transactionDate=told["transaction_date"],
    )
    factories.InboxMessageFactory(feed=feed, body=json.dumps(heard).encode())
    poll()

    assert [reference for reference, _ in movements(session)] == [
        "FT26326000001",
        "FT26326000002",
        "FT26326000004",
    ]
    assert sepay.asked == [
        {
            "path": "/userapi/transactions/list",
            "limit": "500",
            "transaction_date_min": "2026-11-15 12:00:00",
        }
    ]
    assert (feed.polled_until, feed.polled_at, feed.poll_error) == ("1004", NOON, "")


def test_a_list_is_read_on_from_where_it_was_left(
    session: Session, sepay: Sepay, account: BankAccount, feed: BankFeed, poll: Callable[[], None]
) -> None:
    sepay.rows = [listed(1, account.number)]
    poll()
    poll()
    assert sepay.asked[1]["since_id"] == "1001"
    assert pages_kept(session) == 1  # nothing new, nothing kept

    sepay.rows.append(listed(2, account.number))
    poll()
    assert len(movements(session)) == 2
    assert feed.polled_until == "1002"


@pytest.mark.parametrize("ascending", [False, True])
def test_a_long_list_comes_in_pages(
    session: Session,
    sepay: Sepay,
    account: BankAccount,
    feed: BankFeed,
    poll: Callable[[], None],
    ascending: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "PAGE", 4)
    sepay.ascending = ascending
    sepay.rows = [listed(number, account.number) for number in range(11)]
    poll()
    assert len(movements(session)) == 11
    assert feed.polled_until == "1010"
    assert len(sepay.asked) == 4

    monkeypatch.setattr(rules, "MOST_PAGES", 2)
    sepay.rows += [listed(number, account.number) for number in range(11, 30)]
    poll()
    assert feed.polled_until == "1010"  # cut off: what is between is not skipped
    monkeypatch.setattr(rules, "MOST_PAGES", 20)
    poll()
    assert len(movements(session)) == 30
    assert feed.polled_until == "1029"


def _slow(handler: BaseHTTPRequestHandler) -> None:
    Event().wait(0.5)
    answer(handler, 200, b"{}")


def _dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"x" * 10)
    handler.wfile.flush()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (_slow, "ReadTimeoutError"),
        (lambda handler: answer(handler, 429, b"{}"), "HTTP 429"),
        (lambda handler: answer(handler, 500, b"oh"), "HTTP 500"),
        (lambda handler: answer(handler, 404, b"oh"), "HTTP 404"),
        (lambda handler: answer(handler, 302, b"", Location="http://127.0.0.1:9/"), "HTTP 302"),
        (lambda handler: answer(handler, 200, b"<html>"), "unreadable: not JSON in UTF-8"),
        (lambda handler: answer(handler, 200, b"{}"), "unreadable: no list of transactions"),
        (
            lambda handler: answer(handler, 200, b'{"transactions": [{"id": "x"}]}'),
            "unreadable: a transaction without an id",
        ),
        (lambda handler: answer(handler, 200, b"x" * 3000), "answer too large"),
        (lambda handler: handler.connection.close(), "ProtocolError"),
        (_dripping, "unreadable: not JSON in UTF-8"),
    ],
    ids=range(11),
)
def test_faults_are_noted_and_passed_over(
    session: Session,
    sepay: Sepay,
    account: BankAccount,
    feed: BankFeed,
    poll: Callable[[], None],
    fault: Callable[[BaseHTTPRequestHandler], None],
    error: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "READ_TIMEOUT", 0.2)
    monkeypatch.setattr(http, "LARGEST", 2000)
    sepay.rows = [listed(1, account.number)]
    sepay.fault = fault
    feed.polled_until = "1000"
    session.flush()
    poll()
    assert (feed.poll_error, feed.polled_until, feed.polled_at) == (error, "1000", NOON)
    assert pages_kept(session) == 0

    sepay.fault = None
    poll()
    assert (feed.poll_error, feed.polled_until) == ("", "1001")
    assert len(movements(session)) == 1


def test_a_refused_key_is_told_to_the_owners(
    session: Session, sepay: Sepay, account: BankAccount, poll: Callable[[], None]
) -> None:
    factories.MembershipFactory(organisation=account.organisation)
    factories.BankFeedFactory(organisation=account.organisation, poll_key="wrong-token")
    good = factories.BankFeedFactory(organisation=account.organisation, poll_key=TOKEN)
    factories.BankFeedFactory(
        organisation=account.organisation, poll_key=TOKEN, state=FeedState.OFF
    )
    sepay.rows = [listed(1, account.number)]
    poll()
    poll()
    assert session.scalars(select(Notification.kind)).all() == ["bank_feed.not_answering"]
    assert good.polled_until == "1001"
    assert len(sepay.asked) == 4


def test_nobody_there(
    session: Session, app: Flask, feed: BankFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.extensions["config"] = replace(app.extensions["config"], sepay_api_url="http://127.0.0.1:9")
    with app.app_context():
        jobs.poll()
    session.refresh(feed)
    assert feed.poll_error == "NewConnectionError"
    assert clock.now() == NOON


@pytest.mark.parametrize("address", ["ftp://x/", "http://", "nothing"])
def test_addresses_that_cannot_be(address: str) -> None:
    with pytest.raises(http.CannotReach):
        http.get(address, headers={}, params={})
