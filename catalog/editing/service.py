"""Saving everything that stands on a product's form at once, and sending it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog.photos import service as photos
from catalog.photos.service import PhotoGiven
from catalog.products import service as products
from catalog.products.models import Product
from catalog.products.rules import ProductGiven
from catalog.publication import service as publication
from foundation.audit.rules import Actor


@dataclass(frozen=True, kw_only=True)
class FormGiven:
    """A product's form as it was sent: `version` is the one it was opened with."""

    product: ProductGiven
    photos: Sequence[PhotoGiven]
    version: int


def save(
    session: Session,
    public_id: str,
    given: FormGiven,
    *,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> Product:
    """Save the product, its sizes, the order and the words of its photos, all or nothing.

    Raises what products.save and photos.arrange raise.
    """
    product = products.save(
        session,
        public_id,
        given.product,
        version=given.version,
        organisation_id=organisation_id,
        actor=actor,
        now=now,
    )
    return photos.arrange(
        session,
        public_id,
        given.photos,
        version=product.version,
        organisation_id=organisation_id,
        actor=actor,
        now=now,
    )


def save_and_submit(
    session: Session,
    public_id: str,
    given: FormGiven,
    *,
    review: bool,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> Product:
    """Save the form and put the product forward, all or nothing.

    Raises what `save` and publication.submit raise.
    """
    save(session, public_id, given, organisation_id=organisation_id, actor=actor, now=now)
    return publication.submit(
        session, public_id, review=review, organisation_id=organisation_id, actor=actor, now=now
    )
