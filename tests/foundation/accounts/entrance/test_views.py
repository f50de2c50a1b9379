from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from foundation import clock
from foundation.accounts import service as accounts
from foundation.accounts.models import Person, SignIn
from foundation.crypto import encrypt, keyed_hash
from foundation.notifications.models import Message
from foundation.organisations.models import Kind
from tests.conftest import NOON, SignInAs
from tests.factories import PASSWORD, MembershipFactory, OrganisationFactory, PersonFactory

GOOD = "chuối chín cây sau hè"
SECRET = "JBSWY3DPEHPK3PXP" * 2
UNIQUE = re.compile(r'name="csrf_token"[^>]*>|\d{3}••••\d{3}')


def form(contact: str = "0912345678", password: str = PASSWORD, **more: str) -> dict[str, str]:
    return {"contact": contact, "password": password, **more}


def sent_digits(session: Session) -> str:
    body = session.scalars(select(Message.body).order_by(Message.id.desc()).limit(1)).one()
    found = re.search(r"\d{6}", body)
    assert found is not None
    return found[0]


def second_factor_for(person: Person, data_key: str) -> None:
    person.totp_secret_encrypted = encrypt(SECRET, data_key)
    person.totp_confirmed_at = NOON


def whole(response: TestResponse) -> tuple[object, ...]:
    """Return status, headers and body, but for what is random in any two answers."""
    random = {"Set-Cookie", "ETag", "X-Request-Id", "Content-Length"}
    headers = {name: value for name, value in response.headers if name not in random}
    cookies = [one.split("=")[0] for one in response.headers.getlist("Set-Cookie")]
    return response.status, headers, cookies, UNIQUE.sub("", response.text)


