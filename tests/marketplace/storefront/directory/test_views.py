"""Looking sellers and places up."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from foundation.organisations.models import Kind, Organisation, State
from foundation.places.models import AdminUnit
from tests.factories import OrganisationFactory
from tests.marketplace.storefront.conftest import COMMUNE, Stock

MOST_STATEMENTS = 12


def test_sellers_stand_in_vietnamese_order(client: FlaskClient, app: Flask) -> None:
    for name in ("Đồng Xanh", "Dừa Bến Lức", "Ấp Bắc", "An Bình"):
        OrganisationFactory(name=name)
    page = client.get("/sellers").text
    places = [page.index(name) for name in ("An Bình", "Ấp Bắc", "Dừa Bến Lức", "Đồng Xanh")]
    assert places == sorted(places)


def test_sellers_are_found_without_accents_and_by_province(
    client: FlaskClient, seller: Organisation, app: Flask
) -> None:
    OrganisationFactory(name="Trại ong Bảy Nhu")
    page = client.get("/sellers?q=sau+hien").text
    assert "Vườn nhà Sáu Hiền" in page
    assert "Bảy Nhu" not in page
    page = client.get("/sellers?place=tay-ninh").text
    assert "Vườn nhà Sáu Hiền" in page
    assert "Bảy Nhu" not in page
    assert "Chưa có người bán nào như vậy" in client.get("/sellers?q=%25").text


@pytest.mark.parametrize(
    "facts",
    [
        {"state": State.SUSPENDED},
        {"state": State.SUBMITTED},
        {"state": State.REJECTED},
        {"kind": Kind.SCHOOL},
        {"kind": Kind.AUTHORITY},
    ],
)
def test_only_verified_sellers_are_shown(
    client: FlaskClient, app: Flask, facts: dict[str, object]
) -> None:
    hidden = OrganisationFactory(name="Tổ hợp tác Khuất Mặt", **facts)
    assert "Khuất Mặt" not in client.get("/sellers").text
    assert client.get(f"/sellers/{hidden.slug}").status_code == 404


def test_a_seller_page_shows_goods_and_how_to_reach_them(
    client: FlaskClient, seller: Organisation, stock: Stock
) -> None:
    stock("Bánh tráng phơi sương")
    page = client.get(f"/sellers/{seller.slug}").text
    assert "Bánh tráng phơi sương" in page
    assert "1 món đang bán" in page
    assert "0912 345 678" in page
    assert "Phường Bình Minh" in page
    assert client.get(f"/sellers/{seller.slug}?page=2").status_code == 404
    assert client.get("/sellers/khong-co").status_code == 404


def test_a_seller_without_goods_still_has_a_page(
    client: FlaskClient, seller: Organisation, app: Flask
) -> None:
    assert "đang nghỉ bày hàng" in client.get(f"/sellers/{seller.slug}").text


def test_places_list_the_communes_that_sell(client: FlaskClient, stock: Stock) -> None:
    stock("Bánh tráng phơi sương", "Muối tôm rang")
    page = client.get("/places").text
    assert "/places/binh-minh-tay-ninh" in page
    assert "Chưa có món nào của tỉnh này" in page  # Đồng Tháp


def test_a_place_is_found_by_its_old_name(client: FlaskClient, app: Flask) -> None:
    page = client.get("/places?q=xa+thanh+tan+tay+ninh").text
    assert "Có phải nơi này?" in page
    assert "/places/binh-minh-tay-ninh" in page
    assert "Không tìm thấy nơi nào" in client.get("/places?q=qqqqqqq").text


def test_a_commune_shows_goods_sellers_and_what_it_was(
    client: FlaskClient, session: Session, seller: Organisation, stock: Stock
) -> None:
    stock("Bánh tráng phơi sương")
    commune = session.get(AdminUnit, COMMUNE)
    assert commune is not None
    page = client.get(f"/places/{commune.slug}").text
    assert "Đặc sản phường Bình Minh" in page
    assert "Bánh tráng phơi sương" in page
    assert "Vườn nhà Sáu Hiền" in page
    assert "Thạnh Tân" in page


def test_a_province_lists_its_communes(client: FlaskClient, stock: Stock) -> None:
    stock("Bánh tráng phơi sương")
    page = client.get("/places/tay-ninh").text
    assert "Đặc sản Tây Ninh" in page
    assert "/places/binh-minh-tay-ninh" in page


def test_an_unknown_place_is_not_found(client: FlaskClient, app: Flask) -> None:
    assert client.get("/places/khong-co").status_code == 404


@pytest.mark.parametrize(
    "address", ["/sellers", "/sellers/vuon-nha-sau-hien", "/places", "/places/tay-ninh"]
)
def test_pages_need_few_statements_however_many_rows(
    client: FlaskClient, stock: Stock, statements: list[str], address: str
) -> None:
    stock("Bánh tráng số 0", "Bánh tráng số 1")
    client.get(address)
    stock(*(f"Bánh tráng thêm {number}" for number in range(20)))
    for _number in range(20):
        OrganisationFactory()
    statements.clear()
    assert client.get(address).status_code == 200
    assert len(statements) <= MOST_STATEMENTS
