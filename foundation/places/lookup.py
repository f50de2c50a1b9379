"""Looking the names in a text up in the tables: three statements, however long the text is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from foundation.places import fitting, rules
from foundation.places.fitting import Area, Hit, Old, Reading
from foundation.places.models import AdminUnit, AreaKind, Extent, OldArea, OldUnit, PlaceWord
from foundation.places.models import Succession as Became
from foundation.places.rules import Typed, Window

MOST_FOUND: Final = 200
MOST_CORRECTIONS: Final = 24
MOST_WRONG_WORDS: Final = 4
BEYOND: Final = "\x7f"  # after every letter and digit of a key

UNIT: Final[tuple[Any, ...]] = (
    *(AdminUnit.code, AdminUnit.name, AdminUnit.province_code, AdminUnit.fold_key),
)
OLD: Final[tuple[Any, ...]] = (
    *(OldUnit.name, OldUnit.district, OldUnit.province, OldUnit.province_fold_key),
    *(OldUnit.fold_key, Became.extent, Became.new_code, AdminUnit.province_code),
)

Placed = tuple[Row[Any], Window, bool]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the tables hold under the keys of a text."""

    areas: Sequence[Row[Any]]
    units: Sequence[Row[Any]]
    olds: Sequence[Row[Any]]


def readings(
    session: Session,
    alternatives: Sequence[Typed],
    *,
    near: Collection[str] = (),
    unfinished: bool = False,
) -> list[Reading]:
    """Return what the alternatives may mean, the likeliest first; between equals what lies in
    the provinces `near`. With `unfinished` the last word may be cut short."""
    if not any(typed.words for typed in alternatives):
        return []
    found = _look_up(session, alternatives, near=near, unfinished=unfinished)
    read: list[Reading] = []
    for typed in alternatives:
        areas = list(_areas(typed, found, unfinished=unfinished))
        read += fitting.communes(typed, _hits(typed, found, unfinished=unfinished), areas)
        read += fitting.areas_alone(typed, areas)

    def likelihood(reading: Reading) -> float:
        return -reading.score - (fitting.ALIKE if reading.province_code in near else 0)

    return sorted(read, key=likelihood)


def corrections(session: Session, typed: Typed) -> list[Typed]:
    """Return the text with one of its words put right, for every way that gives known words."""
    marks = {at for end, (_, begin) in enumerate(typed.kinds) for at in range(begin, end)}
    words = {
        at: word.folded
        for at, word in enumerate(typed.words)
        if at not in typed.noise | marks and len(word.folded) > 2 and word.folded.isalpha()
    }
    known = _known_words(session, words.values())
    wrong = {at: word for at, word in words.items() if word not in known} or words
    meant = {at: rules.one_letter_off(word) for at, word in islice(wrong.items(), MOST_WRONG_WORDS)}
    possible = _known_words(session, {word for others in meant.values() for word in others})
    found = [
        rules.with_word(typed, at, word)
        for at, others in meant.items()
        for word in sorted(others & possible, key=lambda each: (len(each) != len(words[at]), each))
    ]
    return found[:MOST_CORRECTIONS]


def _known_words(session: Session, words: Iterable[str]) -> set[str]:
    return set(session.scalars(select(PlaceWord.word).where(PlaceWord.word.in_(set(words)))))


def _look_up(
    session: Session, alternatives: Sequence[Typed], *, near: Collection[str], unfinished: bool
) -> Found:
    keys = {window.key for typed in alternatives for window in typed.windows}
    cut = alternatives[0].cut if unfinished else ()
    starts = {window.key for window in cut}
    # The last word of several, by itself, rather begins the name of an area than a commune's.
    own_starts = {window.key for window in cut if window.length > 1 or window.kind}
    if len(alternatives[0].words) == 1:
        own_starts = starts
    return Found(
        areas=session.execute(
            select(*OldArea.__table__.columns)
            .where(_under(OldArea.fold_key, keys, starts))
            .order_by(*_exact_first(OldArea.fold_key, keys), OldArea.id)
            .limit(MOST_FOUND)
        ).all(),
        units=_units(session, keys, own_starts, near),
        olds=_olds(session, keys, own_starts, near),
    )


