from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.accounts import queries, rules
from foundation.accounts import service as accounts
from foundation.accounts.errors import (
    AlreadyRegistered,
    BadContact,
    BadName,
    CodeSpent,
    PasswordTooObvious,
    SignInGone,
    WrongCode,
    WrongPassword,
)
from foundation.accounts.models import OneTimeCode, Person
from foundation.accounts.profile import service
from foundation.accounts.rules import Visit
from foundation.accounts.service import Entry
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from foundation.notifications.models import Message, Notification
from tests.conftest import NOON
from tests.factories import PASSWORD, PersonFactory

KEY = "k" * 40
GOOD = "chuối chín cây sau hè"


def by(person: Person) -> dict[str, Any]:
    return {"actor": Actor.person(person.id), "now": NOON}


def actions(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def signed_in(session: Session, person: Person) -> Entry:
    return accounts.open_sign_in(session, person, visit=Visit(), now=NOON)


def ask(session: Session, person: Person, contact: str, present: str = PASSWORD) -> Any:
    return service.ask_contact_change(
        session,
        person.id,
        contact,
        present,
        visit=Visit(),
        language="vi",
        now=NOON,
        data_key=KEY,
    )


def confirm(session: Session, person: Person, code: OneTimeCode, typed: str) -> Any:
    return service.confirm_contact(
        session, person.id, code.public_id, typed, data_key=KEY, **by(person)
    )


def sent_digits(session: Session) -> str:
    body = session.scalars(select(Message.body).order_by(Message.id.desc()).limit(1)).one()
    found = re.search(r"\d{6}", body)
    assert found is not None
    return found[0]


def test_a_name_is_changed_cleaned(session: Session) -> None:
    person = PersonFactory()
    service.change_name(session, person.id, " Trần  Văn Tám ", **by(person))
    assert person.full_name == "Trần Văn Tám"
    service.change_name(session, person.id, "Trần Văn Tám", **by(person))
    assert actions(session) == ["account.renamed"]
    with pytest.raises(BadName):
        service.change_name(session, person.id, "!", **by(person))
    assert person.full_name == "Trần Văn Tám"


def test_a_language_we_speak_is_kept(session: Session) -> None:
    person = PersonFactory()
    service.choose_language(session, person.id, "en")
    service.choose_language(session, person.id, "xx")
    assert person.language == "en"


def test_a_new_password_ends_all_other_sign_ins(session: Session) -> None:
    person = PersonFactory()
    here, there = signed_in(session, person), signed_in(session, person)
    done = service.change_password(
        session, person.id, PASSWORD, GOOD, keep_id=here.sign_in.id, **by(person)
    )
    assert done is None
    assert rules.password_matches(person.password_hash, GOOD)
    assert queries.holder_of(session, here.token, now=NOON) is not None
    assert queries.holder_of(session, there.token, now=NOON) is None
    assert "account.password_changed" in actions(session)
    assert session.scalars(select(Notification.kind)).all() == ["account.password_changed"]


def test_without_the_present_password_or_with_a_weak_new_one_nothing_changes(
    session: Session,
) -> None:
    person = PersonFactory()
    there = signed_in(session, person)
    refused = service.change_password(session, person.id, "?", GOOD, keep_id=0, **by(person))
    assert isinstance(refused, WrongPassword)
    with pytest.raises(PasswordTooObvious):
        service.change_password(
            session, person.id, PASSWORD, "matkhau12345", keep_id=0, **by(person)
        )
    assert rules.password_matches(person.password_hash, PASSWORD)
    assert queries.holder_of(session, there.token, now=NOON) is not None


def test_guessing_the_present_password_is_slowed(session: Session) -> None:
    person = PersonFactory()
    for _ in range(5):
        service.change_password(session, person.id, "?", GOOD, keep_id=0, **by(person))
    refused = service.change_password(session, person.id, PASSWORD, GOOD, keep_id=0, **by(person))
    assert isinstance(refused, WrongPassword)
    assert rules.password_matches(person.password_hash, PASSWORD)


def test_a_new_contact_counts_once_its_code_came_back(session: Session) -> None:
    person = PersonFactory(phone="0912345678")
    code = ask(session, person, "0987 654 321")
    assert person.phone == "0912345678"
    digits = sent_digits(session)
    assert confirm(session, person, code, digits) is None
    assert person.phone == "0987654321"
    warned = session.scalars(select(Message.recipient).order_by(Message.id)).all()
    assert "0912345678" in warned
    assert "account.contact_changed" in actions(session)
    assert isinstance(confirm(session, person, code, digits), CodeSpent)


def test_an_email_can_be_added(session: Session) -> None:
    person = PersonFactory()
    code = ask(session, person, "Lan@example.com")
    assert confirm(session, person, code, sent_digits(session)) is None
    assert person.email == "lan@example.com"
    assert person.phone is not None


def test_a_contact_is_not_changed_without_password_code_or_sense(session: Session) -> None:
    person, stranger = PersonFactory(phone="0912345678"), PersonFactory()
    assert isinstance(ask(session, person, "0987654321", "?"), WrongPassword)
    with pytest.raises(BadContact):
        ask(session, person, "tám")
    assert session.scalar(select(func.count()).select_from(Message)) == 0
    code = ask(session, person, "0987654321")
    digits = sent_digits(session)
    other = "000000" if digits != "000000" else "1"
    assert isinstance(confirm(session, person, code, other), WrongCode)
    assert isinstance(confirm(session, stranger, code, digits), CodeSpent)
    assert person.phone == "0912345678"
    assert stranger.phone != "0987654321"


def test_a_strangers_contact_is_not_taken_nor_told_of(session: Session) -> None:
    person, owner = PersonFactory(), PersonFactory(phone="0987654321")
    code = ask(session, person, "0987654321")
    message = session.scalars(select(Message)).one()
    assert message.recipient == owner.phone
    assert not re.search(r"\d{6}", message.body)
    assert isinstance(confirm(session, person, code, "123456"), WrongCode)


def test_a_contact_taken_meanwhile_is_refused(session: Session) -> None:
    person = PersonFactory()
    code = ask(session, person, "0987654321")
    digits, before = sent_digits(session), person.phone
    PersonFactory(phone="0987654321")
    with pytest.raises(AlreadyRegistered):
        confirm(session, person, code, digits)
    assert person.phone == before


def test_sign_ins_are_ended_one_by_one_or_all_but_this(session: Session) -> None:
    person = PersonFactory()
    here, second, third = [signed_in(session, person) for _ in range(3)]
    service.sign_out_of(session, person.id, second.sign_in.public_id, **by(person))
    assert queries.holder_of(session, second.token, now=NOON) is None
    ended = service.sign_out_everywhere_else(
        session, person.id, keep_id=here.sign_in.id, **by(person)
    )
    assert ended == 1
    assert queries.holder_of(session, third.token, now=NOON) is None
    assert queries.holder_of(session, here.token, now=NOON) is not None
    with pytest.raises(SignInGone):
        service.sign_out_of(session, PersonFactory().id, here.sign_in.public_id, **by(person))
