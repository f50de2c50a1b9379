"""The real product names of the list, in invented shops, under both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import event, select
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
from foundation.places.models import AdminUnit
from foundation.text import fold, slugify, sort_key
from marketplace.demo import rules as demo
from tests.factories.base import MOMENT

TODAY = date(2026, 11, 22)
PLACES = (
    "Phường Trảng Bàng",
    "Xã Phước Thạnh",
    "Xã Bến Lức",
    "Xã Cần Đước",
    "Phường Gò Công",
    "Phường Sa Đéc",
    "Xã Tháp Mười",
    "Xã Lai Vung",
)
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
    names: dict[int, str] = field(default_factory=dict)
    prices: dict[int, int] = field(default_factory=dict)
    stars: dict[int, int] = field(default_factory=dict)

    def counted(self, call: Callable[[], object]) -> int:
        """Return how many statements a call runs."""
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        connection = self.session.connection()
        event.listen(connection, "before_cursor_execute", note)
        call()
        event.remove(connection, "before_cursor_execute", note)
        return len(seen)


@pytest.fixture(scope="module")
def market(engine: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            market = Market(session=session, engines={})
            _fill(market)
            engines: dict[str, Engine] = {"whoosh": WhooshEngine(tmp_path_factory.mktemp("whoosh"))}
            if connection.dialect.name == "postgresql":
                engines["postgres"] = PostgresEngine()
            for each in engines.values():
                service.start_rebuild(session)
                generation = service.rebuild(session, each, today=TODAY)
                service.finish_rebuild(session, each, generation, today=TODAY)
            market.engines.update(engines)
            yield market
        outer.rollback()


def _fill(market: Market) -> None:
    session = market.session
    communes = [_commune(session, name) for name in PLACES]
    sellers = [_seller(session, name, communes[at]) for at, name in enumerate(SELLERS)]
    categories = dict(session.execute(select(Category.code, Category.id)).all())
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
        market.names[product.id] = listed.name
        market.prices[product.id] = min(variant.price for variant in product.variants)
        if listed.stars:
            lapsed = at % 4 == 0
            _certificate(session, product, listed.stars, lapsed=lapsed)
            if not lapsed:
                market.stars[product.id] = listed.stars
    session.flush()


def _commune(session: Session, name: str) -> str:
    return session.scalars(
        select(AdminUnit.code).where(
            AdminUnit.name == name, AdminUnit.province_code.in_(("80", "82"))
        )
    ).one()


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
