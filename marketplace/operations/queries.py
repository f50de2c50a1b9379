"""The figures of the province's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, distinct, func, select
from sqlalchemy.orm import Session

from catalog.ocop.models import Certificate
from catalog.ocop.models import State as CertificateState
from catalog.products.models import Product
from catalog.products.models import State as ProductState
from foundation.organisations.models import Organisation, State
from foundation.organisations.review import queries as review
from foundation.organisations.rules import REVIEW_DAYS, SELLING_KINDS, waiting_days
from foundation.places.models import AdminUnit

LAPSING_WITHIN = timedelta(days=90)
COMMUNES_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What waits, and how the market stands, at one moment."""

    organisations_waiting: int
    oldest_days: int
    overdue: bool
    products_waiting: int
    certificates_waiting: int
    certificates_lapsing: int
    certificates_valid: int
    sellers: int
    products: int
    communes_selling: int

    @property
    def waiting(self) -> int:
        return self.organisations_waiting + self.products_waiting + self.certificates_waiting


@dataclass(frozen=True, kw_only=True)
class CommuneRow:
    """A commune with its verified sellers and what they have on sale."""

    name: str
    slug: str
    sellers: int
    products: int


def desk(session: Session, *, now: datetime, today: date) -> Desk:
    """Return the figures of this moment in three statements. `today` is the day in Việt Nam."""
    oldest = review.oldest_waiting(session)
    days = waiting_days(oldest, now=now) if oldest else 0
    found = session.execute(_counts(today)).one()
    return Desk(
        organisations_waiting=review.state_counts(session).get(State.SUBMITTED, 0),
        oldest_days=days,
        overdue=days > REVIEW_DAYS,
        products_waiting=found.products_waiting,
        certificates_waiting=found.certificates_waiting,
        certificates_lapsing=found.certificates_lapsing,
        certificates_valid=found.certificates_valid,
        sellers=found.sellers,
        products=found.products,
        communes_selling=found.communes_selling,
    )


def communes(session: Session, *, limit: int = COMMUNES_SHOWN) -> Sequence[CommuneRow]:
    """Return the communes with the most products on sale, in one statement."""
    products = func.count(distinct(Product.id))
    rows = session.execute(
        select(
            AdminUnit.name,
            AdminUnit.slug,
            func.count(distinct(Organisation.id)),
            products,
        )
        .join(Organisation, Organisation.commune_code == AdminUnit.code)
        .outerjoin(
            Product,
            and_(
                Product.organisation_id == Organisation.id,
                Product.state == ProductState.PUBLISHED,
            ),
        )
        .where(*_selling())
        .group_by(AdminUnit.code, AdminUnit.name, AdminUnit.slug, AdminUnit.sort_key)
        .order_by(products.desc(), AdminUnit.sort_key)
        .limit(limit)
    )
    return [
        CommuneRow(name=name, slug=slug, sellers=sellers, products=on_sale)
        for name, slug, sellers, on_sale in rows
    ]


def _counts(today: date) -> Select[tuple[int, ...]]:
    valid = and_(
        Certificate.state == CertificateState.VERIFIED,
        Certificate.issued_on <= today,
        Certificate.lapses_on > today,
    )
    on_sale = (
        select(func.count(Product.id))
        .join(Organisation, Organisation.id == Product.organisation_id)
        .where(Product.state == ProductState.PUBLISHED, *_selling())
    )
    sellers = select(func.count(Organisation.id)).where(*_selling())
    communes_selling = select(func.count(distinct(Organisation.commune_code))).where(*_selling())
    return select(
        _products(Product.state == ProductState.IN_REVIEW).label("products_waiting"),
        _certificates(Certificate.state == CertificateState.SUBMITTED).label(
            "certificates_waiting"
        ),
        _certificates(and_(valid, Certificate.lapses_on <= today + LAPSING_WITHIN)).label(
            "certificates_lapsing"
        ),
        _certificates(valid).label("certificates_valid"),
        sellers.scalar_subquery().label("sellers"),
        on_sale.scalar_subquery().label("products"),
        communes_selling.scalar_subquery().label("communes_selling"),
    )


def _products(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count(Product.id)).where(condition).scalar_subquery()


def _certificates(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count(Certificate.id)).where(condition).scalar_subquery()


def _selling() -> tuple[ColumnElement[bool], ...]:
    return (
        Organisation.state == State.VERIFIED,
        Organisation.kind.in_(sorted(SELLING_KINDS)),
    )
