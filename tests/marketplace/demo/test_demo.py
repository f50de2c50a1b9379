from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from catalog.ocop import queries as ocop
from catalog.products import queries as products
from catalog.products.models import Product, Variant
from foundation.config import Config
from foundation.organisations.models import Organisation, State
from marketplace.app import create_app
from marketplace.demo import rules, service
from tests.conftest import NOON, JoinedSessions

TODAY = date(2026, 11, 22)


@pytest.fixture
def province(app: Flask, session: Session) -> Session:
    service.build(session, now=NOON, data_key="d" * 40, password_hash="!")
    session.flush()
    return session


def test_every_listed_name_is_on_sale_with_picture_price_and_shop(province: Session) -> None:
    listed = Counter(row.name for row in rules.listed())
    ids = province.scalars(select(Product.id)).all()

    cards = products.cards(province, ids)

    assert Counter(card.name for card in cards) == listed
    assert all(card.price and card.seller_name and card.commune_name for card in cards)
    assert all(card.cover is not None for card in cards)
    without = select(Product.id).where(~Product.id.in_(select(Variant.product_id)))
    assert province.scalars(without).all() == []


def test_pictures_are_of_the_kind_that_the_list_of_kinds_says() -> None:
    assert rules.picture_of("Bánh tráng phơi sương") == "banh-trang"
    assert rules.picture_of("Sầu riêng sấy thăng hoa") == "sau-rieng"
    assert all(
        (rules.PICTURES / f"{rules.picture_of(row.name)}.svg").is_file() for row in rules.listed()
    )


def test_stars_show_only_where_the_source_states_them_and_they_count(province: Session) -> None:
    by_name = {
        name: identity for identity, name in province.execute(select(Product.id, Product.name))
    }
    badges = ocop.badges(province, list(by_name.values()), today=TODAY)

    assert badges[by_name["Bánh tráng phô mai"]].lapses_on == date(2027, 1, 31)
    assert badges[by_name["Sen sấy Wasabi"]].lapses_on == date(2026, 12, 29)
    assert by_name["Bánh tráng phơi sương"] not in badges  # recognised in 2020: lapsed
    assert by_name["Gạo Nàng Thơm Chợ Đào"] not in badges  # no rank in its source
    assert all("Mẫu" in badge.decision_number for badge in badges.values())


def test_alcohol_is_for_adults(province: Session) -> None:
    names = province.scalars(select(Product.name).where(Product.adults_only)).all()

    assert "Đế Gò Đen 31%" in names
    assert "Rượu sâm Bố Chính" in names
    assert "Trà sâm Bố Chính" not in names


def test_nobodys_phone_rings(province: Session) -> None:
    phones = province.scalars(select(Organisation.phone)).all()

    assert all(phone.startswith("0550") for phone in phones)
    assert len(set(phones)) == len(phones)


def test_something_waits_for_the_province(province: Session) -> None:
    waiting = select(func.count()).where(Organisation.state == State.SUBMITTED)

    assert province.scalar(waiting) == 1
    assert ocop.waiting_count(province) == 1


def test_a_database_in_use_is_not_empty(province: Session) -> None:
    assert not service.is_empty(province)


def test_every_page_of_a_demonstration_says_so(
    province: Session, app: Flask, config: Config, connection: Connection
) -> None:
    demonstration = create_app(replace(config, demo=True))
    demonstration.extensions["phiencho_sessions"].engine.dispose()
    demonstration.extensions["phiencho_sessions"] = JoinedSessions(connection)
    page = "/products/banh-trang-phoi-suong"

    assert "Bản dùng thử" in demonstration.test_client().get(page).text
    assert "Bản dùng thử" not in app.test_client().get(page).text


def test_the_command_builds_once_and_only_where_it_may(
    session: Session, connection: Connection, config: Config
) -> None:
    def run(*, demo: bool) -> Result:
        app = create_app(replace(config, demo=demo))
        app.extensions["phiencho_sessions"].engine.dispose()
        app.extensions["phiencho_sessions"] = JoinedSessions(connection)
        return app.test_cli_runner().invoke(args=["demo"])

    assert run(demo=False).exit_code == 1
    assert session.scalar(select(func.count()).select_from(Product)) == 0

    assert "198 món hàng" in run(demo=True).output
    assert run(demo=True).exit_code == 1
    assert session.scalar(select(func.count()).select_from(Product)) == len(rules.listed())
