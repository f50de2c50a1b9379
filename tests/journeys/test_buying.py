"""A buyer looks around the shop: searches, narrows down, reads, loses the way, changes language."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

from tests.journeys.conftest import Visit
from tests.journeys.visitor import Size, Visitor

FOUND = "Bánh tráng phơi sương"
AT_LEAST_FOUR = re.compile(r"[45] sao")


def search(buyer: Visitor, words: str) -> None:
    """Type words into the search of the page's head and press Enter."""
    box = buyer.page.get_by_role("search").first.locator("input[name=q]")
    box.fill(words)
    buyer.submit(box)


def open_filters(buyer: Visitor) -> None:
    """Unfold the filters where a phone keeps them folded."""
    summary = buyer.page.locator(".facets > summary")
    if summary.is_visible():
        summary.click()


def test_from_search_to_place(visit: Visit, size: Size, script: bool) -> None:
    buyer = visit(size=size, script=script)
    buyer.go("/")
    search(buyer, "banh trang phoi suong")
    first = buyer.page.locator(".products .card-name").first
    assert first.inner_text() == FOUND
    buyer.follow(FOUND)
    buyer.sees(FOUND, "₫/kg", "Gọi đặt hàng")
    place = buyer.page.locator('.assure a[href^="/places/"]').inner_text()
    buyer.lead(buyer.page.locator('main a[href^="/sellers/"]').first.click)
    assert buyer.path.startswith("/sellers/")
    buyer.sees("Sở đã xem giấy tờ", FOUND)
    buyer.follow(place)
    assert buyer.path.startswith("/places/")
    buyer.sees("Người bán ở đây")
    assert buyer.main.locator("h1").inner_text().lower() == f"đặc sản {place}".lower()


def test_narrowing_down(visit: Visit, size: Size, script: bool) -> None:
    buyer = visit(size=size, script=script)
    buyer.go("/products?q=banh")
    everything = total(buyer)
    open_filters(buyer)
    buyer.page.locator("input[name=stars][value='4']").check()
    buyer.press("Xem kết quả")
    assert 0 < total(buyer) < everything
    shown = buyer.page.locator(".products .card")
    assert shown.count() == shown.filter(has_text=AT_LEAST_FOUR).count()
    starred = total(buyer)
    open_filters(buyer)
    buyer.page.locator("input[name=category]:not([value=''])").first.check()
    buyer.press("Xem kết quả")
    assert "stars=4" in buyer.path
    assert "category=" in buyer.path
    assert 0 < total(buyer) <= starred
    buyer.page.locator("#xep").select_option("price")
    buyer.press("Xếp")
    prices = buyer.page.locator(".products .price b").all_inner_texts()
    amounts = [int("".join(filter(str.isdigit, each))) for each in prices]
    assert amounts == sorted(amounts)
    buyer.lead(buyer.page.locator(".chips .chip-on").first.click)
    assert total(buyer) > 0


def total(buyer: Visitor) -> int:
    """Return how many things the listing says it found."""
    words = buyer.page.locator("main [role=status] strong").first.inner_text()
    return int(words.split()[0].replace(".", ""))


def test_losing_the_way(visit: Visit, size: Size, script: bool) -> None:
    buyer = visit(size=size, script=script)
    buyer.go(f"/products?q={quote_plus('bánh trnág phơi sươgn')}")
    buyer.sees(FOUND)
    buyer.go("/products?q=xyzzyq")
    buyer.sees("Chưa có món nào tên “xyzzyq”", "Xem tất cả đặc sản")
    assert buyer.page.locator("main .empty .chip").count() > 1
    buyer.lead(buyer.page.locator("main .empty .chip").first.click)
    assert total(buyer) > 0
    buyer.go("/products/mon-nay-khong-co", status=404)
    box = buyer.main.locator("input[name=q]")
    assert "mon nay khong co" in box.input_value()
    box.fill("muoi tom")
    buyer.submit(box)
    assert total(buyer) > 0


def test_in_english_and_back(visit: Visit, size: Size, script: bool) -> None:
    buyer = visit(size=size, script=script)
    buyer.go("/places")
    buyer.language = "en"
    foot = buyer.page.locator("footer")
    buyer.follow("English", within=foot)
    assert buyer.path == "/places"
    buyer.go("/products?q=banh+trang")
    assert buyer.page.locator("html").get_attribute("lang") == "en"
    assert "Tìm" not in buyer.page.title()
    buyer.go("/")
    buyer.language = "vi"
    buyer.follow("Tiếng Việt", within=foot)
    assert buyer.page.locator("html").get_attribute("lang") == "vi"


def test_suggestions_as_one_types(visit: Visit, size: Size) -> None:
    buyer = visit(size=size)
    buyer.go("/")
    box = buyer.page.get_by_role("search").first.locator("input[name=q]")
    box.press_sequentially("banh tra")
    option = buyer.page.get_by_role("option").first
    option.wait_for()
    assert "bánh tr" in option.inner_text().lower()
    box.press("ArrowDown")
    assert option.get_attribute("aria-selected") == "true"
    box.press("Escape")
    option.wait_for(state="hidden")
    buyer.submit(box)
    assert total(buyer) > 0
