from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from foundation.crypto import keyed_hash
from foundation.organisations.errors import OrganisationNotFound
from foundation.organisations.models import Kind, State
from foundation.organisations.review import queries
from foundation.organisations.review.queries import Request, Sort
from tests.conftest import NOON
from tests.factories import OrganisationFactory

KEY = "test-" + "d4ta-" * 8


def names(session: Session, request: Request) -> list[str]:
    found = queries.applications(session, request, data_key=KEY)
    return [row.name for row in found.rows]


def waiting(name: str, days: int, **more: object) -> object:
    return OrganisationFactory(
        name=name, state=State.SUBMITTED, submitted_at=NOON - timedelta(days=days), **more
    )


def test_the_oldest_comes_first_unless_asked_otherwise(session: Session) -> None:
    waiting("Bà", 1)
    waiting("Ạnh", 5)
    waiting("Cô", 3)

    assert names(session, Request()) == ["Ạnh", "Cô", "Bà"]
    assert names(session, Request(sort=Sort.NEWEST)) == ["Bà", "Cô", "Ạnh"]
    assert names(session, Request(sort=Sort.NAME)) == ["Ạnh", "Bà", "Cô"]
    assert queries.oldest_waiting(session) == NOON - timedelta(days=5)


def test_drafts_and_authorities_are_left_out(session: Session) -> None:
    OrganisationFactory(name="Nháp", state=State.DRAFT)
    OrganisationFactory(name="Sở", kind=Kind.AUTHORITY)
    verified = OrganisationFactory(name="Vườn")

    assert names(session, Request(state=None)) == ["Vườn"]
    assert queries.state_counts(session) == {State.VERIFIED: 1}
    assert queries.application(session, verified.public_id) is verified


@pytest.mark.parametrize("change", [{"state": State.DRAFT}, {"kind": Kind.AUTHORITY}])
def test_their_pages_are_not_there(session: Session, change: dict[str, object]) -> None:
    hidden = OrganisationFactory(**change)

    with pytest.raises(OrganisationNotFound):
        queries.application(session, hidden.public_id)


@pytest.mark.parametrize(
    "words", ["mang cau", "MÃNG CẦU", "cau ba", "0100109106", "0100 109 106", "010010"]
)
def test_found_by_name_without_accents_or_by_tax_code(session: Session, words: str) -> None:
    waiting("Hợp tác xã Mãng cầu Bà Đen", 1, tax_code="0100109106")
    waiting("Vườn thanh long 100%", 1, tax_code="0100233488")

    assert names(session, Request(words=words)) == ["Hợp tác xã Mãng cầu Bà Đen"]


def test_a_whole_personal_number_finds_its_holder_a_part_does_not(session: Session) -> None:
    digest = keyed_hash("072085123456", KEY)
    waiting("Vườn cô Ba", 1, personal_number_hash=digest)

    assert names(session, Request(words="072 085 123456")) == ["Vườn cô Ba"]
    assert names(session, Request(words="07208512345")) == []


def test_signs_of_like_are_taken_as_they_are(session: Session) -> None:
    waiting("Vườn trăm", 1)

    assert names(session, Request(words="%")) == []
    assert names(session, Request(words="_")) == []


def test_pages_and_statements_do_not_grow(session: Session, statements: list[str]) -> None:
    for number in range(queries.PER_PAGE + 2):
        waiting(f"Vườn {number}", number)
    session.flush()
    statements.clear()

    second = queries.applications(session, Request(page=2), data_key=KEY)

    assert (second.total, second.page, second.pages, len(second.rows)) == (32, 2, 2, 2)
    assert len(statements) == 2
    assert queries.applications(session, Request(page=99), data_key=KEY).page == 2