# --- pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/sign-in", "/sign-up", "/reset"])
def test_the_doors_can_be_seen_by_everybody(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert 'lang="vi"' in response.text


@pytest.mark.parametrize(
    ("address", "start"),
    [("/sign-in/code", "/sign-in"), ("/sign-up/confirm", "/sign-up"), ("/reset/confirm", "/reset")],
)
def test_without_a_code_on_its_way_there_is_nothing_to_type(
    client: FlaskClient, address: str, start: str
) -> None:
    assert client.get(address).location == start
    assert client.post(address, data={"code": "123456", "password": GOOD}).location == start


# --- signing in -------------------------------------------------------------------------------


def test_signing_in_gives_a_fresh_cookie_and_goes_on(client: FlaskClient, session: Session) -> None:
    PersonFactory(phone="0912345678")
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    response = client.post("/sign-in?next=/sell", data=form("+84 912 345 678"))
    assert (response.status_code, response.location) == (303, "/sell")
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie.permanent
    device = next(one for one in response.headers.getlist("Set-Cookie") if "device=" in one)
    assert "HttpOnly" in device
    assert "SameSite=Lax" in device
    assert client.get("/account").status_code == 200
    assert client.get("/sign-in?next=/sell").location == "/sell"


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(client: FlaskClient, session: Session, address: str) -> None:
    PersonFactory(phone="0912345678")
    response = client.post("/sign-in", query_string={"next": address}, data=form())
    assert response.location == "/account"


def test_what_was_typed_stays_but_never_the_password(client: FlaskClient) -> None:
    response = client.post("/sign-in", data=form("0912 345 678", "not this one"))
    assert response.status_code == 422
    assert 'value="0912 345 678"' in response.text
    assert "not this one" not in response.text
    empty = client.post("/sign-in", data={})
    assert empty.status_code == 422
    assert "Nhập số điện thoại" in empty.text


def test_a_known_and_an_unknown_contact_get_the_same_answers(app: Flask, session: Session) -> None:
    PersonFactory(phone="0912345678")
    known, unknown = app.test_client(), app.test_client()
    for address, data in (
        ("/sign-in", {"password": "not this one"}),
        ("/sign-in", {"by": "code"}),
        ("/sign-in/code", {"code": "000000"}),
        ("/sign-up", {"full_name": "Lê Thị Lan", "password": GOOD}),
        ("/sign-up/confirm", {"code": "000000"}),
        ("/reset", {}),
        ("/reset/confirm", {"code": "000000", "password": GOOD}),
    ):
        first = known.post(address, data={"contact": "0912345678", **data})
        second = unknown.post(address, data={"contact": "0987654321", **data})
        for response in (first, second):
            response.set_data(response.get_data().replace(b"0987654321", b"0912345678"))
        assert whole(first) == whole(second), address
        assert first.status_code in (303, 422), address
        if first.location:
            pages = known.get(first.location), unknown.get(second.location)
            assert whole(pages[0]) == whole(pages[1]), address


def test_a_known_and_an_unknown_contact_take_as_many_statements(
    app: Flask, session: Session, statements: list[str]
) -> None:
    PersonFactory(phone="0912345678")
    for address, data in (
        ("/sign-in", {"password": "not this one"}),
        ("/sign-in", {"by": "code"}),
        ("/reset", {}),
    ):
        counts = []
        for contact in ("0912345678", "0987654321"):
            statements.clear()
            app.test_client().post(address, data={"contact": contact, **data})
            counts.append(len(statements))
        assert counts[0] == counts[1], address


def test_too_much_from_one_address_is_told_with_the_time_to_wait(
    client: FlaskClient, session: Session
) -> None:
    for _ in range(60):
        accounts.knock(
            session,
            "sign_in.address",
            key_of(client),
            limit=60,
            within=timedelta(minutes=10),
            now=NOON,
        )
    session.flush()
    response = client.post("/sign-in", data=form())
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "600"
    assert "10 phút" in response.text


def key_of(client: FlaskClient) -> str:
    return keyed_hash("127.0.0.1", client.application.extensions["config"].data_key)


def test_guesses_are_counted_across_requests(client: FlaskClient, session: Session) -> None:
    PersonFactory(phone="0912345678")
    for _ in range(5):
        client.post("/sign-in", data=form(password="not this one"))
    assert client.post("/sign-in", data=form()).status_code == 422
    with clock.frozen(NOON + timedelta(seconds=31)):
        assert client.post("/sign-in", data=form()).status_code == 303


def test_forms_without_their_token_are_refused(app: Flask, session: Session) -> None:
    PersonFactory(phone="0912345678")
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    assert client.post("/sign-in", data=form()).status_code == 400
    page = client.get("/sign-in").text
    found = re.search(r'name="csrf_token" type="hidden" value="([^"]+)"', page)
    assert found is not None
    response = client.post("/sign-in", data=form(csrf_token=found[1]))
    assert response.status_code == 303
    assert client.post("/sign-out").status_code == 400
    out = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account").text)
    assert out is not None
    assert client.post("/sign-out", data={"csrf_token": out[1]}).status_code == 303
    assert client.get("/account").status_code == 303


# --- codes ------------------------------------------------------------------------------------


def test_opening_an_account(client: FlaskClient, session: Session) -> None:
    response = client.post(
        "/sign-up?next=/sell",
        data=form(password=GOOD, full_name="Lê Thị Lan"),
        follow_redirects=True,
    )
    assert "091••••678" in response.text
    done = client.post("/sign-up/confirm?next=/sell", data={"code": sent_digits(session)})
    assert (done.status_code, done.location) == (303, "/sell")
    home = client.get("/account").text
    assert "Lê Thị Lan" in home
    assert "Tài khoản đã mở" in home


def test_a_weak_password_is_explained_beside_the_field(client: FlaskClient) -> None:
    response = client.post("/sign-up", data=form(password="matkhau12345", full_name="Lan"))
    assert response.status_code == 422
    assert 'id="password-error"' in response.text
    assert 'value="Lan"' in response.text


def test_coming_in_by_code(client: FlaskClient, session: Session) -> None:
    PersonFactory(phone="0912345678")
    client.post("/sign-in", data=form(password="", by="code"))
    wrong = client.post("/sign-in/code", data={"code": "12"})
    assert wrong.status_code == 422
    client.post("/code/again")
    response = client.post("/sign-in/code", data={"code": sent_digits(session)})
    assert response.location == "/account"


def test_a_code_without_an_account_leads_to_opening_one(
    client: FlaskClient, session: Session
) -> None:
    client.post("/sign-in", data=form(by="code"))
    response = client.post("/sign-in/code", data={"code": sent_digits(session)})
    assert response.location == "/sign-up"


def test_a_new_password_by_code(client: FlaskClient, session: Session) -> None:
    PersonFactory(phone="0912345678")
    client.post("/reset", data={"contact": "0912345678"})
    weak = client.post("/reset/confirm", data={"code": sent_digits(session), "password": "ngắn"})
    assert weak.status_code == 422
    done = client.post("/reset/confirm", data={"code": sent_digits(session), "password": GOOD})
    assert done.location == "/account"
    client.post("/sign-out")
    assert client.post("/sign-in", data=form(password=GOOD)).status_code == 303


def test_sending_again_needs_something_sent(client: FlaskClient) -> None:
    assert client.post("/code/again").location == "/sign-in"


# --- inside -----------------------------------------------------------------------------------


def test_home_shows_what_one_works_for_in_few_statements(
    client: FlaskClient, session: Session, sign_in_as: SignInAs, statements: list[str]
) -> None:
    person = sign_in_as(PersonFactory(email="lan@example.com"))
    for number in range(3):
        MembershipFactory(
            person_id=person.id, organisation=OrganisationFactory(name=f"Hợp tác xã {number}")
        )
    client.get("/account")  # notes that somebody was here
    session.expire_all()
    statements.clear()
    page = client.get("/account").text
    assert len(statements) <= 6
    assert "Hợp tác xã 2" in page
    assert "lan@example.com" in page


def test_signing_out_ends_the_sign_in_itself(
    client: FlaskClient, session: Session, sign_in_as: SignInAs
) -> None:
    person = sign_in_as(PersonFactory())
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").location == "/"
    with client.session_transaction() as cookie:
        assert "_user_id" not in cookie
        cookie["_user_id"] = token
    assert client.get("/account").location.startswith("/sign-in")
    session.expire_all()
    assert session.scalars(select(SignIn).where(SignIn.person_id == person.id)).one().revoked_at


def test_being_here_costs_no_statement_for_ten_minutes(
    client: FlaskClient, session: Session, sign_in_as: SignInAs, statements: list[str]
) -> None:
    person = sign_in_as(PersonFactory())
    client.get("/account")
    seen = select(SignIn.last_seen_at).where(SignIn.person_id == person.id)
    session.expire_all()
    assert session.scalar(seen) == NOON
    statements.clear()
    client.get("/account")
    assert not [one for one in statements if one.startswith("UPDATE")]
    with clock.frozen(NOON + timedelta(minutes=10)):
        client.get("/account")
    session.expire_all()
    assert session.scalar(seen) == NOON + timedelta(minutes=10)


# --- the second factor ------------------------------------------------------------------------


def test_after_the_password_comes_the_second_factor(
    client: FlaskClient, session: Session, config: Any
) -> None:
    person = PersonFactory(phone="0912345678")
    second_factor_for(person, config.data_key)
    session.flush()
    response = client.post("/sign-in?next=/sell", data=form())
    assert response.location == "/account/second-factor?next=/sell"
    assert client.get("/account").location == "/account/second-factor?next=/account"
    assert client.post("/account/name", data={"full_name": "X"}).location == (
        "/account/second-factor"
    )
    assert client.get("/account/second-factor").status_code == 200
    wrong = client.post("/account/second-factor?next=/sell", data={"code": "000"})
    assert wrong.status_code == 422
    with client.session_transaction() as cookie:
        before = cookie["_user_id"]
    code = pyotp.TOTP(SECRET).at(NOON)
    done = client.post("/account/second-factor?next=/sell", data={"code": code})
    assert done.location == "/sell"
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != before
        after = cookie["_user_id"]
        cookie["_user_id"] = before
    assert client.get("/account").location.startswith("/sign-in")
    with client.session_transaction() as cookie:
        cookie["_user_id"] = after
    assert client.get("/account").status_code == 200
    assert client.get("/account/second-factor").location == "/account/second-factor/manage"


def test_staff_without_one_are_led_through_setting_it_up(
    client: FlaskClient, session: Session, sign_in_as: SignInAs, config: Any
) -> None:
    person = sign_in_as(PersonFactory())
    MembershipFactory(
        person_id=person.id, organisation=OrganisationFactory(kind=Kind.AUTHORITY, name="Sở")
    )
    session.flush()
    step = client.get("/ops")
    assert step.location == "/account/second-factor?next=/ops"
    step = client.get(step.location)
    assert step.location == "/account/second-factor/set-up?next=/ops"
    page = client.get(step.location)
    assert "<svg viewBox" not in page.text.split('class="qr"')[0] or "qr" not in page.text
    step = client.post("/account/second-factor/begin?next=/ops")
    page = client.get(step.location)
    assert page.headers["Cache-Control"] == "no-store"
    groups = re.search(r'<p class="code">([A-Z2-7 ]+)</p>', page.text)
    assert groups is not None
    code = pyotp.TOTP(groups[1].replace(" ", "")).at(NOON)
    codes = client.post("/account/second-factor/set-up?next=/ops", data={"code": code})
    assert codes.status_code == 200
    assert codes.headers["Cache-Control"] == "no-store"
    assert len(re.findall(r'<li class="code">', codes.text)) == 10
    assert 'href="/ops"' in codes.text
    assert client.get("/account").status_code == 200
    assert client.get("/account/second-factor/set-up").status_code == 303
