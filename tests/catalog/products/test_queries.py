"""What buyers see, and in how many statements."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.products import queries
from catalog.products.models import Product, State
from catalog.products.rules import UnitPrice
from foundation.organisations.models import State as SellerState
from tests.factories import (
    OrganisationFactory,
    PhotoFactory,
    ProductFactory,
    VariantFactory,
)


@pytest.mark.parametrize("state", [state for state in State if state is not State.PUBLISHED])
def test_only_published_products_are_on_sale(session: Session, state: State) -> None:
    shown, _hidden = ProductFactory(), ProductFactory(state=state)
    assert session.scalars(select(Product.id).where(queries.on_sale())).all() == [shown.id]


def test_suspending_a_seller_hides_everything_at_once(session: Session) -> None:
    product = ProductFactory()
    product.organisation.state = SellerState.SUSPENDED
    session.flush()
    assert queries.listed_count(session) == 0
    assert queries.newest_ids(session, limit=5) == []
    assert queries.slugs_on_sale(session) == []


@pytest.mark.parametrize("count", [1, 24])
def test_cards_take_three_statements_however_many(
    session: Session, statements: list[str], count: int
) -> None:
    products = [ProductFactory() for _ in range(count)]
    for product in products:
        VariantFactory(product=product, net_amount=1_000, price=80_000)
        PhotoFactory(product=product)
    ids = [product.id for product in reversed(products)]
    session.expunge_all()
    statements.clear()
    cards = queries.cards(session, ids)
    for card in cards:
        assert card.cover is not None
        assert card.cover.public_id
    assert len(statements) == 3
    assert [card.product_id for card in cards] == ids


def test_a_card_shows_the_cheapest_size_and_the_first_photo(session: Session) -> None:
    product = ProductFactory(variant__price=90_000, variant__net_amount=1_000)
    VariantFactory(product=product, price=50_000, stock=0)
    PhotoFactory(product=product, alt="Mặt sau")
    (card,) = queries.cards(session, [product.id])
    assert (card.price, card.price_varies, card.net_label) == (50_000, True, "500 g")
    assert card.unit_price == UnitPrice(amount=100_000, per="kg")
    assert card.in_stock
    assert card.cover is not None
    assert card.cover.public_id == product.photos[0].file.public_id
    assert card.seller_name == product.organisation.name
    assert card.commune_name


def test_a_draft_without_anything_has_a_card_too(session: Session) -> None:
    product = ProductFactory(state=State.DRAFT, variant=None, photo=None)
    (card,) = queries.cards(session, [product.id, 10**9])
    assert (card.price, card.cover, card.in_stock) == (None, None, False)


def test_no_ids_no_statement(session: Session, statements: list[str]) -> None:
    statements.clear()
    assert queries.cards(session, []) == []
    assert statements == []


def test_listings_are_counted_by_seller_and_by_place(session: Session) -> None:
    seller = OrganisationFactory()
    first, _second = ProductFactory(organisation=seller), ProductFactory(organisation=seller)
    ProductFactory(organisation=seller, state=State.PAUSED)
    assert queries.counts_by_seller(session, [seller.id]) == {seller.id: 2}
    assert queries.listed_count(session, organisation_id=seller.id) == 2
    assert queries.listed_count(session, commune_code=first.commune_code) == 2
    assert queries.counts_by_commune(session) == {first.commune_code: 2}
    assert len(queries.newest_ids(session, limit=9, organisation_id=seller.id)) == 2
    assert queries.newest_ids(session, limit=9, but_not=first.id) != []
