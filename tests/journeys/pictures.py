"""Pictures of the main pages for README and docs: `python -m tests.journeys.pictures`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, FilePayload, sync_playwright

from foundation import clock
from marketplace.demo.payments import rules as money
from marketplace.demo.service import SAMPLE_SELLER
from tests.journeys import steps
from tests.journeys.platform import (
    BROWSER_ARGUMENTS,
    ROOT,
    Platform,
    find_browser,
    running,
    until,
)
from tests.journeys.test_paying import notice, tell
from tests.journeys.visitor import DESKTOP, PHONE, Size, Visitor

FOLDER = ROOT / "docs" / "pictures"
LARGEST = 200 * 1024
LINES = (
    (68_000, 0, "NGUYEN VAN DAM CHUYEN TIEN BANH TRANG"),
    (245_000, 0, "MBVCB.7741.CHI TU MUA HOP QUA"),
    (1_150_000, 0, "CONG TY DU LICH NUI BA DAT 10 HOP"),
    (0, 420_000, "THANH TOAN TIEN IN TEM NHAN"),
    (96_000, 0, "GUI CHI HIEN TIEN MUOI TOM"),
)
SIZES = (replace(PHONE, height=780, scale=2), DESKTOP)

Way = Callable[[Visitor], None]


def listing(buyer: Visitor) -> None:
    buyer.go("/products?q=banh+trang")


def product(buyer: Visitor) -> None:
    buyer.go("/products/banh-trang-phoi-suong")


def desk(seller: Visitor) -> None:
    seller.go("/sell")


def product_form(seller: Visitor) -> None:
    seller.go("/sell")
    seller.go(f"{seller.path}/products")
    seller.follow(SAMPLE_SELLER)


def certificate(officer: Visitor) -> None:
    officer.go("/ops/certificates")
    officer.lead(officer.main.locator(".list a").first.click)


def paid(payer: Visitor) -> None:
    payer.go(money.PAGE)
    payer.sees("86.000 ₫")
    tell(payer.platform, notice(money.REFERENCE, 86_000))
    until(lambda: "Đã nhận đủ tiền" in payer.words(), "the page to turn green")


def tills(seller: Visitor) -> str:
    """Return the address of the seller's pages about money."""
    seller.go("/sell")
    return f"/money/{seller.path.rsplit('/', 1)[-1]}"


def counter(seller: Visitor) -> None:
    seller.go(f"{tills(seller)}/counter")
    seller.fill("Khách phải trả", "96000")
    seller.fill("Ghi chú", "Bánh tráng muối tôm, 3 hộp")
    seller.press("Hiện mã QR")


def movement(seller: Visitor) -> None:
    seller.go(f"{tills(seller)}/lists/waiting")
    row = seller.main.locator("tbody tr").filter(has_text="NGUYEN VAN DAM")
    seller.lead(row.get_by_role("link").first.click)


def statement(seller: Visitor) -> None:
    address = f"{tills(seller)}/statements"
    rows = ["Ngày giao dịch;Tiền vào;Tiền ra;Nội dung;Số tham chiếu"]
    day = clock.day(clock.now())
    for number, (into, out, words) in enumerate(LINES, start=1):
        rows.append(f"{day:%d/%m/%Y};{into or ''};{out or ''};{words};FT2611{number:06d}")
    seller.go(address)
    name = f"sao-ke-{seller.size.name}.csv"
    text = "\r\n".join([*rows, f"{day:%d/%m/%Y};;{seller.size.width};Phi;FT2611900000", ""])
    sheet = FilePayload(name=name, mimeType="text/csv", buffer=text.encode())
    seller.choose_files(seller.page.locator("input[type=file]"), sheet)
    seller.field("Tài khoản").select_option(index=1)
    seller.press("Gửi và xem trước")


def board(seller: Visitor) -> None:
    seller.go(tills(seller))


def ledger(seller: Visitor) -> None:
    seller.go(f"{tills(seller)}/ledger")


BUYER: Mapping[str, Way] = {
    "home": lambda buyer: buyer.go("/"),
    "listing": listing,
    "product": product,
    "pay": lambda buyer: buyer.go(money.PAGE),
}
SELLER: Mapping[str, Way] = {
    "desk": desk,
    "product-form": product_form,
    "money": board,
    "movement": movement,
    "statement": statement,
    "ledger": ledger,
    "counter": counter,
}
PAYER: Mapping[str, Way] = {"paid": paid}
OFFICER: Mapping[str, Way] = {
    "certificate": certificate,
    "province": lambda officer: officer.go("/ops"),
}


def take(browser: Browser, platform: Platform) -> None:
    """Take every picture at both sizes."""
    signing_in: tuple[tuple[Mapping[str, Way], Way | None], ...] = (
        (BUYER, None),
        (SELLER, lambda who: steps.sign_in(who, steps.SELLER_PHONE, steps.DEMO_PASSWORD)),
        (OFFICER, steps.sign_in_officer),
        (PAYER, None),
    )
    for ways, enter in signing_in:
        kept = None
        for size in SIZES:
            with Visitor(
                browser,
                platform,
                size=size,
                came_from="198.51.100.1",
                signed_in=kept,
                curious=False,
            ) as visitor:
                if enter and kept is None:
                    enter(visitor)
                    kept = visitor.context.storage_state()
                for name, go in ways.items():
                    go(visitor)
                    keep(visitor, name, size)


def keep(visitor: Visitor, name: str, size: Size) -> None:
    """Store what the window shows, as small as a picture of few colours can be."""
    visitor.page.wait_for_load_state("networkidle")
    shot = Image.open(BytesIO(visitor.page.screenshot(animations="disabled"))).convert("RGB")
    path = FOLDER / f"{name}-{size.name}.png"
    shot.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size <= LARGEST, f"{path} weighs {path.stat().st_size} bytes"


def main() -> None:
    """Start a platform of its own, take the pictures, end it."""
    browser_path = find_browser()
    if browser_path is None:
        sys.exit("no Chromium was found")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        running(Path(folder)) as platform,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path, args=BROWSER_ARGUMENTS)
        take(browser, platform)
        browser.close()


if __name__ == "__main__":
    main()
