from __future__ import annotations

from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from foundation.places import service
from foundation.places.models import (
    AdminUnit,
    Extent,
    OldArea,
    OldUnit,
    PlaceWord,
    Succession,
    UnitKind,
)
from foundation.places.service import Loaded


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_what_was_loaded(session: Session) -> None:
    rows = session.execute(select(AdminUnit.kind, func.count()).group_by(AdminUnit.kind))
    of_kind = {row[0]: row[1] for row in rows}
    assert of_kind == {
        UnitKind.PROVINCE: 27,
        UnitKind.CITY: 7,
        UnitKind.WARD: 697,
        UnitKind.COMMUNE: 2611,
        UnitKind.SPECIAL_ZONE: 13,
    }
    assert count(session, Succession) == 10_571
    assert count(session, OldUnit) == 10_041
    assert count(session, OldArea) == 63 + 697
    assert session.scalar(select(func.count(func.distinct(AdminUnit.slug)))) == 3355


def test_a_second_load_changes_nothing(session: Session) -> None:
    assert service.load(session) == Loaded(added=0, changed=0, removed=0)


def test_a_load_puts_right_what_differs(session: Session) -> None:
    session.execute(update(AdminUnit).where(AdminUnit.code == "80").values(name="Tỉnh Nhầm"))
    word = session.get_one(PlaceWord, "trang")
    session.delete(word)
    one = session.scalars(select(Succession).limit(1)).one()
    one.new_code = "80"
    session.flush()
    assert service.load(session) == Loaded(added=2, changed=1, removed=1)
    assert session.scalar(select(AdminUnit.name).where(AdminUnit.code == "80")) == "Tỉnh Tây Ninh"


def test_the_two_provinces(session: Session) -> None:
    rows = session.execute(
        select(AdminUnit.province_code, func.count())
        .where(AdminUnit.province_code.in_(["80", "82"]))
        .group_by(AdminUnit.province_code)
    )
    counted = {row[0]: row[1] for row in rows}
    assert counted == {"80": 96, "82": 102}


def test_dong_nai_is_a_city_since_april_2026(session: Session) -> None:
    city = session.get_one(AdminUnit, "75")
    assert (city.name, city.kind) == ("Thành phố Đồng Nai", UnitKind.CITY)
    assert (city.valid_from, city.former_name) == (date(2026, 4, 30), "Tỉnh Đồng Nai")
    risen = session.scalars(
        select(AdminUnit).where(AdminUnit.former_name.like("Xã %"), AdminUnit.province_code == "75")
    ).all()
    assert len(risen) == 10
    assert {(unit.kind, unit.valid_from) for unit in risen} == {(UnitKind.WARD, city.valid_from)}
    others = session.scalar(select(func.count()).where(AdminUnit.valid_from == date(2025, 7, 1)))
    assert others == 3355 - 11


def test_misprints_of_the_list_are_put_right(session: Session) -> None:
    assert "Quảng Trị" not in session.scalars(select(OldUnit.province)).all()
    ward = session.scalars(select(OldUnit).where(OldUnit.code == "27691")).one()
    assert ward.province == "Tỉnh Long An"
    assert {
        unit.name for unit in session.scalars(select(OldUnit).where(OldUnit.code == "00553"))
    } == {"Xã Cổ Bi"}
    dang_xa = session.execute(
        select(Succession.new_code, Succession.extent)
        .join(OldUnit, OldUnit.id == Succession.old_unit_id)
        .where(OldUnit.code == "00556")
    )
    assert {(row[0], row[1]) for row in dang_xa} == {("00541", Extent.PART), ("00562", Extent.PART)}
    assert session.scalar(select(func.count()).where(OldUnit.name == "")) == 0


def test_slugs_differ_only_where_they_must(session: Session) -> None:
    slugs = {
        unit.name: unit.slug
        for unit in session.scalars(
            select(AdminUnit).where(
                AdminUnit.code.in_(["80", "25630", "28261", "30076", "02143", "05665"])
                | (AdminUnit.name == "Phường Trảng Bàng")
            )
        )
    }
    assert slugs["Tỉnh Tây Ninh"] == "tay-ninh"
    assert slugs["Phường Trảng Bàng"] == "trang-bang-tay-ninh"
    assert slugs["Phường Mỹ Tho"] == "phuong-my-tho-dong-thap"
    assert slugs["Xã Mỹ Thọ"] == "xa-my-tho-dong-thap"
    assert slugs["Xã Văn Lang"] == "van-lang-thai-nguyen-02143"
