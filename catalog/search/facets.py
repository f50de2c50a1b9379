"""What the counted values of facets are called, and in what order they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from catalog.categories.models import Category
from catalog.search import rules
from catalog.search.engine import (
    ANSWER_WEIGHT,
    FACETS,
    Counts,
    Engine,
    Facet,
    FacetValue,
    Filters,
    Plan,
    SearchRequest,
)
from foundation.organisations.models import Organisation
from foundation.places.models import AdminUnit

MOST_SELLERS: Final = 20


# --- what things are called -------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CategoryName:
    id: int
    code: str
    slug: str
    parent_id: int | None
    names: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class UnitName:
    code: str
    slug: str
    name: str
    province_code: str | None


@dataclass(frozen=True, kw_only=True)
class Reference:
    """Categories in the list's order and places, as this process read them."""

    categories: dict[int, CategoryName]
    units: dict[str, UnitName]

    def below(self, category: str) -> frozenset[int]:
        """Return the category with this code or slug and everything under it."""
        chosen: set[int] = set()
        for row in self.categories.values():
            if category in (row.code, row.slug) or row.parent_id in chosen:
                chosen.add(row.id)
        return frozenset(chosen)

    def communes(self, place: str) -> frozenset[str]:
        """Return the communes of a province, or the one commune, with this code or slug."""
        found = {unit.code for unit in self.units.values() if place in (unit.code, unit.slug)}
        inside = {unit.code for unit in self.units.values() if unit.province_code in found}
        return frozenset(inside | {code for code in found if self.units[code].province_code})


def reference(session: Session, engine: Engine, *, known: Counts | None = None) -> Reference:
    """Return the names of categories and places; read again when a count names a new one."""
    kept: Reference | None = engine.memory.get("reference")
    if kept is not None and (
        known is None
        or (
            known.categories.keys() <= kept.categories.keys()
            and known.communes.keys() <= kept.units.keys()
        )
    ):
        return kept
    categories = session.execute(
        select(
            Category.id,
            Category.code,
            Category.slug,
            Category.parent_id,
            Category.name,
            Category.name_en,
        ).order_by(Category.position, Category.id)
    )
    units = session.execute(
        select(AdminUnit.code, AdminUnit.slug, AdminUnit.name, AdminUnit.province_code)
    )
    found = Reference(
        categories={
            row.id: CategoryName(
                id=row.id,
                code=row.code,
                slug=row.slug,
                parent_id=row.parent_id,
                names={"vi": row.name, "en": row.name_en},
            )
            for row in categories
        },
        units={row.code: UnitName(**row._mapping) for row in units},
    )
    if found.categories:
        engine.memory.keep("reference", found)
    return found


# --- facets -----------------------------------------------------------------------------------


def counted(
    session: Session,
    engine: Engine,
    plan: Plan,
    filters: Filters,
    *,
    version: str,
    wanted: Sequence[str] = FACETS,
) -> dict[str, Counts]:
    """Return what `Engine.counts` does, remembered as long as the index stays the same."""
    key = ("counts", version, plan, filters, tuple(wanted))
    kept: dict[str, Counts] | None = engine.memory.get(key)
    if kept is None:
        kept = engine.counts(session, plan, filters, wanted)
        engine.memory.keep(key, kept, ANSWER_WEIGHT + sum(each.weight for each in kept.values()))
    return kept


def facets(
    session: Session, names: Reference, asked: SearchRequest, total: int, by: dict[str, Counts]
) -> tuple[Facet, ...]:
    """Return the facets: `by` holds for each the counts without its own filter, `total` counts
    the hits with all."""
    language = "en" if asked.language == "en" else "vi"
    return (
        Facet(name="category", values=categories(names, asked.category, by["category"], language)),
        Facet(name="stars", values=_stars(asked, by["stars"], language)),
        Facet(name="place", values=tuple(_places(names, asked.place, by["place"]))),
        Facet(name="price", values=_prices(asked, by["price"], language)),
        Facet(name="seller", values=_sellers(session, asked.seller, by["seller"], total)),
    )


