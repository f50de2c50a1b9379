from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.ocop.events import CertificateChanged
from catalog.products.events import ProductChanged
from catalog.products.models import Product, State
from catalog.search import service
from catalog.search.engine import Engine, Filters, Plan, SearchRequest, Term
from catalog.search.models import SearchDirty
from catalog.search.queries import is_behind, search
from foundation.organisations.events import OrganisationChanged
from foundation.organisations.models import State as SellerState
from tests import factories
from tests.conftest import NOON

TODAY = date(2026, 11, 22)


@pytest.fixture
def searching(app: Flask) -> Engine:
    found: Engine = app.extensions["search"]
    return found


def names_found(session: Session, searching: Engine, q: str) -> set[str]:
    found = search(session, searching, SearchRequest(q=q), today=TODAY)
    rows = session.scalars(select(Product.name).where(Product.id.in_(found.product_ids)))
    return set(rows)


def change(session: Session, product: Product, *, at: datetime = NOON) -> None:
    session.flush()
    service.hear_product_changed(session, ProductChanged(product_id=product.id, occurred_at=at))


def test_what_is_published_is_found(session: Session, searching: Engine) -> None:
    product = factories.ProductFactory(name="Kẹo chuối phồng")
    change(session, product)
    assert is_behind(session)
    assert names_found(session, searching, "keo chuoi phong") == set()
    assert service.follow(session, searching, today=TODAY) == 1
    assert names_found(session, searching, "keo chuoi phong") == {"Kẹo chuối phồng"}
    assert not is_behind(session)
    assert service.follow(session, searching, today=TODAY) == 0


def test_hearing_twice_changes_nothing(session: Session, searching: Engine) -> None:
    product = factories.ProductFactory(name="Kẹo chuối phồng")
    change(session, product)
    change(session, product)
    service.follow(session, searching, today=TODAY)
    change(session, product)
    service.follow(session, searching, today=TODAY)
    found = search(session, searching, SearchRequest(q="kẹo chuối phồng"), today=TODAY)
    assert found.product_ids == (product.id,)
    assert found.total == 1
    assert searching.frequencies(session, ["N:keo chuoi"])["N:keo chuoi"] >= 1


def test_a_new_name_replaces_the_old_one(session: Session, searching: Engine) -> None:
    product = factories.ProductFactory(name="Kẹo chuối phồng")
    change(session, product)
    service.follow(session, searching, today=TODAY)
    product.name = "Bánh khoai mì nướng"
    change(session, product)
    service.follow(session, searching, today=TODAY)
    assert names_found(session, searching, "bánh khoai mì") == {"Bánh khoai mì nướng"}
    plans = [Plan(tiers=(Term("N:keo chuoi"),))]
    assert searching.totals(session, plans, Filters(today=TODAY)) == [0]


@pytest.mark.parametrize("state", [State.PAUSED, State.WITHDRAWN, State.DRAFT, State.IN_REVIEW])
def test_what_is_not_on_sale_leaves(session: Session, searching: Engine, state: State) -> None:
    product = factories.ProductFactory(name="Kẹo chuối phồng")
    change(session, product)
    service.follow(session, searching, today=TODAY)
    product.state = state
    change(session, product)
    service.follow(session, searching, today=TODAY)
    assert names_found(session, searching, "kẹo chuối phồng") == set()


def test_a_seller_takes_all_it_sells_along(session: Session, searching: Engine) -> None:
    seller = factories.OrganisationFactory(name="Lò kẹo Ba Phương")
    for name in ("Kẹo chuối phồng", "Kẹo dừa nướng"):
        change(session, factories.ProductFactory(name=name, organisation=seller))
    service.follow(session, searching, today=TODAY)
    event = OrganisationChanged(organisation_id=seller.id, occurred_at=NOON)
    seller.name = "Lò kẹo Tư Hường"
    session.flush()
    service.hear_organisation_changed(session, event)
    service.follow(session, searching, today=TODAY)
    assert names_found(session, searching, "tư hường") == {"Kẹo chuối phồng", "Kẹo dừa nướng"}
    seller.state = SellerState.REJECTED
    session.flush()
    service.hear_organisation_changed(session, event)
    service.follow(session, searching, today=TODAY)
    assert names_found(session, searching, "tư hường") == set()


