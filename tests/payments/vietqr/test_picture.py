from __future__ import annotations

import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageOps

from payments.vietqr.codec import InvalidPayload, build, decode, encode
from payments.vietqr.picture import (
    QUIET,
    Label,
    boxes,
    card_png,
    card_svg,
    png,
    side_of,
    svg,
    title_of,
)
from payments.vietqr.sheet import drawable, fitted, width_of, wrapped

FIXED = encode(build("970436", "1017595600", 213_000, code="PCQ1W2E3R4T5Y6U7I8O"))
OPEN = encode(build("970405", "0023457923442ASDFLJ"))
LONGEST = encode(
    build(
        "970436",
        "9704368625581601018",
        499_999_999,
        "x" * 25,
        card=True,
        bill_number="b" * 25,
        reference="r" * 25,
    )
)
FOREIGN = (
    "00020101021126280010A0000007750110010531314453037045408210900005802VN5910CELLPHONES62600312"
    "CPSHN ONLINE0517021908061613127850705ONLHN0810CellphoneS63047685"
)
EVERY = pytest.mark.parametrize("text", [FIXED, OPEN, LONGEST, FOREIGN])
LABEL = Label(bank="Vietcombank", holder="HTX MÃNG CẦU THẠNH TÂN")
LONG = Label(
    bank="Agribank – Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam",
    holder="Hợp tác xã Nông nghiệp Dịch vụ Tổng hợp Mãng cầu Thạnh Tân và các xã lân cận 🌳 <b>",
    practice=True,
)
NAMESPACE = "{http://www.w3.org/2000/svg}"


