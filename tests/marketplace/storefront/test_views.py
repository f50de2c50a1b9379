"""The shop window as buyers and search engines see it."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalog.products.models import State
from foundation import clock
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as SellerState
from tests.conftest import NOON, SignInAs
from tests.factories import PersonFactory, VariantFactory
from tests.marketplace.storefront.conftest import Stock, certify, index

MOST_STATEMENTS = 12


def data_of(page: str) -> dict[str, object]:
    """Return the product in a page's structured data."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    graph = json.loads(found[1])["@graph"]
    return next(each for each in graph if each["@type"] == "Product")


# --- home -------------------------------------------------------------------------------------


def test_home_gives_the_day_and_what_is_in_season(client: FlaskClient, stock: Stock) -> None:
    stock("Mãng cầu Bà Đen", "Xoài cát Hoà Lộc", "Bánh tráng phơi sương")
    page = client.get("/").text
    assert "Chủ nhật</time>" not in page
    assert "22/11/2026" in page
    assert "14/10 âm lịch, năm Bính Ngọ" in page
    assert "Mai là rằm tháng Mười" in page
    season = page[page.index('id="mua"') : page.index('id="ngay"')]
    assert "Mãng cầu Bà Đen" in season
    assert "Xoài" not in season
    assert "Vườn nhà Sáu Hiền" in page


def test_home_without_goods_still_stands(client: FlaskClient, app: Flask) -> None:
    assert client.get("/").status_code == 200


# --- listing ----------------------------------------------------------------------------------


def test_listing_finds_without_accents_and_keeps_the_question(
    client: FlaskClient, stock: Stock
) -> None:
    stock("Bánh tráng phơi sương")
    stock("Muối tôm rang", summary="Tôm giã với muối.", description="", ingredients="Tôm, muối")
    page = client.get("/products?q=banh+trang&sort=price").text
    assert "Bánh tráng phơi sương" in page
    assert "Muối tôm rang" not in page
    assert '<input type="hidden" name="q" value="banh trang">' in page
    assert '<option value="price" selected>' in page
    assert '<meta name="robots" content="noindex,follow">' in page


def test_a_filter_chosen_can_be_taken_away(client: FlaskClient, stock: Stock) -> None:
    stock("Bánh tráng phơi sương", "Bánh tráng siêu mỏng")
    page = client.get("/products?q=banh&place=binh-minh-tay-ninh").text
    assert 'class="chip chip-on" href="/products?q=banh"' in page


def test_an_empty_listing_offers_a_way_out(client: FlaskClient, stock: Stock) -> None:
    stock("Bánh tráng phơi sương")
    page = client.get("/products?q=xyzzyq").text
    assert "Chưa có món nào tên “xyzzyq”" in page
    assert "Xem tất cả đặc sản" in page
    filtered = client.get("/products?q=banh+trang&stars=5").text
    assert "Không còn món nào với các điều kiện này" in filtered
    assert "Bỏ hết điều kiện" in filtered


def test_pages_are_numbered_and_end(client: FlaskClient, stock: Stock) -> None:
    stock(*(f"Bánh tráng số {number}" for number in range(30)))
    first = client.get("/products").text
    assert '<link rel="next" href="/products?page=2">' in first
    second = client.get("/products?page=2").text
    assert '<link rel="prev" href="/products">' in second
    assert second.count('<li class="card">') == 6
    assert client.get("/products?page=3").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/products?page=x&stars=9&sort=none&price=a-b&category=none",
        "/products?q=%00%ff&page=-1",
        "/products?price=99999999999999-1",
        "/products?q=" + "a" * 2000,
    ],
)
def test_an_odd_address_is_answered(client: FlaskClient, stock: Stock, address: str) -> None:
    stock("Bánh tráng phơi sương")
    assert client.get(address).status_code == 200


def test_what_was_typed_cannot_become_markup(client: FlaskClient, stock: Stock) -> None:
    stock("Bánh tráng phơi sương")
    page = client.get("/products?q=<script>alert(1)</script>").text
    assert "<script>alert" not in page


def test_the_listing_needs_few_statements_however_many_rows(
    client: FlaskClient, stock: Stock, statements: list[str]
) -> None:
    stock("Bánh tráng số 0", "Bánh tráng số 1")
    client.get("/products")
    statements.clear()
    client.get("/products?sort=price")
    few = len(statements)
    stock(*(f"Bánh tráng thêm {number}" for number in range(22)))
    client.get("/products")
    statements.clear()
    page = client.get("/products?sort=price").text
    assert page.count('<li class="card">') == 24
    assert len(statements) <= few <= MOST_STATEMENTS


