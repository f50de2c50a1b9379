"""What several journeys do alike, each step as a person does it on the pages."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from io import BytesIO

import pyotp
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import FilePayload
from stdnum.vn import mst

from marketplace.demo import service as demo
from tests.journeys.visitor import DESKTOP, PHONE, Visitor

SIZES = {size.name: size for size in (PHONE, DESKTOP)}
DEMO_PASSWORD = demo.PASSWORD
SELLER_PHONE = demo.SELLER_PHONE
OWN_PASSWORD = "chiều nay nấu canh chua"

# A commune of before July 2025, as people still say it, and the one it became part of.
OLD_COMMUNE = "Lộc Hưng, Trảng Bàng"
NEW_COMMUNE = "Phường An Tịnh"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """An organisation's own pages. `org` is what stands for it in an address."""

    name: str
    org: str

    @property
    def home(self) -> str:
        return f"/sell/{self.org}"


# --- accounts ---------------------------------------------------------------------------------


def sign_up(visitor: Visitor, name: str) -> str:
    """Open an account from the page shown; return its phone number."""
    phone = visitor.platform.new_phone()
    visitor.fill("Họ và tên", name)
    visitor.fill("Số điện thoại hoặc e-mail", f"{phone[:4]} {phone[4:7]} {phone[7:]}")
    visitor.fill("Mật khẩu", OWN_PASSWORD)
    visitor.press("Gửi mã cho tôi")
    visitor.fill("Mã 6 số", visitor.platform.code(phone))
    visitor.press("Tiếp tục")
    return phone


def sign_in(visitor: Visitor, contact: str, password: str) -> None:
    """Sign in by password."""
    visitor.go("/sign-in")
    visitor.fill("Số điện thoại hoặc e-mail", contact)
    visitor.fill("Mật khẩu", password)
    visitor.press("Đăng nhập")


def sign_in_officer(visitor: Visitor) -> None:
    """Sign the demo's officer in: password, then the authenticator's code."""
    sign_in(visitor, demo.OFFICER_PHONE, DEMO_PASSWORD)
    visitor.sees("Còn một bước")
    visitor.fill("Mã trong ứng dụng xác thực", pyotp.TOTP(demo.OFFICER_SECRET).now())
    visitor.press("Tiếp tục")


# --- a shop -----------------------------------------------------------------------------------


def begin_shop(visitor: Visitor, name: str, kind: str) -> Shop:
    """Fill in the first page of an application."""
    visitor.tick(kind)
    visitor.fill("Tên gian hàng", name)
    visitor.press("Lưu và làm tiếp")
    found = re.match(r"/sell/(\w+)/organisation/edit", visitor.path)
    assert found, visitor.path
    return Shop(name=name, org=found[1])


def write_commune(visitor: Visitor, label: str, typed: str, expected: str) -> None:
    """Write a commune; with scripts, take the first suggestion that is the expected one."""
    field = visitor.field(label)
    if not visitor.script:
        field.fill(typed)
        return
    field.fill("")
    field.press_sequentially(typed)
    option = visitor.page.get_by_role("option").filter(has_text=expected).first
    option.click()
    assert expected in field.input_value()


def fill_application(visitor: Visitor, tax_code: str) -> None:
    """Fill in the second page of an application and save it."""
    visitor.fill("Mã số thuế", tax_code)
    visitor.fill("Họ tên người đại diện", "Phạm Thị Lành")
    visitor.fill("Số điện thoại liên hệ", visitor.platform.new_phone())
    write_commune(visitor, "Xã, phường", OLD_COMMUNE, NEW_COMMUNE)
    visitor.fill("Số nhà, đường, ấp", "12 ấp Lộc Trát")
    visitor.fill("Câu chuyện", "Ba đời làm mứt.\n\nMỗi mẻ chừng hai mươi ký.")
    visitor.press("Lưu")


def add_paper(visitor: Visitor, paper: FilePayload) -> None:
    """Send in one paper of the kind offered first."""
    visitor.choose_files(visitor.page.get_by_label("Ảnh chụp hoặc tệp PDF"), paper)
    visitor.press("Thêm giấy này")
    visitor.sees(paper["name"])


# --- goods ------------------------------------------------------------------------------------


def begin_product(visitor: Visitor, shop: Shop, name: str) -> str:
    """Fill in the first page of a product; return the address of its form."""
    visitor.go(f"{shop.home}/products")
    visitor.follow("Thêm món")
    visitor.fill("Tên món hàng", name)
    visitor.field("Loại hàng").select_option("food.processed.fruit_vegetables")
    visitor.press("Tiếp: ảnh và giá")
    return visitor.path


def add_photos(visitor: Visitor, *files: FilePayload) -> None:
    """Send photos in: with scripts they go by themselves once chosen."""
    chooser = visitor.page.locator("input[name=photos]")
    if visitor.script:
        visitor.lead(lambda: visitor.choose_files(chooser, *files))
    else:
        visitor.choose_files(chooser, *files)
        visitor.press("Tải ảnh đã chọn lên")


def fill_size(visitor: Visitor, *, net: str, unit: str, price: str, stock: str) -> None:
    """Fill in the first size of a product."""
    visitor.fill("Lượng tịnh", net)
    visitor.page.get_by_label("Đơn vị").first.select_option(unit)
    visitor.fill("Giá bán", price)
    visitor.fill("Còn trong kho", stock)


# --- papers and pictures ----------------------------------------------------------------------


def photo(seed: int, name: str = "") -> FilePayload:
    """Return a photo as a phone gives it: a few hundred KB, no two alike."""
    chance = random.Random(seed)
    made = Image.new("RGB", (1600, 1200), (236, 226, 205))
    draw = ImageDraw.Draw(made)
    for _ in range(260):
        x, y, r = chance.randrange(1600), chance.randrange(1200), chance.randrange(30, 140)
        colour = (chance.randrange(120, 230), chance.randrange(60, 160), chance.randrange(20, 90))
        draw.ellipse((x - r, y - r // 2, x + r, y + r // 2), fill=colour)
    target = BytesIO()
    made.filter(ImageFilter.GaussianBlur(2)).save(target, "JPEG", quality=88)
    name = name or f"IMG_{seed:04d}.jpg"
    return FilePayload(name=name, mimeType="image/jpeg", buffer=target.getvalue())


def pdf(words: str, name: str) -> FilePayload:
    """Return a PDF of one page; `words` in plain letters."""
    page = Image.new("RGB", (620, 877), "white")
    ImageDraw.Draw(page).text((60, 80), words, fill="black")
    target = BytesIO()
    page.save(target, "PDF")
    return FilePayload(name=name, mimeType="application/pdf", buffer=target.getvalue())


def tax_code(number: int) -> str:
    """Return a tax code of ten digits that holds."""
    first = f"39{number:07d}"
    return first + str(mst.calc_check_digit(first))
