from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.places import queries, rules
from foundation.places.models import AdminUnit, OldUnit, Succession
from foundation.places.queries import Outcome

PRODUCTS = Path(__file__).parent / "ocop_places.tsv"
HOME = ("80", "82")


def labels(session: Session, text: str, limit: int = 8) -> list[str]:
    return [each.label for each in queries.find_communes(session, text, limit, near=HOME)]


# --- reading -----------------------------------------------------------------------------------


def test_provinces_in_vietnamese_order(session: Session) -> None:
    names = [unit.name for unit in queries.provinces(session)]
    assert len(names) == 34
    assert names[:5] == [
        "Tỉnh An Giang",
        "Tỉnh Bắc Ninh",
        "Tỉnh Cà Mau",
        "Tỉnh Cao Bằng",
        "Thành phố Cần Thơ",
    ]
    assert names[-1] == "Tỉnh Vĩnh Long"


def test_communes_of_a_province_in_vietnamese_order(session: Session) -> None:
    names = [rules.split_kind(unit.name)[1] for unit in queries.communes(session, "80")]
    assert len(names) == 96
    assert names[:3] == ["An Lục Long", "An Ninh", "An Tịnh"]
    assert names.index("Cần Giuộc") < names.index("Châu Thành") < names.index("Đông Thành")


def test_by_slug_and_code(session: Session) -> None:
    unit = queries.by_slug(session, "trang-bang-tay-ninh")
    assert unit is not None
    assert queries.unit(session, unit.code) is unit
    assert queries.by_slug(session, "khong-co") is None
    assert queries.unit(session, "khong-co") is None


def test_suggestions_by_code(session: Session) -> None:
    found = queries.suggestions(session, ["28261", "80", "x"])
    assert {code: each.label for code, each in found.items()} == {
        "28261": "Phường Mỹ Tho, Đồng Tháp"
    }


def test_former_units(session: Session) -> None:
    unit = queries.by_slug(session, "long-hoa-tay-ninh")
    assert unit is not None
    assert "Xã Trường Đông" in {old.name for old, _ in queries.former_units(session, unit.code)}


# --- finding -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Trảng Bàng", "Phường Trảng Bàng, Tây Ninh"),
        ("trang bang", "Phường Trảng Bàng, Tây Ninh"),
        ("tra\u0309ng ba\u0300ng", "Phường Trảng Bàng, Tây Ninh"),
        ("TRANG BANG", "Phường Trảng Bàng, Tây Ninh"),
        ("trang ba", "Phường Trảng Bàng, Tây Ninh"),
        ("trang bang tay ninh", "Phường Trảng Bàng, Tây Ninh"),
        ("tay ninh trang bang", "Phường Trảng Bàng, Tây Ninh"),
        ("trang bnag", "Phường Trảng Bàng, Tây Ninh"),
        ("trang bamg tay ninh", "Phường Trảng Bàng, Tây Ninh"),
        ("trangbang", "Phường Trảng Bàng, Tây Ninh"),
        ("hòa thành", "Phường Hoà Thành, Tây Ninh"),
        ("hoà thành", "Phường Hoà Thành, Tây Ninh"),
        ("p. mỹ tho", "Phường Mỹ Tho, Đồng Tháp"),
        ("my tho tien giang", "Phường Mỹ Tho, Đồng Tháp"),
        ("xã trường đông", "Phường Long Hoa, Tây Ninh"),
        ("ea hleo", "Xã Ea H'Leo, Đắk Lắk"),
        ("dương đông phú quốc", "Đặc khu Phú Quốc, An Giang"),
        ("con dao", "Đặc khu Côn Đảo, TP. Hồ Chí Minh"),
        ("trảng bom", "Phường Trảng Bom, TP. Đồng Nai"),
        ("binh minh tay nin", "Phường Bình Minh, Tây Ninh"),
    ],
)
def test_find_communes(session: Session, typed: str, first: str) -> None:
    assert labels(session, typed)[0] == first


