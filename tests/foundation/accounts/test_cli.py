from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.accounts.models import Person
from foundation.accounts.rules import password_matches
from foundation.audit.models import AuditEntry

GOOD = "chuối chín cây sau hè"


def create(app: Flask, *arguments: str, password: str = GOOD) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(
        args=["accounts", "create-staff", *arguments], env={"STAFF_PASSWORD": password}
    )
    return result.exit_code, result.output


def test_the_first_member_of_staff_is_created(app: Flask, session: Session) -> None:
    code, output = create(app, "+84 912 345 678", "Lê Thị Lan")
    person = session.scalars(select(Person)).one()
    assert (code, output.strip()) == (0, person.public_id)
    assert person.phone == "0912345678"
    assert password_matches(person.password_hash, GOOD)
    assert session.scalars(select(AuditEntry.actor_kind)).one() == "system"


def test_refusals_are_told_and_nothing_is_created(app: Flask, session: Session) -> None:
    assert "10 số" in create(app, "Lan", "Lê Thị Lan")[1]
    assert create(app, "0912345678", "Lê Thị Lan", password="ngắn")[0] == 1
    assert session.scalar(select(func.count()).select_from(Person)) == 0
    create(app, "0912345678", "Lê Thị Lan")
    assert "đã có tài khoản" in create(app, "0912345678", "Lê Thị Lan")[1]
