"""Photos made on the spot, with whatever a phone or an attacker may put into them."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

RED = (200, 30, 30)
BLUE = (30, 30, 200)
ORIENTATION = 0x0112
GPS = 0x8825


def picture(width: int = 800, height: int = 600, mode: str = "RGB") -> Image.Image:
    """A red picture with a blue top-left corner, so that one sees which way up it is."""
    made = Image.new("RGB", (width, height), RED)
    ImageDraw.Draw(made).rectangle((0, 0, width // 4, height // 4), fill=BLUE)
    return made.convert(mode)


def encoded(made: Image.Image, kind: str = "JPEG", **settings: Any) -> bytes:
    target = BytesIO()
    made.save(target, kind, **settings)
    return target.getvalue()


def photo(width: int = 800, height: int = 600, kind: str = "JPEG") -> bytes:
    return encoded(picture(width, height), kind)


def lying_photo_with_gps(orientation: int = 6) -> bytes:
    """A photo as a phone held upright stores it: lying on its side, with where it was taken."""
    upright = picture(600, 800)
    turn = {
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
        3: Image.Transpose.ROTATE_180,
    }
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[0x010F] = "Hãng máy bí mật"
    exif.get_ifd(GPS).update({1: "N", 2: (11.0, 18.0, 36.0), 3: "E", 4: (106.0, 6.0, 0.0)})
    return encoded(upright.transpose(turn[orientation]), exif=exif, comment=b"ghi chu")


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few kilobytes that says it has 3.6 thousand million points."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100_000)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def opened(data: bytes) -> Image.Image:
    made = Image.open(BytesIO(data))
    made.load()
    return made


def near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))
