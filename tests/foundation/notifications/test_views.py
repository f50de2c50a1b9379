"""The inbox and the preferences, as their owner and as a stranger see them."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.notifications import queries, service
from foundation.notifications.models import Channel, Notification, Preference
from foundation.notifications.rules import Group
from tests.conftest import NOON, SignInAs
from tests.factories import PersonFactory


@pytest.fixture
def person(sign_in_as: SignInAs) -> Any:
    return sign_in_as(PersonFactory(email="lan@example.vn"))


def tell(session: Session, person_id: int, count: int = 1) -> None:
    for number in range(count):
        service.tell(
            session,
            person_id,
            "account.second_factor_on",
            once_key=f"on:{number}",
            facts={"at": NOON},
            url="/account",
            now=NOON,
        )
    session.flush()


def test_an_empty_inbox_says_what_will_come(client: FlaskClient, person: Any) -> None:
    page = client.get("/account/inbox").text
    assert "Chưa có tin nào" in page
    assert "Đánh dấu đọc hết" not in page


def test_the_inbox_is_read_in_the_readers_language(
    client: FlaskClient, person: Any, session: Session
) -> None:
    tell(session, person.id)
    page = client.get("/account/inbox").text
    assert "Đã bật xác thực hai lớp" in page
    assert "12:00, 22/11/2026" in page
    assert "Mới</span>" in page


def test_opening_a_line_marks_it_read_and_leads_on(
    client: FlaskClient, person: Any, session: Session
) -> None:
    tell(session, person.id)
    line = queries.inbox(session, person.id, before=None, limit=1)[0]
    answer = client.get(f"/account/inbox/{line.public_id}")
    assert (answer.status_code, answer.location) == (303, "/account")
    session.expire_all()
    assert queries.unread_count(session, person.id) == 0


def test_a_strangers_line_stays_unread(client: FlaskClient, person: Any, session: Session) -> None:
    stranger = PersonFactory()
    tell(session, stranger.id)
    line = queries.inbox(session, stranger.id, before=None, limit=1)[0]
    answer = client.get(f"/account/inbox/{line.public_id}")
    assert answer.location == "/account/inbox"
    assert client.get(f"/account/inbox?before={line.public_id}").status_code == 200
    session.expire_all()
    assert queries.unread_count(session, stranger.id) == 1


def test_all_can_be_marked_read(client: FlaskClient, person: Any, session: Session) -> None:
    tell(session, person.id, 3)
    assert client.post("/account/inbox/read").location == "/account/inbox"
    session.expire_all()
    assert all(line.read_at for line in session.scalars(select(Notification)))


def test_a_long_inbox_has_pages_and_no_more_statements(
    client: FlaskClient, person: Any, session: Session, statements: list[str]
) -> None:
    tell(session, person.id, 1)
    client.get("/account/inbox")  # the first visit also notes that the person was here
    statements.clear()
    client.get("/account/inbox")
    with_one = len(statements)
    tell(session, person.id, 25)
    statements.clear()
    page = client.get("/account/inbox").text
    assert len(statements) == with_one
    assert page.count("Đã bật xác thực hai lớp") == 20
    last = queries.inbox(session, person.id, before=None, limit=20)[-1]
    assert f"before={last.public_id}" in page
    older = client.get(f"/account/inbox?before={last.public_id}").text
    assert older.count("Đã bật xác thực hai lớp") == 5
    assert "Tin mới nhất" in older


def test_the_pages_are_for_people_with_an_account(client: FlaskClient) -> None:
    for address in ("/account/inbox", "/account/notifications"):
        assert client.get(address).location.startswith("/sign-in")


def test_preferences_are_kept(client: FlaskClient, person: Any, session: Session) -> None:
    page = client.get("/account/notifications").text
    assert page.count('value="email" checked') == len(Group)
    answer = client.post(
        "/account/notifications",
        data={"security": "sms", "organisation": "zalo", "goods": "inbox", "money": "sms"},
    )
    assert answer.location == "/account/notifications"
    kept = session.execute(select(Preference.group, Preference.channel))
    assert dict(kept.all()) == {
        "security": Channel.SMS,
        "organisation": Channel.ZALO,
        "goods": None,
        "money": Channel.SMS,
    }
    assert 'value="zalo" checked' in client.get("/account/notifications").text


@pytest.mark.parametrize("typed", [{"security": "inbox"}, {"goods": "pigeon"}])
def test_a_choice_that_was_not_offered_is_refused(
    client: FlaskClient, person: Any, session: Session, typed: dict[str, str]
) -> None:
    answer = client.post("/account/notifications", data=typed)
    assert answer.status_code == 422
    assert session.scalars(select(Preference)).all() == []


def test_only_channels_that_reach_one_are_offered(
    client: FlaskClient, sign_in_as: SignInAs, app: Any
) -> None:
    sign_in_as(PersonFactory())
    app.extensions["transports"] = {Channel.EMAIL: object()}
    page = client.get("/account/notifications").text
    assert 'name="security"' not in page
    assert "Thêm e-mail" in page
