from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.accounts import queries, rules
from foundation.accounts.entrance import service
from foundation.accounts.errors import (
    AlreadyRegistered,
    BadContact,
    Blocked,
    CodeSpent,
    NoAccount,
    NothingPending,
    PasswordIsPersonal,
    PasswordTooShort,
    TooManyKnocks,
    WrongCode,
    WrongSignIn,
)
from foundation.accounts.models import Attempt, CodePurpose, OneTimeCode, Person, SignIn
from foundation.accounts.rules import Visit
from foundation.accounts.service import Entry
from foundation.audit.models import AuditEntry
from foundation.notifications.models import Message, Notification
from tests.conftest import NOON
from tests.factories import PASSWORD, PersonFactory

KEY = "k" * 40
MINUTE = timedelta(minutes=1)
HOME = Visit(address="113.161.7.9", user_agent="Mozilla/5.0 (Linux; Android 13) Chrome/120")
AWAY = Visit(address="14.161.1.2", user_agent="Mozilla/5.0 (Windows NT 10.0) Firefox/130")
GOOD = "chuối chín cây sau hè"


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def sign_up(session: Session, **more: Any) -> OneTimeCode:
    settings: dict[str, Any] = {
        "contact": "0912 345 678",
        "full_name": "Lê Thị Lan",
        "password": GOOD,
        "visit": HOME,
        "language": "vi",
        "now": NOON,
        "data_key": KEY,
        **more,
    }
    return service.sign_up(session, **settings)


def sign_in(
    session: Session, contact: str | None, password: str = PASSWORD, **more: Any
) -> Entry | WrongSignIn | Blocked:
    settings: dict[str, Any] = {"visit": HOME, "now": NOON, "data_key": KEY, **more}
    return service.sign_in(session, contact or "", password, **settings)


def ask(session: Session, contact: str, purpose: CodePurpose, **more: Any) -> OneTimeCode:
    settings: dict[str, Any] = {
        "visit": HOME,
        "language": "vi",
        "now": NOON,
        "data_key": KEY,
        **more,
    }
    return service.ask_code(session, contact, purpose, **settings)


def sent_digits(session: Session) -> str:
    body = session.scalars(select(Message.body).order_by(Message.id.desc()).limit(1)).one()
    found = re.search(r"\d{6}", body)
    assert found is not None, body
    return found[0]


def confirm(session: Session, code: OneTimeCode, typed: str, **more: Any) -> Any:
    settings: dict[str, Any] = {
        "visit": HOME,
        "language": "vi",
        "now": NOON,
        "data_key": KEY,
        **more,
    }
    return service.confirm_sign_up(session, code.public_id, typed, **settings)


def enter(session: Session, code: OneTimeCode, typed: str, visit: Visit = HOME) -> Any:
    return service.sign_in_by_code(
        session, code.public_id, typed, visit=visit, now=NOON, data_key=KEY
    )


def reset(session: Session, code: OneTimeCode, typed: str, password: str = GOOD) -> Any:
    return service.reset_password(
        session, code.public_id, typed, password, visit=HOME, now=NOON, data_key=KEY
    )


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Notification.kind).order_by(Notification.id)))


# --- signing up -------------------------------------------------------------------------------


def test_an_account_is_opened_by_the_code_that_was_sent(session: Session) -> None:
    code = sign_up(session)
    assert count(session, Person) == 0
    entry = confirm(session, code, sent_digits(session))
    assert isinstance(entry, Entry)
    assert (entry.person.full_name, entry.person.phone) == ("Lê Thị Lan", "0912345678")
    assert rules.password_matches(entry.person.password_hash, GOOD)
    assert queries.holder_of(session, entry.token, now=NOON) is not None
    assert code.payload == {}
    assert isinstance(confirm(session, code, sent_digits(session)), CodeSpent)


def test_a_wrong_code_opens_nothing(session: Session) -> None:
    code = sign_up(session)
    typed = "000000" if sent_digits(session) != "000000" else "111111"
    assert isinstance(confirm(session, code, typed), WrongCode)
    assert count(session, Person) == 0
    assert code.tries == 1


def test_the_owner_of_a_known_contact_is_told_and_no_code_fits(session: Session) -> None:
    owner = PersonFactory(phone="0912345678")
    code = sign_up(session)
    message = session.scalars(select(Message)).one()
    assert message.recipient == owner.phone
    assert not re.search(r"\d{6}", message.body)
    assert isinstance(confirm(session, code, "123456"), WrongCode | CodeSpent)
    assert count(session, Person) == 1


