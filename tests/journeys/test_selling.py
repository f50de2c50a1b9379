"""An organisation applies, is verified, lists a product with photos; a buyer finds and opens it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys import steps
from tests.journeys.conftest import Visit
from tests.journeys.visitor import Size, Visitor

# Names of their own for each way of making the journey, so that no two meet in the search.
GOODS = {
    ("phone", True): ("Mứt khế Ba Dũng", "mut khe ba dung"),
    ("phone", False): ("Mứt tắc Tư Đượm", "mut tac tu duom"),
    ("desktop", True): ("Ô mai sấu Năm Giỏi", "o mai sau nam gioi"),
    ("desktop", False): ("Mứt gừng Sáu Lịch", "mut gung sau lich"),
}
COOPERATIVE = "Hợp tác xã"
FARMER = "Nông hộ, người trồng, người làm nghề"


def test_from_application_to_buyer(
    visit: Visit, officer_state: Any, size: Size, script: bool
) -> None:
    name, words = GOODS[size.name, script]
    seller = visit(size=size, script=script)
    officer = visit(size=size, script=script, signed_in=officer_state)
    buyer = visit(size=size, script=script)

    shop = apply(seller, f"Cơ sở {name}", size, script=script)
    accept(officer, shop)
    seller.go(shop.home)
    seller.sees("Soạn món đầu tiên")
    list_product(seller, shop, name)
    publish(officer, name)
    address = find(buyer, name, words)
    buyer.sees("45.000 ₫", "180.000 ₫/kg", steps.NEW_COMMUNE, shop.name, "Gọi đặt hàng")
    suspend(officer, shop)
    buyer.go(address, status=404)
    buyer.go(f"/products?q={words.replace(' ', '+')}")
    assert not buyer.page.get_by_role("link", name=name).count()
    seller.go(shop.home)
    seller.sees("tạm ngừng", "Thiếu giấy an toàn thực phẩm.")


def apply(seller: Visitor, name: str, size: Size, *, script: bool) -> steps.Shop:
    """Open an account and a shop, and send its application in."""
    seller.go("/sell")
    seller.follow("Mở gian hàng")
    steps.sign_up(seller, "Phạm Thị Lành")
    seller.sees("Mở gian hàng")
    as_farmer = size.name == "phone"
    shop = steps.begin_shop(seller, name, FARMER if as_farmer else COOPERATIVE)
    number = 2 * as_farmer + script
    steps.fill_application(
        seller, f"07218500010{number}" if as_farmer else steps.tax_code(1001 + number)
    )
    if as_farmer:
        seller.sees("072", "•")
        seller.misses(f"07218500010{number}")
    seller.sees("Phường An Tịnh", "Còn thiếu 1 mục")
    scan = steps.photo(900 + number, "giay.jpg") if script else steps.pdf("GIAY", "giay.pdf")
    steps.add_paper(seller, scan)
    seller.press("Gửi hồ sơ")
    seller.sees("Đã gửi hồ sơ", "Đang chờ xem")
    return shop


def accept(officer: Visitor, shop: steps.Shop) -> None:
    """Look at the application and its paper, refuse to decide without words, then accept."""
    officer.go("/ops")
    officer.go("/ops/organisations")
    officer.follow(shop.name)
    officer.sees(shop.name, "12 ấp Lộc Trát", steps.NEW_COMMUNE)
    officer.tick("Yêu cầu bổ sung")
    officer.press("Gửi quyết định", status=422)
    officer.sees("Viết rõ lý do để người bán biết phải làm gì.")
    officer.tick("Duyệt")
    officer.press("Gửi quyết định")
    look_up(officer, shop)
    officer.sees("Đã xác minh")


def look_up(officer: Visitor, shop: steps.Shop) -> None:
    """Find the organisation among all by its name, and open it."""
    officer.go("/ops/organisations?state=all")
    officer.fill("Tìm theo tên hoặc mã số thuế", shop.name)
    officer.press("Tìm")
    officer.follow(shop.name)


def list_product(seller: Visitor, shop: steps.Shop, name: str) -> None:
    """Write a product with three photos and send it in."""
    steps.begin_product(seller, shop, name)
    seller.fill("Giới thiệu trong một câu", "Ngọt vừa, còn giòn, hũ nửa cân.")
    steps.add_photos(seller, *(steps.photo(number) for number in (1, 2, 3)))
    seller.sees("Đã thêm 3 ảnh")
    assert seller.field("Giới thiệu").input_value() == "Ngọt vừa, còn giòn, hũ nửa cân."
    steps.fill_size(seller, net="250", unit="g", price="0", stock="40")
    seller.press("Lưu và gửi duyệt", status=422)
    assert seller.field("Lượng tịnh").input_value() == "250"
    seller.fill("Giá bán", "45.000")
    seller.fill("Kể về món này", "Nhà trồng, nhà hái.\n\n- Không phẩm màu\n- Ăn trong ba tháng")
    seller.press("Lưu và gửi duyệt")
    seller.sees("Đã gửi duyệt", "Chờ duyệt")
    seller.follow("Xem cả trang")
    seller.sees(name, "45.000 ₫", "180.000 ₫/kg")


def publish(officer: Visitor, name: str) -> None:
    officer.go("/ops/products")
    officer.follow(name)
    officer.sees(name, "45.000 ₫")
    officer.press("Duyệt, cho lên chợ")


def find(buyer: Visitor, name: str, words: str) -> str:
    """Search without accents until the product is there, open it, return its address."""
    link = buyer.main.get_by_role("link", name=name, exact=True)
    query = words.replace(" ", "+")
    buyer.look_again(f"/products?q={query}", lambda: link.count() > 0, f"{name} in the search")
    buyer.go("/")
    box = buyer.page.get_by_role("search").first.locator("input[name=q]")
    box.fill(words)
    buyer.submit(box)
    buyer.follow(name)
    return buyer.path


def suspend(officer: Visitor, shop: steps.Shop) -> None:
    look_up(officer, shop)
    officer.fill("Lý do", "Thiếu giấy an toàn thực phẩm.")
    officer.press("Tạm ngừng")
    officer.sees("Đang tạm ngừng")


@pytest.mark.parametrize("path", ["/sell/new", "/account", "/ops", "/sell/0123456789abcd"])
def test_strangers_are_sent_to_the_door(visit: Visit, path: str) -> None:
    stranger = visit()
    stranger.go(path)
    assert stranger.path.startswith("/sign-in?next=")