def categories(
    names: Reference, chosen: str, counts: Counts, language: str
) -> tuple[FacetValue, ...]:
    """Return the categories with hits, in the list's order, each after the one it lies under."""
    hits: Counter[int] = Counter()
    for category_id, count in counts.categories.items():
        step: int | None = category_id
        while step is not None and step in names.categories:
            hits[step] += count
            step = names.categories[step].parent_id
    return tuple(
        FacetValue(
            value=row.slug,
            label=row.names[language],
            count=hits[row.id],
            chosen=chosen in (row.slug, row.code),
            parent=names.categories[row.parent_id].slug if row.parent_id else None,
            query={"category": row.slug},
        )
        for row in names.categories.values()
        if hits[row.id] or chosen in (row.slug, row.code)
    )


def _stars(asked: SearchRequest, counts: Counts, language: str) -> tuple[FacetValue, ...]:
    return tuple(
        FacetValue(
            value=str(least),
            label=rules.STAR_WORDS[language][least],
            count=counts.stars.get(least, 0),
            chosen=asked.stars == least,
            query={"stars": str(least)},
        )
        for least in rules.STARS
        if counts.stars.get(least) or asked.stars == least
    )


def _places(names: Reference, chosen: str, counts: Counts) -> Iterator[FacetValue]:
    """Yield provinces, each followed by its communes; the most hits first."""
    provinces: Counter[str] = Counter()
    communes: dict[str, Counter[str]] = {}
    known = {code: names.units[code] for code in counts.communes if code in names.units}
    for unit in names.units.values() if chosen else ():
        if chosen in (unit.slug, unit.code):
            known[unit.code] = unit  # chosen, though nothing is there
    for code, unit in known.items():
        province = unit.province_code or code
        provinces[province] += counts.communes.get(code, 0)
        communes.setdefault(province, Counter())[code] += counts.communes.get(code, 0)
    for province, count in _most_first(provinces):
        yield _place(names.units[province], count, chosen, parent=None)
        for code, inside in _most_first(communes[province]):
            if code != province:
                yield _place(names.units[code], inside, chosen, parent=names.units[province].slug)


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _place(unit: UnitName, count: int, chosen: str, *, parent: str | None) -> FacetValue:
    return FacetValue(
        value=unit.slug,
        label=unit.name,
        count=count,
        chosen=chosen in (unit.slug, unit.code),
        parent=parent,
        query={"place": unit.slug},
    )


def _prices(asked: SearchRequest, counts: Counts, language: str) -> tuple[FacetValue, ...]:
    values = []
    for band, label in enumerate(rules.BAND_WORDS[language]):
        least, most = rules.band_ends(band)
        written = f"{least}-{'' if most is None else most}"
        chosen = asked.price_max == most and (asked.price_min or 0) == least
        chosen = chosen and (asked.price_min, asked.price_max) != (None, None)
        if counts.bands.get(band) or chosen:
            values.append(
                FacetValue(
                    value=written,
                    label=label,
                    count=counts.bands.get(band, 0),
                    chosen=chosen,
                    query={"price": written},
                )
            )
    return tuple(values)


def _sellers(session: Session, chosen: str, counts: Counts, total: int) -> tuple[FacetValue, ...]:
    """Return the sellers with the most hits. A chosen one has exactly the hits that are shown."""
    most = sorted(counts.sellers.items(), key=lambda item: (-item[1], item[0]))[:MOST_SELLERS]
    ids = [seller_id for seller_id, _count in most]
    rows = session.execute(_seller_rows(), {"ids": ids, "chosen": chosen}).all()
    by_id = dict(most)
    values = [
        FacetValue(
            value=row.slug,
            label=row.name,
            count=total if row.slug == chosen else by_id.get(row.id, 0),
            chosen=row.slug == chosen,
            query={"seller": row.slug},
        )
        for row in rows
    ]
    return tuple(sorted(values, key=lambda value: (not value.chosen, -value.count, value.value)))


@cache
def _seller_rows() -> Select[*tuple[Any, ...]]:
    seller = Organisation.__table__.c
    return select(seller.id, seller.slug, seller.name).where(
        seller.id.in_(bindparam("ids", expanding=True)) | (seller.slug == bindparam("chosen"))
    )
