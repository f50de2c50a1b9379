from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from foundation.accounts import queries, service
from foundation.accounts.errors import (
    AlreadyRegistered,
    BadName,
    CodeSpent,
    SignInGone,
    TooManyKnocks,
    WrongCode,
)
from foundation.accounts.models import Attempt, CodePurpose, OneTimeCode, Person, SignIn
from foundation.accounts.rules import Contact, Visit
from foundation.accounts.service import SIGN_IN_LASTS
from foundation.audit.models import AuditEntry
from foundation.audit.rules import SYSTEM, Actor
from tests.conftest import NOON
from tests.factories import PersonFactory

KEY = "k" * 40
MINUTE = timedelta(minutes=1)
PHONE = Contact(phone="0912345678")
VISIT = Visit(address="113.161.7.9", user_agent="Mozilla/5.0 (Linux; Android 13) Chrome/120")


def actions(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def rows(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


# --- people -----------------------------------------------------------------------------------


def test_an_account_is_opened_and_written_down(session: Session) -> None:
    person = service.create_person(
        session, full_name="  Lê  Thị Lan ", contact=PHONE, password_hash="!", now=NOON
    )
    assert (person.full_name, person.phone, person.email) == ("Lê Thị Lan", "0912345678", None)
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor_person_id) == ("account.opened", person.id)
    assert entry.facts == {}


def test_a_second_account_with_the_same_contact_is_refused(session: Session) -> None:
    PersonFactory(phone="0912345678")
    with pytest.raises(AlreadyRegistered):
        service.create_person(
            session, full_name="Lan", contact=PHONE, password_hash="!", now=NOON, actor=SYSTEM
        )
    assert rows(session, Person) == 1
    assert actions(session) == []


def test_a_nameless_account_is_refused(session: Session) -> None:
    with pytest.raises(BadName):
        service.create_person(session, full_name="…", contact=PHONE, password_hash="!", now=NOON)
    assert rows(session, Person) == 0


def test_a_contact_can_be_changed_but_not_taken(session: Session) -> None:
    person, other = PersonFactory(), PersonFactory()
    service.set_contact(session, person, Contact(email="lan@example.com"))
    assert person.email == "lan@example.com"
    before = person.phone
    with pytest.raises(AlreadyRegistered):
        service.set_contact(session, person, Contact(phone=other.phone))
    assert person.phone == before


def test_nobody_is_found_by_an_empty_contact(session: Session) -> None:
    PersonFactory()
    assert queries.person_by_contact(session, Contact()) is None


def test_names_are_read_in_one_statement(session: Session, statements: list[str]) -> None:
    people = [PersonFactory() for _ in range(3)]
    statements.clear()
    assert queries.names_of(session, [one.id for one in people]) == {
        one.id: one.full_name for one in people
    }
    assert len(statements) == 1
    assert queries.names_of(session, []) == {}
    assert queries.person_by_public_id(session, people[0].public_id) is people[0]


# --- sign-ins ---------------------------------------------------------------------------------


def test_a_sign_in_keeps_hashes_and_a_masked_address_only(session: Session) -> None:
    person = PersonFactory()
    entry = service.open_sign_in(session, person, visit=VISIT, now=NOON)
    assert not entry.new_device  # the first of all surprises nobody
    assert entry.sign_in.device == "Chrome, Android"
    assert entry.sign_in.address == "113.161.•.•"
    assert entry.token not in (entry.sign_in.token_hash, entry.sign_in.device_hash)
    assert queries.holder_of(session, entry.token, now=NOON) == (person, entry.sign_in)
    assert queries.holder_of(session, entry.token, now=NOON + SIGN_IN_LASTS) is None
    assert entry.token not in repr(entry)


def test_another_browser_is_a_new_device_and_the_same_one_is_not(session: Session) -> None:
    person = PersonFactory()
    first = service.open_sign_in(session, person, visit=VISIT, now=NOON)
    same = Visit(device_token=first.device_token)
    assert not service.open_sign_in(session, person, visit=same, now=NOON).new_device
    assert service.open_sign_in(session, person, visit=VISIT, now=NOON).new_device
    assert actions(session) == ["sign_in.new_device"]
    stranger = PersonFactory()
    service.open_sign_in(session, stranger, visit=VISIT, now=NOON)
    assert service.open_sign_in(session, stranger, visit=same, now=NOON).new_device


def test_a_new_sign_in_ends_the_one_its_browser_held(session: Session) -> None:
    person = PersonFactory()
    first = service.open_sign_in(session, person, visit=VISIT, now=NOON)
    second = service.open_sign_in(session, person, visit=Visit(token=first.token), now=NOON)
    session.expire_all()
    assert queries.holder_of(session, first.token, now=NOON) is None
    assert queries.holder_of(session, second.token, now=NOON) is not None
    service.close_sign_in(session, second.token, now=NOON)
    service.close_sign_in(session, "", now=NOON)
    assert queries.sign_ins_of(session, person.id, now=NOON) == []


def test_passing_the_second_factor_changes_the_token(session: Session) -> None:
    entry = service.open_sign_in(session, PersonFactory(), visit=VISIT, now=NOON)
    token = service.pass_second_factor(session, entry.sign_in.id, now=NOON)
    assert queries.holder_of(session, entry.token, now=NOON) is None
    found = queries.holder_of(session, token, now=NOON)
    assert found is not None
    assert found[1].second_factor_at == NOON


def test_a_sign_in_is_ended_by_its_owner_only(session: Session) -> None:
    person, stranger = PersonFactory(), PersonFactory()
    entry = service.open_sign_in(session, person, visit=VISIT, now=NOON)
    public_id = entry.sign_in.public_id
    with pytest.raises(SignInGone):
        service.revoke_sign_in(
            session, stranger.id, public_id, actor=Actor.person(stranger.id), now=NOON
        )
    assert queries.holder_of(session, entry.token, now=NOON) is not None
    service.revoke_sign_in(session, person.id, public_id, actor=Actor.person(person.id), now=NOON)
    assert queries.holder_of(session, entry.token, now=NOON) is None
    with pytest.raises(SignInGone):
        service.revoke_sign_in(session, person.id, public_id, actor=SYSTEM, now=NOON)
    assert actions(session) == ["sign_in.revoked"]


def test_all_other_sign_ins_are_ended_at_once(session: Session) -> None:
    person, other = PersonFactory(), PersonFactory()
    kept, *ended = [
        service.open_sign_in(session, person, visit=Visit(), now=NOON) for _ in range(3)
    ]
    untouched = service.open_sign_in(session, other, visit=Visit(), now=NOON)
    count = service.revoke_other_sign_ins(
        session, person, keep_id=kept.sign_in.id, actor=SYSTEM, now=NOON
    )
    assert count == 2
    for entry in (kept, untouched):
        assert queries.holder_of(session, entry.token, now=NOON) is not None
    for entry in ended:
        assert queries.holder_of(session, entry.token, now=NOON) is None


def test_being_seen_is_written_down_every_ten_minutes(session: Session) -> None:
    sign_in = service.open_sign_in(session, PersonFactory(), visit=VISIT, now=NOON).sign_in
    service.note_seen(session, sign_in.id, now=NOON + 9 * MINUTE)
    session.refresh(sign_in)
    assert sign_in.last_seen_at == NOON
    service.note_seen(session, sign_in.id, now=NOON + 10 * MINUTE)
    session.refresh(sign_in)
    assert sign_in.last_seen_at == NOON + 10 * MINUTE


# --- codes ------------------------------------------------------------------------------------


def issue(session: Session, **more: object) -> tuple[OneTimeCode, str]:
    settings: dict[str, object] = {"now": NOON, "data_key": KEY, **more}
    return service.issue_code(session, "0912345678", CodePurpose.SIGN_IN, **settings)  # type: ignore[arg-type]


def redeem(session: Session, code: OneTimeCode, typed: str, **more: object) -> object:
    settings: dict[str, object] = {"now": NOON, "data_key": KEY, **more}
    return service.redeem_code(session, code.public_id, CodePurpose.SIGN_IN, typed, **settings)  # type: ignore[arg-type]


def wrong(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06d}"


def test_a_code_is_used_once_however_it_is_spaced(session: Session) -> None:
    code, digits = issue(session)
    assert len(digits) == 6
    assert digits not in code.code_hash
    assert redeem(session, code, f" {digits[:3]} {digits[3:]} ") is code
    assert isinstance(redeem(session, code, digits), CodeSpent)


def test_a_code_bears_five_tries(session: Session) -> None:
    code, digits = issue(session)
    for _ in range(4):
        assert isinstance(redeem(session, code, wrong(digits)), WrongCode)
    assert isinstance(redeem(session, code, wrong(digits)), CodeSpent)
    assert isinstance(redeem(session, code, digits), CodeSpent)
    assert code.used_at is None


def test_a_code_lasts_ten_minutes(session: Session) -> None:
    code, digits = issue(session)
    assert isinstance(redeem(session, code, digits, now=NOON + 10 * MINUTE), CodeSpent)
    assert redeem(session, code, digits, now=NOON + 9 * MINUTE) is code


def test_a_newer_code_ends_the_older_of_the_same_purpose(session: Session) -> None:
    old, old_digits = issue(session)
    other, _ = service.issue_code(session, "0912345678", CodePurpose.RESET, now=NOON, data_key=KEY)
    new, digits = issue(session)
    session.expire_all()
    assert isinstance(redeem(session, old, old_digits), CodeSpent)
    assert redeem(session, new, digits) is new
    assert other.expires_at > NOON


def test_a_code_fits_its_purpose_and_key_only(session: Session) -> None:
    code, digits = issue(session)
    refused = service.redeem_code(
        session, code.public_id, CodePurpose.RESET, digits, now=NOON, data_key=KEY
    )
    assert isinstance(refused, CodeSpent)
    assert isinstance(redeem(session, code, digits, data_key="x" * 40), WrongCode)
    assert isinstance(redeem(session, code, ""), WrongCode)


def test_the_same_code_twice_at_once_counts_once(engine: Engine, database_url: str) -> None:
    """The race: only PostgreSQL has two writers at a time, yet one answer holds for both."""
    with Session(engine) as session, session.begin():
        code, digits = issue(session)
        public_id = code.public_id
    both = threading.Barrier(2)
    outcomes: list[bool] = []

    def use() -> None:
        both.wait()
        with Session(engine) as session, session.begin():
            outcome = service.redeem_code(
                session, public_id, CodePurpose.SIGN_IN, digits, now=NOON, data_key=KEY
            )
            outcomes.append(isinstance(outcome, OneTimeCode))

    try:
        threads = [threading.Thread(target=use) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(outcomes) == [False, True]
    finally:
        with Session(engine) as session, session.begin():
            session.execute(delete(OneTimeCode))


# --- knocks -----------------------------------------------------------------------------------


def test_so_many_knocks_are_let_through_in_a_span(session: Session) -> None:
    for minute in range(3):
        service.knock(session, "door", "a", limit=3, within=10 * MINUTE, now=NOON + minute * MINUTE)
    with pytest.raises(TooManyKnocks) as refusal:
        service.knock(session, "door", "a", limit=3, within=10 * MINUTE, now=NOON + 3 * MINUTE)
    assert refusal.value.facts == {"retry_after": 420, "minutes": 7}
    assert rows(session, Attempt) == 3
    service.knock(session, "door", "b", limit=3, within=10 * MINUTE, now=NOON + 3 * MINUTE)
    service.knock(session, "other", "a", limit=3, within=10 * MINUTE, now=NOON + 3 * MINUTE)
    service.knock(session, "door", "a", limit=3, within=10 * MINUTE, now=NOON + 10 * MINUTE)


def test_two_knocks_at_once_do_not_both_take_the_last_place(engine: Engine) -> None:
    both = threading.Barrier(2)
    outcomes: list[bool] = []

    def use() -> None:
        both.wait()
        try:
            with Session(engine) as session, session.begin():
                service.knock(session, "race", "a", limit=1, within=MINUTE, now=NOON)
            outcomes.append(True)
        except TooManyKnocks:
            outcomes.append(False)

    try:
        threads = [threading.Thread(target=use) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(outcomes) == [False, True]
    finally:
        with Session(engine) as session, session.begin():
            session.execute(delete(Attempt))


def test_failures_shut_a_door_for_a_growing_while_and_success_opens_it(session: Session) -> None:
    for _ in range(5):
        assert not service.is_paused(session, "door", "a", now=NOON)
        service.note_failure(session, "door", "a", now=NOON)
    assert service.is_paused(session, "door", "a", now=NOON)
    assert not service.is_paused(session, "door", "b", now=NOON)
    later = NOON + timedelta(seconds=30)
    assert not service.is_paused(session, "door", "a", now=later)
    service.note_failure(session, "door", "a", now=later)
    assert service.is_paused(session, "door", "a", now=later + timedelta(seconds=59))
    service.forgive(session, "door", "a")
    assert not service.is_paused(session, "door", "a", now=later)


def test_keys_of_knocks_are_not_readable(session: Session) -> None:
    service.note_failure(session, "door", "0912345678", now=NOON)
    assert "0912345678" not in session.scalars(select(Attempt.key_hash)).one()


def test_what_is_of_no_more_use_is_forgotten(session: Session) -> None:
    service.open_sign_in(session, PersonFactory(), visit=VISIT, now=NOON)
    service.note_failure(session, "door", "a", now=NOON)
    issue(session)
    assert service.forget(session, now=NOON + timedelta(hours=23)) == 0
    assert service.forget(session, now=NOON + timedelta(hours=25)) == 2
    assert rows(session, SignIn) == 1
    assert service.forget(session, now=NOON + timedelta(days=500)) == 1
