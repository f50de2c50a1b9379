from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.accounts import service as accounts
from foundation.accounts.models import Person
from foundation.accounts.rules import Visit, password_matches
from foundation.notifications.models import Message
from tests.conftest import NOON, SignInAs
from tests.factories import PASSWORD, PersonFactory

GOOD = "chuối chín cây sau hè"


@pytest.fixture
def person(sign_in_as: SignInAs) -> Person:
    found: Person = sign_in_as(PersonFactory(phone="0912345678"))
    return found


@pytest.mark.parametrize("page", ["name", "language", "password", "contact", "sign-ins"])
def test_pages_of_the_account_are_for_its_owner(
    client: FlaskClient, session: Session, sign_in_as: SignInAs, page: str
) -> None:
    assert client.get(f"/account/{page}").location == f"/sign-in?next=/account/{page}"
    sign_in_as(PersonFactory())
    assert client.get(f"/account/{page}").status_code == 200


def test_changing_the_name(client: FlaskClient, session: Session, person: Person) -> None:
    assert client.post("/account/name", data={"full_name": " Trần  Tám "}).status_code == 303
    assert "Trần Tám" in client.get("/account").text
    assert client.post("/account/name", data={"full_name": ""}).status_code == 422
    refused = client.post("/account/name", data={"full_name": "123"})
    assert refused.status_code == 422
    assert 'value="123"' in refused.text


def test_choosing_a_language(client: FlaskClient, session: Session, person: Person) -> None:
    client.post("/account/language", data={"language": "en"}, follow_redirects=True)
    session.refresh(person)
    assert person.language == "en"
    assert 'lang="en"' in client.get("/account").text
    assert client.post("/account/language", data={"language": "xx"}).status_code == 422


def test_changing_the_password(client: FlaskClient, session: Session, person: Person) -> None:
    wrong = client.post("/account/password", data={"present": "?", "password": GOOD})
    assert wrong.status_code == 422
    assert 'id="present-error"' in wrong.text
    weak = client.post("/account/password", data={"present": PASSWORD, "password": "ngắn"})
    assert 'id="password-error"' in weak.text
    done = client.post("/account/password", data={"present": PASSWORD, "password": GOOD})
    assert done.location == "/account"
    session.refresh(person)
    assert password_matches(person.password_hash, GOOD)
    assert client.get("/account").status_code == 200


def test_changing_a_contact(client: FlaskClient, session: Session, person: Person) -> None:
    assert client.get("/account/contact/confirm").location == "/account/contact"
    assert client.post("/account/contact/confirm").location == "/account/contact"
    bad = client.post("/account/contact", data={"contact": "tám", "present": PASSWORD})
    assert 'id="contact-error"' in bad.text
    asked = client.post("/account/contact", data={"contact": "0987654321", "present": PASSWORD})
    assert asked.location == "/account/contact/confirm"
    assert "098••••321" in client.get(asked.location).text
    assert client.post(asked.location, data={"code": "1"}).status_code == 422
    again = client.post("/code/again")
    assert again.location == "/account/contact/confirm"
    body = session.scalars(select(Message.body).order_by(Message.id.desc()).limit(1)).one()
    found = re.search(r"\d{6}", body)
    assert found is not None
    assert client.post(asked.location, data={"code": found[0]}).location == "/account"
    session.refresh(person)
    assert person.phone == "0987654321"


def test_sign_ins_are_listed_masked_and_ended(
    client: FlaskClient, session: Session, person: Person, statements: list[str]
) -> None:
    android = Visit(address="113.161.7.9", user_agent="Mozilla/5.0 (Linux; Android 13) Chrome/120")
    others = [accounts.open_sign_in(session, person, visit=android, now=NOON) for _ in range(5)]
    session.flush()
    client.get("/account")  # notes that somebody was here
    statements.clear()
    page = client.get("/account/sign-ins").text
    assert len(statements) <= 5
    assert page.count("Chrome, Android") >= 5
    assert "113.161.•.•" in page
    assert "7.9" not in page
    ended = client.post(f"/account/sign-ins/{others[0].sign_in.public_id}/end")
    assert ended.status_code == 303
    assert client.post("/account/sign-ins/unknown/end").status_code == 404
    assert client.post("/account/sign-ins/end-others").status_code == 303
    page = client.get("/account/sign-ins").text
    assert "Chrome, Android" not in page
    assert "Máy này" in page


def test_a_stranger_cannot_end_my_sign_in(
    client: FlaskClient, session: Session, person: Person
) -> None:
    victim = accounts.open_sign_in(session, PersonFactory(), visit=Visit(), now=NOON).sign_in
    session.flush()
    assert client.post(f"/account/sign-ins/{victim.public_id}/end").status_code == 404
    session.refresh(victim)
    assert victim.revoked_at is None
