"""Putting the names found in an address together into places that fit. Pure.

A commune fits with the district and the province it lies in, or once lay in; what fits more of
the text is likelier meant. A reading is `whole` when nothing after it stays unexplained and no
other place is named: only then may it be taken without asking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from foundation.places import rules
from foundation.places.rules import COMMUNE_KINDS, Typed, Window

A_WORD: Final = 10.0
RIGHT_KIND: Final = 4.0
WRONG_KIND: Final = -4.0
RIGHT_MARKS: Final = 3.0
NEW_NAME: Final = 0.5
AN_AREA: Final = 0.25
UNFINISHED: Final = -3.0
CORRECTED: Final = -6.0
# Readings this close say the same thing as likely: which one is meant must be asked.
ALIKE: Final = 1.0
NEARLY: Final = 6.0
MOST_READINGS: Final = 80


@dataclass(frozen=True, kw_only=True)
class Area:
    """A province or district found in the text. `district` is its official name, empty for a
    province; `former` says that it is one of before 2025-07-01."""

    window: Window
    name: str
    district: str
    province_key: str
    new_province_code: str
    former: bool
    finished: bool = True


Fits = Callable[[Area], bool]


@dataclass(frozen=True, kw_only=True)
class Old:
    """The unit of before 2025-07-01 by whose name a commune was found."""

    name: str
    district: str
    province: str
    province_key: str
    part: bool


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A commune of today found in the text, by its own name or by that of an old unit."""

    window: Window
    found_name: str
    code: str
    province_code: str
    old: Old | None = None
    finished: bool = True


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A commune (`hit`) or an area alone, with the areas around it that the text also names."""

    hit: Hit | None
    district: Area | None
    province: Area | None
    score: float
    whole: bool

    @property
    def province_code(self) -> str:
        """The province of today that it lies in."""
        if self.hit is not None:
            return self.hit.province_code
        area = self.district or self.province
        return area.new_province_code if area else ""

    @property
    def anchored(self) -> bool:
        return self.district is not None or self.province is not None


@dataclass(frozen=True)
class Weighed:
    """An area, and how much of the text it explains."""

    area: Area
    worth: float

    @property
    def window(self) -> Window:
        return self.area.window


def communes(typed: Typed, hits: Iterable[Hit], areas: Sequence[Area]) -> list[Reading]:
    """Return a reading for each commune found, the likeliest first, MOST_READINGS at most."""
    usable = _usable(typed, areas)
    fitted = []
    for hit in hits:
        worth = _hit_worth(typed, hit)
        if worth is not None:
            district, province = _contexts(hit, usable)
            score = worth + sum(each.worth for each in (district, province) if each)
            fitted.append((score, hit, district, province))
    fitted.sort(key=lambda each: -each[0])
    return [
        Reading(
            hit=hit,
            district=district.area if district else None,
            province=province.area if province else None,
            score=score,
            whole=_explains(
                typed, hit.window, [each.window for each in (district, province) if each], usable
            ),
        )
        for score, hit, district, province in fitted[:MOST_READINGS]
    ]


def areas_alone(typed: Typed, areas: Sequence[Area]) -> list[Reading]:
    """Return readings in which only districts and provinces are named, the likeliest first."""
    usable = _usable(typed, areas)
    found = []
    for each in usable:
        if each.area.district:
            province = _best(usable, [each.window], _around(each.area))
            found.append(_area(typed, usable, each, province))
        else:
            found.append(_area(typed, usable, None, each))
    found.sort(key=lambda each: -each.score)
    return found


def likeliest(readings: Sequence[Reading], within: float = ALIKE) -> list[Reading]:
    """Return the readings that are about as likely as the first."""
    return [each for each in readings if each.score >= readings[0].score - within]


def settled(typed: Typed, readings: Sequence[Reading]) -> Sequence[Reading]:
    """Leave only today's commune where the text gives its full name of today: kind, name and
    province, no district, and no word that a former one is meant."""
    exact = [
        each
        for each in readings
        if each.hit is not None
        and each.hit.old is None
        and each.hit.window.kind is not None
        and each.province is not None
        and not each.province.former
    ]
    return exact if exact and not typed.old else readings


def _usable(typed: Typed, areas: Sequence[Area]) -> list[Weighed]:
    """Return the areas that can be meant, the likeliest and those of today first."""
    weighed = ((area, _area_worth(typed, area)) for area in areas)
    usable = [Weighed(area, worth) for area, worth in weighed if worth is not None]
    return sorted(usable, key=lambda each: (-each.worth, each.area.former))


def _contexts(hit: Hit, usable: Sequence[Weighed]) -> tuple[Weighed | None, Weighed | None]:
    """Return the district and the province named around a commune, where they fit it."""
    district = None
    if hit.old is not None:
        lay_in = (hit.old.district, hit.old.province_key)
        district = _best(
            usable, [hit.window], lambda area: (area.district, area.province_key) == lay_in
        )
    taken = [hit.window, *([district.window] if district else [])]
    return district, _best(usable, taken, _province_of(hit))


def _province_of(hit: Hit) -> Fits:
    """Return a test for the provinces a commune lies in now, or lay in as what it was."""

    def fits(area: Area) -> bool:
        if area.district:
            return False
        if area.former and hit.old is not None:
            return area.province_key == hit.old.province_key
        return area.new_province_code == hit.province_code

    return fits


def _around(district: Area) -> Fits:
    def fits(area: Area) -> bool:
        if area.district:
            return False
        if area.former:
            return area.province_key == district.province_key
        return area.new_province_code == district.new_province_code

    return fits


def _best(usable: Sequence[Weighed], taken: Sequence[Window], fits: Fits) -> Weighed | None:
    """Return the likeliest area that fits and whose words are not taken already."""
    for each in usable:
        if fits(each.area) and not any(_overlap(each.window, window) for window in taken):
            return each
    return None


def _area(
    typed: Typed, usable: Sequence[Weighed], district: Weighed | None, province: Weighed | None
) -> Reading:
    """Return the reading of an area alone; a name said twice ("Long An, Long An") counts twice."""
    named = [each for each in (district, province) if each]
    names = {(each.area.name, each.area.former) for each in named}
    again = [
        each
        for each in usable
        if (each.area.name, each.area.former) in names
        and not any(_overlap(each.window, other.window) for other in named)
    ]
    windows = [each.window for each in (*named, *again)]
    return Reading(
        hit=None,
        district=district.area if district else None,
        province=province.area if province else None,
        score=sum(each.worth for each in (*named, *again))
        + (CORRECTED if typed.corrected else AN_AREA),
        whole=_explains(typed, windows[0], windows[1:], usable),
    )


def _hit_worth(typed: Typed, hit: Hit) -> float | None:
    """Return how much of the text a commune's name explains; None when it cannot be meant."""
    window = hit.window
    worth = A_WORD * window.length + _marks_worth(typed, window, hit.found_name)
    if window.kind is not None:
        if window.kind not in COMMUNE_KINDS:
            return None
        right = rules.split_kind(hit.found_name)[0] == window.kind
        worth += RIGHT_KIND if right else WRONG_KIND
    worth += 0.0 if hit.finished else UNFINISHED
    worth += CORRECTED if typed.corrected else 0.0
    return worth + (NEW_NAME if hit.old is None else 0.0)


