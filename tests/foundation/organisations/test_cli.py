from __future__ import annotations

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.organisations import queries
from foundation.organisations.models import Kind, Organisation, Role
from tests.factories import PersonFactory


def create(app: Flask, contact: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(
        args=["organisations", "create-authority", "Sở Công Thương", contact]
    )
    return result.exit_code, result.output


def test_an_authority_is_created_with_its_owner(app: Flask, session: Session) -> None:
    person = PersonFactory(phone="0912345678")

    code, _ = create(app, "+84 912 345 678")

    [membership] = queries.memberships_of(session, person.id)
    assert code == 0
    assert (membership.organisation.kind, membership.role) == (Kind.AUTHORITY, Role.OWNER)


def test_its_owner_must_have_an_account(app: Flask, session: Session) -> None:
    code, output = create(app, "0912345678")

    assert code == 1
    assert "nobody has an account" in output
    assert session.scalars(select(Organisation)).all() == []


def test_a_contact_that_is_none_is_refused_in_words(app: Flask, session: Session) -> None:
    code, output = create(app, "12")

    assert code == 1
    assert "Traceback" not in output
    assert session.scalars(select(Organisation)).all() == []