def test_a_certificate_changes_what_it_covers(session: Session, searching: Engine) -> None:
    product = factories.ProductFactory(name="Kẹo chuối phồng")
    change(session, product)
    service.follow(session, searching, today=TODAY)
    certificate = factories.CertificateFactory(
        stars=4, products=[product], issued_on=date(2025, 6, 12), lapses_on=date(2028, 6, 12)
    )
    session.flush()
    service.hear_certificate_changed(
        session, CertificateChanged(certificate_id=certificate.id, occurred_at=NOON)
    )
    service.follow(session, searching, today=TODAY)

    def total(stars: int, today: date) -> int:
        return search(session, searching, SearchRequest(stars=stars), today=today).total

    assert [total(stars, TODAY) for stars in (3, 4, 5)] == [1, 1, 0]
    assert total(4, date(2028, 6, 11)) == 1
    assert total(4, date(2028, 6, 12)) == 0


def test_a_certificate_not_verified_never_shows(session: Session, searching: Engine) -> None:
    product = factories.ProductFactory()
    factories.CertificateFactory(stars=5, products=[product], state="submitted")
    factories.CertificateFactory(stars=5, products=[product], state="revoked")
    factories.CertificateFactory(
        stars=5, products=[product], issued_on=date(2027, 1, 1), lapses_on=date(2030, 1, 1)
    )
    change(session, product)
    service.follow(session, searching, today=TODAY)
    assert search(session, searching, SearchRequest(stars=3), today=TODAY).total == 0


def test_a_renewed_certificate_takes_over(session: Session, searching: Engine) -> None:
    product = factories.ProductFactory()
    for stars, lapses in ((5, date(2027, 1, 1)), (3, date(2028, 1, 1))):
        factories.CertificateFactory(
            stars=stars, products=[product], issued_on=date(2025, 1, 1), lapses_on=lapses
        )
    change(session, product)
    service.follow(session, searching, today=TODAY)

    def held(today: date) -> dict[str, int]:
        found = search(session, searching, SearchRequest(), today=today)
        return {each.value: each.count for each in found.facet("stars").values}

    assert held(date(2026, 12, 31)) == {"5": 1, "4": 1, "3": 1}
    assert held(date(2027, 1, 1)) == {"3": 1}
    assert held(date(2028, 1, 1)) == {}


def test_old_names_of_places_are_found(session: Session, searching: Engine) -> None:
    change(session, factories.ProductFactory(name="Kẹo chuối phồng", commune_code="25459"))
    service.follow(session, searching, today=TODAY)
    assert names_found(session, searching, "kẹo chuối tây ninh") == {"Kẹo chuối phồng"}


def test_a_rebuild_catches_up_with_what_changes_meanwhile(
    session: Session, searching: Engine
) -> None:
    stays = factories.ProductFactory(name="Kẹo chuối phồng")
    leaves = factories.ProductFactory(name="Kẹo dừa nướng")
    session.flush()
    service.start_rebuild(session)
    generation = service.rebuild(session, searching, today=TODAY)
    comes = factories.ProductFactory(name="Kẹo mè xửng")
    leaves.state = State.PAUSED
    for product in (comes, leaves):
        change(session, product)
    # The worker goes on following: what it wrote went to the old generation alone.
    service.follow(session, searching, today=TODAY)
    assert names_found(session, searching, "kẹo") == {"Kẹo mè xửng"}
    assert not is_behind(session)
    assert service.finish_rebuild(session, searching, generation, today=TODAY) == 2
    assert names_found(session, searching, "kẹo") == {stays.name, comes.name}
    assert session.scalar(select(func.count()).select_from(SearchDirty)) == 0


def test_a_rebuild_given_up_does_no_harm(session: Session, searching: Engine) -> None:
    product = factories.ProductFactory(name="Kẹo chuối phồng")
    change(session, product)
    service.start_rebuild(session)
    service.rebuild(session, searching, today=TODAY)
    service.follow(session, searching, today=TODAY)
    assert names_found(session, searching, "kẹo chuối") == {"Kẹo chuối phồng"}
    for _time in range(2):
        service.start_rebuild(session)
        generation = service.rebuild(session, searching, today=TODAY)
        service.finish_rebuild(session, searching, generation, today=TODAY)
    assert names_found(session, searching, "kẹo chuối") == {"Kẹo chuối phồng"}
