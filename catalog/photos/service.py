"""The photos of a product: added, taken away, put in order, described."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.products.errors import (
    LastPhoto,
    NoSuchPhoto,
    PhotoTwice,
    TooManyPhotos,
    WithdrawnCannotChange,
)
from catalog.products.models import Product, ProductPhoto, State
from catalog.products.rules import ALT_LENGTH, MOST_PHOTOS, MUST_BE_COMPLETE
from catalog.products.service import lock, refuse_stale, touch
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.storage import service as storage
from foundation.text import clean


@dataclass(frozen=True, kw_only=True)
class PhotoGiven:
    """What somebody wrote beside a photo. Photos are sorted by `place`; equal ones stay in the
    order they were in."""

    public_id: str
    alt: str
    place: int


def add(
    session: Session,
    public_id: str,
    data: bytes,
    *,
    name: str,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> ProductPhoto:
    """Add a photo behind the others. `data` is the upload, `name` its file name.

    Raises NoSuchProduct, WithdrawnCannotChange, TooManyPhotos, PhotoTwice, and what
    storage.keep_photo raises.
    """
    product = _changeable(session, public_id, organisation_id)
    if len(product.photos) >= MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    file = storage.keep_photo(
        session, data, name=name, organisation_id=organisation_id, actor=actor, now=now
    )
    if any(photo.file.sha256 == file.sha256 for photo in product.photos):
        storage.drop(session, file)
        raise PhotoTwice(name=clean(name)[:80])
    last = max((photo.position for photo in product.photos), default=-1)
    photo = ProductPhoto(file=file, position=last + 1)
    product.photos.append(photo)
    touch(session, product, actor=actor, now=now)
    session.flush()
    audit.record(
        session, "products.photo_added", product, actor=actor, now=now, photo=photo.public_id
    )
    return photo


def remove(
    session: Session,
    public_id: str,
    photo_id: str,
    *,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> Product:
    """Take a photo away. Raises NoSuchProduct, WithdrawnCannotChange, NoSuchPhoto, LastPhoto."""
    product = _changeable(session, public_id, organisation_id)
    photo = next((each for each in product.photos if each.public_id == photo_id), None)
    if photo is None:
        raise NoSuchPhoto
    if len(product.photos) == 1 and product.state in MUST_BE_COMPLETE:
        raise LastPhoto
    file = photo.file
    product.photos.remove(photo)
    session.flush()
    used = session.scalar(
        select(func.count()).select_from(ProductPhoto).where(ProductPhoto.file_id == file.id)
    )
    if not used:  # a copied product shows the same file
        storage.drop(session, file)
    _number(product)
    touch(session, product, actor=actor, now=now)
    audit.record(session, "products.photo_removed", product, actor=actor, now=now, photo=photo_id)
    session.flush()
    return product


def arrange(
    session: Session,
    public_id: str,
    given: Sequence[PhotoGiven],
    *,
    version: int,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> Product:
    """Put the photos in order and describe them; the first one is the cover.

    Photos that are not named keep their place. Raises NoSuchProduct, Stale,
    WithdrawnCannotChange, NoSuchPhoto.
    """
    product = _changeable(session, public_id, organisation_id)
    refuse_stale(session, product, version)
    photos = {photo.public_id: photo for photo in product.photos}
    before = [(photo.public_id, photo.alt) for photo in product.photos]
    places = {photo.public_id: photo.position for photo in product.photos}
    for wanted in given:
        if wanted.public_id not in photos:
            raise NoSuchPhoto
        photos[wanted.public_id].alt = clean(wanted.alt)[:ALT_LENGTH]
        places[wanted.public_id] = wanted.place
    ordered = sorted(product.photos, key=lambda photo: (places[photo.public_id], photo.position))
    for position, photo in enumerate(ordered):
        photo.position = position
    product.photos.sort(key=lambda photo: photo.position)
    if before != [(photo.public_id, photo.alt) for photo in product.photos]:
        touch(session, product, actor=actor, now=now)
        audit.record(session, "products.photos_arranged", product, actor=actor, now=now)
    session.flush()
    return product


def _changeable(session: Session, public_id: str, organisation_id: int) -> Product:
    product = lock(session, public_id, organisation_id)
    if product.state is State.WITHDRAWN:
        raise WithdrawnCannotChange
    return product


def _number(product: Product) -> None:
    for position, photo in enumerate(product.photos):
        photo.position = position
