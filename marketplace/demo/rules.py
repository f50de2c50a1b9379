"""What the demo says of each real product name, and who is imagined to make it. Pure."""

from __future__ import annotations

import csv
import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from foundation import clock

DATA: Final = Path(__file__).with_name("data")
PICTURES: Final = Path(__file__).with_name("pictures")

VALID_MONTHS: Final = 36
HOME_PROVINCES: Final = frozenset({"80", "82"})
# A source that names only the year is taken to mean a decision near that year's end.
USUAL_DAY: Final = (12, 20)

GIVEN_NAMES: Final = [
    "Lành",
    "Hiền",
    "Thảo",
    "Nhu",
    "Đậm",
    "Sương",
    "Mến",
    "Thơm",
    "Út",
    "Hạnh",
    "Bưởi",
    "Lài",
    "Duyên",
    "Tâm",
    "Phước",
    "Thuận",
    "Hoà",
    "Mười",
    "Gấm",
    "Lụa",
    "Cúc",
    "Huệ",
    "Liễu",
    "Mận",
    "Đào",
    "Sen",
    "Trúc",
    "Xuân",
    "Thu",
    "Đông",
    "Nghĩa",
    "Tín",
]
BIRTH_ORDERS: Final = ["Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "Tám", "Chín", "Út"]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One line of ocop_products.tsv: a real name, and what its source says of it."""

    name: str
    producer_kind: str
    place: str
    province: str
    stars: int | None
    year: int
    note: str


@dataclass(frozen=True, kw_only=True)
class Goods:
    """What is said of one kind of goods."""

    pattern: str
    alt: str
    category: str
    sizes: tuple[tuple[str, int, str, int], ...]
    shelf: int | None
    storage: str
    ingredients: str
    summary: str
    story: str


@dataclass(frozen=True, kw_only=True)
class Recognition:
    """Stars a source states, with the days they count."""

    stars: int
    issued_on: date
    lapses_on: date


@cache
def listed() -> tuple[Listed, ...]:
    """Return every real product name, in the order of the list."""
    with (DATA / "ocop_products.tsv").open(encoding="utf-8", newline="") as lines:
        return tuple(_listed(row) for row in csv.DictReader(lines, delimiter="\t"))


def _listed(row: dict[str, str]) -> Listed:
    return Listed(
        name=row["name"],
        producer_kind=row["producer_kind"] or "cooperative",
        place=row["place_before_2025"],
        province=row["province"],
        stars=int(row["stars"]) if row["stars"] else None,
        year=int(row["source_year"]),
        note=row["status_note"],
    )


@cache
def _goods() -> tuple[Goods, ...]:
    kinds = tomllib.loads((DATA / "goods.toml").read_text(encoding="utf-8"))["kind"]
    return tuple(_read_goods(kind) for kind in kinds)


def _read_goods(kind: dict[str, Any]) -> Goods:
    return Goods(
        pattern=kind["match"],
        alt=kind["alt"],
        category=kind["category"],
        sizes=tuple((name, net, unit, price) for name, net, unit, price in kind["sizes"]),
        shelf=kind.get("shelf"),
        storage=kind["storage"],
        ingredients=kind["ingredients"],
        summary=kind["summary"],
        story=kind["story"],
    )


def goods_of(name: str) -> Goods:
    """Return the first kind whose pattern fits the product's name."""
    return next(kind for kind in _goods() if re.search(kind.pattern, name.lower()))


@cache
def _pictures() -> tuple[tuple[str, str], ...]:
    lines = (DATA / "kinds.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return tuple((line.split("\t")[0], line.split("\t")[1]) for line in lines)


def picture_of(name: str) -> str:
    """Return the name of the drawn picture that belongs to a product's name."""
    return next(picture for pattern, picture in _pictures() if re.search(pattern, name.lower()))


def recognition(row: Listed) -> Recognition | None:
    """Return the stars the source states, or None where it states none as given.

    Ranks of before 2023 have lapsed; a proposal is not a recognition.
    """
    if row.stars is None or "proposed" in row.note:
        return None
    named = re.search(r"from (\d{4}-\d{2}-\d{2})", row.note)
    issued = date.fromisoformat(named[1]) if named else date(row.year, *USUAL_DAY)
    if row.year >= 2025 and not named:
        issued = date(2025, 6, 12)
    return Recognition(
        stars=row.stars, issued_on=issued, lapses_on=clock.add_months(issued, VALID_MONTHS)
    )


def shops() -> Iterator[tuple[str, str, list[Listed]]]:
    """Yield (kind of producer, place, its products): one imagined shop for each."""
    found: dict[tuple[str, str], list[Listed]] = {}
    for row in listed():
        found.setdefault((row.producer_kind, f"{row.place}, {row.province}"), []).append(row)
    for (kind, place), rows in found.items():
        yield kind, place, rows


def shop_name(kind: str, commune: str, number: int) -> str:
    """Return an invented name for a shop. `number` makes it differ from its neighbours."""
    person = f"{BIRTH_ORDERS[number % len(BIRTH_ORDERS)]} {GIVEN_NAMES[number % len(GIVEN_NAMES)]}"
    bare = re.sub(r"^(Phường|Xã|Đặc khu) ", "", commune)
    if kind == "cooperative":
        return f"Hợp tác xã Nông sản {bare}"
    if kind == "enterprise":
        return f"Công ty TNHH Đặc sản {person} {bare}"
    return f"Cơ sở {person} {bare}"


def owner_name(number: int) -> str:
    """Return an invented person's name."""
    families = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi")
    middles = ("Thị", "Văn", "Ngọc", "Minh", "Kim")
    return (
        f"{families[number % len(families)]} {middles[number % len(middles)]} "
        f"{GIVEN_NAMES[(number * 7) % len(GIVEN_NAMES)]}"
    )


def shop_story(kind: str, commune: str) -> str:
    """Return a few invented sentences about a shop."""
    stories = {
        "cooperative": (
            f"Mấy chục hộ ở {commune} cùng trồng, cùng làm theo một quy trình và cùng bán. "
            "Hàng gom về kho hợp tác xã, phân loại và đóng gói ngay trong ngày."
        ),
        "enterprise": (
            f"Xưởng nằm ngay vùng nguyên liệu {commune}, thu mua của nông dân quanh vùng "
            "với giá đã hẹn trước mùa. Mỗi lô hàng có phiếu kiểm."
        ),
        "household_business": (
            f"Nhà làm nghề ở {commune} đã mấy đời. Làm theo mẻ nhỏ, hết mẻ này mới tới mẻ khác, "
            "nên lúc nào cũng là hàng mới."
        ),
    }
    return stories[kind]


def province_code(province: str) -> str:
    """Return the code of the province of today that a line's province lies in."""
    today = re.search(r"nay ([^)]+)\)", province)
    name = today[1] if today else province.split(" (", maxsplit=1)[0]
    return {"Tây Ninh": "80", "Đồng Tháp": "82", "Vĩnh Long": "86", "An Giang": "91"}[name]


def ages(chance: random.Random) -> dict[Listed, int]:
    """Return for every line how many came to the market after it.

    The goods of the two provinces are mixed, so that the newest make a varied stall; guests from
    further away came first.
    """
    mixed = sorted(listed(), key=lambda _row: chance.random())
    mixed.sort(key=lambda row: province_code(row.province) not in HOME_PROVINCES)
    return {row: at for at, row in enumerate(mixed)}