def test_a_district_gives_its_communes(session: Session) -> None:
    assert labels(session, "huyện Gò Dầu") == [
        "Phường Gia Lộc, Tây Ninh",
        "Phường Gò Dầu, Tây Ninh",
        "Xã Phước Thạnh, Tây Ninh",
        "Xã Thạnh Đức, Tây Ninh",
        "Xã Truông Mít, Tây Ninh",
    ]


def test_an_old_name_says_what_it_was(session: Session) -> None:
    found = queries.find_communes(session, "xã trường đông")
    assert [(each.old, each.part) for each in found] == [
        ("Xã Trường Đông, Thị xã Hòa Thành, Tây Ninh", False)
    ]


def test_a_name_many_share_is_shown_at_home_first(session: Session) -> None:
    found = queries.find_communes(session, "tân thành", near=["82"])
    assert found[0].label == "Xã Tân Thành, Đồng Tháp"
    assert len(found) == 8
    assert len({each.code for each in found}) == 8


@pytest.mark.parametrize("typed", ["", " ", "t", "%", "_", "'; --", "\\", "?" * 300, "12345", "()"])
def test_what_names_nothing_finds_nothing(session: Session, typed: str) -> None:
    assert queries.find_communes(session, typed) == []


def test_a_search_takes_few_statements(session: Session, statements: list[str]) -> None:
    for typed in ("tan thanh", "trang bang tay ninh", "xa long dinh, can duoc, long an"):
        statements.clear()
        queries.find_communes(session, typed, near=HOME)
        assert len(statements) <= 6
    statements.clear()
    queries.find_communes(session, "trang bnag tay ninhh", near=HOME)
    assert len(statements) <= 11


# --- resolving ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "commune"),
    [
        ("ấp Trường Phú, xã Trường Đông, TX Hòa Thành, Tây Ninh", "Phường Long Hoa, Tây Ninh"),
        ("ấp Trường Phú xã Trường Đông TX Hoà Thành Tây Ninh", "Phường Long Hoa, Tây Ninh"),
        ("xa truong dong hoa thanh", "Phường Long Hoa, Tây Ninh"),
        ("Tây Ninh, Hòa Thành, Trường Đông", "Phường Long Hoa, Tây Ninh"),
        ("phường Mỹ Phong, Tiền Giang", "Phường Mỹ Phong, Đồng Tháp"),
        ("Phường Mỹ Tho, Tiền Giang", "Phường Mỹ Tho, Đồng Tháp"),
        ("P.3, TP Tây Ninh", "Phường Tân Ninh, Tây Ninh"),
        ("phường Bến Nghé, Quận 1, TP.HCM", "Phường Sài Gòn, TP. Hồ Chí Minh"),
        ("12/3 ấp 4, xã Long Định, huyện Cần Đước, Long An", "Xã Long Cang, Tây Ninh"),
        ("xã Long Định, huyện Châu Thành, Tiền Giang, Việt Nam", "Xã Long Định, Đồng Tháp"),
        ("Phường 4, thành phố Tân An, Long An", "Phường Long An, Tây Ninh"),
        ("xã Trảng Bom, Đồng Nai", "Phường Trảng Bom, TP. Đồng Nai"),
        ("Xã Văn Lang, Thái Nguyên", "Xã Văn Lang, Thái Nguyên"),
        ("Xã Văn Lăng, Thái Nguyên", "Xã Văn Lăng, Thái Nguyên"),
        ("huyện Lý Sơn, Quảng Ngãi", "Đặc khu Lý Sơn, Quảng Ngãi"),
    ],
)
def test_what_leaves_no_doubt_is_resolved(session: Session, address: str, commune: str) -> None:
    found = queries.resolve_old(session, address)
    assert (found.outcome, found.commune and found.commune.label) == (Outcome.ONE, commune)