def test_who_was_faster_elsewhere_is_told_only_with_the_code(session: Session) -> None:
    code = sign_up(session)
    digits = sent_digits(session)
    PersonFactory(phone="0912345678")
    assert isinstance(confirm(session, code, digits), AlreadyRegistered)
    assert count(session, Person) == 1


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"contact": "chị Lan"}, BadContact),
        ({"password": "ngắn"}, PasswordTooShort),
        ({"password": "le thi lan 77"}, PasswordIsPersonal),
    ],
)
def test_a_bad_application_sends_nothing(
    session: Session, given: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        sign_up(session, **given)
    assert count(session, OneTimeCode) == count(session, Message) == 0


# --- signing in -------------------------------------------------------------------------------


@pytest.mark.parametrize("contact", ["+84 912 345 678", "LAN@example.com"])
def test_signing_in_by_either_contact(session: Session, contact: str) -> None:
    person = PersonFactory(phone="0912345678", email="lan@example.com")
    entry = sign_in(session, contact)
    assert isinstance(entry, Entry)
    assert entry.person is person
    assert count(session, Attempt) == 0


@pytest.mark.parametrize("contact", ["0912345678", "0987654321", "nonsense", "", "a@b"])
def test_unknown_and_wrong_are_one_answer(session: Session, contact: str) -> None:
    PersonFactory(phone="0912345678")
    assert isinstance(sign_in(session, contact, "not this one"), WrongSignIn)
    assert count(session, SignIn) == 0
    assert count(session, Attempt) == 2  # of the address and of the contact


def test_guessing_is_slowed_and_a_right_guess_in_the_pause_is_not_told(session: Session) -> None:
    person = PersonFactory()
    for _ in range(5):
        assert isinstance(sign_in(session, person.phone, "wrong", visit=AWAY), WrongSignIn)
    assert isinstance(sign_in(session, person.phone, visit=AWAY), WrongSignIn)
    later = NOON + timedelta(seconds=31)
    assert isinstance(sign_in(session, person.phone, visit=AWAY, now=later), Entry)


def test_a_strangers_guessing_does_not_keep_the_owner_out(session: Session) -> None:
    person = PersonFactory()
    first = sign_in(session, person.phone)
    assert isinstance(first, Entry)
    for _ in range(9):
        sign_in(session, person.phone, "wrong", visit=AWAY)
    known = Visit(address="113.161.7.9", device_token=first.device_token)
    assert isinstance(sign_in(session, person.phone), WrongSignIn)
    assert isinstance(sign_in(session, person.phone, visit=known), Entry)
    code = ask(session, person.phone or "", CodePurpose.SIGN_IN)
    assert isinstance(enter(session, code, sent_digits(session)), Entry)


def test_one_address_may_not_try_everybody(session: Session) -> None:
    for number in range(service.KNOCKS_PER_ADDRESS):
        session.add(Attempt(door="x", key_hash=str(number), at=NOON))
    service.KNOCKS_PER_ADDRESS, usual = 3, service.KNOCKS_PER_ADDRESS
    try:
        for number in range(3):
            sign_in(session, f"098765432{number}")
        with pytest.raises(TooManyKnocks):
            sign_in(session, "0987654329")
        assert isinstance(sign_in(session, "0987654329", visit=AWAY), WrongSignIn)
        assert isinstance(sign_in(session, "0987654329", now=NOON + 10 * MINUTE), WrongSignIn)
    finally:
        service.KNOCKS_PER_ADDRESS = usual


def test_a_blocked_person_is_told_so_after_the_right_password_only(session: Session) -> None:
    person = PersonFactory(blocked_at=NOON)
    assert isinstance(sign_in(session, person.phone, "wrong"), WrongSignIn)
    assert isinstance(sign_in(session, person.phone), Blocked)
    assert count(session, SignIn) == 0


def test_an_older_hash_is_made_anew(session: Session) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    person = PersonFactory(password_hash=weak)
    assert isinstance(sign_in(session, person.phone), Entry)
    assert not rules.needs_rehash(person.password_hash)
    assert rules.password_matches(person.password_hash, PASSWORD)


def test_the_owner_hears_of_a_new_device(session: Session) -> None:
    person = PersonFactory()
    sign_in(session, person.phone)
    assert kinds(session) == []
    sign_in(session, person.phone, visit=AWAY)
    assert kinds(session) == ["account.new_device"]
    assert "sign_in.new_device" in session.scalars(select(AuditEntry.action)).all()


# --- codes ------------------------------------------------------------------------------------


def test_signing_in_by_code(session: Session) -> None:
    person = PersonFactory(phone="0912345678")
    code = ask(session, "0912.345.678", CodePurpose.SIGN_IN)
    entry = enter(session, code, sent_digits(session))
    assert isinstance(entry, Entry)
    assert entry.person is person


def test_who_reads_the_code_of_an_unknown_contact_is_told_the_truth(session: Session) -> None:
    code = ask(session, "0912345678", CodePurpose.SIGN_IN)
    assert isinstance(enter(session, code, sent_digits(session)), NoAccount)
    code = ask(session, "0912345678", CodePurpose.RESET)
    assert isinstance(reset(session, code, sent_digits(session)), NoAccount)
    assert count(session, SignIn) == count(session, Person) == 0


def test_a_blocked_person_does_not_come_in_by_code(session: Session) -> None:
    person = PersonFactory(blocked_at=NOON)
    code = ask(session, person.phone or "", CodePurpose.SIGN_IN)
    assert isinstance(enter(session, code, sent_digits(session)), Blocked)
    code = ask(session, person.phone or "", CodePurpose.RESET)
    assert isinstance(reset(session, code, sent_digits(session)), Blocked)
    assert rules.password_matches(person.password_hash, PASSWORD)


def test_a_new_password_ends_every_sign_in_and_the_pause(session: Session) -> None:
    person = PersonFactory()
    old = sign_in(session, person.phone)
    assert isinstance(old, Entry)
    for _ in range(6):
        sign_in(session, person.phone, "wrong")
    code = ask(session, person.phone or "", CodePurpose.RESET)
    entry = reset(session, code, sent_digits(session))
    assert isinstance(entry, Entry)
    assert queries.holder_of(session, old.token, now=NOON) is None
    assert queries.holder_of(session, entry.token, now=NOON) is not None
    assert isinstance(sign_in(session, person.phone, GOOD), Entry)
    assert kinds(session)[0] == "account.password_changed"
    actions = session.scalars(select(AuditEntry.action)).all()
    assert {"account.password_reset", "sign_in.others_revoked"} <= set(actions)


def test_a_weak_new_password_or_a_wrong_code_changes_nothing(session: Session) -> None:
    person = PersonFactory()
    old = sign_in(session, person.phone)
    assert isinstance(old, Entry)
    code = ask(session, person.phone or "", CodePurpose.RESET)
    digits = sent_digits(session)
    assert isinstance(reset(session, code, "000000" if digits != "000000" else "1"), WrongCode)
    with pytest.raises(PasswordTooShort), session.begin_nested():
        reset(session, code, digits, "ngắn")
    assert rules.password_matches(person.password_hash, PASSWORD)
    assert queries.holder_of(session, old.token, now=NOON) is not None
    session.expire_all()
    assert isinstance(reset(session, code, digits), Entry)


def test_a_new_code_replaces_one_that_did_not_arrive(session: Session) -> None:
    first = sign_up(session)
    first_digits = sent_digits(session)
    again = {"visit": HOME, "language": "vi", "now": NOON, "data_key": KEY}
    second = service.send_again(session, first.public_id, CodePurpose.SIGN_UP, **again)  # type: ignore[arg-type]
    session.expire_all()
    assert isinstance(confirm(session, first, first_digits), CodeSpent)
    assert isinstance(confirm(session, second, sent_digits(session)), Entry)
    with pytest.raises(NothingPending):
        service.send_again(session, second.public_id, CodePurpose.SIGN_UP, **again)  # type: ignore[arg-type]
    with pytest.raises(NothingPending):
        service.send_again(session, "unknown", CodePurpose.SIGN_UP, **again)  # type: ignore[arg-type]


def spaced(number: int) -> datetime:
    return NOON + number * timedelta(hours=1)


def test_codes_to_one_contact_are_limited_by_the_hour_and_the_day(session: Session) -> None:
    for _ in range(5):
        ask(session, "0912345678", CodePurpose.SIGN_IN)
    with pytest.raises(TooManyKnocks), session.begin_nested():
        ask(session, "0912345678", CodePurpose.RESET)
    assert count(session, Message) == 5
    for hour in range(1, 3):
        for _ in range(5):
            ask(session, "0912345678", CodePurpose.SIGN_IN, now=spaced(hour))
    with pytest.raises(TooManyKnocks):
        ask(session, "0912345678", CodePurpose.SIGN_IN, now=spaced(3))


def test_codes_asked_from_one_address_are_limited(session: Session) -> None:
    for number in range(service.CODES_PER_ADDRESS):
        ask(session, f"09123456{number:02d}", CodePurpose.SIGN_IN)
    with pytest.raises(TooManyKnocks), session.begin_nested():
        ask(session, "0912345699", CodePurpose.SIGN_IN)
    ask(session, "0912345699", CodePurpose.SIGN_IN, visit=AWAY)
