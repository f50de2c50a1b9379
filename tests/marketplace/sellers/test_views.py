from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalog.ocop.models import State as CertificateState
from catalog.products.models import State as ProductState
from foundation.accounts.models import Person
from foundation.organisations.models import Kind, Organisation, Role, State
from tests.conftest import SignInAs
from tests.factories import (
    CertificateFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProductFactory,
    VariantFactory,
)


@pytest.fixture
def seller(session: Session, sign_in_as: SignInAs) -> Person:
    return sign_in_as(PersonFactory(full_name="Trần Thị Hiền"))


def works_for(person: Person, **more: object) -> Organisation:
    organisation = OrganisationFactory(**more)
    MembershipFactory(organisation=organisation, person_id=person.id)
    return organisation


# --- the way in -------------------------------------------------------------------------------


def test_anybody_sees_how_to_begin(client: FlaskClient) -> None:
    page = client.get("/sell")

    assert page.status_code == 200
    assert 'href="/sign-up?next=/sell/new"' in page.text
    assert "Tôi đã có gian hàng" in page.text


def test_who_is_signed_in_without_a_shop_begins_too(client: FlaskClient, seller: Person) -> None:
    page = client.get("/sell").text

    assert 'href="/sell/new"' in page
    assert "Tôi đã có gian hàng" not in page


def test_one_shop_is_gone_to_at_once(client: FlaskClient, seller: Person) -> None:
    organisation = works_for(seller)

    assert client.get("/sell").location == f"/sell/{organisation.public_id}"


def test_several_are_chosen_from(client: FlaskClient, seller: Person) -> None:
    first, second = works_for(seller), works_for(seller, state=State.DRAFT)

    page = client.get("/sell").text

    assert first.name in page
    assert second.name in page
    assert "Bản nháp" in page


def test_an_officer_finds_the_provinces_desk(client: FlaskClient, seller: Person) -> None:
    works_for(seller, kind=Kind.AUTHORITY, name="Sở Mẫu")

    assert 'href="/ops"' in client.get("/sell").text


# --- the desk ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.FARMER, Kind.SCHOOL])
@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_desk(
    client: FlaskClient, session: Session, seller: Person, state: State, kind: Kind
) -> None:
    organisation = works_for(seller, state=state, kind=kind, review_note="Xem lại giấy.")

    page = client.get(f"/sell/{organisation.public_id}")

    assert page.status_code == 200
    told = state in (State.NEEDS_MORE, State.REJECTED, State.SUSPENDED)
    assert ("Xem lại giấy." in page.text) == told


def test_a_new_shop_is_led_to_its_first_sale(client: FlaskClient, seller: Person) -> None:
    organisation = works_for(seller, state=State.DRAFT)

    page = client.get(f"/sell/{organisation.public_id}").text

    assert "còn 5 bước là bán được" in page
    assert "Chưa có món nào" in page


def test_a_running_shop_sees_its_day(client: FlaskClient, session: Session, seller: Person) -> None:
    organisation = works_for(seller)
    product = ProductFactory(organisation=organisation, name="Muối tôm rang")
    VariantFactory(product=product, stock=2, name="Hũ 200 g")
    ProductFactory(organisation=organisation, state=ProductState.DRAFT)
    CertificateFactory(
        organisation=organisation,
        decision_number="77/QĐ-UBND",
        state=CertificateState.VERIFIED,
        issued_on=date(2024, 1, 10),
        lapses_on=date(2027, 1, 10),
    )

    page = client.get(f"/sell/{organisation.public_id}").text

    assert "Muối tôm rang" in page
    assert "Còn 2" in page
    assert "77/QĐ-UBND" in page
    assert "10/01/2027" in page


def test_other_shops_goods_are_not_on_the_desk(
    client: FlaskClient, session: Session, seller: Person
) -> None:
    organisation = works_for(seller)
    other = ProductFactory(name="Hàng nhà khác")
    VariantFactory(product=other, stock=1)

    page = client.get(f"/sell/{organisation.public_id}").text

    assert "Hàng nhà khác" not in page
    assert "Chưa có món nào" in page
    assert client.get(f"/sell/{other.organisation.public_id}").status_code == 404


def test_an_accountant_gets_no_way_to_edit(
    client: FlaskClient, session: Session, seller: Person
) -> None:
    organisation = OrganisationFactory()
    MembershipFactory(organisation=organisation, person_id=seller.id, role=Role.ACCOUNTANT)

    page = client.get(f"/sell/{organisation.public_id}").text

    assert "Thêm món hàng" not in page
    assert '/products"' not in page.replace('href="/products"', "")


def test_statements_do_not_grow_with_the_goods(
    client: FlaskClient, session: Session, seller: Person, statements: list[str]
) -> None:
    organisation = works_for(seller)
    client.get(f"/sell/{organisation.public_id}")  # the first visit notes the device
    counts = []
    for rows in (1, 4):
        for _ in range(rows):
            product = ProductFactory(organisation=organisation)
            VariantFactory(product=product, stock=1)
            CertificateFactory(organisation=organisation)
        session.expire_all()
        statements.clear()
        assert client.get(f"/sell/{organisation.public_id}").status_code == 200
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 12
