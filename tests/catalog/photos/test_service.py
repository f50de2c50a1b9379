"""Photos are added, taken away, described and put in order."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.photos import service
from catalog.photos.service import PhotoGiven
from catalog.products import service as products
from catalog.products.errors import (
    LastPhoto,
    NoSuchPhoto,
    NoSuchProduct,
    PhotoTwice,
    Stale,
    TooManyPhotos,
    WithdrawnCannotChange,
)
from catalog.products.models import ProductPhoto, State
from foundation.audit.rules import Actor
from foundation.organisations.models import Organisation
from foundation.outbox.models import OutboxEvent
from foundation.storage.errors import NotAPhoto
from foundation.storage.models import StoredFile
from tests.conftest import NOON
from tests.factories import OrganisationFactory, PersonFactory, PhotoFactory, ProductFactory


def jpeg(shade: int = 0) -> bytes:
    made = BytesIO()
    Image.new("RGB", (800, 800), (shade, 120, 60)).save(made, "JPEG")
    return made.getvalue()


@pytest.fixture
def seller(session: Session) -> Organisation:
    return OrganisationFactory()


@pytest.fixture
def by(seller: Organisation) -> dict[str, Any]:
    actor = Actor.person(PersonFactory().id, organisation_id=seller.id)
    return {"organisation_id": seller.id, "actor": actor, "now": NOON}


def add(session: Session, public_id: str, by: dict[str, Any], shade: int = 0) -> ProductPhoto:
    return service.add(session, public_id, jpeg(shade), name="anh.jpg", **by)


def test_a_photo_is_added_behind_the_others(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller)
    version = product.version
    photo = add(session, product.public_id, by)
    assert [each.id for each in product.photos][-1] == photo.id
    assert photo.position == 1
    assert product.version > version
    assert session.scalars(select(OutboxEvent.name)).all() == ["ProductChanged"]


def test_eight_photos_are_enough(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller)
    for _ in range(7):
        PhotoFactory(product=product)
    with pytest.raises(TooManyPhotos):
        add(session, product.public_id, by)
    assert len(product.photos) == 8


def test_the_same_photo_twice_is_one_photo(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, photo=None)
    add(session, product.public_id, by)
    with pytest.raises(PhotoTwice):
        add(session, product.public_id, by)
    assert len(product.photos) == 1


def test_what_is_no_photo_is_not_kept(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, photo=None)
    with pytest.raises(NotAPhoto):
        service.add(
            session, product.public_id, b"<script>alert(1)</script>", name="../../x.jpg", **by
        )
    assert product.photos == []
    assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_a_strangers_product_gets_no_photo(session: Session, by: dict[str, Any]) -> None:
    product = ProductFactory()
    with pytest.raises(NoSuchProduct):
        add(session, product.public_id, by)


def test_a_withdrawn_product_gets_no_photo(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, state=State.WITHDRAWN)
    with pytest.raises(WithdrawnCannotChange):
        add(session, product.public_id, by)


def test_a_photo_is_taken_away_and_the_next_becomes_the_cover(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller)
    second = PhotoFactory(product=product)
    service.remove(session, product.public_id, product.photos[0].public_id, **by)
    assert [(each.id, each.position) for each in product.photos] == [(second.id, 0)]


def test_a_copys_photo_survives_the_original(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, state=State.DRAFT)
    copy = products.duplicate(session, product.public_id, **by)
    file_id = product.photos[0].file_id
    service.remove(session, product.public_id, product.photos[0].public_id, **by)
    assert session.get(StoredFile, file_id) is not None
    service.remove(session, copy.public_id, copy.photos[0].public_id, **by)
    session.flush()
    assert session.get(StoredFile, file_id) is None


def test_the_last_photo_of_what_is_on_sale_stays(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller)
    with pytest.raises(LastPhoto):
        service.remove(session, product.public_id, product.photos[0].public_id, **by)
    assert len(product.photos) == 1


def test_a_photo_of_another_product_is_not_found(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product, other = ProductFactory(organisation=seller), ProductFactory()
    with pytest.raises(NoSuchPhoto):
        service.remove(session, product.public_id, other.photos[0].public_id, **by)
    assert len(other.photos) == 1


def test_photos_are_put_in_order_and_described(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller)
    PhotoFactory(product=product)
    first, second = (photo.public_id for photo in product.photos)
    given = [
        PhotoGiven(public_id=first, alt="  Mặt  sau ", place=2),
        PhotoGiven(public_id=second, alt="Bìa", place=1),
    ]
    service.arrange(session, product.public_id, given, version=product.version, **by)
    assert [photo.public_id for photo in product.photos] == [second, first]
    assert [photo.alt for photo in product.photos] == ["Bìa", "Mặt sau"]


def test_a_stale_order_is_refused(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller)
    with pytest.raises(Stale):
        service.arrange(session, product.public_id, [], version=product.version - 1, **by)


def test_an_unknown_photo_cannot_be_ordered(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller)
    given = [PhotoGiven(public_id="0" * 14, alt="", place=1)]
    with pytest.raises(NoSuchPhoto):
        service.arrange(session, product.public_id, given, version=product.version, **by)
