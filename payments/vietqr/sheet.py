"""A sheet of paper with boxes and lines of text on it, drawn as SVG or PNG. Pure.

Measures run from the upper left corner. Widths of text are those of our own font; where an SVG
is shown in another, lines are laid out with room to spare.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Final, Literal, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from PIL import Image, ImageColor, ImageDraw, ImageFont
from reportlab.pdfbase.ttfonts import TTFont

import foundation
from foundation.text import clean

FONTS: Final = Path(foundation.__file__).parent / "fonts"
FAMILY: Final = "'Noto Sans', system-ui, sans-serif"
_SHADES: Final = 8  # between a letter and its ground, for smooth edges
_MEASURED_AT: Final = 200

WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
INK: Final = "#1a221d"
SOFT: Final = "#505b54"
RULE: Final = "#e0dccf"
ACCENT: Final = "#14603d"
THREAD: Final = "#9bbead"  # one thread of the scarf on white
STRAW: Final = "#fbedc6"
ON_STRAW: Final = "#553a00"

Side: TypeAlias = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    fill: str
    round: float = 0


@dataclass(frozen=True)
class Line:
    """One line of text; `x` is its start, middle or end, `y` its base line."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    fill: str = INK
    side: Side = "start"


Item: TypeAlias = Box | Line


@dataclass(frozen=True)
class Sheet:
    width: float
    height: float
    items: Sequence[Item]


# --- text -------------------------------------------------------------------------------------


def drawable(text: str) -> str:
    """Return the text on one line without what our font cannot draw; accents go before letters."""
    return clean("".join(_drawable(one) for one in clean(text)))


def _drawable(one: str) -> str:
    if ord(one) in _glyphs():
        return one
    plain = unicodedata.normalize("NFKD", one)
    return "".join(each for each in plain if ord(each) in _glyphs())


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(TTFont("measure", FONTS / "NotoSans-Bold.ttf").face.charToGlyph)


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return how wide a line is."""
    return font(_MEASURED_AT, bold=bold).getlength(text) * size / _MEASURED_AT


def wrapped(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Return the text in lines no wider than `width`; a longer word is cut into pieces."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines += _pieces(word, size, width, bold=bold)
    return lines


def _pieces(word: str, size: float, width: float, *, bold: bool) -> Iterator[str]:
    piece = ""
    for one in word:
        if piece and width_of(piece + one, size, bold=bold) > width:
            yield piece
            piece = ""
        piece += one
    yield piece


def fitted(
    text: str, sizes: Sequence[float], width: float, *, most: int, bold: bool = False
) -> tuple[list[str], float]:
    """Return the text in at most so many lines, in the largest of these sizes that allows it.

    What does not fit in the smallest either is cut, which an ellipsis shows.
    """
    for size in sizes:
        lines = wrapped(text, size, width, bold=bold)
        if len(lines) <= most:
            return lines, size
    last = lines[most - 1]
    while last and width_of(last + "…", size, bold=bold) > width:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip() + "…"], size


@lru_cache(maxsize=24)
def font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"NotoSans-{'Bold' if bold else 'Regular'}.ttf", size)


# --- ornaments --------------------------------------------------------------------------------


def scarf(width: float, thread: float) -> Iterator[Box]:
    """Yield the strip of checked scarf along the top edge, three threads high: threads of both
    ways, darker where they cross."""
    for row in (0, 2):
        yield Box(0, row * thread, width, thread, THREAD)
    columns = range(0, int(width / thread) + 1, 2)
    for column in columns:
        across = min(thread, width - column * thread)
        yield Box(column * thread, thread, across, thread, THREAD)
        for row in (0, 2):
            yield Box(column * thread, row * thread, across, thread, ACCENT)


# --- drawing ----------------------------------------------------------------------------------


def to_svg(sheet: Sheet, title: str) -> str:
    """Return the sheet as SVG that stands in a page or alone: no styles, no ids, no scripts."""
    body = "".join(map(_drawn, grouped(sheet.items)))
    return opened(sheet.width, sheet.height, title) + f"{body}</svg>"


def opened(width: float, height: float, title: str) -> str:
    """Return the start of an SVG of this size on white, named for those who do not see it."""
    name = drawable(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img"'
        f" aria-label={quoteattr(name)}><title>{escape(name)}</title>"
        f'<path fill="{WHITE}" d="M0 0h{width:g}v{height:g}h-{width:g}z"/>'
    )


def grouped(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield runs of sharp boxes of one colour, and every other item by itself."""
    for fill, run in groupby(items, _sharp_fill):
        group = list(run)
        yield from [group] if fill else ([item] for item in group)


