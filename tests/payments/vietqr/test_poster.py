from __future__ import annotations

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from reportlab.lib.units import mm

from payments.vietqr.codec import InvalidPayload, build, encode
from payments.vietqr.picture import Label, title_of
from payments.vietqr.poster import poster

OPEN = encode(build("970436", "1017595600"))
FIXED = encode(build("970405", "0023457923442ASDFLJ", 25_000, "Ve giu xe"))
LABEL = Label(bank="Vietcombank", holder="HTX MANG CAU THANH TAN")
LONG = Label(
    bank="Agribank – Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam",
    holder="HTX NONG NGHIEP DICH VU TONG HOP MANG CAU THANH TAN",
    practice=True,
)
SHOP = "Hợp tác xã Nông nghiệp Dịch vụ Tổng hợp Mãng cầu Thạnh Tân và các xã lân cận 🌳"


def opened(text: str, label: Label, shop: str) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(poster(text, label, shop=shop))


def printed(text: str, label: Label, shop: str, *, dpi: int) -> Image.Image:
    image: Image.Image = opened(text, label, shop)[0].render(scale=dpi / 72).to_pil()
    return image


@pytest.mark.parametrize("text", [OPEN, FIXED])
@pytest.mark.parametrize(("label", "shop"), [(LABEL, "Mãng cầu Cô Ba"), (LONG, SHOP)])
@pytest.mark.parametrize("dpi", [96, 300])
def test_a_printed_poster_is_read_back(text: str, label: Label, shop: str, dpi: int) -> None:
    image = printed(text, label, shop, dpi=dpi)
    for each in (image, image.rotate(12, expand=True, fillcolor="white")):
        (found,) = zxingcpp.read_barcodes(each.convert("L"))
        assert found.text == text
        assert found.ec_level == "M"


def test_one_page_of_a6_with_its_fonts() -> None:
    document = opened(OPEN, LABEL, "Mãng cầu Cô Ba")
    assert len(document) == 1
    assert document[0].get_size() == pytest.approx((105 * mm, 148 * mm), abs=0.5)
    assert document.get_metadata_dict()["Title"] == title_of(OPEN, LABEL)
    assert b"/FontFile2" in poster(OPEN, LABEL, shop="Mãng cầu Cô Ba")


def words(text: str, label: Label, shop: str) -> str:
    said: str = opened(text, label, shop)[0].get_textpage().get_text_range()
    return said.replace("\u00a0", " ")


def test_poster_says_whose_code_it_is_and_how_to_pay() -> None:
    said = words(OPEN, LABEL, "Mãng cầu Cô Ba")
    for each in (
        "Mãng cầu Cô Ba",
        "Quét mã để trả tiền",
        "HTX MANG CAU THANH TAN",
        "1017 5956 00",
        "Vietcombank",
        "nhập số tiền",
        "báo đã nhận tiền",
    ):
        assert each in said
    assert "diễn tập" not in said


def test_poster_with_an_amount() -> None:
    said = words(FIXED, LONG, SHOP)
    assert "Quét mã trả 25.000 ₫" in said
    assert "xem đúng tên" in said
    assert "nhập số tiền" not in said
    assert "Bản diễn tập" in said


def test_the_same_poster_twice_is_the_same_file() -> None:
    assert poster(OPEN, LABEL, shop="Cô Ba") == poster(OPEN, LABEL, shop="Cô Ba")


def test_no_poster_of_what_is_no_payment_code() -> None:
    with pytest.raises(InvalidPayload):
        poster("https://example.vn/", LABEL, shop="Cô Ba")
