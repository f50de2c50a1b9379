"""The real product names of the list, in invented shops, under both engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.categories.models import Category
from catalog.ocop.models import Certificate, CertificateProduct, IssuerLevel
from catalog.ocop.models import State as CertificateState
from catalog.products.models import NetUnit, Product, State, Variant
from catalog.search import service
from catalog.search.engine import Engine
from catalog.search.postgres_engine import PostgresEngine
from catalog.search.whoosh_engine import WhooshEngine
from foundation.organisations.models import Kind, Organisation
from foundation.organisations.models import State as SellerState
from foundation.places.models import AdminUnit, UnitKind
from foundation.text import fold, slugify, sort_key
from marketplace.demo import rules as demo
from tests.factories.base import MOMENT

TODAY = date(2026, 11, 22)
PLACES = {
    ("80", "Tỉnh Tây Ninh"): (
        ("25630", "Phường Trảng Bàng"),
        ("25645", "Xã Phước Thạnh"),
        ("27991", "Xã Bến Lức"),
        ("28108", "Xã Cần Đước"),
    ),
    ("82", "Tỉnh Đồng Tháp"): (
        ("28270", "Phường Gò Công"),
        ("29905", "Phường Sa Đéc"),
        ("30043", "Xã Tháp Mười"),
        ("30208", "Xã Lai Vung"),
    ),
}
SELLERS = (
    "Lò bánh tráng Sáu Hiền",
    "Hợp tác xã Vườn Cây Bến Lức",
    "Cơ sở khô Rạch Cát",
    "Bếp chay Cô Tám",
    "Trại ong Bảy Nhu",
    "Hợp tác xã Sen Tháp Mười",
    "Công ty Đặc sản Gò Công",
    "Lò rượu Hai Thảnh",
)


@dataclass(frozen=True, kw_only=True)
class Market:
    """Products of the list by their position, and the engines that know them."""

    session: Session
    engines: dict[str, Engine]
    names: dict[int, str]
    slugs: dict[str, str]


@pytest.fixture(scope="module")
def market(engine: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            names = _fill(session)
            engines: dict[str, Engine] = {
                "whoosh": WhooshEngine(tmp_path_factory.mktemp("whoosh"))
            }
            if connection.dialect.name == "postgresql":
                engines["postgres"] = PostgresEngine()
            for each in engines.values():
                service.start_rebuild(session)
                generation = service.rebuild(session, each, today=TODAY)
                service.finish_rebuild(session, each, generation, today=TODAY)
            yield Market(session=session, engines=engines, names=names, slugs={})
        outer.rollback()


def _fill(session: Session) -> dict[int, str]:
    communes = [_place(session, *unit) for unit in _units(session)]
    sellers = [_seller(session, name, communes[at]) for at, name in enumerate(SELLERS)]
    categories = dict(session.execute(select(Category.code, Category.id)).all())
    names = {}
    for at, listed in enumerate(demo.listed()):
        goods = demo.goods_of(listed.name)
        product = Product(
            slug=f"{slugify(listed.name)}-{at}",
            organisation_id=sellers[at % len(sellers)],
            category_id=categories[goods.category],
            commune_code=communes[(at // 3) % len(communes)],
            name=listed.name,
            summary=goods.summary,
            description=goods.story,
            ingredients=goods.ingredients,
            state=State.PUBLISHED,
            created_at=MOMENT,
            updated_at=MOMENT,
            published_at=MOMENT - timedelta(hours=at),
        )
        for position, (size, net, unit, price) in enumerate(goods.sizes):
            product.variants.append(
                Variant(
                    name=size,
                    price=price + 500 * at,
                    net_amount=net,
                    net_unit=NetUnit(unit),
                    stock=5,
                    position=position,
                )
            )
        session.add(product)
        session.flush()
        names[product.id] = listed.name
        if listed.stars:
            _certificate(session, product, listed.stars, lapsed=at % 4 == 0)
    session.flush()
    return names


def _units(session: Session) -> Iterator[tuple[str, str, str | None]]:
    for (code, name), inside in PLACES.items():
        _place(session, code, name, None)
        yield from ((commune, called, code) for commune, called in inside)


def _place(session: Session, code: str, name: str, province: str | None) -> str:
    if session.get(AdminUnit, code) is None:
        session.add(
            AdminUnit(
                code=code,
                name=name,
                slug=slugify(name),
                kind=UnitKind.COMMUNE if province else UnitKind.PROVINCE,
                province_code=province,
                fold_key=fold(name),
                sort_key=sort_key(name),
                valid_from=date(2025, 7, 1),
            )
        )
        session.flush()
    return code


def _seller(session: Session, name: str, commune: str) -> int:
    seller = Organisation(
        slug=slugify(name),
        kind=Kind.COOPERATIVE,
        state=SellerState.VERIFIED,
        name=name,
        sort_key=sort_key(name),
        fold_key=fold(name),
        commune_code=commune,
        created_at=MOMENT,
    )
    session.add(seller)
    session.flush()
    return seller.id


def _certificate(session: Session, product: Product, stars: int, *, lapsed: bool) -> None:
    issued = date(2022, 6, 1) if lapsed else date(2025, 3, 1)
    session.add(
        Certificate(
            organisation_id=product.organisation_id,
            decision_number=f"QĐ-{product.id}",
            issuer_level=IssuerLevel.PROVINCE,
            issuer="Ủy ban nhân dân tỉnh",
            stars=max(stars, 3),
            issued_on=issued,
            lapses_on=issued.replace(year=issued.year + 3),
            state=CertificateState.VERIFIED,
            created_at=MOMENT,
            covers=[CertificateProduct(product_id=product.id)],
        )
    )
