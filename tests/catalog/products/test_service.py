"""Writing products: one success for each act, one refusal for each rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.categories.models import Category
from catalog.products import service
from catalog.products.errors import (
    BadProduct,
    BadVariantChange,
    Incomplete,
    NoSuchCategory,
    NoSuchCommune,
    NoSuchProduct,
    NotADraft,
    SkuTaken,
    Stale,
    WithdrawnCannotChange,
)
from catalog.products.models import NetUnit, Product, State, Variant
from catalog.products.rules import ProductGiven, VariantGiven
from catalog.products.service import NewPriceAndStock
from foundation.audit.models import AuditEntry
from foundation.audit.rules import Actor
from foundation.organisations.models import Organisation
from foundation.outbox.models import OutboxEvent
from tests.conftest import NOON
from tests.factories import OrganisationFactory, PersonFactory, ProductFactory, VariantFactory
from tests.factories.base import session as factory_session
from tests.factories.catalog import some_commune

SIZE = VariantGiven(name="Gói", price=45_000, net_amount=500, net_unit=NetUnit.GRAM, stock=3)


def category_id(session: Session, code: str = "food.fresh.fruit_vegetables") -> int:
    return session.scalars(select(Category.id).where(Category.code == code)).one()


@pytest.fixture
def given(session: Session) -> ProductGiven:
    return ProductGiven(
        name="Rau rừng Lộc Trát",
        category_id=category_id(session),
        commune_code=some_commune(),
        summary="Hái buổi sáng.",
        variants=(SIZE,),
    )


@pytest.fixture
def by(session: Session) -> dict[str, Any]:
    """A seller's organisation and one of its people, as services take them."""
    organisation = OrganisationFactory()
    person = PersonFactory(full_name="Trần Thị Hiền")
    actor = Actor.person(person.id, organisation_id=organisation.id)
    return {"organisation_id": organisation.id, "actor": actor, "now": NOON}


def events(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxEvent.name).order_by(OutboxEvent.id)))


def own(by: dict[str, Any], **facts: Any) -> Product:
    organisation = factory_session().get(Organisation, by["organisation_id"])
    return ProductFactory(organisation=organisation, **facts)


def as_given(product: Product, **changes: Any) -> ProductGiven:
    sizes = tuple(
        VariantGiven(
            public_id=size.public_id,
            name=size.name,
            price=size.price,
            net_amount=size.net_amount,
            net_unit=size.net_unit,
            stock=size.stock,
        )
        for size in product.variants
    )
    facts = {
        "name": product.name,
        "category_id": product.category_id,
        "commune_code": product.commune_code,
        "summary": product.summary,
        "description": product.description,
        "variants": sizes,
    }
    return ProductGiven(**{**facts, **changes})


# --- create -----------------------------------------------------------------------------------


def test_a_draft_begins(session: Session, given: ProductGiven, by: dict[str, Any]) -> None:
    product = service.create(session, given, **by)
    assert product.state is State.DRAFT
    assert product.slug == "rau-rung-loc-trat"
    assert product.fold_key == "rau rung loc trat"
    assert [size.price for size in product.variants] == [45_000]
    assert events(session) == []


def test_two_products_of_one_name_have_two_addresses(
    session: Session, given: ProductGiven, by: dict[str, Any]
) -> None:
    first = service.create(session, given, **by)
    second = service.create(session, given, **by)
    assert first.slug != second.slug
    assert second.slug.startswith("rau-rung-loc-trat-")


def test_a_size_without_a_name_is_called_by_its_weight(
    session: Session, given: ProductGiven, by: dict[str, Any]
) -> None:
    product = service.create(session, replace(given, variants=(replace(SIZE, name=""),)), **by)
    assert product.variants[0].name == "500 g"


