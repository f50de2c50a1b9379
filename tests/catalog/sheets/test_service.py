"""A workbook is compared, shown and saved: all or nothing, never a stranger's."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.products.models import NetUnit, Product, State, Variant
from catalog.sheets import queries, service
from catalog.sheets.errors import (
    AlreadyImported,
    ChangedMeanwhile,
    HasMistakes,
    NoSuchImport,
)
from catalog.sheets.models import ProductImport
from foundation import clock
from foundation.accounts.errors import TooManyKnocks
from foundation.audit.rules import Actor
from foundation.organisations.models import Organisation
from foundation.outbox.models import OutboxEvent
from foundation.text import clean, clean_multiline, fold
from tests.catalog.sheets.books import HEADINGS, ROW, book
from tests.conftest import NOON
from tests.factories import OrganisationFactory, PersonFactory, ProductFactory, VariantFactory
from tests.factories.catalog import some_commune

TODAY = clock.day(NOON)


@pytest.fixture
def seller(session: Session) -> Organisation:
    return OrganisationFactory(commune_code=some_commune())


@pytest.fixture
def by(seller: Organisation) -> dict[str, Any]:
    actor = Actor.person(PersonFactory().id, organisation_id=seller.id)
    return {"organisation_id": seller.id, "actor": actor, "now": NOON}


def take_in(session: Session, data: bytes, by: dict[str, Any]) -> ProductImport:
    return service.take_in(session, data, name="hang.xlsx", **by)


def sentences(kept: ProductImport) -> list[tuple[int, str]]:
    return [(each["row"], each["column"]) for each in kept.content["mistakes"]]


# --- new --------------------------------------------------------------------------------------


def test_new_rows_become_drafts_once_agreed_to(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    kept = take_in(session, book([ROW, ["Muối ớt", *ROW[1:]]]), by)
    assert session.scalar(select(func.count()).select_from(Product)) == 0
    assert service.confirm(session, kept.token, **by) == 2
    products = session.scalars(select(Product).order_by(Product.id)).all()
    assert [product.state for product in products] == [State.DRAFT] * 2
    assert [product.slug for product in products] == ["banh-trang-me", "muoi-ot"]
    assert products[0].commune_code == seller.commune_code
    assert products[0].variants[0].price == 45_000


def test_rows_of_one_name_are_one_product_of_several_sizes(
    session: Session, by: dict[str, Any]
) -> None:
    kilogram = ["Bánh tráng me", "", 1.5, "kg", "120.000", 5]
    kept = take_in(session, book([ROW, kilogram]), by)
    service.confirm(session, kept.token, **by)
    (product,) = session.scalars(select(Product)).all()
    assert [(size.name, size.net_amount, size.price) for size in product.variants] == [
        ("500 g", 500, 45_000),
        ("1,5 kg", 1_500, 120_000),
    ]


def test_two_products_of_one_slug_have_two_addresses(session: Session, by: dict[str, Any]) -> None:
    kept = take_in(session, book([["Mật ong", *ROW[1:]], ["Mặt ông", *ROW[1:]]]), by)
    assert kept.content["mistakes"] == []
    ProductFactory(name="Mat ong")
    service.confirm(session, kept.token, **by)
    slugs = session.scalars(select(Product.slug)).all()
    assert len(set(slugs)) == len(slugs)


# --- known ------------------------------------------------------------------------------------


def test_rows_find_their_product_by_code_and_change_only_what_they_say(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, summary="Giữ nguyên.")
    headings = ["Mã hàng", "Giá", "Tồn kho"]
    kept = take_in(session, book([[product.public_id.upper(), "52k", 7]], headings), by)
    (entry,) = kept.content["entries"]
    assert entry["changes"][0][1:] == [
        "Gói 500 g, 500 g: 45.000\u00a0₫, kho 20",
        "Gói 500 g, 500 g: 52.000\u00a0₫, kho 7",
    ]
    service.confirm(session, kept.token, **by)
    session.expire_all()
    assert (product.variants[0].price, product.variants[0].stock) == (52_000, 7)
    assert (product.summary, product.state) == ("Giữ nguyên.", State.PUBLISHED)
    assert session.scalars(select(OutboxEvent.name)).all() == ["ProductChanged"]


def test_rows_find_their_product_by_sku(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, variant__sku="BT-1")
    kept = take_in(session, book([["BT-1", 60000]], ["SKU", "Giá"]), by)
    service.confirm(session, kept.token, **by)
    session.expire_all()
    assert product.variants[0].price == 60_000


def test_a_strangers_product_is_never_touched(session: Session, by: dict[str, Any]) -> None:
    theirs = ProductFactory(variant__sku="BT-1")
    by_code = take_in(session, book([[theirs.public_id, 1000]], ["Mã hàng", "Giá"]), by)
    assert sentences(by_code) == [(2, "Mã hàng")]
    size = theirs.variants[0].public_id
    headings = [*HEADINGS, "Mã quy cách", "Mã SKU"]
    by_size = take_in(session, book([[*ROW, size, ""]], headings), by)
    assert sentences(by_size) == [(2, "Mã quy cách")]
    by_sku = take_in(session, book([[*ROW, "", "BT-1"]], headings), by)
    assert service.confirm(session, by_sku.token, **by) == 1
    session.expire_all()
    assert theirs.variants[0].price == 45_000
    assert session.scalar(select(func.count()).select_from(Product)) == 2


def test_the_same_file_twice_does_not_double_anything(session: Session, by: dict[str, Any]) -> None:
    data = book([ROW])
    service.confirm(session, take_in(session, data, by).token, **by)
    again = take_in(session, data, by)
    assert sentences(again) == [(2, "Tên món hàng")]
    with pytest.raises(HasMistakes):
        service.confirm(session, again.token, **by)
    assert session.scalar(select(func.count()).select_from(Product)) == 1


# --- mistakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "value", "column"),
    [
        (0, "", "Tên món hàng"),
        (0, "ă" * 161, "Tên món hàng"),
        (1, "Đồ linh tinh", "Loại hàng"),
        (1, "", "Loại hàng"),
        (2, "nhiều", "Lượng tịnh"),
        (2, -5, "Lượng tịnh"),
        (2, 2_000_000, "Lượng tịnh"),
        (3, "thúng", "Đơn vị"),
        (4, -45000, "Giá (đồng)"),
        (4, 499, "Giá (đồng)"),
        (4, 45000.5, "Giá (đồng)"),
        (4, "rẻ", "Giá (đồng)"),
        (4, "", "Giá (đồng)"),
        (4, 10**14, "Giá (đồng)"),
        (4, True, "Giá (đồng)"),
        (5, -1, "Tồn kho"),
        (5, "vài", "Tồn kho"),
        (5, 1.5, "Tồn kho"),
        (4, "=1+1", "Giá (đồng)"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_saved(
    session: Session, by: dict[str, Any], place: int, value: object, column: str
) -> None:
    bad = list(ROW)
    bad[place] = value
    kept = take_in(session, book([["Món tốt", *ROW[1:]], bad]), by)
    assert (3, column) in sentences(kept)
    assert {row for row, _column in sentences(kept)} == {3}
    with pytest.raises(HasMistakes):
        service.confirm(session, kept.token, **by)
    assert session.scalar(select(func.count()).select_from(Product)) == 0


@pytest.mark.parametrize(
    ("headings", "rows", "expected"),
    [
        ([*HEADINGS, "SKU"], [[*ROW, "A"], ["Khác", *ROW[1:], "A"]], (3, "Mã SKU")),
        (HEADINGS, [ROW, ROW], (3, "Quy cách")),
        (HEADINGS, [ROW, [ROW[0], "Hoa", 1, "kg", 90000, 1]], (3, "Loại hàng")),
        ([*HEADINGS, "Hạn dùng"], [[*ROW, 0]], (2, "Hạn dùng (ngày)")),
        ([*HEADINGS, "Từ 18 tuổi"], [[*ROW, "hả"]], (2, "Từ 18 tuổi")),
        ([*HEADINGS, "Xã, phường"], [[*ROW, "Xã Không Có Thật"]], (2, "Xã, phường")),
    ],
)
def test_rows_that_contradict_are_told(
    session: Session,
    by: dict[str, Any],
    headings: list[str],
    rows: list[list[Any]],
    expected: tuple[int, str],
) -> None:
    assert expected in sentences(take_in(session, book(rows, headings), by))


def test_a_withdrawn_product_is_not_changed(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller, state=State.WITHDRAWN)
    kept = take_in(session, book([[product.public_id, 9000]], ["Mã hàng", "Giá"]), by)
    assert sentences(kept) == [(2, "Mã hàng")]


def test_a_workbook_cannot_be_sent_without_end(session: Session, by: dict[str, Any]) -> None:
    data = book([ROW])
    for _ in range(service.UPLOADS_AN_HOUR):
        take_in(session, data, by)
    with pytest.raises(TooManyKnocks):
        take_in(session, data, by)


# --- agreeing ---------------------------------------------------------------------------------


def test_what_was_seen_is_what_is_saved_or_nothing_is(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    product = ProductFactory(organisation=seller)
    other = ProductFactory(organisation=seller)
    rows = [[product.public_id, 60000], [other.public_id, 70000]]
    kept = take_in(session, book(rows, ["Mã hàng", "Giá"]), by)
    other.name = "Đổi trong lúc đó"
    session.flush()
    with pytest.raises(ChangedMeanwhile):
        service.confirm(session, kept.token, **by)
    session.expire_all()
    assert product.variants[0].price == 45_000


def test_agreeing_twice_saves_once(session: Session, by: dict[str, Any]) -> None:
    kept = take_in(session, book([ROW]), by)
    service.confirm(session, kept.token, **by)
    with pytest.raises(AlreadyImported):
        service.confirm(session, kept.token, **by)
    assert session.scalar(select(func.count()).select_from(Product)) == 1


def test_a_preview_belongs_to_its_seller_and_lasts_a_day(
    session: Session, by: dict[str, Any]
) -> None:
    kept = take_in(session, book([ROW]), by)
    stranger = OrganisationFactory()
    with pytest.raises(NoSuchImport):
        service.confirm(session, kept.token, **{**by, "organisation_id": stranger.id})
    with pytest.raises(NoSuchImport):
        queries.preview(session, kept.token, organisation_id=stranger.id, now=NOON)
    tomorrow = NOON + queries.KEPT_FOR
    with pytest.raises(NoSuchImport):
        service.confirm(session, kept.token, **{**by, "now": tomorrow})
    assert session.scalar(select(func.count()).select_from(Product)) == 0


# --- there and back ---------------------------------------------------------------------------

LETTERS = st.characters(exclude_categories=("Cs", "Co", "Cn"), max_codepoint=0x1FFFF)
LINE = st.text(LETTERS, max_size=40).map(clean)
TEXT = st.text(LETTERS | st.just("\n"), max_size=80).map(clean_multiline)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    name=LINE,
    summary=LINE,
    description=TEXT,
    sku=LINE,
    net=st.integers(1, 10_000),
    unit=st.sampled_from(list(NetUnit)),
    price=st.integers(500, 500_000_000),
    stock=st.integers(0, 1_000_000),
    days=st.none() | st.integers(1, 3_650),
    start=st.sampled_from(["", "=", "+", "-", "@"]),
)
def test_what_was_exported_comes_back_unchanged(
    session: Session, seller: Organisation, by: dict[str, Any], **facts: Any
) -> None:
    name = f"{facts['start']}Món {facts['name']}".strip()
    with session.begin_nested() as trial:
        product = ProductFactory(
            organisation=seller,
            name=clean(name),
            slug=f"mon-{facts['net']}",
            summary=facts["summary"],
            description=facts["description"],
            shelf_life_days=facts["days"],
            variant__sku=facts["sku"],
            variant__net_amount=facts["net"],
            variant__net_unit=facts["unit"],
            variant__price=facts["price"],
            variant__stock=facts["stock"],
        )
        VariantFactory(product=product, name="Hộp quà", net_amount=2_345)
        data = queries.export(session, seller.id, TODAY)
        lines = service.read(data, "a.xlsx")
        known = service._known(session, lines, seller.id, NOON)
        plan = service.merging.plan(lines, known)
        assert plan.mistakes == ()
        assert [entry.changes for entry in plan.entries] == [()]
        trial.rollback()
    assert fold(name)


def test_nothing_in_an_export_is_a_formula(
    session: Session, seller: Organisation, by: dict[str, Any]
) -> None:
    attack = "=HYPERLINK(1)"
    ProductFactory(organisation=seller, name=attack, summary="@SUM(A1)", variant__sku="+1")
    sheet = load_workbook(BytesIO(queries.export(session, seller.id, TODAY)))["Hàng hoá"]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    name = next(cell for cell in cells if cell.value == attack)
    assert name.quotePrefix


def test_the_template_comes_back_as_its_example(session: Session, by: dict[str, Any]) -> None:
    kept = take_in(session, queries.template(session, TODAY), by)
    assert kept.content["mistakes"] == []
    assert len(kept.content["entries"]) == 1


def test_two_thousand_rows_in_a_few_seconds(
    session: Session, by: dict[str, Any], statements: list[str]
) -> None:
    data = book([[f"Món số {number}", *ROW[1:]] for number in range(2_000)])
    started = time.monotonic()
    kept = take_in(session, data, by)
    statements.clear()
    assert service.confirm(session, kept.token, **by) == 2_000
    assert time.monotonic() - started < 20  # a few seconds; slow machines are shared
    assert len([each for each in statements if each.startswith("SELECT")]) < 20
    assert session.scalar(select(func.count()).select_from(Variant)) == 2_000
