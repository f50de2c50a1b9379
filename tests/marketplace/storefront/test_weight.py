"""The weight of real answers, compressed as they are sent: DESIGN's budgets."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import foundation.web
from tests.marketplace.storefront.conftest import Stock

STATIC = Path(foundation.web.__file__).parent / "static"
KILOBYTE = 1024
HTML = 10 * KILOBYTE
CSS = 14 * KILOBYTE
JAVASCRIPT = 15 * KILOBYTE
FIRST_VIEW = 150 * KILOBYTE
# A photo of a stall is 320 pixels wide and weighs 12 to 25 kB as WebP.
STALL_PHOTO = 25 * KILOBYTE


def weight(data: bytes) -> int:
    return len(gzip.compress(data, 6))


def test_styles_and_scripts_are_light() -> None:
    assert weight((STATIC / "style.css").read_bytes()) <= CSS
    assert sum(weight(path.read_bytes()) for path in STATIC.glob("*.js")) <= JAVASCRIPT


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/products",
        "/products?q=banh+trang&stars=3",
        "/products/banh-trang-phoi-suong-loai-so-0",
        "/sellers",
        "/sellers/vuon-nha-sau-hien",
        "/places",
        "/places/tay-ninh",
        "/products/khong-co",
        "/offline",
    ],
)
def test_a_page_and_its_first_view_are_light(
    client: FlaskClient, stock: Stock, address: str
) -> None:
    stock(*(f"Bánh tráng phơi sương loại số {number}" for number in range(30)))
    page = client.get(address).data
    assert weight(page) <= HTML
    at_once = [each for each in re.findall(rb"<img[^>]*>", page) if b"loading=" not in each]
    styles = weight((STATIC / "style.css").read_bytes())
    scripts = sum(weight(path.read_bytes()) for path in STATIC.glob("*.js"))
    assert weight(page) + styles + scripts + STALL_PHOTO * len(at_once) <= FIRST_VIEW


def test_every_picture_says_how_large_it_is(client: FlaskClient, stock: Stock) -> None:
    stock("Bánh tráng phơi sương", "Muối tôm rang")
    for address in ("/", "/products", "/products/banh-trang-phoi-suong"):
        for picture in re.findall(r"<img[^>]*>", client.get(address).text):
            assert re.search(r'width="\d+" height="\d+"', picture), picture
            assert "alt=" in picture
