from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.accounts import queries
from foundation.accounts import service as accounts
from foundation.accounts.errors import WrongPassword
from foundation.accounts.models import Person
from foundation.accounts.rules import Visit
from foundation.accounts.second_factor import rules, service
from foundation.accounts.second_factor.errors import AlreadyOn, NotOn, WrongSecondFactor
from foundation.accounts.service import Entry
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from foundation.crypto import decrypt
from foundation.notifications.models import Notification
from tests.conftest import NOON
from tests.factories import PASSWORD, PersonFactory

KEY = "k" * 40
STEP = timedelta(seconds=30)


def signed_in(session: Session) -> Entry:
    return accounts.open_sign_in(session, PersonFactory(), visit=Visit(), now=NOON)


def code_of(person: Person, now: datetime = NOON) -> str:
    return pyotp.TOTP(decrypt(person.totp_secret_encrypted or "", KEY)).at(now)


def circumstances(person: Person, **more: Any) -> dict[str, Any]:
    return {"actor": Actor.person(person.id), "now": NOON, "data_key": KEY, **more}


def set_up(session: Session) -> tuple[Entry, service.SetUp]:
    entry = signed_in(session)
    person = entry.person
    service.begin(session, person.id, data_key=KEY)
    done = service.confirm(
        session, person.id, entry.sign_in.id, code_of(person), **circumstances(person)
    )
    assert isinstance(done, service.SetUp)
    return entry, done


def verify(session: Session, entry: Entry, typed: str, **more: Any) -> Any:
    person = entry.person
    return service.verify(
        session, person.id, entry.sign_in.id, typed, **circumstances(person, **more)
    )


