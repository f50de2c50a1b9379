"""The map of the site."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from catalog.products.models import State
from foundation.organisations.models import Organisation
from marketplace.storefront.sitemap import views
from tests.marketplace.storefront.conftest import Stock

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(client: FlaskClient, path: str) -> list[str]:
    answer = client.get(path)
    assert answer.mimetype == "application/xml"
    root = ElementTree.fromstring(answer.text)
    return [each.text or "" for each in root.iter(f"{NAMESPACE}loc")]


def test_every_part_can_be_read_and_every_page_opened(
    client: FlaskClient, seller: Organisation, stock: Stock
) -> None:
    stock("Bánh tráng phơi sương", "Muối tôm rang")
    base = "http://localhost:8000"
    pages = [
        page
        for part in addresses(client, "/sitemap.xml")
        for page in addresses(client, part.removeprefix(base))
    ]
    assert f"{base}/products/banh-trang-phoi-suong" in pages
    assert f"{base}/sellers/{seller.slug}" in pages
    assert f"{base}/places/binh-minh-tay-ninh" in pages
    for page in pages:
        assert client.get(page.removeprefix(base)).status_code == 200


def test_what_is_not_on_sale_is_not_on_the_map(client: FlaskClient, stock: Stock) -> None:
    stock("Bánh tráng phơi sương", state=State.PAUSED)
    assert addresses(client, "/sitemap-products-0.xml") == []


def test_products_are_parted(
    client: FlaskClient, session: Session, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "LARGEST_SITEMAP", 2)
    stock(*(f"Bánh tráng số {number}" for number in range(5)))
    parts = [part for part in addresses(client, "/sitemap.xml") if "-products-" in part]
    found = [addresses(client, part.removeprefix("http://localhost:8000")) for part in parts]
    assert [len(each) for each in found] == [2, 2, 1]


def test_a_number_beyond_any_key_is_no_part(client: FlaskClient, stock: Stock) -> None:
    stock("Bánh tráng phơi sương")
    assert client.get(f"/sitemap-products-{2**70}.xml").status_code == 404


def test_crawlers_are_told_what_is_private(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Disallow: /account" in answer.text
    assert "Sitemap: http://localhost:8000/sitemap.xml" in answer.text