# --- product ----------------------------------------------------------------------------------


def test_a_product_page_tells_what_a_buyer_needs(client: FlaskClient, stock: Stock) -> None:
    (product,) = stock("Bánh tráng phơi sương", storage="Nơi khô mát", shelf_life_days=60)
    VariantFactory(product=product, name="Thùng 5 kg", price=400_000, net_amount=5_000, stock=3)
    page = client.get(f"/products/{product.slug}").text
    assert "45.000\N{NO-BREAK SPACE}₫" in page
    assert "90.000\N{NO-BREAK SPACE}₫/kg" in page
    assert "80.000\N{NO-BREAK SPACE}₫/kg" in page
    assert "Còn 3" in page
    assert "Phường Bình Minh" in page
    assert "Trước 01/07/2025" in page
    assert "Nơi khô mát" in page
    assert 'href="tel:0912345678"' in page
    assert f'<link rel="canonical" href="http://localhost:8000/products/{product.slug}">' in page
    assert f'content="http://localhost:8000/products/{product.slug}/share.jpg"' in page


def test_the_size_in_the_address_is_the_one_shown(client: FlaskClient, stock: Stock) -> None:
    (product,) = stock("Bánh tráng phơi sương")
    big = VariantFactory(product=product, name="Thùng 5 kg", price=400_000, net_amount=5_000)
    page = client.get(f"/products/{product.slug}?size={big.public_id}").text
    assert re.search(r'price-big"><b>400\.000', page)
    assert re.search(
        r'price-big"><b>45\.000', client.get(f"/products/{product.slug}?size=none").text
    )


def test_the_badge_goes_the_day_the_certificate_lapses(
    client: FlaskClient, session: Session, stock: Stock
) -> None:
    (product,) = stock("Bánh tráng phơi sương")
    last_day = date(2027, 1, 14)
    certify(session, product, stars=4, lapses_on=last_day + timedelta(days=1))
    days = (last_day - clock.day(NOON)).days
    with clock.frozen(NOON + timedelta(days=days)):
        page = client.get(f"/products/{product.slug}").text
        assert 'class="ocop"' in page
        assert "0012/QĐ-UBND" in page
        assert data_of(page)["award"] == "OCOP 4 sao"
    with clock.frozen(NOON + timedelta(days=days + 1)):
        page = client.get(f"/products/{product.slug}").text
        assert 'class="ocop"' not in page
        assert "0012/QĐ-UBND" not in page
        assert "award" not in data_of(page)
        assert "hasCertification" not in data_of(page)


def test_structured_data_follows_the_stock(client: FlaskClient, stock: Stock) -> None:
    (product,) = stock("Bánh tráng phơi sương", variant__stock=0)
    page = client.get(f"/products/{product.slug}").text
    (offer,) = data_of(page)["offers"]  # type: ignore[misc]  # a list, as written
    assert offer["availability"] == "https://schema.org/OutOfStock"
    assert (offer["price"], offer["priceCurrency"]) == (45_000, "VND")
    assert "tạm hết" in page


@pytest.mark.parametrize("state", [State.PAUSED, State.WITHDRAWN, State.DRAFT, State.IN_REVIEW])
def test_what_is_not_on_sale_is_not_found_but_can_be_searched(
    client: FlaskClient, stock: Stock, state: State
) -> None:
    (product,) = stock("Bánh tráng phơi sương", state=state)
    answer = client.get(f"/products/{product.slug}")
    assert answer.status_code == 404
    assert 'value="banh trang phoi suong"' in answer.text
    assert client.get(f"/products/{product.slug}/share.jpg").status_code == 404


def test_a_suspended_seller_disappears_at_once(
    client: FlaskClient, session: Session, seller: Organisation, stock: Stock
) -> None:
    (product,) = stock("Mãng cầu Bà Đen")
    for address in ("/", "/products", f"/products/{product.slug}", f"/sellers/{seller.slug}"):
        assert "Mãng cầu Bà Đen" in client.get(address).text
    seller.state = SellerState.SUSPENDED
    session.flush()
    assert "Mãng cầu Bà Đen" not in client.get("/").text
    assert "Mãng cầu Bà Đen" not in client.get("/products").text
    assert client.get(f"/products/{product.slug}").status_code == 404
    assert client.get(f"/sellers/{seller.slug}").status_code == 404