def actions(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_it_counts_once_a_code_was_shown(session: Session) -> None:
    entry = signed_in(session)
    person = entry.person
    service.begin(session, person.id, data_key=KEY)
    assert person.totp_confirmed_at is None
    secret = service.secret_of(person, KEY)
    assert secret is not None
    assert secret not in (person.totp_secret_encrypted or "")
    done = service.confirm(
        session, person.id, entry.sign_in.id, pyotp.TOTP(secret).at(NOON), **circumstances(person)
    )
    assert isinstance(done, service.SetUp)
    assert person.totp_confirmed_at == NOON
    assert service.secret_of(person, KEY) is None
    assert len(set(done.recovery_codes)) == 10
    assert not any(code in (person.recovery_code_hashes or "") for code in done.recovery_codes)
    assert len(person.recovery_code_hashes or "") <= 2000
    assert queries.holder_of(session, entry.token, now=NOON) is None
    held = queries.holder_of(session, done.token, now=NOON)
    assert held is not None
    assert held[1].second_factor_at == NOON
    assert actions(session) == ["second_factor.on"]
    assert session.scalars(select(Notification.kind)).all() == ["account.second_factor_on"]


def test_a_wrong_first_code_turns_nothing_on(session: Session) -> None:
    entry = signed_in(session)
    person = entry.person
    with pytest.raises(NotOn):
        service.confirm(session, person.id, entry.sign_in.id, "1", **circumstances(person))
    service.begin(session, person.id, data_key=KEY)
    late = code_of(person, NOON - timedelta(minutes=5))
    refused = service.confirm(session, person.id, entry.sign_in.id, late, **circumstances(person))
    assert isinstance(refused, WrongSecondFactor)
    assert person.totp_confirmed_at is None
    assert actions(session) == []


def test_it_cannot_be_set_up_over_another(session: Session) -> None:
    entry, _ = set_up(session)
    before = entry.person.totp_secret_encrypted
    with pytest.raises(AlreadyOn):
        service.begin(session, entry.person.id, data_key=KEY)
    with pytest.raises(AlreadyOn):
        service.confirm(
            session, entry.person.id, entry.sign_in.id, "1", **circumstances(entry.person)
        )
    assert entry.person.totp_secret_encrypted == before


def test_a_code_is_taken_once_and_earlier_ones_no_more(session: Session) -> None:
    entry, _ = set_up(session)
    person = entry.person
    assert isinstance(verify(session, entry, code_of(person)), WrongSecondFactor)  # set up with it
    later = NOON + 2 * STEP
    code = code_of(person, later)
    token = verify(session, entry, f"{code[:3]} {code[3:]}", now=later)
    assert queries.holder_of(session, token, now=NOON) is not None
    assert isinstance(verify(session, entry, code, now=later), WrongSecondFactor)
    earlier = code_of(person, NOON + STEP)
    assert isinstance(verify(session, entry, earlier, now=later), WrongSecondFactor)
    assert isinstance(verify(session, entry, code_of(person, later + STEP), now=later), str)


def test_a_recovery_code_opens_once(session: Session) -> None:
    entry, done = set_up(session)
    typed = done.recovery_codes[3].upper().replace("-", " ").replace("1", "l")
    assert isinstance(verify(session, entry, typed), str)
    assert isinstance(verify(session, entry, typed), WrongSecondFactor)
    assert service.recovery_codes_left(entry.person) == 9
    assert "second_factor.recovery_code" in actions(session)
    assert "account.recovery_code_used" in session.scalars(select(Notification.kind)).all()


def test_guessing_is_slowed(session: Session) -> None:
    entry, done = set_up(session)
    for _ in range(5):
        assert isinstance(verify(session, entry, "not it"), WrongSecondFactor)
    right = done.recovery_codes[0]
    assert isinstance(verify(session, entry, right), WrongSecondFactor)
    assert service.recovery_codes_left(entry.person) == 10
    assert isinstance(verify(session, entry, right, now=NOON + timedelta(seconds=31)), str)


def test_without_it_there_is_nothing_to_verify(session: Session) -> None:
    entry = signed_in(session)
    with pytest.raises(NotOn):
        verify(session, entry, "123456")


def test_switching_it_off_needs_the_password_and_a_code(session: Session) -> None:
    entry, _ = set_up(session)
    person, later = entry.person, NOON + 2 * STEP
    facts = circumstances(person, now=later)
    code = code_of(person, later)
    wrong = service.switch_off(session, person.id, "wrong", code, **facts)
    assert isinstance(wrong, WrongPassword)
    wrong_code = service.switch_off(session, person.id, PASSWORD, "000", **facts)
    assert isinstance(wrong_code, WrongSecondFactor)
    assert person.totp_confirmed_at is not None
    assert service.switch_off(session, person.id, PASSWORD, code, **facts) is None
    assert person.totp_confirmed_at is None
    assert person.totp_secret_encrypted is None
    assert person.recovery_code_hashes is None
    assert actions(session)[-1] == "second_factor.off"
    with pytest.raises(NotOn):
        service.switch_off(session, person.id, PASSWORD, code, **facts)


def test_new_recovery_codes_end_the_old_ones(session: Session) -> None:
    entry, done = set_up(session)
    person, later = entry.person, NOON + 2 * STEP
    facts = circumstances(person, now=later)
    refused = service.renew_recovery_codes(session, person.id, "wrong", "000000", **facts)
    assert isinstance(refused, WrongPassword)
    codes = service.renew_recovery_codes(
        session, person.id, PASSWORD, code_of(person, later), **facts
    )
    assert isinstance(codes, list)
    assert isinstance(verify(session, entry, done.recovery_codes[0]), WrongSecondFactor)
    assert isinstance(verify(session, entry, codes[0]), str)


def test_the_qr_code_is_one_path_of_squares() -> None:
    picture = rules.qr_picture(rules.address_of("JBSWY3DPEHPK3PXP" * 2, "0912345678"))
    assert picture.size > 21
    assert picture.path.startswith("M2 2h1v1h-1z")
    assert rules.in_groups("JBSWY3DPEHPK3PXP") == "JBSW Y3DP EHPK 3PXP"