def _sharp_fill(item: Item) -> str | None:
    return item.fill if isinstance(item, Box) and not item.round else None


def _drawn(group: list[Item]) -> str:
    if isinstance(group[0], Line):
        return _line(group[0])
    if group[0].round:
        return _box(group[0])
    path = "".join(
        f"M{box.x:g} {box.y:g}h{box.width:g}v{box.height:g}h-{box.width:g}z"
        for box in group
        if isinstance(box, Box)
    )
    return f'<path fill="{group[0].fill}" shape-rendering="crispEdges" d="{path}"/>'


def _box(box: Box) -> str:
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
        f' rx="{box.round:g}" fill="{box.fill}"/>'
    )


def _line(line: Line) -> str:
    weight = ' font-weight="700"' if line.bold else ""
    side = "" if line.side == "start" else f' text-anchor="{line.side}"'
    return (
        f'<text x="{line.x:g}" y="{line.y:g}" font-family="{FAMILY}" font-size="{line.size:g}"'
        f'{weight}{side} fill="{line.fill}">{escape(line.text)}</text>'
    )


def to_png(sheet: Sheet, scale: float = 1) -> bytes:
    """Return the sheet as PNG, `scale` pixels to one of its measures."""
    size = (round(sheet.width * scale), round(sheet.height * scale))
    image = Image.new("RGB", size, WHITE)
    pen = ImageDraw.Draw(image)
    for item in sheet.items:
        if isinstance(item, Line):
            _write(pen, item, scale)
        elif item.width > 0 and item.height > 0:
            left, top = round(item.x * scale), round(item.y * scale)
            right = round((item.x + item.width) * scale) - 1
            bottom = round((item.y + item.height) * scale) - 1
            pen.rounded_rectangle((left, top, right, bottom), item.round * scale, fill=item.fill)
    kept = BytesIO()
    # A palette makes the file half as large; letting Pillow choose one takes ten times as long.
    palette = _palette(sheet.items)
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(kept, "PNG")
    return kept.getvalue()


def _palette(items: Sequence[Item]) -> Image.Image:
    """Return an image whose palette has the colours of the items, and between those of letters
    and our grounds some shades. Boxes have none: shades of light ones would pass for white."""
    rgb = {item.fill: ImageColor.getrgb(item.fill) for item in items}
    letters = dict.fromkeys(rgb[each.fill] for each in items if isinstance(each, Line))
    shades = dict.fromkeys(rgb.values()) | dict.fromkeys(
        tuple(round(a + (b - a) * step / _SHADES) for a, b in zip(ground, ink, strict=True))
        for ground in map(ImageColor.getrgb, (WHITE, STRAW))
        for ink in letters
        for step in range(_SHADES + 1)
    )
    channels = [channel for shade in shades for channel in shade][: 256 * 3]
    palette = Image.new("P", (1, 1))
    palette.putpalette(channels + channels[:3] * (256 - len(channels) // 3))
    return palette


def _write(pen: ImageDraw.ImageDraw, line: Line, scale: float) -> None:
    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[line.side]
    written_in = font(round(line.size * scale), bold=line.bold)
    place = (line.x * scale, line.y * scale)
    pen.text(place, line.text, font=written_in, fill=line.fill, anchor=anchor)