def test_alcohol_asks_for_the_age_first(client: FlaskClient, stock: Stock) -> None:
    (product,) = stock("Rượu đế Gò Đen", category="drinks.alcoholic.spirits", adults_only=True)
    address = f"/products/{product.slug}"
    page = client.get(address).text
    assert "Bạn đã đủ 18 tuổi chưa?" in page
    assert "0912" not in page
    answer = client.post("/adults", data={"next": address})
    assert (answer.status_code, answer.location) == (303, address)
    assert "Chỉ bán cho người từ 18 tuổi" in client.get(address).text


def test_the_age_form_leads_nowhere_else(client: FlaskClient, app: Flask) -> None:
    answer = client.post("/adults", data={"next": "https://elsewhere.example/"})
    assert answer.location == "/"


def test_a_product_page_needs_few_statements(
    client: FlaskClient, stock: Stock, statements: list[str]
) -> None:
    product, *_others = stock(*(f"Bánh tráng số {number}" for number in range(6)))
    for number in range(4):
        VariantFactory(product=product, name=f"Túi {number}")
    statements.clear()
    client.get(f"/products/{product.slug}")
    assert len(statements) <= MOST_STATEMENTS


def test_a_share_picture_is_drawn(client: FlaskClient, stock: Stock) -> None:
    (product,) = stock("Bánh tráng phơi sương", photo=None)
    answer = client.get(f"/products/{product.slug}/share.jpg")
    assert answer.mimetype == "image/jpeg"
    assert answer.data[:2] == b"\xff\xd8"
    assert len(answer.data) < 150_000


# --- pages that are kept --------------------------------------------------------------------


def test_a_kept_page_is_one_statement(
    client: FlaskClient, stock: Stock, statements: list[str]
) -> None:
    (product,) = stock("Bánh tráng phơi sương")
    first = client.get(f"/products/{product.slug}")
    statements.clear()
    second = client.get(f"/products/{product.slug}")
    assert len(statements) == 1
    assert second.text == first.text


def test_a_change_is_seen_at_once(client: FlaskClient, session: Session, stock: Stock) -> None:
    (product,) = stock("Bánh tráng phơi sương")
    address = f"/products/{product.slug}"
    assert "Còn hàng" in client.get(address).text
    product.variants[0].stock = 2
    session.flush()
    assert "Còn 2" in client.get(address).text
    certify(session, product, stars=5, lapses_on=date(2027, 1, 15))
    assert 'class="ocop"' in client.get(address).text


def test_nobody_sees_the_page_of_somebody_signed_in(
    app: Flask, client: FlaskClient, stock: Stock, sign_in_as: SignInAs
) -> None:
    (product,) = stock("Bánh tráng phơi sương")
    sign_in_as(PersonFactory(full_name="Nguyễn Thị Riêng Tư"))
    for address in ("/products", f"/products/{product.slug}"):
        assert "Riêng Tư" in client.get(address).text
        assert "Riêng Tư" not in app.test_client().get(address).text
        assert "Riêng Tư" in client.get(address).text


def test_a_kept_page_is_in_the_readers_language(client: FlaskClient, stock: Stock) -> None:
    stock("Bánh tráng phơi sương")
    assert '<html lang="vi">' in client.get("/products").text
    client.set_cookie("language", "en")
    assert '<html lang="en">' in client.get("/products").text


# --- suggestions ------------------------------------------------------------------------------


def test_suggestions_come_as_one_types(client: FlaskClient, stock: Stock) -> None:
    (product,) = stock("Bánh tráng phơi sương")
    items = client.get("/products/suggest?q=banh+tr").json["items"]  # type: ignore[index]
    assert {"text": product.name, "hint": "", "url": f"/products/{product.slug}"} in [
        {**item, "hint": ""} for item in items
    ]
    assert client.get("/products/suggest").json == {"items": []}


# --- offline ----------------------------------------------------------------------------------


def test_only_pages_without_a_name_on_them_may_be_kept(client: FlaskClient, stock: Stock) -> None:
    stock("Bánh tráng phơi sương")
    assert client.get("/").headers.get("X-Same-For-All") == "1"
    client.set_cookie("session", "something")
    assert "X-Same-For-All" not in client.get("/").headers


def test_paused_products_leave_with_the_index(
    client: FlaskClient, app: Flask, session: Session, stock: Stock
) -> None:
    (product,) = stock("Bánh tráng phơi sương")
    product.state = State.PAUSED
    index(app, session, [product])
    assert "Bánh tráng phơi sương" not in client.get("/products").text
