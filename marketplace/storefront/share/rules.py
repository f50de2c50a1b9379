"""Drawing the picture that goes with a link in a message app: 1200 × 630, our colours. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

import foundation

FONTS: Final = Path(foundation.__file__).parent / "fonts"
SIZE: Final = (1200, 630)
STRIP: Final = 24  # the checked scarf along the bottom
PICTURE: Final = SIZE[1] - STRIP
MARGIN: Final = 56
MOST_LINES: Final = 4

PAPER: Final = (251, 250, 246)
INK: Final = (26, 34, 29)
INK_SOFT: Final = (80, 91, 84)
ACCENT: Final = (20, 96, 61)
THREAD: Final = (155, 190, 173)  # one thread of the scarf on white
STRAW: Final = (251, 237, 198)
ON_STRAW: Final = (85, 58, 0)


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the picture says."""

    name: str
    origin: str
    price: str
    stars: int | None


def draw(card: Card, photo: bytes | None) -> bytes:
    """Return the picture as JPEG, with the photo, an image file, where there is one.

    A photo that cannot be read is left out.
    """
    sheet = Image.new("RGB", SIZE, PAPER)
    square = _square(photo) if photo else None
    left = MARGIN
    if square:
        sheet.paste(square, (0, 0))
        left += PICTURE
    _write(ImageDraw.Draw(sheet), card, left)
    _scarf(sheet)
    kept = BytesIO()
    sheet.save(kept, "JPEG", quality=82, optimize=True, progressive=True)
    return kept.getvalue()


def _square(photo: bytes) -> Image.Image | None:
    try:
        with Image.open(BytesIO(photo)) as image:
            return ImageOps.fit(image.convert("RGB"), (PICTURE, PICTURE))
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _write(pen: ImageDraw.ImageDraw, card: Card, left: int) -> None:
    width = SIZE[0] - left - MARGIN
    pen.text((left, 48), "Phiên Chợ", font=_font(bold=True, size=34), fill=ACCENT)
    lines, name_font = _fitted(card.name, width)
    step = int(name_font.size * 1.28)
    top = 132
    for line in lines:
        pen.text((left, top), line, font=name_font, fill=INK)
        top += step
    top += 14
    if card.stars:
        badge = f"OCOP {card.stars} sao"
        font = _font(bold=True, size=28)
        pen.rounded_rectangle(
            (left, top, left + pen.textlength(badge, font=font) + 32, top + 48), 8, fill=STRAW
        )
        pen.text((left + 16, top + 4), badge, font=font, fill=ON_STRAW)
        top += 64
    for line in _wrapped(card.origin, _font(bold=False, size=30), width)[:2]:
        pen.text((left, top), line, font=_font(bold=False, size=30), fill=INK_SOFT)
        top += 42
    pen.text((left, PICTURE - 104), card.price, font=_font(bold=True, size=54), fill=ACCENT)


def _fitted(name: str, width: int) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """Return the name in lines, in the largest letters in which it needs few of them."""
    for size, most in ((64, 2), (54, 3), (44, MOST_LINES)):
        font = _font(bold=True, size=size)
        lines = _wrapped(name, font, width)
        if len(lines) <= most:
            return lines, font
    return [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1] + "…"], font


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _scarf(sheet: Image.Image) -> None:
    """Draw the strip of checked scarf: threads of both ways, darker where they cross."""
    pen = ImageDraw.Draw(sheet)
    half = STRIP // 3
    top = SIZE[1] - STRIP
    pen.rectangle((0, top, SIZE[0], SIZE[1]), fill="white")
    pen.rectangle((0, top, SIZE[0], top + half - 1), fill=THREAD)
    pen.rectangle((0, top + 2 * half, SIZE[0], SIZE[1]), fill=THREAD)
    for x in range(0, SIZE[0], 2 * half):
        pen.rectangle((x, top, x + half - 1, SIZE[1]), fill=THREAD)
        for y in (top, top + 2 * half):
            pen.rectangle((x, y, x + half - 1, y + half - 1), fill=ACCENT)


@lru_cache(maxsize=12)
def _font(*, bold: bool, size: int) -> ImageFont.FreeTypeFont:
    name = "NotoSans-Bold.ttf" if bold else "NotoSans-Regular.ttf"
    return ImageFont.truetype(FONTS / name, size)
