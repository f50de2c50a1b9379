"""Making the pictures that pages show out of what phones send.

Nothing of the original file is passed on: the pixels are decoded, turned upright and encoded
anew, so location, camera, thumbnails and whatever else was hidden in the file stay behind.
"""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from math import ceil
from typing import Final

import pillow_heif
from PIL import Image, ImageCms

from foundation.storage import rules
from foundation.storage.errors import (
    NotAPhoto,
    PhotoTooLong,
    PhotoTooManyPixels,
    PhotoTooSmall,
)

pillow_heif.register_heif_opener(thumbnails=False)
# The size is checked below, before anything is decoded, and with a sentence of our own.
Image.MAX_IMAGE_PIXELS = None

FORMATS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
# Tried in turn until the picture is light enough for a weak network: grainy ones need it.
QUALITIES: Final = (75, 62, 48)
MOST_ENCODED: Final = {320: 22_000, 640: 58_000, 1280: 190_000}
SCAN_QUALITY: Final = 82
ORIENTATION: Final = 0x0112
LYING: Final = frozenset({5, 6, 7, 8})
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
WHITE: Final = (255, 255, 255)
# What Pillow and its codecs raise on bytes that are not what they say.
BROKEN: Final = (
    ArithmeticError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
# A photo of 50 million points takes 150 MB while it is open: one at a time in each process.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An encoded picture; `width` and `height` in pixels."""

    data: bytes
    width: int
    height: int


def photo(data: bytes) -> dict[int, Picture]:
    """Return the photo as WebP in the widths of rules.renditions, keyed by the nominal width.

    Raises NotAPhoto, PhotoTooManyPixels, PhotoTooSmall, PhotoTooLong.
    """
    with _upright(data, at_most=(rules.WIDTHS[-1], None)) as picture:
        found: dict[int, Picture] = {}
        narrower = picture
        for nominal in reversed(rules.renditions(picture.width)):
            narrower = _narrowed(narrower, nominal)
            found[nominal] = _light(narrower, MOST_ENCODED[nominal])
        return found


def scan(data: bytes) -> Picture:
    """Return a photo of a paper as one JPEG, fine enough to be read. Raises what `photo` does."""
    side = rules.DOCUMENT_SIDE
    with _upright(data, at_most=(side, side)) as picture:
        return _encoded(picture, "JPEG", quality=SCAN_QUALITY, optimize=True, progressive=True)


@contextmanager
def _upright(data: bytes, *, at_most: tuple[int, int | None]) -> Iterator[Image.Image]:
    """Give the decoded photo: upright, RGB in sRGB, no larger than (width, height)."""
    with _one_at_a_time:
        try:
            with Image.open(BytesIO(data), formats=FORMATS) as opened:
                orientation = _orientation(opened)
                size = opened.size[::-1] if orientation in LYING else opened.size
                _check(size)
                wanted = _fitted(size, at_most)
                raw_size = wanted[::-1] if orientation in LYING else wanted
                picture = _decoded(opened, raw_size)
                picture = _turned(picture, orientation)
        except BROKEN as error:
            raise NotAPhoto from error
        yield picture


def _orientation(opened: Image.Image) -> int:
    try:
        return int(opened.getexif().get(ORIENTATION, 1))
    except BROKEN:  # a spoiled note about the photo does not spoil the photo
        return 1


def _check(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > rules.MOST_PIXELS:
        most = rules.MOST_PIXELS // 1_000_000
        raise PhotoTooManyPixels(width=width, height=height, most=most)
    if min(size) < rules.LEAST_SIDE:
        raise PhotoTooSmall(width=width, height=height, least=rules.LEAST_SIDE)
    if max(size) > rules.LONGEST_RATIO * min(size):
        raise PhotoTooLong(most=rules.LONGEST_RATIO)


def _fitted(size: tuple[int, int], at_most: tuple[int, int | None]) -> tuple[int, int]:
    width, height = size
    scale = min(1.0, at_most[0] / width, (at_most[1] or height) / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _decoded(opened: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Decode the first frame, shrink it, and bring its colours to sRGB on white."""
    profile = opened.info.get("icc_profile")
    # A JPEG can be decoded at a half, a quarter or an eighth of its size: a fraction of the work.
    opened.draft(None, size)
    opened.load()
    picture = _plain_mode(opened)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _flattened(_in_srgb(picture, profile))


def _plain_mode(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGB", "RGBA", "CMYK", "L", "LA"):
        return picture
    if picture.mode.startswith("I"):  # sixteen bits of grey: Pillow would cut, not scale
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    transparent = "transparency" in picture.info or picture.mode in ("PA", "La", "RGBa")
    return picture.convert("RGBA" if transparent else "RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert from the photo's own colour space; a profile nobody can read is left out."""
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode=target,
        )
    except (ImageCms.PyCMSError, *BROKEN):
        return picture
    return converted or picture


def _flattened(picture: Image.Image) -> Image.Image:
    if picture.mode not in ("RGBA", "LA"):
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    paper = Image.new("RGB", picture.size, WHITE)
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _turned(picture: Image.Image, orientation: int) -> Image.Image:
    turn = TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _narrowed(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, ceil(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _light(picture: Image.Image, most_bytes: int) -> Picture:
    made = (_encoded(picture, "WEBP", quality=quality, method=4) for quality in QUALITIES)
    lightest = next(made)
    while len(lightest.data) > most_bytes:
        lighter = next(made, None)
        if lighter is None:
            break
        lightest = lighter
    return lightest


def _encoded(picture: Image.Image, kind: str, **settings: object) -> Picture:
    picture.info = {}  # no profile, no comment, no EXIF goes along
    target = BytesIO()
    picture.save(target, kind, **settings)
    return Picture(data=target.getvalue(), width=picture.width, height=picture.height)
