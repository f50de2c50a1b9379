"""Reading provinces and communes, and finding them by what people type."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased

from foundation.places import fitting, lookup, rules
from foundation.places.fitting import Old, Reading
from foundation.places.models import AdminUnit, Extent, OldUnit, Succession
from foundation.places.rules import Typed

MOST_CHOICES: Final = 40
MOST_EXPANDED: Final = 2
FAR_BELOW: Final = 0.6

Province = aliased(AdminUnit)


class Outcome(StrEnum):
    """What an address came to: one commune; several to choose from; only a district or a
    province; nothing."""

    ONE = "one"
    CHOICE = "choice"
    AREA = "area"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A commune of today. `label` is what is printed: "Xã Phước Chỉ, Tây Ninh". `old` names the
    unit of before July 2025 it was found by, `part` says that only a part of that one came to it.
    """

    code: str
    slug: str
    name: str
    province_code: str
    province: str
    label: str
    old: str = ""
    part: bool = False
    former_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """What an address means. `commune` is set for ONE and then the only one of `choices`; else
    these are what to choose from, for NONE the nearest names. With AREA, `area` is the official
    name of the district or province that was named."""

    outcome: Outcome
    commune: Suggestion | None = None
    choices: tuple[Suggestion, ...] = ()
    area: str = ""

    def codes(self) -> list[str]:
        """Return the codes of what it may be, the likeliest first."""
        return [each.code for each in self.choices]


def unit(session: Session, code: str) -> AdminUnit | None:
    """Return a province or commune by its code, None when there is none."""
    return session.get(AdminUnit, code)


def provinces(session: Session) -> Sequence[AdminUnit]:
    """Return the provinces of today in Vietnamese order."""
    return session.scalars(
        select(AdminUnit)
        .where(AdminUnit.province_code.is_(None), AdminUnit.valid_to.is_(None))
        .order_by(AdminUnit.sort_key)
    ).all()


def communes(session: Session, province_code: str) -> Sequence[AdminUnit]:
    """Return the communes of a province in Vietnamese order."""
    return session.scalars(
        select(AdminUnit)
        .where(AdminUnit.province_code == province_code, AdminUnit.valid_to.is_(None))
        .order_by(AdminUnit.sort_key)
    ).all()


def by_slug(session: Session, slug: str) -> AdminUnit | None:
    """Return a province or commune by its slug, None when there is none."""
    return session.scalars(select(AdminUnit).where(AdminUnit.slug == slug)).one_or_none()


def suggestions(session: Session, codes: Collection[str]) -> dict[str, Suggestion]:
    """Return communes by code, with the label that is printed. Unknown codes are left out."""
    rows = session.execute(_units().where(AdminUnit.code.in_(codes)))
    return {row.code: _suggestion(row) for row in rows}


def former_units(session: Session, code: str) -> Sequence[tuple[OldUnit, Extent]]:
    """Return the units of before July 2025 that became this commune, wholly or in part."""
    rows = session.execute(
        select(OldUnit, Succession.extent)
        .join(Succession, Succession.old_unit_id == OldUnit.id)
        .where(Succession.new_code == code)
        .order_by(OldUnit.id)
    )
    return [(row[0], row[1]) for row in rows]


def find_communes(
    session: Session, text: str, limit: int = 8, near: Collection[str] = ()
) -> list[Suggestion]:
    """Return communes that the typed text may mean, the likeliest first.

    Knows today's names and those of before July 2025, with accents or none, in any order of
    commune, district and province, unfinished at the end, or with one letter wrong. Between
    equals those in the provinces `near` come first.
    """
    typed = rules.read(text)
    readings = lookup.readings(session, [typed], near=near, unfinished=True)
    if not any(reading.whole for reading in readings):
        corrected = lookup.readings(session, lookup.corrections(session, typed), near=near)
        readings = sorted([*readings, *corrected], key=lambda each: -each.score)
    return _suggest(session, readings, limit)


def resolve_old(session: Session, text: str) -> Resolution:
    """Return what an address means today; one of before July 2025 or a newer one.

    ONE is given only where the text leaves no doubt: a commune that was split, or a name that
    stands for several, is a CHOICE.
    """
    parts = rules.alternatives(text)
    found = [_resolve(session, rules.read(part)) for part in parts]
    return found[0] if len(found) == 1 else _together(found)


def _resolve(session: Session, typed: Typed) -> Resolution:
    readings = lookup.readings(session, [typed])
    exact = [each for each in readings if each.hit and each.whole]
    if typed.old:
        exact = [each for each in exact if each.hit and each.hit.old] or exact
    alone = [each for each in readings if each.hit is None and each.whole]
    exact, alone = fitting.likeliest(exact), fitting.likeliest(alone)
    if alone and (not exact or alone[0].score >= exact[0].score - fitting.ALIKE):
        return _only_area(session, alone, exact)
    if exact:
        return _only_communes(session, fitting.settled(typed, exact))
    anchored = [each for each in readings if each.hit and each.anchored]
    if anchored:
        chosen = _suggest(session, fitting.likeliest(anchored, fitting.NEARLY), MOST_CHOICES)
        return Resolution(outcome=Outcome.CHOICE, choices=tuple(chosen))
    corrected = lookup.readings(session, lookup.corrections(session, typed))
    nearest = _suggest(session, sorted([*readings, *corrected], key=lambda each: -each.score), 8)
    return Resolution(outcome=Outcome.NONE, choices=tuple(nearest))


