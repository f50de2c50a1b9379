"""The pages about lines to providers and the raw inbox."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation import crypto
from foundation.accounts.models import Person
from foundation.audit.models import AuditEntry
from foundation.notifications.models import Notification
from foundation.organisations.models import Membership, Role
from payments.bank_feeds.models import BankFeed, FeedState, InboxWaiting, Provider
from payments.bank_feeds.processing import jobs
from tests import factories
from tests.conftest import NOON, SignInAs
from tests.factories.payments_feeds import DATA_KEY
from tests.payments.bank_feeds.test_providers import notice


@pytest.fixture
def owner(session: Session, sign_in_as: SignInAs) -> Membership:
    membership = factories.MembershipFactory()
    person = session.get_one(Person, membership.person_id)
    person.totp_secret_encrypted = crypto.encrypt("A" * 32, DATA_KEY)
    person.totp_confirmed_at = NOON
    sign_in_as(person, second_factor=True)
    return membership


@pytest.fixture
def feed(owner: Membership) -> BankFeed:
    return factories.BankFeedFactory(organisation=owner.organisation)


def address(membership: Membership, rest: str = "") -> str:
    return f"/money/{membership.organisation.public_id}/feeds{rest}"


def key_of(feed: BankFeed) -> str:
    return crypto.decrypt(feed.key_encrypted, DATA_KEY)


def actions(session: Session) -> list[str]:
    rows = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
    return [action for action in rows if action.startswith("bank_feeds.")]


def test_an_owner_sets_a_line_up(client: FlaskClient, session: Session, owner: Membership) -> None:
    assert "Chưa có kết nối nào" in client.get(address(owner)).text
    assert client.get(address(owner, "/new")).status_code == 200
    answer = client.post(
        address(owner, "/new"),
        data={"provider": "sepay", "label": "Chợ đêm", "key": "", "poll_key": "token-1234567"},
    )
    feed = session.scalars(select(BankFeed)).one()
    assert answer.status_code == 303
    assert len(key_of(feed)) > 40
    assert "token" not in (feed.poll_key_encrypted or "")
    page = client.get(answer.location).text
    assert f"http://localhost:8000/webhooks/sepay/{feed.public_id}" in page
    assert "Chưa nghe tin nào" in page
    assert key_of(feed) not in page
    assert "SePay (Chợ đêm)" in client.get(address(owner)).text
    assert actions(session) == ["bank_feeds.added"]
    assert session.scalars(select(Notification.kind)).all() == ["bank_feed.changed"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Chọn nhà cung cấp"),
        ({"provider": "vnpay"}, "Chọn một trong những mục có sẵn"),
        ({"provider": "casso"}, "Dán khoá lấy ở trang của nhà cung cấp"),
        ({"provider": "casso", "key": "short"}, "Khoá gồm 8 đến 200"),
        ({"provider": "casso", "key": "khoá có dấu tiếng Việt"}, "Khoá gồm 8 đến 200"),
        ({"provider": "payos", "key": "x" * 201}, "Khoá gồm 8 đến 200"),
        ({"provider": "payos", "key": "k" * 20, "poll_key": "k" * 20}, "không cho hỏi lại"),
        ({"provider": "sepay", "label": "x" * 61}, "Dài quá"),
    ],
)
def test_bad_input_is_answered(
    client: FlaskClient, session: Session, owner: Membership, typed: dict[str, str], words: str
) -> None:
    answer = client.post(address(owner, "/new"), data=typed)
    assert answer.status_code == 422
    assert words in answer.text
    assert typed.get("key", "nothing") not in answer.text
    assert session.scalars(select(BankFeed)).all() == []


def test_the_key_is_shown_to_be_pasted(
    client: FlaskClient, session: Session, owner: Membership, feed: BankFeed
) -> None:
    answer = client.post(address(owner, f"/{feed.public_id}/reveal"))
    assert factories.FEED_KEY in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert actions(session) == ["bank_feeds.key_shown"]


def test_changing_the_key(
    client: FlaskClient, session: Session, owner: Membership, feed: BankFeed
) -> None:
    where = address(owner, f"/{feed.public_id}/key")
    assert client.get(where).status_code == 200
    same = client.post(where, data={"key": factories.FEED_KEY, "days": "3"})
    assert (same.status_code, "Đây là khoá đang dùng" in same.text) == (422, True)
    assert client.post(where, data={"key": "new-key-123", "days": "7"}).status_code == 303
    session.refresh(feed)
    assert key_of(feed) == "new-key-123"
    assert crypto.decrypt(feed.old_key_encrypted or "", DATA_KEY) == factories.FEED_KEY
    assert feed.old_key_until == NOON + timedelta(days=7)
    page = client.get(address(owner, f"/{feed.public_id}")).text
    assert "Hai khoá cùng dùng được" in page

    client.post(address(owner, f"/{feed.public_id}/drop-old-key"))
    session.refresh(feed)
    assert feed.old_key_encrypted is None
    assert actions(session) == ["bank_feeds.key_changed", "bank_feeds.old_key_dropped"]


def test_the_key_for_asking(
    client: FlaskClient, session: Session, owner: Membership, feed: BankFeed
) -> None:
    where = address(owner, f"/{feed.public_id}/poll-key")
    assert client.get(where).status_code == 200
    assert client.post(where, data={"poll_key": "a b"}).status_code == 422
    assert client.post(where, data={"poll_key": "token-123456"}).status_code == 303
    session.refresh(feed)
    assert crypto.decrypt(feed.poll_key_encrypted or "", DATA_KEY) == "token-123456"
    client.post(where, data={"poll_key": ""})
    session.refresh(feed)
    assert feed.poll_key_encrypted is None


def test_switching_off_and_on(
    client: FlaskClient, session: Session, owner: Membership, feed: BankFeed
) -> None:
    client.post(address(owner, f"/{feed.public_id}/off"))
    session.refresh(feed)
    assert feed.state is FeedState.OFF
    again = client.post(address(owner, f"/{feed.public_id}/off"))
    assert again.status_code == 409
    assert client.post(address(owner, f"/{feed.public_id}/trial")).status_code == 409
    client.post(address(owner, f"/{feed.public_id}/on"))
    session.refresh(feed)
    assert feed.state is FeedState.ACTIVE


def test_a_trial_and_its_result(
    client: FlaskClient, session: Session, owner: Membership, feed: BankFeed
) -> None:
    answer = client.post(address(owner, f"/{feed.public_id}/trial"))
    page = client.get(answer.location).text
    assert "Chờ xử lý" in page
    with client.application.app_context():
        jobs.drain()
    page = client.get(answer.location).text
    assert "Tin thử" in page


def test_the_raw_inbox(
    client: FlaskClient, session: Session, owner: Membership, feed: BankFeed
) -> None:
    body = json.dumps(notice(accountNumber="0123456789", content="<b>Trả tiền</b>")).encode()
    stranger = factories.InboxMessageFactory(
        feed=feed, body=body, headers={"Authorization": "•••", "X-A": "<i>"}
    )
    factories.InboxMessageFactory(feed=feed, body=b"\x00\xff<script>")
    with client.application.app_context():
        jobs.drain()
    where = address(owner, f"/{feed.public_id}/inbox")
    page = client.get(where).text
    assert "Tài khoản chưa khai báo" in page
    assert "Không đọc được" in page
    assert page.count("Tin số") == 2
    assert client.get(where + "?only=failed").text.count("Tin số") == 2
    assert "Không có tin nào" in client.get(f"{where}?before={stranger.id}").text
    assert client.get(where + "?before=x").status_code == 200
    assert "2 tin cần xem" in client.get(address(owner)).text

    one = client.get(f"{where}/{stranger.id}").text
    assert "•••• 6789" in one
    assert "0123456789" not in one.split("<pre")[1].split("</pre>")[0]
    assert "&lt;b&gt;Trả tiền" in one
    assert "<script>" not in client.get(f"{where}/{stranger.id + 1}").text.split("<pre")[1]

    client.post(where + "/reprocess", data={"message": str(stranger.id)})
    assert session.scalars(select(InboxWaiting.message_id)).all() == [stranger.id]
    client.post(where + "/reprocess")
    assert len(session.scalars(select(InboxWaiting.message_id)).all()) == 2
    assert actions(session) == ["bank_feeds.reprocessed"] * 2


PATHS: list[tuple[str, str]] = [
    ("GET", ""),
    ("POST", "/reveal"),
    ("GET", "/key"),
    ("POST", "/key"),
    ("GET", "/poll-key"),
    ("POST", "/drop-old-key"),
    ("POST", "/off"),
    ("POST", "/trial"),
    ("GET", "/inbox"),
    ("GET", "/inbox/1"),
    ("POST", "/inbox/reprocess"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_invariant_20_a_strangers_feed_is_not_there(
    client: FlaskClient, session: Session, owner: Membership, method: str, path: str
) -> None:
    other = factories.BankFeedFactory()
    factories.InboxMessageFactory(feed=other)
    fields = {"key": "new-key-123", "days": "3", "poll_key": ""}
    answer = client.open(address(owner, f"/{other.public_id}{path}"), method=method, data=fields)
    assert answer.status_code == 404
    session.refresh(other)
    assert (other.state, key_of(other)) == (FeedState.ACTIVE, factories.FEED_KEY)
    assert actions(session) == []


@pytest.mark.parametrize("role", [Role.SELLER, Role.ACCOUNTANT, Role.MANAGER])
def test_only_owners(client: FlaskClient, session: Session, sign_in_as: Any, role: Role) -> None:
    member = factories.MembershipFactory(role=role)
    sign_in_as(session.get(Person, member.person_id))
    assert client.get(address(member)).status_code == 403


def test_keys_ask_for_the_second_factor(
    client: FlaskClient, session: Session, sign_in_as: SignInAs
) -> None:
    member = factories.MembershipFactory()
    feed = factories.BankFeedFactory(organisation=member.organisation, provider=Provider.CASSO)
    sign_in_as(session.get(Person, member.person_id))
    assert client.get(address(member)).status_code == 200
    for path in ("/new", f"/{feed.public_id}/key"):
        assert client.get(address(member, path)).status_code == 303
    assert client.post(address(member, f"/{feed.public_id}/reveal")).status_code == 303
