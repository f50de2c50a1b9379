"""A seller enters an OCOP certificate, the province verifies it, buyers see the stars."""

from __future__ import annotations

from typing import Any

import pytest

from foundation import clock
from marketplace.demo.service import SAMPLE_SELLER
from tests.journeys import steps
from tests.journeys.conftest import Visit
from tests.journeys.visitor import DESKTOP, PHONE, Size, Visitor


@pytest.mark.parametrize(
    ("size", "script", "name", "number"),
    [
        (PHONE, False, "Bánh tráng lá dứa Hai Thảo", "701/QĐ-UBND"),
        (DESKTOP, True, "Bánh tráng củ dền Ba Thảo", "702/QĐ-UBND"),
    ],
    ids=["phone-no-scripts", "desktop-scripts"],
)
def test_from_paper_to_stars(
    visit: Visit,
    seller_state: Any,
    officer_state: Any,
    size: Size,
    script: bool,
    name: str,
    number: str,
) -> None:
    seller = visit(size=size, script=script, signed_in=seller_state)
    officer = visit(size=size, script=script, signed_in=officer_state)
    buyer = visit(size=size, script=script)
    put_on_sale(seller, officer, name)
    enter(seller, name, number)
    verify(officer, number)

    listing = f"/products?q={name.replace(' ', '+')}&stars=4"
    link = buyer.main.get_by_role("link", name=name, exact=True)
    buyer.look_again(listing, lambda: link.count() > 0, f"{name} among four stars")
    buyer.sees("4 sao")
    buyer.follow(name)
    buyer.sees("Chứng nhận OCOP", number, "4 sao")
    seller.go(seller.path)
    seller.follow("Trang người mua kiểm tra chứng nhận")
    seller.sees(number, name, "còn hạn")


def put_on_sale(seller: Visitor, officer: Visitor, name: str) -> None:
    """Make a new product after one that is there, and have it published."""
    seller.go("/sell")
    seller.go(f"{seller.path}/products")
    seller.follow(SAMPLE_SELLER)
    seller.page.get_by_text("Việc khác với món này").click()
    seller.press("Tạo bản sao")
    seller.fill("Tên món hàng", name)
    seller.press("Lưu và gửi duyệt")
    officer.go("/ops/products")
    officer.follow(name)
    officer.press("Duyệt, cho lên chợ")
    seller.go(f"{seller.path.partition('/products')[0]}/certificates")
    seller.follow("Thêm chứng nhận")


def enter(seller: Visitor, name: str, number: str) -> None:
    """Enter a certificate, first with a day that lies ahead, then rightly; send it in."""
    seller.fill("Số quyết định", number)
    seller.tick("Uỷ ban nhân dân tỉnh")
    seller.fill("Tên nơi ký quyết định", "Uỷ ban nhân dân tỉnh Tây Ninh")
    seller.tick("4 sao", exact=True)
    seller.fill("Ngày ký", "31/02/2026")
    seller.tick(name, exact=True)
    seller.press("Lưu nháp", status=422)
    assert seller.field("Số quyết định").input_value() == number
    today = clock.day(clock.now())
    seller.fill("Ngày ký", f"{today:%d/%m/%Y}")
    scan = steps.pdf(f"QUYET DINH {number}", "quyet-dinh.pdf")
    seller.choose_files(seller.page.get_by_label("Bản chụp hoặc bản quét quyết định"), scan)
    seller.press("Lưu nháp")
    seller.press("Gửi sở xác minh")
    seller.sees("Chờ sở xác minh")


def verify(officer: Visitor, number: str) -> None:
    officer.go("/ops/certificates")
    officer.follow(number)
    officer.sees(number, "4 sao")
    officer.press("Đúng, cho hiện sao")
    officer.sees("Đã xác minh")