def _only_communes(session: Session, readings: Sequence[Reading]) -> Resolution:
    chosen = _suggest(session, readings, MOST_CHOICES)
    if len(chosen) == 1:
        return Resolution(outcome=Outcome.ONE, commune=chosen[0], choices=tuple(chosen))
    return Resolution(outcome=Outcome.CHOICE, choices=tuple(chosen))


def _only_area(session: Session, alone: Sequence[Reading], exact: Sequence[Reading]) -> Resolution:
    """Answer a text that names a district or a province and, at most, a commune called alike."""
    province = next((each.province for each in alone if each.district is None), None)
    if province is not None:
        return Resolution(outcome=Outcome.AREA, area=province.name)
    chosen = _suggest(session, [*exact, *alone], MOST_CHOICES)
    if len(chosen) == 1:  # an island district is one commune now
        return Resolution(outcome=Outcome.ONE, commune=chosen[0], choices=tuple(chosen))
    names = dict.fromkeys(each.district.name for each in alone if each.district)
    return Resolution(outcome=Outcome.AREA, choices=tuple(chosen), area=", ".join(names))


def _together(found: Sequence[Resolution]) -> Resolution:
    """Answer a text that names several places: whichever of them is meant must be chosen."""
    named = [each for each in found if each.outcome is not Outcome.NONE] or found
    choices = {choice.code: choice for each in named for choice in each.choices}
    outcomes = {each.outcome for each in named}
    outcome = outcomes.pop() if len(outcomes) == 1 else Outcome.CHOICE
    if outcome is Outcome.ONE and len(choices) > 1:
        outcome = Outcome.CHOICE
    one = next(iter(choices.values())) if outcome is Outcome.ONE else None
    area = ", ".join(dict.fromkeys(each.area for each in named if each.area))
    return Resolution(
        outcome=outcome, commune=one, choices=tuple(choices.values())[:MOST_CHOICES], area=area
    )


def _suggest(session: Session, readings: Sequence[Reading], limit: int) -> list[Suggestion]:
    """Return the communes of the readings, each once, those far from the likeliest left out."""
    named: dict[str, Old | None] = {}
    expanded = 0
    likely = readings[0].score - fitting.ALIKE if readings else 0.0
    for reading in readings:
        if len(named) >= limit or reading.score < readings[0].score * FAR_BELOW:
            break
        if reading.hit is not None:
            named.setdefault(reading.hit.code, reading.hit.old)
        elif expanded < MOST_EXPANDED and (reading.district or reading.score >= likely):
            expanded += 1
            for code in _codes_in(session, reading):
                named.setdefault(code, None)
    codes = list(islice(named, limit))
    units = suggestions(session, codes)
    return [_explained(units[code], named[code]) for code in codes]


def _codes_in(session: Session, reading: Reading) -> Sequence[str]:
    """Return the communes of the district or province that a reading names."""
    if reading.district is None:
        province = reading.province
        code = province.new_province_code if province else None
        inside = select(AdminUnit.code).where(AdminUnit.province_code == code)
    else:
        inside = select(AdminUnit.code).where(
            AdminUnit.code.in_(
                select(Succession.new_code)
                .join(OldUnit, OldUnit.id == Succession.old_unit_id)
                .where(
                    OldUnit.district_fold_key == rules.key(reading.district.name),
                    OldUnit.province_fold_key == reading.district.province_key,
                    OldUnit.district == reading.district.name,
                )
            )
        )
    return session.scalars(inside.order_by(AdminUnit.sort_key).limit(MOST_CHOICES)).all()


def _explained(suggestion: Suggestion, old: Old | None) -> Suggestion:
    if old is None or (old.name == suggestion.name and not old.part):
        return suggestion
    parts = (old.name, old.district, rules.short_province(old.province))
    return replace(suggestion, old=", ".join(dict.fromkeys(parts)), part=old.part)


def _units() -> Select[*tuple[Any, ...]]:
    return select(
        *(AdminUnit.code, AdminUnit.slug, AdminUnit.name, AdminUnit.former_name),
        *(AdminUnit.province_code, Province.name.label("province")),
    ).join(Province, Province.code == AdminUnit.province_code)


def _suggestion(row: Row[Any]) -> Suggestion:
    province = rules.short_province(row.province)
    return Suggestion(
        code=row.code,
        slug=row.slug,
        name=row.name,
        province_code=row.province_code,
        province=province,
        label=f"{row.name}, {province}",
        former_name=row.former_name,
    )
