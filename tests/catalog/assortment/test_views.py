"""The list of a seller's products."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalog.products.models import Product, State
from foundation.organisations.models import Organisation
from tests.conftest import SignInAs
from tests.factories import (
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    PhotoFactory,
    ProductFactory,
    VariantFactory,
)


@pytest.fixture
def seller(session: Session, sign_in_as: SignInAs) -> Organisation:
    person = PersonFactory()
    organisation: Organisation = OrganisationFactory()
    MembershipFactory(person_id=person.id, organisation=organisation)
    sign_in_as(person)
    return organisation


def at(seller: Organisation, rest: str = "") -> str:
    return f"/sell/{seller.public_id}/products{rest}"


def quick(product: Product, **changes: object) -> dict[str, object]:
    size = product.variants[0].public_id
    given = {"price": "50.000", "stock": "7", "version": product.version} | changes
    return {
        f"price-{size}": given["price"],
        f"stock-{size}": given["stock"],
        "version": given["version"],
    }


def test_an_empty_list_offers_the_first_step(client: FlaskClient, seller: Organisation) -> None:
    page = client.get(at(seller))
    assert page.status_code == 200
    assert "Chưa có món nào" in page.text
    assert at(seller, "/new") in page.text


def test_the_list_shows_only_the_sellers_own(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    ProductFactory(organisation=seller, name="Của tôi")
    ProductFactory(name="Của người khác")
    page = client.get(at(seller)).text
    assert "Của tôi" in page
    assert "Của người khác" not in page


def test_the_list_is_narrowed_by_state_and_by_words_without_accents(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    ProductFactory(organisation=seller, name="Bánh tráng phơi sương")
    ProductFactory(organisation=seller, name="Muối ớt Đồng Tháp", state=State.PAUSED)
    paused = client.get(at(seller, "?state=paused")).text
    assert "Muối ớt" in paused
    assert "Bánh tráng phơi sương" not in paused
    found = client.get(at(seller, "?q=muoi+ot+dong")).text
    assert "Muối ớt" in found
    assert "Bánh tráng phơi sương" not in found
    assert "Không thấy món nào khớp" in client.get(at(seller, "?q=%25")).text


@pytest.mark.parametrize(
    "odd", ["?page=0", "?page=999999999", "?page=x", "?state=x&sort=x", "?q=%00"]
)
def test_odd_addresses_are_read_as_the_usual(
    session: Session, client: FlaskClient, seller: Organisation, odd: str
) -> None:
    ProductFactory(organisation=seller)
    assert client.get(at(seller, odd)).status_code == 200


def test_pages_follow_each_other(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    for number in range(21):
        ProductFactory(organisation=seller, name=f"Món {number:02d}")
    first = client.get(at(seller, "?sort=name")).text
    second = client.get(at(seller, "?sort=name&page=2")).text
    assert "Món 00" in first
    assert "Món 20" not in first
    assert "Món 20" in second


def test_several_are_changed_at_once(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    mine = [ProductFactory(organisation=seller) for _ in range(2)]
    theirs = ProductFactory()
    ids = [product.public_id for product in [*mine, theirs]]
    back = at(seller, "?state=published")
    answer = client.post(at(seller, "/many"), data={"product": ids, "act": "pause", "back": back})
    assert answer.status_code == 303
    assert answer.location == back
    session.expire_all()
    assert [product.state for product in mine] == [State.PAUSED] * 2
    assert theirs.state is State.PUBLISHED
    assert "Đã tạm dừng 2 món." in client.get(at(seller)).text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/account", "/\\x"])
def test_the_way_back_leads_nowhere_else(
    session: Session, client: FlaskClient, seller: Organisation, back: str
) -> None:
    answer = client.post(at(seller, "/many"), data={"act": "pause", "back": back})
    assert answer.location == at(seller)


def test_an_unknown_act_changes_nothing(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller)
    data = {"product": [product.public_id], "act": "delete"}
    assert client.post(at(seller, "/many"), data=data).status_code == 303
    session.expire_all()
    assert product.state is State.PUBLISHED


def test_price_and_stock_are_set_in_place(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller)
    address = at(seller, f"/{product.public_id}/prices")
    assert client.post(address, data=quick(product)).status_code == 303
    session.expire_all()
    assert (product.variants[0].price, product.variants[0].stock) == (50_000, 7)


@pytest.mark.parametrize(
    "change", [{"price": "-1"}, {"price": "rẻ"}, {"stock": "x"}, {"price": ""}]
)
def test_an_absurd_price_is_answered_and_kept(
    session: Session, client: FlaskClient, seller: Organisation, change: dict[str, str]
) -> None:
    product = ProductFactory(organisation=seller)
    address = at(seller, f"/{product.public_id}/prices")
    answer = client.post(address, data=quick(product, **change))
    assert answer.status_code == 422
    assert "Giá và kho chưa được lưu" in answer.text
    if change.get("price"):
        assert f'value="{change["price"]}"' in answer.text
    session.expire_all()
    assert product.variants[0].price == 45_000


def test_the_second_person_is_told(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    product = ProductFactory(organisation=seller)
    address = at(seller, f"/{product.public_id}/prices")
    opened = quick(product)
    client.post(address, data=quick(product, price="60.000"))
    answer = client.post(address, data=opened)
    assert answer.status_code == 409
    assert "đã sửa món này lúc" in answer.text
    session.expire_all()
    assert product.variants[0].price == 60_000


def test_a_strangers_price_is_not_found(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    theirs = ProductFactory()
    address = at(seller, f"/{theirs.public_id}/prices")
    assert client.post(address, data=quick(theirs)).status_code == 404


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_takes_the_same_statements_however_long(
    session: Session,
    client: FlaskClient,
    seller: Organisation,
    statements: list[str],
    count: int,
) -> None:
    for _ in range(count):
        product = ProductFactory(organisation=seller)
        VariantFactory(product=product, name="Hộp")
        PhotoFactory(product=product)
    session.expunge_all()
    statements.clear()
    assert client.get(at(seller)).status_code == 200
    assert len(statements) <= 11