def _area_worth(typed: Typed, area: Area) -> float | None:
    """Return how much of the text an area explains; None when it cannot be meant."""
    kind, asked = rules.split_kind(area.name)[0], area.window.kind
    worth = A_WORD * area.window.length + _marks_worth(typed, area.window, area.name)
    worth += 0.0 if area.finished else UNFINISHED
    if asked is None:
        return worth
    if asked == kind:
        return worth + RIGHT_KIND
    if asked in COMMUNE_KINDS:
        return None
    # Districts became towns and a province a city: either name may still be in use.
    risen = asked != "tỉnh" if area.district else asked == "tỉnh"
    return worth + WRONG_KIND / 2 if risen else None


def _marks_worth(typed: Typed, window: Window, name: str) -> float:
    """Return a little for the right marks over the letters, where any were typed at all."""
    if not typed.marked or not window.key.isalpha():
        return 0.0
    spelled = typed.spelling(window.start, window.end)
    return RIGHT_MARKS if spelled == rules.spelling(name) else -RIGHT_MARKS


def _explains(
    typed: Typed, main: Window, others: Sequence[Window], usable: Sequence[Weighed]
) -> bool:
    """Say whether nothing is left that could change which place is meant."""
    covered = set(typed.noise)
    for window in (main, *others):
        covered.update(range(window.marked_from, window.end))
    words = typed.words
    segment = words[main.start].segment
    marked = main.marked_from < main.start
    for at, word in enumerate(words):
        if at in covered:
            continue
        before = word.segment < segment or (word.segment == segment and at < main.start)
        free = word.segment < segment or marked
        if before and free and typed.kinds[at + 1][0] is None:
            continue
        if not rules.is_noise(tuple(w for w in words if w.segment == word.segment)):
            return False
    return not any(_conflicts(typed, each.area, covered) for each in usable)


def _conflicts(typed: Typed, area: Area, covered: set[int]) -> bool:
    """Say whether an area left aside fills a segment of its own, so that it must be meant."""
    window = area.window
    if covered & set(range(window.start, window.end)) or not area.finished:
        return False
    segment = typed.words[window.start].segment
    there = [at for at, word in enumerate(typed.words) if word.segment == segment]
    return there == list(range(window.marked_from, window.end))


def _overlap(one: Window, other: Window) -> bool:
    return one.start < other.end and other.start < one.end
