"""Loading the official lists into the tables."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from foundation.db import Base
from foundation.places import rules
from foundation.places.models import (
    AdminUnit,
    AreaKind,
    OldArea,
    OldUnit,
    PlaceWord,
    Succession,
    UnitKind,
)
from foundation.text import fold_words, slugify, sort_key

DATA: Final = Path(__file__).parent / "data"
TWO_LEVELS_SINCE: Final = date(2025, 7, 1)
LAST_DAY_OF_OLD: Final = date(2025, 6, 30)
# Misprints of the succession list, each beyond doubt from the rows around it.
_PROVINCES_PUT_RIGHT: Final = {
    ("27691", "Tỉnh Tiền Giang"): "Tỉnh Long An",  # the other eight of Tân An say so
    ("", "Quảng Trị"): "Tỉnh Quảng Trị",
}
_CODES_PUT_RIGHT: Final = {("00553", "Xã Đặng Xá"): "00556"}  # 00553 is Cổ Bi

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """How many rows a load added, changed and took away."""

    added: int
    changed: int
    removed: int


def load(session: Session) -> Loaded:
    """Bring the tables to what the lists say. A second load changes nothing.

    A unit that has left the list stays, since orders and organisations name it; whoever removes
    one sets its last day in a migration.
    """
    units = _units()
    olds, links = _olds()
    areas = _areas(olds, links, units)
    sync = partial(_sync, session)
    provinces = [unit for unit in units if unit["province_code"] is None]
    communes = [unit for unit in units if unit["province_code"] is not None]
    found = [
        sync(AdminUnit, ("code",), provinces),
        sync(AdminUnit, ("code",), communes),
        sync(OldArea, ("province_key", "district_key", "name"), areas),
        sync(OldUnit, ("id",), olds),
        sync(Succession, ("old_unit_id", "new_code"), links, prune=True),
        sync(PlaceWord, ("word",), _words(units, olds)),
    ]
    return Loaded(
        added=sum(each.added for each in found),
        changed=sum(each.changed for each in found),
        removed=sum(each.removed for each in found),
    )


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source, delimiter="\t"))


def _units() -> list[Row]:
    changes = {row["code"]: row for row in _read("admin_changes.tsv")}
    listed = _read("admin_units.tsv")
    provinces = {row["code"]: row["name"] for row in listed if not row["province_code"]}
    slugs = _slugs(listed, provinces)
    return [
        {
            "code": row["code"],
            "name": rules.official(row["name"]),
            "former_name": changes[row["code"]]["former_name"] if row["code"] in changes else None,
            "slug": slugs[row["code"]],
            "kind": UnitKind(row["kind"]),
            "province_code": row["province_code"] or None,
            "fold_key": rules.key(row["name"]),
            "sort_key": sort_key(rules.split_kind(row["name"])[1]),
            "valid_from": (
                date.fromisoformat(changes[row["code"]]["day"])
                if row["code"] in changes
                else TWO_LEVELS_SINCE
            ),
            "valid_to": None,
        }
        for row in listed
    ]


def _slugs(listed: Sequence[Mapping[str, str]], provinces: Mapping[str, str]) -> dict[str, str]:
    """Return a slug for each code: the name alone, the kind or the code only where two clash."""

    names = {}
    for row in listed:
        kind, bare = rules.split_kind(row["name"])
        behind = rules.split_kind(provinces.get(row["province_code"], ""))[1]
        short = slugify(f"{bare} {behind}")
        names[row["code"]] = (short, slugify(f"{kind} {bare} {behind}"))
    shorts = Counter(short for short, _ in names.values())
    longs = Counter(long for _, long in names.values())
    return {
        code: short if shorts[short] == 1 else long if longs[long] == 1 else f"{short}-{code}"
        for code, (short, long) in names.items()
    }


def _olds() -> tuple[list[Row], list[Row]]:
    """Return the old communes and what became of each. Ids follow the order of the list."""
    olds: dict[tuple[str, ...], Row] = {}
    links: dict[tuple[int, str], Row] = {}
    for row in _read("admin_succession.tsv"):
        district = rules.official(row["old_district"])
        # An island district had no communes below it: it stands for itself.
        name = rules.official(row["old_name"]) or district
        code = _CODES_PUT_RIGHT.get((row["old_code"], name), row["old_code"])
        province = _PROVINCES_PUT_RIGHT.get((code, row["old_province"]), row["old_province"])
        identity = (code, name, district, rules.official(province))
        if identity not in olds:
            olds[identity] = _old(len(olds) + 1, *identity)
        link = (olds[identity]["id"], row["new_code"])
        links[link] = {"old_unit_id": link[0], "new_code": link[1], "extent": row["extent"]}
    return list(olds.values()), list(links.values())


def _old(number: int, code: str, name: str, district: str, province: str) -> Row:
    return {
        "id": number,
        "code": code,
        "name": name,
        "district": district,
        "province": province,
        "fold_key": rules.key(name),
        "district_fold_key": rules.key(district),
        "province_fold_key": rules.key(province),
        "valid_to": LAST_DAY_OF_OLD,
    }


def _areas(olds: Sequence[Row], links: Sequence[Row], units: Sequence[Row]) -> list[Row]:
    province_of = {unit["code"]: unit["province_code"] for unit in units}
    old_of = {old["id"]: old for old in olds}
    areas: dict[tuple[str, str, str], Row] = {}
    for link in links:
        old = old_of[link["old_unit_id"]]
        now_in = province_of[link["new_code"]]
        for kind, name, district in (
            (AreaKind.PROVINCE, old["province"], ""),
            (AreaKind.DISTRICT, old["district"], old["district_fold_key"]),
        ):
            areas[old["province_fold_key"], district, name] = {
                "kind": kind,
                "name": name,
                "province": old["province"],
                "fold_key": district or old["province_fold_key"],
                "province_key": old["province_fold_key"],
                "district_key": district,
                "new_province_code": now_in,
            }
    return list(areas.values())


def _words(units: Iterable[Row], olds: Iterable[Row]) -> list[Row]:
    names = {unit["name"] for unit in units}
    for old in olds:
        names |= {old["name"], old["district"], old["province"]}
    words = {word for name in names for word in fold_words(name)}
    return [{"word": word} for word in sorted(words) if word.isalpha()]


def _sync(
    session: Session,
    model: type[Base],
    identity: tuple[str, ...],
    wanted: Sequence[Row],
    *,
    prune: bool = False,
) -> Loaded:
    """Add what is missing, change what differs; with `prune` remove what is wanted no more."""
    columns = [getattr(model, name) for name in wanted[0]]
    present = {
        tuple(row[name] for name in identity): dict(row)
        for row in session.execute(select(*columns)).mappings()
    }
    added, changed = [], []
    for row in wanted:
        there = present.pop(tuple(row[name] for name in identity), None)
        if there is None:
            added.append(row)
        elif there != row:
            changed.append(row)
    if added:
        session.execute(insert(model), added)
    for row in changed:
        session.execute(update(model).where(*_same(model, identity, row)).values(row))
    gone = list(present.values()) if prune else []
    for row in gone:
        session.execute(delete(model).where(*_same(model, identity, row)))
    return Loaded(added=len(added), changed=len(changed), removed=len(gone))


def _same(model: type[Base], identity: tuple[str, ...], row: Row) -> list[Any]:
    return [getattr(model, name) == row[name] for name in identity]
