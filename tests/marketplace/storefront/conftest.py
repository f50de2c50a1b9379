"""A shop with goods in it, and the search index that knows them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.categories.models import Category
from catalog.ocop.models import Certificate, CertificateProduct, IssuerLevel
from catalog.ocop.models import State as CertificateState
from catalog.products.models import Product
from catalog.search import service as search
from foundation import clock
from foundation.organisations.models import Organisation
from foundation.places.models import AdminUnit
from tests.factories import OrganisationFactory, ProductFactory
from tests.factories.base import MOMENT

COMMUNE = "25480"  # Phường Bình Minh, Tây Ninh


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bear with the embedded index: it leaves the closing of its files to the collector."""
    for item in items:
        if "/storefront/" in str(item.path):
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"))


@pytest.fixture(autouse=True)
def closed_index(app: Flask) -> Iterator[None]:
    """See to it that the index's files are closed before the next test looks for warnings."""
    yield
    app.extensions["search"] = None
    gc.collect()


@pytest.fixture
def seller(session: Session) -> Organisation:
    """A verified cooperative with a telephone, in Phường Bình Minh."""
    return OrganisationFactory(
        name="Vườn nhà Sáu Hiền",
        phone="0912345678",
        commune_code=COMMUNE,
        address="Khu phố 3",
        decided_at=MOMENT,
        story="Ba đời tráng bánh.",
    )


Stock = Callable[..., list[Product]]


@pytest.fixture
def stock(app: Flask, session: Session, seller: Organisation) -> Stock:
    """Return a function that puts products on sale, one a name, and into the index."""

    def put(*names: str, category: str = "food.processed.rice_cereals", **facts: Any) -> Any:
        kind = session.scalars(select(Category).where(Category.code == category)).one()
        commune = session.get(AdminUnit, COMMUNE)
        made = [
            ProductFactory(
                **{
                    "name": name,
                    "organisation": seller,
                    "category": kind,
                    "commune_code": COMMUNE,
                    "commune": commune,
                    **facts,
                }
            )
            for name in names
        ]
        index(app, session, made)
        return made

    return put


def index(app: Flask, session: Session, products: list[Product]) -> None:
    """Write products to the index now, as the worker does within seconds."""
    today = clock.day(clock.now())
    session.flush()
    with app.app_context():
        engine = app.extensions["search"]
        search.index_products(session, engine, [each.id for each in products], today=today)


def certify(session: Session, product: Product, *, stars: int, lapses_on: date) -> Certificate:
    """Give a product a verified certificate that lapses on a day."""
    certificate = Certificate(
        organisation_id=product.organisation_id,
        decision_number="0012/QĐ-UBND",
        issuer_level=IssuerLevel.PROVINCE,
        issuer="Uỷ ban nhân dân tỉnh",
        stars=stars,
        issued_on=date(2024, 1, 15),
        lapses_on=lapses_on,
        state=CertificateState.VERIFIED,
        created_at=MOMENT,
        covers=[CertificateProduct(product_id=product.id)],
    )
    session.add(certificate)
    session.flush()
    return certificate
