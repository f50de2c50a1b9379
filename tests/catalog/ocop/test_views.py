from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.ocop.models import Certificate, State
from foundation.accounts.models import Person
from foundation.organisations.models import Membership, Role
from tests import factories
from tests.catalog.ocop.test_service import PDF
from tests.conftest import SignInAs


@pytest.fixture
def seller(session: Session, sign_in_as: SignInAs) -> Membership:
    membership = factories.MembershipFactory()
    sign_in_as(session.get(Person, membership.person_id))
    return membership


def filled(**more: Any) -> dict[str, Any]:
    fields = {
        "decision_number": "12/QĐ-UBND",
        "issuer_level": "province",
        "issuer": "Uỷ ban nhân dân tỉnh Tây Ninh",
        "stars": "4",
        "issued_on": "31/01/2024",
        **more,
    }
    return {name: value for name, value in fields.items() if value is not None}


def address(membership: Membership, rest: str = "") -> str:
    return f"/sell/{membership.organisation.public_id}/certificates{rest}"


def test_a_seller_enters_and_sends_a_certificate(
    client: FlaskClient, session: Session, seller: Membership
) -> None:
    product = factories.ProductFactory(organisation=seller.organisation)

    response = client.post(
        address(seller, "/new"),
        data=filled(products=[product.public_id], document=(BytesIO(PDF), "../../quyet dinh.pdf")),
    )
    certificate = session.scalars(select(Certificate)).one()
    assert response.status_code == 303
    assert certificate.lapses_on == date(2027, 1, 31)

    page = client.get(response.location)
    assert "Gửi sở xác minh" in page.text
    client.post(address(seller, f"/{certificate.public_id}/submit"))

    session.refresh(certificate)
    assert certificate.state is State.SUBMITTED


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        ("issued_on", "31/02/2024", "Ngày chưa đúng"),
        ("issued_on", "2030-01-01", "Ngày ký chưa tới"),
        ("stars", "6", "Chọn một trong những mục có sẵn"),
        ("decision_number", "", "Ghi số quyết định"),
        ("stars", None, "Chọn số sao ghi trong quyết định"),
        ("stars", "5", "Nơi cấp không hợp với số sao"),
    ],
)
def test_bad_input_is_answered_and_kept(
    client: FlaskClient, session: Session, seller: Membership, field: str, given: str, words: str
) -> None:
    response = client.post(
        address(seller, "/new"), data=filled(**{"issuer": "Tỉnh <b>Tây Ninh</b>", field: given})
    )

    assert response.status_code == 422
    assert words in response.text
    assert "Tỉnh &lt;b&gt;Tây Ninh&lt;/b&gt;" in response.text
    assert session.scalars(select(Certificate)).all() == []


def test_strangers_see_nothing(client: FlaskClient, seller: Membership) -> None:
    other = factories.CertificateFactory(state=State.DRAFT)

    assert client.get(address(seller, f"/{other.public_id}")).status_code == 404
    assert client.post(address(seller, f"/{other.public_id}/remove")).status_code == 404
    own = f"/sell/{other.organisation.public_id}/certificates"
    assert client.get(own).status_code == 404
    assert client.get(f"/certificates/{other.public_id}").status_code == 404


def test_the_public_page_tells_whether_it_still_counts(
    client: FlaskClient, session: Session
) -> None:
    valid = factories.CertificateFactory()
    lapsed = factories.CertificateFactory(issued_on=date(2021, 1, 1))

    assert "còn hạn" in client.get(f"/certificates/{valid.public_id}").text
    page = client.get(f"/certificates/{lapsed.public_id}").text
    assert "đã hết hạn từ ngày 01/01/2024" in page
    assert 'class="ocop"' not in page


def test_listing_costs_the_same_for_many(
    client: FlaskClient, seller: Membership, statements: list[str]
) -> None:
    client.get(address(seller))  # the first request of an app fills its caches
    counts = []
    for _ in range(2):
        for _ in range(3):
            factories.CertificateFactory(organisation=seller.organisation)
        statements.clear()
        assert client.get(address(seller)).status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 12


def test_the_authority_verifies(
    client: FlaskClient, session: Session, sign_in_as: SignInAs
) -> None:
    office = factories.OrganisationFactory(kind="authority")
    officer = factories.MembershipFactory(organisation=office, role=Role.OFFICER)
    sign_in_as(session.get(Person, officer.person_id), second_factor=True)
    certificate = factories.CertificateFactory(state=State.SUBMITTED)
    page = f"/ops/certificates/{certificate.public_id}"

    assert certificate.decision_number in client.get("/ops/certificates").text
    assert client.post(f"{page}/reject", data={"reason": ""}).status_code == 422
    session.refresh(certificate)
    assert certificate.state is State.SUBMITTED
    assert client.post(f"{page}/verify").status_code == 303
    session.refresh(certificate)
    assert certificate.state is State.VERIFIED
    assert client.post(f"{page}/verify").status_code == 409


def test_a_seller_cannot_verify(client: FlaskClient, session: Session, seller: Membership) -> None:
    certificate = factories.CertificateFactory(state=State.SUBMITTED)

    assert client.post(f"/ops/certificates/{certificate.public_id}/verify").status_code == 404

    session.refresh(certificate)
    assert certificate.state is State.SUBMITTED
