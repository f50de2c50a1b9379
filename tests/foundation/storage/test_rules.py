from __future__ import annotations

import pytest

from foundation.storage import rules

ID = "0123456789abcd"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("bánh tráng.jpg", "bánh tráng.webp"),
        ("../../etc/passwd", "passwd.webp"),
        ("..\\..\\windows\\a.png", "a.webp"),
        ("C:\\ảnh\\na.heic", "na.webp"),
        ("a\x00b\r\nc\u202egnp.exe", "ab cgnp.webp"),
        ("....", "tep.webp"),
        ("", "tep.webp"),
        ('<b>"x"|?*.jpg', "b x.webp"),
        ("á" * 400 + ".jpg", "á" * 115 + ".webp"),
        (".htaccess", "htaccess.webp"),
    ],
)
def test_clean_name(given: str, shown: str) -> None:
    assert rules.clean_name(given, rules.PHOTO_TYPE) == shown
    assert len(shown) <= rules.NAME_LENGTH


@pytest.mark.parametrize(
    ("width", "kept"),
    [(400, (320, 640)), (320, (320,)), (641, (320, 640, 1280)), (1280, rules.WIDTHS)],
)
def test_renditions(width: int, kept: tuple[int, ...]) -> None:
    assert rules.renditions(width) == kept


def test_nearest_rendition() -> None:
    assert rules.nearest_rendition(1280, 480) == 640
    assert rules.nearest_rendition(1280, 2000) == 1280
    assert rules.nearest_rendition(500, 1280) == 640


def test_media_key() -> None:
    assert rules.media_key(f"{ID}-640.webp") == (f"photos/01/{ID}-640.webp", "image/webp")
    assert rules.media_key(f"{ID}.svg") == (f"drawings/01/{ID}.svg", "image/svg+xml")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        f"{ID}-641.webp",
        f"{ID}.webp",
        f"{ID}.pdf",
        f"../{ID}.svg",
        f"{ID}.svg/",
        f"x{ID}.svg",
        f"{ID}-640.webp\n",
        f"{ID.upper()}.svg",
        f"{ID[:-1]}./.svg",
    ],
)
def test_no_other_name_reaches_the_store(name: str) -> None:
    assert rules.media_key(name) is None


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (b"%PDF-1.7\n1 0 obj\n%%EOF\n", True),
        (b"\xef\xbb\xbf%PDF-1.4 %%EOF", True),
        (b"%PDF-1.7\n1 0 obj\n", False),
        (b"<html>%PDF-1.7 %%EOF", False),
        (b"", False),
    ],
)
def test_is_pdf(data: bytes, whole: bool) -> None:
    assert rules.is_pdf(data) is whole


@pytest.mark.parametrize(
    ("body", "size"),
    [
        (b'<use href="#a"/><path fill="url(#b)"/>', (800, 600)),
        (b"<script>1</script>", None),
        (b'<g onload="x"/>', None),
        (b'<image href="https://noi.khac/a.png"/>', None),
        (b'<path fill="url(https://noi.khac/#a)"/>', None),
        (b"<style>@import 'a.css'</style>", None),
        (b"<foreignObject/>", None),
    ],
)
def test_drawing_size(body: bytes, size: tuple[int, int] | None) -> None:
    data = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 600">' + body + b"</svg>"
    assert rules.drawing_size(data) == size


def test_a_drawing_needs_a_view_box() -> None:
    assert rules.drawing_size(b"<svg></svg>") is None
    assert rules.drawing_size(b"<html></html>") is None