def read(image: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(image.convert("L"))
    assert found.format == zxingcpp.BarcodeFormat.QRCode
    assert found.ec_level == "M"
    return found.text


def opened(picture: bytes) -> Image.Image:
    return Image.open(BytesIO(picture))


def painted(picture: str, scale: float) -> Image.Image:
    """Paint the shapes of an SVG as a browser would; its texts are left out."""
    root = ElementTree.fromstring(picture)
    _left, _top, width, height = map(float, root.attrib["viewBox"].split())
    image = Image.new("RGB", (round(width * scale), round(height * scale)), "red")
    pen = ImageDraw.Draw(image)

    def paint(x: float, y: float, width: float, height: float, fill: str) -> None:
        right, bottom = round((x + width) * scale) - 1, round((y + height) * scale) - 1
        if right >= round(x * scale):
            pen.rectangle((round(x * scale), round(y * scale), right, bottom), fill=fill)

    for shape in root:
        if shape.tag == NAMESPACE + "path":
            for box in re.findall(r"M(\S+) (\S+)h(\S+)v(\S+)h-(\S+)z", shape.attrib["d"]):
                x, y, width, height, back = map(float, box)
                assert width == back
                paint(x, y, width, height, shape.attrib["fill"])
        else:
            assert shape.tag in {NAMESPACE + "title", NAMESPACE + "text", NAMESPACE + "rect"}
    return image


# --- the code alone ---------------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("pixels", [2, 5, 16])
def test_png_is_read_back(text: str, pixels: int) -> None:
    image = opened(png(text, pixels=pixels))
    assert read(image) == text
    assert decode(read(image)) == decode(text)
    assert image.size == (side_of(text) * pixels,) * 2


@EVERY
@pytest.mark.parametrize("scale", [3, 7.5])
def test_svg_is_read_back(text: str, scale: float) -> None:
    assert read(painted(svg(text, title="Mã"), scale)) == text


@EVERY
def test_four_modules_stay_white_all_around(text: str) -> None:
    image = opened(png(text, pixels=1)).convert("L")
    inside = ImageOps.invert(image).getbbox()
    assert inside == (QUIET, QUIET, image.width - QUIET, image.height - QUIET)
    assert painted(svg(text, title="Mã"), 1).convert("L").tobytes() == image.tobytes()


def test_png_is_black_and_white() -> None:
    assert opened(png(FIXED)).mode == "1"


def test_boxes_stay_inside_their_square() -> None:
    for box in boxes(FIXED, 100, 200, 90):
        assert 100 < box.x < box.x + box.width < 190
        assert 200 < box.y < box.y + box.height < 290


@pytest.mark.parametrize("picture", [svg(FIXED, title='Mã "<b>&'), card_svg(OPEN, LONG)])
def test_svg_stands_in_a_page_with_a_strict_policy(picture: str) -> None:
    root = ElementTree.fromstring(picture)
    assert root.attrib["role"] == "img"
    title = root.find(NAMESPACE + "title")
    assert title is not None
    assert title.text == root.attrib["aria-label"]
    for element in root.iter():
        assert element.tag.removeprefix(NAMESPACE) in {"svg", "title", "path", "rect", "text"}
        assert not {"style", "class", "id", "href"} & set(element.attrib)
        assert not any(name.startswith("on") for name in element.attrib)


def test_titles_are_escaped() -> None:
    assert ElementTree.fromstring(svg(FIXED, title='Mã "<b>&\0')).attrib["aria-label"] == (
        'Mã "<b>&'
    )


# --- cards ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [FIXED, OPEN, LONGEST])
@pytest.mark.parametrize("label", [LABEL, LONG])
def test_cards_are_read_back(text: str, label: Label) -> None:
    large = opened(card_png(text, label))
    assert read(large) == text
    # As small as a phone shows it, and as a friend's phone photographs it.
    assert read(large.convert("L").resize((360, large.height * 360 // large.width))) == text
    assert read(large.convert("RGB").rotate(7, expand=True, fillcolor="grey")) == text
    assert read(painted(card_svg(text, label), 1)) == text


def test_card_is_pure_white_and_its_code_pure_black() -> None:
    card = opened(card_png(OPEN, LONG)).convert("RGB")
    pixels = card.getcolors(256)
    assert pixels is not None
    assert [colour for _count, colour in sorted(pixels)[-2:]] == [(0, 0, 0), (255, 255, 255)]


def words(text: str, label: Label) -> str:
    root = ElementTree.fromstring(card_svg(text, label))
    return "\n".join(each.text or "" for each in root.iter(NAMESPACE + "text"))


def test_card_says_what_the_code_does() -> None:
    said = words(FIXED, LABEL)
    for each in (
        "213.000\u00a0₫",
        "Vietcombank",
        "1017 5956 00",
        "HTX MÃNG CẦU THẠNH TÂN",
        "PCQ1W2E3R4T5Y6U7I8O",
        "VietQR",
    ):
        assert each in said
    assert "diễn tập" not in said


def test_card_without_an_amount_says_so() -> None:
    said = words(OPEN, LONG)
    assert "nhập số tiền" in said
    assert "₫" not in said
    assert "Nội dung" not in said
    assert "Bản diễn tập" in said
    assert "🌳" not in said


def test_card_of_a_card_number() -> None:
    assert "Số thẻ" in words(LONGEST, LABEL)


def test_masked_number_is_nowhere_on_the_card() -> None:
    hidden = Label(bank="Vietcombank", holder="HTX", masked=True)
    assert "*** 5600" in words(FIXED, hidden)
    assert "*** 5600" in title_of(FIXED, hidden)
    assert "1017" not in card_svg(FIXED, hidden)


def test_title_says_it_in_one_sentence() -> None:
    assert title_of(FIXED, LABEL) == (
        "Mã VietQR trả 213.000\u00a0₫ cho HTX MÃNG CẦU THẠNH TÂN, Vietcombank, "
        "số tài khoản 1017 5956 00"
    )
    assert title_of(OPEN, LABEL).startswith("Mã VietQR chuyển tiền cho ")


@pytest.mark.parametrize("draw", [card_svg, card_png])
def test_no_card_of_what_is_no_payment_code(draw: object) -> None:
    assert callable(draw)
    with pytest.raises(InvalidPayload):
        draw("https://example.vn/", LABEL)


# --- text on sheets ---------------------------------------------------------------------------


def test_lines_stay_within_their_width() -> None:
    text = "Hợp tác xã Mãng cầu Thạnh Tân " + "W" * 60
    lines = wrapped(text, 20, 200)
    assert all(width_of(each, 20) <= 200 for each in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert wrapped("", 20, 200) == []


def test_what_does_not_fit_is_cut_with_an_ellipsis() -> None:
    assert fitted("Cô Ba", (20, 10), 200, most=1) == (["Cô Ba"], 20)
    lines, size = fitted("Hợp tác xã Mãng cầu Thạnh Tân", (20, 10), 100, most=1)
    assert size == 10
    assert len(lines) == 1
    assert lines[0].endswith("…")
    assert width_of(lines[0], 10) <= 100


def test_only_what_the_font_has_is_drawn() -> None:
    assert drawable("  Cơm\t tấm 🍚 Cô Bả\0 ①") == "Cơm tấm Cô Bả 1"
    assert drawable("Nguyễn\u0302 Ðình") == "Nguyễn Ðình"
    assert drawable("你好") == ""
