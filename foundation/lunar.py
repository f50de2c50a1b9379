"""The lunar calendar of Việt Nam, from the positions of sun and moon.

A month begins on the day of the new moon, a day being midnight to midnight at UTC+7. The month
that holds the winter solstice is the eleventh; when thirteen months lie between two of those, the
first of them without a principal term of the sun is the leap month. New moons follow the series
of Meeus, "Astronomical Algorithms", chapter 49, the sun that of chapter 25; both are right to
within a minute or two for the years 1900 to 2199. Days are Julian day numbers inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import floor, radians, sin
from typing import Final

_UTC_PLUS_7: Final = 7 / 24
_SYNODIC_MONTH: Final = 29.530588861
_FIRST_NEW_MOON: Final = 2451550.09766  # 2000-01-06, which the series counts as number 0
_J2000: Final = 2451545.0
_TO_JULIAN: Final = 1721425  # from the ordinal of a date to its Julian day number at noon
_WINTER_SOLSTICE: Final = 9  # the sun's longitude in steps of 30 degrees: 270

_STEMS: Final = ("Giáp", "Ất", "Bính", "Đinh", "Mậu", "Kỷ", "Canh", "Tân", "Nhâm", "Quý")
_BRANCHES: Final = (
    *("Tý", "Sửu", "Dần", "Mão", "Thìn", "Tỵ"),
    *("Ngọ", "Mùi", "Thân", "Dậu", "Tuất", "Hợi"),
)

# Periodic terms of the new moon in days: coefficient, power of the eccentricity factor, and the
# multiples of the sun's anomaly, the moon's anomaly, its argument of latitude and its node.
_NEW_MOON_TERMS: Final = (
    (-0.40720, 0, 0, 1, 0, 0),
    (0.17241, 1, 1, 0, 0, 0),
    (0.01608, 0, 0, 2, 0, 0),
    (0.01039, 0, 0, 0, 2, 0),
    (0.00739, 1, -1, 1, 0, 0),
    (-0.00514, 1, 1, 1, 0, 0),
    (0.00208, 2, 2, 0, 0, 0),
    (-0.00111, 0, 0, 1, -2, 0),
    (-0.00057, 0, 0, 1, 2, 0),
    (0.00056, 1, 1, 2, 0, 0),
    (-0.00042, 0, 0, 3, 0, 0),
    (0.00042, 1, 1, 0, 2, 0),
    (0.00038, 1, 1, 0, -2, 0),
    (-0.00024, 1, -1, 2, 0, 0),
    (-0.00017, 0, 0, 0, 0, 1),
    (-0.00007, 0, 2, 1, 0, 0),
)


@dataclass(frozen=True, kw_only=True)
class LunarDate:
    """A day of the lunar calendar. `year` is the solar year in which the lunar one began."""

    day: int
    month: int
    year: int
    leap: bool = False

    @property
    def year_name(self) -> str:
        """The year by stem and branch, as people call it: Bính Ngọ."""
        return f"{_STEMS[(self.year + 6) % 10]} {_BRANCHES[(self.year + 8) % 12]}"


@lru_cache(maxsize=64)
def lunar(day: date) -> LunarDate:
    """Return the lunar date of a day in Việt Nam, for the years 1900 to 2199."""
    number = day.toordinal() + _TO_JULIAN
    moon = round((number - _FIRST_NEW_MOON) / _SYNODIC_MONTH)
    while _new_moon_day(moon) > number:
        moon -= 1
    while _new_moon_day(moon + 1) <= number:
        moon += 1
    solstice_year = day.year if _eleventh(day.year) <= moon else day.year - 1
    start = _eleventh(solstice_year)
    leap = _leap_month(start, _eleventh(solstice_year + 1))
    steps = moon - start - (1 if leap is not None and moon >= leap else 0)
    return LunarDate(
        day=number - _new_moon_day(moon) + 1,
        month=(10 + steps) % 12 + 1,
        year=solstice_year + (1 if steps >= 2 else 0),
        leap=moon == leap,
    )


def _leap_month(start: int, end: int) -> int | None:
    """Return the new moon that opens the leap month between two eleventh months, if any."""
    if end - start < 13:
        return None
    for moon in range(start + 1, end):
        if _sun_step(_new_moon_day(moon)) == _sun_step(_new_moon_day(moon + 1)):
            return moon
    raise ArithmeticError("thirteen months, and every one holds a principal term")


@lru_cache(maxsize=16)
def _eleventh(year: int) -> int:
    """Return the number of the new moon that opens the eleventh month of a year."""
    last_day = date(year, 12, 31).toordinal() + _TO_JULIAN
    moon = floor((last_day - _FIRST_NEW_MOON) / _SYNODIC_MONTH) + 1
    while _new_moon_day(moon) > last_day or _sun_step(_new_moon_day(moon)) >= _WINTER_SOLSTICE:
        moon -= 1
    return moon


@lru_cache(maxsize=256)
def _new_moon_day(moon: int) -> int:
    """Return the day, at UTC+7, of the new moon with this number."""
    return floor(_new_moon(moon) + 0.5 + _UTC_PLUS_7)


def _new_moon(moon: int) -> float:
    t = moon / 1236.85
    mean = _FIRST_NEW_MOON + _SYNODIC_MONTH * moon + 0.00015437 * t * t
    eccentricity = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = radians(2.5534 + 29.10535670 * moon - 0.0000014 * t * t)
    anomaly = radians(201.5643 + 385.81693528 * moon + 0.0107582 * t * t)
    latitude = radians(160.7108 + 390.67050284 * moon - 0.0016118 * t * t)
    node = radians(124.7746 - 1.56375588 * moon + 0.0020672 * t * t)
    shift = sum(
        size * eccentricity**power * sin(s * sun + a * anomaly + f * latitude + n * node)
        for size, power, s, a, f, n in _NEW_MOON_TERMS
    )
    planets = 0.000325 * sin(radians(299.77 + 0.107408 * moon - 0.009173 * t * t))
    return mean + shift + planets - _delta_t(t)


def _delta_t(centuries: float) -> float:
    """Return, in days, how far the even time of the series runs ahead of the clock's."""
    return (62.92 + 32.217 * centuries + 55.89 * centuries * centuries) / 86400


def _sun_step(day: int) -> int:
    """Return which twelfth of its circle the sun stands in when a day begins at UTC+7."""
    t = (day - 0.5 - _UTC_PLUS_7 - _J2000) / 36525
    anomaly = radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    centre = (
        (1.914602 - 0.004817 * t) * sin(anomaly)
        + (0.019993 - 0.000101 * t) * sin(2 * anomaly)
        + 0.000289 * sin(3 * anomaly)
    )
    true = 280.46646 + 36000.76983 * t + 0.0003032 * t * t + centre
    apparent = true - 0.00569 - 0.00478 * sin(radians(125.04 - 1934.136 * t))
    return int(apparent % 360 // 30)
