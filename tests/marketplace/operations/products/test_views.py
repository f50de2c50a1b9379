"""Officers look at products and decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalog.products.models import State
from foundation.organisations.models import Kind, Role
from tests.conftest import NOON, SignInAs
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, ProductFactory


@pytest.fixture
def officer(session: Session, sign_in_as: SignInAs) -> None:
    person = PersonFactory()
    MembershipFactory(
        person_id=person.id,
        organisation=OrganisationFactory(kind=Kind.AUTHORITY),
        role=Role.OFFICER,
    )
    sign_in_as(person, second_factor=True)


@pytest.mark.usefixtures("officer")
def test_those_who_wait_longest_come_first(session: Session, client: FlaskClient) -> None:
    ProductFactory(name="Gửi sau", state=State.IN_REVIEW, submitted_at=NOON)
    early = NOON - timedelta(days=1)
    ProductFactory(name="Gửi trước", state=State.IN_REVIEW, submitted_at=early)
    ProductFactory(name="Bản nháp", state=State.DRAFT)
    page = client.get("/ops/products").text
    assert page.index("Gửi trước") < page.index("Gửi sau")
    assert "Bản nháp" not in page


@pytest.mark.usefixtures("officer")
def test_a_product_is_seen_in_full_and_accepted(session: Session, client: FlaskClient) -> None:
    product = ProductFactory(state=State.IN_REVIEW, ingredients="Gạo, muối.")
    address = f"/ops/products/{product.public_id}"
    shown = client.get(address)
    assert "Gạo, muối." in shown.text
    assert product.organisation.name in shown.text
    done = client.post(f"{address}/accept", data={"version": product.version})
    assert done.status_code == 303
    session.expire_all()
    assert product.state is State.PUBLISHED


@pytest.mark.usefixtures("officer")
def test_the_second_officer_reads_that_it_was_done(session: Session, client: FlaskClient) -> None:
    product = ProductFactory(state=State.IN_REVIEW)
    address = f"/ops/products/{product.public_id}"
    seen = {"version": product.version, "note": "Thiếu nhãn."}
    client.post(f"{address}/accept", data=seen)
    late = client.post(f"{address}/send-back", data=seen)
    assert late.status_code == 409
    assert "đã có người làm rồi" in late.text
    session.expire_all()
    assert product.state is State.PUBLISHED


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize(
    ("act", "before", "after"),
    [
        ("send-back", State.IN_REVIEW, State.DRAFT),
        ("take-down", State.PUBLISHED, State.WITHDRAWN),
    ],
)
def test_a_refusal_needs_a_reason(
    session: Session, client: FlaskClient, act: str, before: State, after: State
) -> None:
    product = ProductFactory(state=before)
    address = f"/ops/products/{product.public_id}/{act}"
    silent = client.post(address, data={"version": product.version, "note": "  "})
    assert silent.status_code == 422
    assert "Ghi lý do" in silent.text
    session.expire_all()
    assert product.state is before
    told = client.post(address, data={"version": product.version, "note": "Sai nhãn <b>."})
    assert told.status_code == 303
    session.expire_all()
    assert (product.state, product.review_note) == (after, "Sai nhãn <b>.")


@pytest.mark.usefixtures("officer")
def test_a_draft_is_nobodys_business(session: Session, client: FlaskClient) -> None:
    product = ProductFactory(state=State.DRAFT)
    assert client.get(f"/ops/products/{product.public_id}").status_code == 404
    assert client.get("/ops/products/00000000000000").status_code == 404


def test_a_viewer_looks_but_does_not_decide(
    session: Session, client: FlaskClient, sign_in_as: SignInAs
) -> None:
    person = PersonFactory()
    MembershipFactory(
        person_id=person.id,
        organisation=OrganisationFactory(kind=Kind.AUTHORITY),
        role=Role.VIEWER,
    )
    sign_in_as(person, second_factor=True)
    product = ProductFactory(state=State.IN_REVIEW)
    address = f"/ops/products/{product.public_id}"
    assert client.get(address).status_code == 200
    assert client.post(f"{address}/accept").status_code in (403, 404)
    session.expire_all()
    assert product.state is State.IN_REVIEW


def test_a_seller_never_reaches_the_office(
    session: Session, client: FlaskClient, sign_in_as: SignInAs
) -> None:
    person = PersonFactory()
    product = ProductFactory(state=State.IN_REVIEW)
    MembershipFactory(person_id=person.id, organisation=product.organisation)
    sign_in_as(person)
    assert client.get("/ops/products").status_code == 404
    answer = client.post(
        f"/ops/products/{product.public_id}/accept", data={"version": product.version}
    )
    assert answer.status_code == 404
    session.expire_all()
    assert product.state is State.IN_REVIEW


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize("count", [1, 20])
def test_the_list_takes_the_same_statements_however_long(
    session: Session, client: FlaskClient, statements: list[str], count: int
) -> None:
    for _ in range(count):
        ProductFactory(state=State.IN_REVIEW, submitted_at=NOON)
    session.expunge_all()
    statements.clear()
    assert client.get("/ops/products").status_code == 200
    assert len(statements) <= 10
