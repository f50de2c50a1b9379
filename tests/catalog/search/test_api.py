from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalog.products.models import Product
from catalog.search import service
from tests import factories
from tests.conftest import NOON


@pytest.fixture
def goods(app: Flask, session: Session) -> list[Product]:
    """Three products on sale, in the index."""
    bare = {"summary": "", "description": "", "ingredients": ""}
    goods = [
        factories.ProductFactory(name=name, **bare)
        for name in ("Bánh tráng phơi sương", "Muối tôm", "Dừa sáp")
    ]
    session.flush()
    ids = [product.id for product in goods]
    service.index_products(session, app.extensions["search"], ids, today=NOON.date())
    session.flush()
    return goods


def test_answers_as_promised(client: FlaskClient, goods: list[Product]) -> None:
    response = client.get("/api/v1/products?q=banh trang phoi suong")
    assert response.status_code == 200
    answer = response.get_json()
    assert answer["total"] == 1
    [item] = answer["items"]
    assert item["slug"] == goods[0].slug
    assert item["name"] == "Bánh tráng phơi sương"
    assert isinstance(item["price"], int)
    assert item["stars"] is None
    assert item["url"].endswith(f"/products/{goods[0].slug}")
    assert set(answer["facets"]) == {"category", "stars", "place", "price", "seller"}
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_says_what_was_meant(client: FlaskClient, goods: list[Product]) -> None:
    answer = client.get("/api/v1/products?q=banh trang phoi suog").get_json()
    assert answer["did_you_mean"] == "banh trang phoi suong"
    assert [item["name"] for item in answer["items"]] == ["Bánh tráng phơi sương"]


@pytest.mark.parametrize(
    "address",
    [
        "stars=six",
        "stars=-1",
        "page=0",
        "page=999999999999999999999",
        "page=x&per_page=0",
        "sort=drop table",
        "price=abc-def",
        "price_min=-5&price_max=1e9",
        "q=%00%ff%fe",
        "q=" + "a" * 3_000,
        "q=%27%29%3B&category=%27&place=%25&seller=%5C",
    ],
)
def test_makes_the_best_of_anything(
    client: FlaskClient, goods: list[Product], address: str
) -> None:
    response = client.get(f"/api/v1/products?{address}")
    assert response.status_code == 200
    assert response.get_json()["total"] >= 0


def test_filters_and_pages(client: FlaskClient, goods: list[Product]) -> None:
    pages = [
        client.get(f"/api/v1/products?per_page=2&page={page}&sort=price").get_json()
        for page in (1, 2, 3)
    ]
    assert [len(page["items"]) for page in pages] == [2, 1, 0]
    assert {page["total"] for page in pages} == {3}
    assert pages[0]["pages"] == 2
    prices = [item["price"] for page in pages for item in page["items"]]
    assert prices == sorted(prices)
    assert client.get("/api/v1/products?stars=3").get_json()["total"] == 0
    assert client.get("/api/v1/products?seller=khong-co").get_json()["items"] == []


def test_shows_stars_in_force(client: FlaskClient, app: Flask, session: Session) -> None:
    product = factories.ProductFactory(name="Mật ong rừng")
    factories.CertificateFactory(stars=4, products=[product])
    session.flush()
    service.index_products(session, app.extensions["search"], [product.id], today=NOON.date())
    answer = client.get("/api/v1/products?stars=4").get_json()
    assert [item["stars"] for item in answer["items"]] == [4]


def test_few_statements_however_many_rows(
    client: FlaskClient, goods: list[Product], statements: list[str]
) -> None:
    counts = []
    for per_page in (1, 3):
        statements.clear()
        client.get(f"/api/v1/products?per_page={per_page}")
        counts.append(len(statements))
    assert max(counts) <= 12
    assert counts[1] <= counts[0]


def test_only_reading_is_offered(client: FlaskClient) -> None:
    assert client.post("/api/v1/products").status_code == 405


def test_the_description_fits_the_answer(client: FlaskClient, goods: list[Product]) -> None:
    spec = client.get("/api/openapi.json").get_json()
    operation = spec["paths"]["/api/v1/products"]["get"]
    assert {"q", "category", "stars", "place", "sort", "page"} <= {
        parameter["name"] for parameter in operation["parameters"]
    }
    schemas = spec["components"]["schemas"]
    answer = client.get("/api/v1/products").get_json()
    assert set(answer) == set(schemas["Answer"]["properties"])
    assert set(answer["items"][0]) == set(schemas["Item"]["properties"])


def test_the_description_can_be_read_by_people(client: FlaskClient) -> None:
    response = client.get("/api/docs")
    assert response.status_code == 200
    assert "/api/v1/products" in response.text
