from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from catalog.products.rules import NetUnit, State
from catalog.shown import queries
from foundation.organisations.models import State as SellerState
from tests.factories import PhotoFactory, ProductFactory, VariantFactory


@pytest.mark.parametrize("count", [1, 8])
def test_a_page_takes_three_statements_however_much_it_shows(
    session: Session, statements: list[str], count: int
) -> None:
    product = ProductFactory(description="**Ngon**")
    for number in range(count):
        VariantFactory(product=product, name=f"Gói {number}", net_unit=NetUnit.PIECE)
        PhotoFactory(product=product)
    slug = product.slug
    session.expunge_all()
    statements.clear()
    page = queries.page(session, slug)
    assert page is not None
    assert page.organisation.name
    assert page.commune.name
    assert page.province is not None
    assert [photo.file.public_id for photo in page.photos]
    assert "<strong>Ngon</strong>" in page.description_html
    assert page.trail[0].code == "food"
    assert page.category.code == "food.processed.rice_cereals"
    assert page.cheapest is not None
    assert len(statements) == 3


def test_a_preview_shows_what_is_not_on_sale(session: Session) -> None:
    product = ProductFactory(state=State.DRAFT)
    assert queries.page(session, product.slug) is None
    shown = queries.preview(session, product.id)
    assert shown is not None
    assert shown.name == product.name


def test_an_unknown_address_shows_nothing(session: Session) -> None:
    assert queries.page(session, "khong-co-mon-nay") is None


def test_a_page_is_gone_with_its_seller(session: Session) -> None:
    product = ProductFactory()
    product.organisation.state = SellerState.SUSPENDED
    session.flush()
    assert queries.page(session, product.slug) is None