def test_alcohol_is_always_for_adults(
    session: Session, given: ProductGiven, by: dict[str, Any]
) -> None:
    spirits = category_id(session, "drinks.alcoholic.spirits")
    assert service.create(session, replace(given, category_id=spirits), **by).adults_only


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": ""}, BadProduct),
        ({"variants": (replace(SIZE, price=-1),)}, BadProduct),
        ({"category_id": 0}, NoSuchCategory),
        ({"commune_code": "nowhere"}, NoSuchCommune),
    ],
)
def test_what_cannot_be_is_not_stored(
    session: Session,
    given: ProductGiven,
    by: dict[str, Any],
    change: dict[str, Any],
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        service.create(session, replace(given, **change), **by)
    assert session.scalar(select(func.count()).select_from(Product)) == 0


def test_only_leaves_of_the_list_can_be_chosen(
    session: Session, given: ProductGiven, by: dict[str, Any]
) -> None:
    with pytest.raises(NoSuchCategory):
        service.create(session, replace(given, category_id=category_id(session, "food")), **by)


def test_a_province_is_no_commune(
    session: Session, given: ProductGiven, by: dict[str, Any]
) -> None:
    with pytest.raises(NoSuchCommune):
        service.create(session, replace(given, commune_code=given.commune_code[:2]), **by)


def test_a_sellers_number_stands_for_one_size(
    session: Session, given: ProductGiven, by: dict[str, Any]
) -> None:
    numbered = replace(given, variants=(replace(SIZE, sku="RR-1"),))
    service.create(session, numbered, **by)
    with pytest.raises(SkuTaken):
        service.create(session, numbered, **by)
    stranger = OrganisationFactory()
    service.create(session, numbered, **{**by, "organisation_id": stranger.id})


# --- save -------------------------------------------------------------------------------------


def test_saving_changes_what_was_written_and_leaves_a_trail(
    session: Session, by: dict[str, Any]
) -> None:
    product = own(by, name="Bánh cũ")
    slug, version = product.slug, product.version

    service.save(
        session,
        product.public_id,
        as_given(product, name="Bánh mới", description="Lò mới."),
        version=version,
        **by,
    )

    assert (product.name, product.slug) == ("Bánh mới", slug)
    assert product.version > version
    assert events(session) == ["ProductChanged"]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "products.edited")).one()
    assert entry.facts["changes"]["name"] == ["Bánh cũ", "Bánh mới"]


def test_the_address_follows_the_name_until_it_was_published(
    session: Session, by: dict[str, Any]
) -> None:
    product = own(by, name="Bánh cũ", state=State.DRAFT)
    service.save(
        session,
        product.public_id,
        as_given(product, name="Bánh mới"),
        version=product.version,
        **by,
    )
    assert product.slug == "banh-moi"
    assert events(session) == []


def test_saving_nothing_new_counts_as_nothing(session: Session, by: dict[str, Any]) -> None:
    product = own(by)
    version = product.version
    service.save(session, product.public_id, as_given(product), version=version, **by)
    assert product.version == version
    assert events(session) == []


def test_sizes_are_changed_added_and_removed(session: Session, by: dict[str, Any]) -> None:
    product = own(by)
    VariantFactory(product=product, name="Gói 1 kg", net_amount=1_000)
    kept, dropped = (size.public_id for size in product.variants)
    wanted = (
        replace(SIZE, name="Hộp", net_amount=250),
        replace(SIZE, public_id=kept, name="Gói 500 g", price=47_000),
    )
    service.save(
        session,
        product.public_id,
        as_given(product, variants=wanted),
        version=product.version,
        **by,
    )
    session.expire_all()
    assert [(size.name, size.price) for size in product.variants] == [
        ("Hộp", 45_000),
        ("Gói 500 g", 47_000),
    ]
    assert session.scalar(select(Variant.id).where(Variant.public_id == dropped)) is None


def test_the_second_editor_is_told_who_was_first(session: Session, by: dict[str, Any]) -> None:
    product = own(by)
    version = product.version
    service.save(
        session, product.public_id, as_given(product, name="Tên của chị"), version=version, **by
    )
    with pytest.raises(Stale) as told:
        service.save(
            session, product.public_id, as_given(product, name="Tên tôi"), version=version, **by
        )
    assert told.value.facts == {"who": "Trần Thị Hiền", "at": NOON}
    assert told.value.version == product.version
    assert product.name == "Tên của chị"


def test_what_is_on_sale_stays_complete(session: Session, by: dict[str, Any]) -> None:
    product = own(by)
    with pytest.raises(Incomplete):
        service.save(
            session,
            product.public_id,
            as_given(product, variants=()),
            version=product.version,
            **by,
        )


