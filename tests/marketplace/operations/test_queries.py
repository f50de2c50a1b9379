from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.ocop.models import State as CertificateState
from catalog.products.models import State as ProductState
from foundation import clock
from foundation.organisations.models import Kind, State
from foundation.places.models import AdminUnit
from marketplace.operations import queries
from tests.conftest import NOON
from tests.factories import CertificateFactory, OrganisationFactory, ProductFactory

TODAY = clock.day(NOON)


def desk(session: Session) -> queries.Desk:
    return queries.desk(session, now=NOON, today=TODAY)


def test_an_empty_province(session: Session) -> None:
    found = desk(session)

    assert (found.waiting, found.oldest_days, found.overdue) == (0, 0, False)
    assert queries.communes(session) == []


def test_what_waits_is_counted_with_its_age(session: Session) -> None:
    for days in (2, 5):
        OrganisationFactory(state=State.SUBMITTED, submitted_at=NOON - timedelta(days=days))
    ProductFactory(state=ProductState.IN_REVIEW)
    CertificateFactory(state=CertificateState.SUBMITTED)

    found = desk(session)

    assert (found.organisations_waiting, found.oldest_days) == (2, 5)
    assert not found.overdue
    assert (found.products_waiting, found.certificates_waiting) == (1, 1)


def test_certificates_lapse_within_ninety_days(session: Session) -> None:
    for days in (0, 1, 90, 91):
        CertificateFactory(
            state=CertificateState.VERIFIED,
            issued_on=date(2024, 1, 1),
            lapses_on=TODAY + timedelta(days=days),
        )

    found = desk(session)

    assert (found.certificates_lapsing, found.certificates_valid) == (2, 3)


def test_only_verified_sellers_and_their_goods_count(session: Session) -> None:
    codes = session.scalars(
        select(AdminUnit.code).where(AdminUnit.province_code.is_not(None)).limit(2)
    ).all()
    big = OrganisationFactory(commune_code=codes[0])
    OrganisationFactory(commune_code=codes[1])
    OrganisationFactory(commune_code=codes[1], kind=Kind.SCHOOL)
    hidden = OrganisationFactory(commune_code=codes[1], state=State.SUSPENDED)
    for _ in range(2):
        ProductFactory(organisation=big)
    ProductFactory(organisation=big, state=ProductState.DRAFT)
    ProductFactory(organisation=hidden)

    found = desk(session)
    rows = queries.communes(session)

    assert (found.sellers, found.products, found.communes_selling) == (2, 2, 2)
    assert [(row.sellers, row.products) for row in rows] == [(1, 2), (1, 0)]


def test_the_desk_takes_four_statements_whatever_there_is(
    session: Session, statements: list[str]
) -> None:
    for _ in range(5):
        ProductFactory()
    session.flush()
    statements.clear()

    desk(session)
    queries.communes(session)

    assert len(statements) == 4
