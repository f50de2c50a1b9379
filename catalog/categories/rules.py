"""Editions of OCOP's list. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    GROUP = "group"
    KIND = "kind"
    SUB_KIND = "sub_kind"


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One issue of the list: `file` lies in data/, `valid_from` is the day its decision was
    signed."""

    name: str
    valid_from: date
    file: str


# In order of time. A later edition goes below: what it no longer names ends on its first day.
EDITIONS: Final = (Edition(name="2023", valid_from=date(2023, 2, 24), file="ocop_2023.tsv"),)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of an edition."""

    code: str
    parent: str
    level: Level
    vi: str
    en: str
    alcohol: bool
    position: int


def read(tsv: str) -> list[Entry]:
    """Return the entries of an edition's file, parents before their children.

    Raises ValueError when a line is broken or names a parent that no earlier line has.
    """
    head, *lines = tsv.rstrip("\n").split("\n")
    names = head.split("\t")
    entries: list[Entry] = []
    known = {""}
    for number, line in enumerate(lines, start=2):
        cells = dict(zip(names, line.split("\t"), strict=True))
        if cells["parent"] not in known or cells["code"] in known:
            raise ValueError(f"line {number}: {cells['code']!r} under {cells['parent']!r}")
        known.add(cells["code"])
        entries.append(
            Entry(
                code=cells["code"],
                parent=cells["parent"],
                level=Level(cells["level"]),
                vi=cells["vi"],
                en=cells["en"],
                alcohol=cells["alcohol"] == "1",
                position=int(cells["position"]),
            )
        )
    return entries
