"""What files may be, how they are called, and where they lie in the store. Pure."""

from __future__ import annotations

import re
from typing import Final

from foundation import ids, text

MEGABYTE: Final = 1024 * 1024
MOST_BYTES: Final = 15 * MEGABYTE
MOST_PIXELS: Final = 60_000_000
LEAST_SIDE: Final = 400
LONGEST_RATIO: Final = 4
WIDTHS: Final = (320, 640, 1280)
DOCUMENT_SIDE: Final = 2200
NAME_LENGTH: Final = 120

PHOTO_TYPE: Final = "image/webp"
DRAWING_TYPE: Final = "image/svg+xml"
PDF_TYPE: Final = "application/pdf"
SCAN_TYPE: Final = "image/jpeg"
EXTENSIONS: Final = {PHOTO_TYPE: "webp", DRAWING_TYPE: "svg", PDF_TYPE: "pdf", SCAN_TYPE: "jpg"}

_ID: Final = rf"[{ids.ALPHABET}]{{{ids.LENGTH}}}"
_MEDIA: Final = re.compile(
    rf"(?P<id>{_ID})(?:-(?P<width>{'|'.join(map(str, WIDTHS))})\.webp|\.svg)", re.ASCII
)
_NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*%]')
_OUTSIDE: Final = re.compile(rb"(?:href|src)\s*=\s*[\"'](?!#)|url\(\s*[\"']?(?!#)", re.IGNORECASE)
_ACTIVE: Final = re.compile(
    rb"<\s*(?:script|foreignobject|iframe|object|embed|audio|video)\b|\son\w+\s*=|"
    rb"javascript:|<!doctype|<!entity|@import",
    re.IGNORECASE,
)
_VIEW_BOX: Final = re.compile(rb"viewBox\s*=\s*[\"']\s*0 0 (\d{1,5}) (\d{1,5})\s*[\"']")


def clean_name(name: str, content_type: str) -> str:
    """Return a file's name fit to be shown and to be saved under.

    Folders, control characters and what systems forbid in names are gone; the extension is the
    one of `content_type`, since the content may have been re-encoded. At most NAME_LENGTH
    characters.
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = text.clean(_NOT_IN_NAMES.sub(" ", last)).strip(". ")
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", plain).strip(". ")
    extension = EXTENSIONS[content_type]
    return f"{stem[: NAME_LENGTH - len(extension) - 1].strip() or 'tep'}.{extension}"


def renditions(width: int) -> tuple[int, ...]:
    """Return the widths a photo `width` pixels wide is kept in; the last may be a little less
    than it says, since nothing is ever scaled up."""
    kept = [each for each in WIDTHS if each < width]
    return tuple(kept) if len(kept) == len(WIDTHS) else (*kept, WIDTHS[len(kept)])


def nearest_rendition(width: int, wanted: int) -> int:
    """Return the smallest kept width that is at least `wanted`, else the largest kept one."""
    kept = renditions(width)
    return next((each for each in kept if each >= wanted), kept[-1])


def photo_key(public_id: str, width: int) -> str:
    """Return where the store keeps one width of a photo."""
    return f"photos/{public_id[:2]}/{public_id}-{width}.webp"


def drawing_key(public_id: str) -> str:
    return f"drawings/{public_id[:2]}/{public_id}.svg"


def document_key(public_id: str, content_type: str) -> str:
    return f"documents/{public_id[:2]}/{public_id}.{EXTENSIONS[content_type]}"


def media_key(name: str) -> tuple[str, str] | None:
    """Return (key, content type) for the last part of a /media/ address, None for any other."""
    found = _MEDIA.fullmatch(name)
    if found is None:
        return None
    if found["width"]:
        return photo_key(found["id"], int(found["width"])), PHOTO_TYPE
    return drawing_key(found["id"]), DRAWING_TYPE


def is_pdf(data: bytes) -> bool:
    """Say whether the bytes begin and end as a whole PDF does."""
    return data.lstrip(b"\xef\xbb\xbf \r\n\t")[:5] == b"%PDF-" and b"%%EOF" in data[-2048:]


def drawing_size(data: bytes) -> tuple[int, int] | None:
    """Return (width, height) of a self-contained SVG without active parts, else None."""
    if not data.lstrip().startswith(b"<svg") or _ACTIVE.search(data) or _OUTSIDE.search(data):
        return None
    box = _VIEW_BOX.search(data)
    return (int(box[1]), int(box[2])) if box else None
