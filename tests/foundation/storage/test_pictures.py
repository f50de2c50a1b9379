from __future__ import annotations

import random
from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image, ImageCms

from foundation.storage import pictures
from foundation.storage.errors import (
    NotAPhoto,
    PhotoTooLong,
    PhotoTooManyPixels,
    PhotoTooSmall,
)
from tests.foundation.storage import pictures_for_tests as make

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800"></svg>'


def zipped() -> bytes:
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        archive.writestr("anh.jpg", b"x" * 1000)
    return target.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_kind_a_phone_sends_becomes_webp(kind: str) -> None:
    made = pictures.photo(make.photo(1600, 1200, kind))
    assert {width: (each.width, each.height) for width, each in made.items()} == {
        320: (320, 240),
        640: (640, 480),
        1280: (1280, 960),
    }
    for each in made.values():
        assert make.opened(each.data).format == "WEBP"
        assert make.near(make.opened(each.data).getpixel((5, 5)), make.BLUE)


@pytest.mark.parametrize(
    ("width", "kept"),
    [
        (400, {320: 320, 640: 400}),
        (640, {320: 320, 640: 640}),
        (900, {320: 320, 640: 640, 1280: 900}),
    ],
)
def test_nothing_is_scaled_up(width: int, kept: dict[int, int]) -> None:
    made = pictures.photo(make.photo(width, 500))
    assert {nominal: each.width for nominal, each in made.items()} == kept


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_photo_is_turned_upright(orientation: int) -> None:
    largest = pictures.photo(make.lying_photo_with_gps(orientation))[640]
    assert (largest.width, largest.height) == (600, 800)
    shown = make.opened(largest.data)
    assert make.near(shown.getpixel((10, 10)), make.BLUE)
    assert make.near(shown.getpixel((10, 790)), make.RED)


def test_a_heic_photo_is_turned_once() -> None:
    lying = make.opened(make.lying_photo_with_gps(6))
    data = make.encoded(lying, "HEIF", exif=lying.getexif().tobytes())
    largest = pictures.photo(data)[640]
    assert (largest.width, largest.height) == (600, 800)
    assert make.near(make.opened(largest.data).getpixel((10, 10)), make.BLUE)


def test_where_it_was_taken_stays_behind() -> None:
    source = make.lying_photo_with_gps()
    assert make.opened(source).getexif().get_ifd(make.GPS)
    outputs = [each.data for each in pictures.photo(source).values()]
    for data in (*outputs, pictures.scan(source).data):
        shown = make.opened(data)
        assert dict(shown.getexif()) == {}
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(shown.info)
        assert b"ghi chu" not in data
        assert "bí mật".encode() not in data


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (500, 500), (0, 0, 0, 0))
    for data in (make.encoded(clear, "PNG"), make.encoded(clear.convert("LA"), "PNG")):
        shown = make.opened(pictures.photo(data)[640].data)
        assert shown.mode == "RGB"
        assert make.near(shown.getpixel((100, 100)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["L", "CMYK", "1", "P", "I;16"])
def test_other_colour_modes_are_read(mode: str) -> None:
    made = (
        make.picture().convert("L").convert("I;16") if mode == "I;16" else make.picture(mode=mode)
    )
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert make.opened(pictures.photo(make.encoded(made, kind))[640].data).mode == "RGB"


def test_a_profile_is_applied_and_a_broken_one_left_out() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for icc in (profile, b"no profile at all"):
        data = make.encoded(make.picture(), icc_profile=icc)
        shown = make.opened(pictures.photo(data)[640].data)
        assert make.near(shown.getpixel((5, 5)), make.BLUE)
        assert "icc_profile" not in shown.info


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_kept(kind: str) -> None:
    frames = [Image.new("RGB", (500, 500), colour) for colour in (make.RED, make.BLUE)]
    data = make.encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=90)
    shown = make.opened(pictures.photo(data)[640].data)
    assert getattr(shown, "n_frames", 1) == 1
    assert make.near(shown.getpixel((250, 250)), make.RED)


def test_a_grainy_photo_is_made_light() -> None:
    noise = Image.frombytes("RGB", (1280, 960), random.Random(7).randbytes(1280 * 960 * 3))
    made = pictures.photo(make.encoded(noise.resize((640, 480)).resize((1280, 960))))
    assert len(made[640].data) < 130_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"day la chu, khong phai anh",
        SVG,
        zipped(),
        b"%PDF-1.7\n%%EOF",
        make.photo()[:2000],
        make.photo(kind="PNG")[:-400],
        make.photo(kind="WEBP")[:300],
        make.photo(kind="HEIF")[:600],
        make.encoded(make.picture(), "GIF"),
        make.encoded(make.picture(), "TIFF"),
    ],
    ids=[
        "empty",
        "text",
        "svg",
        "zip",
        "pdf",
        "cut-jpeg",
        "cut-png",
        "cut-webp",
        "cut-heic",
        "gif",
        "tiff",
    ],
)
def test_what_does_not_decode_is_no_photo(data: bytes) -> None:
    with pytest.raises(NotAPhoto):
        pictures.photo(data)


def test_a_decompression_bomb_is_refused_unopened() -> None:
    with pytest.raises(PhotoTooManyPixels) as refused:
        pictures.photo(make.bomb())
    assert refused.value.facts == {"width": 60_000, "height": 60_000, "most": 60}


def test_a_small_photo_is_refused_with_its_size() -> None:
    with pytest.raises(PhotoTooSmall) as refused:
        pictures.photo(make.photo(320, 640))
    assert refused.value.facts == {"width": 320, "height": 640, "least": 400}


def test_a_ribbon_is_refused() -> None:
    with pytest.raises(PhotoTooLong):
        pictures.photo(make.photo(400, 1700))


def test_a_scan_stays_legible() -> None:
    made = pictures.scan(make.photo(4000, 3000))
    assert (made.width, made.height) == (2200, 1650)
    assert make.opened(made.data).format == "JPEG"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_spoiled_note_does_not_spoil_the_photo() -> None:
    data = make.encoded(make.picture(), exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    assert pictures.photo(data)[640].width == 640
