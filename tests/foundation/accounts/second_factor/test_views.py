from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from foundation import clock
from foundation.accounts.models import Person
from foundation.config import Config
from foundation.crypto import encrypt
from tests.conftest import NOON, SignInAs
from tests.factories import PASSWORD, PersonFactory

SECRET = "JBSWY3DPEHPK3PXP" * 2


@pytest.fixture
def person(sign_in_as: SignInAs, config: Config) -> Person:
    found: Person = sign_in_as(
        PersonFactory(
            totp_secret_encrypted=encrypt(SECRET, config.data_key), totp_confirmed_at=NOON
        ),
        second_factor=True,
    )
    return found


def both(code: str = "", password: str = PASSWORD) -> dict[str, str]:
    return {"present": password, "code": code or pyotp.TOTP(SECRET).at(NOON)}


def test_before_it_begins_no_secret_is_shown(
    client: FlaskClient, session: Session, sign_in_as: SignInAs
) -> None:
    person = sign_in_as(PersonFactory())
    page = client.get("/account/second-factor/set-up")
    assert page.status_code == 200
    assert "otpauth" not in page.text
    early = client.post("/account/second-factor/set-up", data={"code": "123456"})
    assert early.location == "/account/second-factor/set-up"
    assert client.get("/account/second-factor/manage").location == early.location
    client.post("/account/second-factor/begin")
    assert "otpauth" in client.get("/account/second-factor/set-up").text
    wrong = client.post("/account/second-factor/set-up", data={"code": "1"})
    assert wrong.status_code == 422
    session.refresh(person)
    assert person.totp_confirmed_at is None


def test_it_is_switched_off_with_password_and_code(
    client: FlaskClient, session: Session, person: Person
) -> None:
    assert client.get("/account/second-factor/manage").status_code == 200
    assert client.post("/account/second-factor/off", data={}).status_code == 422
    wrong = client.post("/account/second-factor/off", data=both(password="not this one"))
    assert 'id="present-error"' in wrong.text
    wrong = client.post("/account/second-factor/off", data=both("000"))
    assert 'id="code-error"' in wrong.text
    session.refresh(person)
    assert person.totp_confirmed_at is not None
    assert client.post("/account/second-factor/off", data=both()).location == "/account"
    session.refresh(person)
    assert person.totp_confirmed_at is None


def test_new_recovery_codes_are_shown_once(
    client: FlaskClient, session: Session, person: Person
) -> None:
    refused = client.post("/account/second-factor/recovery-codes", data=both("000"))
    assert refused.status_code == 422
    assert client.post("/account/second-factor/recovery-codes", data={}).status_code == 422
    shown = client.post("/account/second-factor/recovery-codes", data=both())
    assert shown.text.count('<li class="code">') == 10
    assert shown.headers["Cache-Control"] == "no-store"
    assert "<li" not in client.get("/account/second-factor/manage").text.split("<form")[-1][:200]


def test_it_cannot_be_set_up_twice(client: FlaskClient, session: Session, person: Person) -> None:
    assert client.post("/account/second-factor/begin").status_code == 409
    with clock.frozen(NOON + timedelta(minutes=1)):
        again = client.post("/account/second-factor/set-up", data={"code": "123456"})
    assert again.status_code == 422