def _units(
    session: Session, keys: set[str], starts: set[str], near: Collection[str]
) -> Sequence[Row[Any]]:
    at_home = [AdminUnit.province_code.in_(near).desc()] if near else []
    return session.execute(
        select(*UNIT)
        .where(_under(AdminUnit.fold_key, keys, starts), AdminUnit.valid_to.is_(None))
        .order_by(AdminUnit.fold_key.in_(keys).desc(), *at_home, AdminUnit.sort_key)
        .order_by(AdminUnit.code)
        .limit(MOST_FOUND)
    ).all()


def _olds(
    session: Session, keys: set[str], starts: set[str], near: Collection[str]
) -> Sequence[Row[Any]]:
    at_home = [AdminUnit.province_code.in_(near).desc()] if near else []
    return session.execute(
        select(*OLD)
        .join(Became, Became.old_unit_id == OldUnit.id)
        .join(AdminUnit, AdminUnit.code == Became.new_code)
        .where(_under(OldUnit.fold_key, keys, starts))
        .order_by(*_exact_first(OldUnit.fold_key, keys)[:1], *at_home)
        .order_by(*_exact_first(OldUnit.fold_key, keys)[1:], OldUnit.id, Became.id)
        .limit(MOST_FOUND if starts else None)
    ).all()


def _under(
    column: InstrumentedAttribute[str], keys: set[str], starts: set[str]
) -> ColumnElement[bool]:
    """Return the condition that a key is one of these, or begins with one of those."""
    begun = (and_(column >= start, column < start + BEYOND) for start in starts)
    return or_(column.in_(keys), *begun)


def _exact_first(column: InstrumentedAttribute[str], keys: set[str]) -> list[ColumnElement[Any]]:
    return [column.in_(keys).desc(), func.length(column)]


def _placed(typed: Typed, rows: Iterable[Row[Any]], *, unfinished: bool) -> Iterator[Placed]:
    """Yield each row with the windows of the text that name it, and whether they do so wholly."""
    by_key = defaultdict[str, list[Window]](list)
    for window in typed.windows:
        by_key[window.key].append(window)
    for row in rows:
        for window in by_key.get(row.fold_key, ()):
            yield row, window, True
        for window in typed.cut if unfinished else ():
            if row.fold_key != window.key and row.fold_key.startswith(window.key):
                yield row, window, False


def _areas(typed: Typed, found: Found, *, unfinished: bool) -> Iterator[Area]:
    for row, window, finished in _placed(typed, found.areas, unfinished=unfinished):
        yield Area(
            window=window,
            name=row.name,
            district=row.name if row.kind == AreaKind.DISTRICT else "",
            province_key=row.province_key,
            new_province_code=row.new_province_code,
            former=True,
            finished=finished,
        )
    present = (row for row in found.units if row.province_code is None)
    for row, window, finished in _placed(typed, present, unfinished=unfinished):
        yield Area(
            window=window,
            name=row.name,
            district="",
            province_key="",
            new_province_code=row.code,
            former=False,
            finished=finished,
        )


def _hits(typed: Typed, found: Found, *, unfinished: bool) -> Iterator[Hit]:
    present = (row for row in found.units if row.province_code is not None)
    for row, window, finished in _placed(typed, present, unfinished=unfinished):
        yield Hit(
            window=window,
            found_name=row.name,
            code=row.code,
            province_code=row.province_code,
            finished=finished,
        )
    for row, window, finished in _placed(typed, found.olds, unfinished=unfinished):
        yield Hit(
            window=window,
            found_name=row.name,
            code=row.new_code,
            province_code=row.province_code,
            old=Old(
                name=row.name,
                district=row.district,
                province=row.province,
                province_key=row.province_fold_key,
                part=row.extent == Extent.PART,
            ),
            finished=finished,
        )