def test_a_withdrawn_product_is_not_edited(session: Session, by: dict[str, Any]) -> None:
    product = own(by, state=State.WITHDRAWN)
    with pytest.raises(WithdrawnCannotChange):
        service.save(session, product.public_id, as_given(product), version=product.version, **by)


def test_a_strangers_product_is_not_found(session: Session, by: dict[str, Any]) -> None:
    product = ProductFactory()
    version = product.version
    asked = as_given(product, name="Của tôi")
    with pytest.raises(NoSuchProduct):
        service.save(session, product.public_id, asked, version=version, **by)
    assert product.name != "Của tôi"


def test_a_strangers_size_cannot_be_taken_over(session: Session, by: dict[str, Any]) -> None:
    theirs = ProductFactory()
    mine = own(by)
    taken = (replace(SIZE, public_id=theirs.variants[0].public_id),)
    with pytest.raises(NoSuchProduct):
        service.save(
            session,
            mine.public_id,
            as_given(mine, variants=taken),
            version=mine.version,
            **by,
        )


# --- duplicate, quick edit, delete ------------------------------------------------------------


def test_a_copy_is_a_draft_with_the_same_photos(session: Session, by: dict[str, Any]) -> None:
    product = own(by, variant__sku="A-1")
    copy = service.duplicate(session, product.public_id, **by)
    assert copy.state is State.DRAFT
    assert copy.slug != product.slug
    assert copy.published_at is None
    assert [size.sku for size in copy.variants] == [""]
    assert [photo.file_id for photo in copy.photos] == [photo.file_id for photo in product.photos]


def test_price_and_stock_are_set_from_the_list(session: Session, by: dict[str, Any]) -> None:
    product = own(by)
    size = product.variants[0]
    service.set_prices_and_stock(
        session,
        product.public_id,
        {size.public_id: NewPriceAndStock(price=50_000, stock=0)},
        version=product.version,
        **by,
    )
    assert (size.price, size.stock) == (50_000, 0)
    assert events(session) == ["ProductChanged"]


@pytest.mark.parametrize(("price", "stock"), [(499, 1), (-1, 1), (50_000, -1), (10**12, 1)])
def test_absurd_prices_are_refused(
    session: Session, by: dict[str, Any], price: int, stock: int
) -> None:
    product = own(by)
    wanted = {product.variants[0].public_id: NewPriceAndStock(price=price, stock=stock)}
    with pytest.raises(BadVariantChange):
        service.set_prices_and_stock(
            session, product.public_id, wanted, version=product.version, **by
        )
    assert product.variants[0].price == 45_000


def test_a_quick_edit_of_somebody_elses_change_is_told(
    session: Session, by: dict[str, Any]
) -> None:
    product = own(by)
    with pytest.raises(Stale):
        service.set_prices_and_stock(
            session, product.public_id, {}, version=product.version - 1, **by
        )


def test_a_quick_edit_reaches_only_own_sizes(session: Session, by: dict[str, Any]) -> None:
    product, other = own(by), ProductFactory()
    wanted = {other.variants[0].public_id: NewPriceAndStock(price=1_000, stock=1)}
    with pytest.raises(NoSuchProduct):
        service.set_prices_and_stock(
            session, product.public_id, wanted, version=product.version, **by
        )
    assert other.variants[0].price == 45_000


def test_a_draft_can_be_deleted(session: Session, by: dict[str, Any]) -> None:
    product = own(by, state=State.DRAFT)
    service.delete_draft(session, product.public_id, **by)
    assert session.scalar(select(func.count()).select_from(Product)) == 0
    assert session.scalar(select(func.count()).select_from(Variant)) == 0


def test_what_was_on_sale_is_never_deleted(session: Session, by: dict[str, Any]) -> None:
    published = own(by)
    once = own(by, state=State.DRAFT, published_at=NOON)
    for product in (published, once):
        with pytest.raises(NotADraft):
            service.delete_draft(session, product.public_id, **by)
    assert session.scalar(select(func.count()).select_from(Product)) == 2