@pytest.mark.parametrize(
    ("address", "choices"),
    [
        ("xã Suối Dây, huyện Tân Châu, Tây Ninh", {"Xã Tân Châu", "Xã Tân Thành"}),
        ("Xã Gia Tân, huyện Gia Viễn, Ninh Bình", {"Phường Tây Hoa Lư", "Xã Gia Vân"}),
        ("xa van lang thai nguyen", {"Xã Văn Lang", "Xã Văn Lăng"}),
        ("xã Đặng Xá, Gia Lâm, Hà Nội", {"Xã Phù Đổng", "Xã Thuận An"}),
        ("xã Trường Đông; phường 3, Tây Ninh", None),
    ],
)
def test_what_was_split_or_is_shared_must_be_chosen(
    session: Session, address: str, choices: set[str] | None
) -> None:
    found = queries.resolve_old(session, address)
    assert (found.outcome, found.commune) == (Outcome.CHOICE, None)
    assert len(found.choices) > 1
    assert choices is None or {each.name for each in found.choices} == choices


@pytest.mark.parametrize(
    ("address", "area", "offered"),
    [
        ("TX Trảng Bàng, Tây Ninh", "Thị xã Trảng Bàng", True),
        ("huyện Hồng Ngự, Đồng Tháp", "Huyện Hồng Ngự", True),
        ("gò dầu", "Huyện Gò Dầu", True),
        ("TP Sa Đéc / huyện Châu Thành, Đồng Tháp", "Thành phố Sa Đéc, Huyện Châu Thành", True),
        ("Long An, Long An", "Tỉnh Long An", False),
        ("TP HCM", "Thành phố Hồ Chí Minh", False),
    ],
)
def test_a_district_or_province_alone(
    session: Session, address: str, area: str, offered: bool
) -> None:
    found = queries.resolve_old(session, address)
    assert (found.outcome, found.commune, found.area) == (Outcome.AREA, None, area)
    assert bool(found.choices) is offered


@pytest.mark.parametrize(
    "address",
    [
        "xã Trường Đông, Hà Nội",
        "xã Không Có Đâu, Tây Ninh",
        "Phường Mỹ Tho, Hà Nội",
        "asdf qwer",
        "",
        "xã",
        "'; DROP TABLE admin_units; --",
    ],
)
def test_what_fits_nowhere_is_never_guessed(session: Session, address: str) -> None:
    assert queries.resolve_old(session, address).commune is None


def test_every_place_of_the_ocop_lists(session: Session) -> None:
    """198 products name their places as of before July 2025, with remarks and all."""
    outcomes: Counter[Outcome] = Counter()
    with PRODUCTS.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source, delimiter="\t"):
            found = queries.resolve_old(session, f"{row['place']}, {row['province']}")
            outcomes[found.outcome] += int(row["products"])
            if row["expected"]:
                assert found.commune is not None, row
                assert found.commune.label == row["expected"], row
            else:
                assert found.commune is None, row
                assert found.choices or found.area, row
    assert outcomes == {Outcome.ONE: 105, Outcome.AREA: 89, Outcome.CHOICE: 4}


def test_every_old_commune_of_the_two_provinces(session: Session) -> None:
    became = defaultdict[tuple[str, ...], set[str]](set)
    for name, district, province, code in session.execute(
        select(OldUnit.name, OldUnit.district, OldUnit.province, Succession.new_code)
        .join(Succession, Succession.old_unit_id == OldUnit.id)
        .join(AdminUnit, AdminUnit.code == Succession.new_code)
        .where(AdminUnit.province_code.in_(HOME))
    ):
        became[name, district, province].add(code)
    assert len(became) == 585
    wrong = {
        address
        for address, codes in became.items()
        if set(queries.resolve_old(session, ", ".join(address)).codes()) != codes
    }
    assert wrong == set()


def test_every_commune_of_the_two_provinces_by_its_label(session: Session) -> None:
    codes = session.scalars(select(AdminUnit.code).where(AdminUnit.province_code.in_(HOME))).all()
    for code, suggestion in queries.suggestions(session, codes).items():
        found = queries.resolve_old(session, suggestion.label)
        assert found.commune is not None, suggestion.label
        assert found.commune.code == code, suggestion.label
