"""What a seller's desk shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from catalog.ocop.models import Certificate
from catalog.ocop.models import State as CertificateState
from catalog.products.models import Product, ProductPhoto, Variant
from catalog.products.models import State as ProductState
from foundation.organisations import queries as organisations
from foundation.organisations.models import Organisation, State
from foundation.organisations.rules import APPLICATION_OPEN
from marketplace.sellers import rules


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One organisation's day."""

    organisation: Organisation
    steps: Sequence[rules.Step]
    products: dict[ProductState, int]
    low_stock: Sequence[Variant]
    lapsing: Sequence[Certificate]
    certificates: int

    @property
    def steps_left(self) -> int:
        return sum(not step.done for step in self.steps)


def desk(session: Session, organisation_id: int, *, today: date) -> Desk:
    """Return what stands on an organisation's desk, in six statements. `today` in Việt Nam."""
    organisation = organisations.own(session, organisation_id)
    counts = product_counts(session, organisation_id)
    return Desk(
        organisation=organisation,
        steps=rules.first_steps(
            verified=organisation.state is State.VERIFIED,
            sent=organisation.state not in APPLICATION_OPEN,
            products=sum(counts.values()),
            with_photos=_with_photos(session, organisation_id),
            published=counts.get(ProductState.PUBLISHED, 0),
        ),
        products=counts,
        low_stock=low_stock(session, organisation_id),
        lapsing=lapsing(session, organisation_id, today=today),
        certificates=_valid_certificates(session, organisation_id, today=today),
    )


def product_counts(session: Session, organisation_id: int) -> dict[ProductState, int]:
    """Return how many products an organisation has in each state."""
    rows = session.execute(
        select(Product.state, func.count(Product.id))
        .where(Product.organisation_id == organisation_id)
        .group_by(Product.state)
    )
    return {row[0]: row[1] for row in rows}


def low_stock(session: Session, organisation_id: int) -> Sequence[Variant]:
    """Return the sizes on sale of which few are left, the fewest first, products loaded."""
    return session.scalars(
        select(Variant)
        .join(Variant.product)
        .options(contains_eager(Variant.product))
        .where(
            Product.organisation_id == organisation_id,
            Product.state == ProductState.PUBLISHED,
            Variant.stock <= rules.LOW_STOCK,
        )
        .order_by(Variant.stock, Variant.id)
        .limit(rules.ROWS_SHOWN)
    ).all()


def lapsing(session: Session, organisation_id: int, *, today: date) -> Sequence[Certificate]:
    """Return the valid certificates that lapse soon, the soonest first."""
    return session.scalars(
        select(Certificate)
        .where(
            Certificate.organisation_id == organisation_id,
            Certificate.state == CertificateState.VERIFIED,
            Certificate.lapses_on > today,
            Certificate.lapses_on <= today + rules.LAPSING_WITHIN,
        )
        .order_by(Certificate.lapses_on)
        .limit(rules.ROWS_SHOWN)
    ).all()


def _with_photos(session: Session, organisation_id: int) -> int:
    return (
        session.scalar(
            select(func.count(func.distinct(ProductPhoto.product_id)))
            .join(ProductPhoto.product)
            .where(Product.organisation_id == organisation_id)
        )
        or 0
    )


def _valid_certificates(session: Session, organisation_id: int, *, today: date) -> int:
    return (
        session.scalar(
            select(func.count(Certificate.id)).where(
                Certificate.organisation_id == organisation_id,
                Certificate.state == CertificateState.VERIFIED,
                Certificate.issued_on <= today,
                Certificate.lapses_on > today,
            )
        )
        or 0
    )
