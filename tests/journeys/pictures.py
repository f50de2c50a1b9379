"""Pictures of the main pages for README and docs: `python -m tests.journeys.pictures`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from marketplace.demo.service import SAMPLE_SELLER
from tests.journeys import steps
from tests.journeys.platform import BROWSER_ARGUMENTS, ROOT, Platform, find_browser, running
from tests.journeys.visitor import DESKTOP, PHONE, Size, Visitor

FOLDER = ROOT / "docs" / "pictures"
LARGEST = 200 * 1024
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


BUYER: Mapping[str, Way] = {
    "home": lambda buyer: buyer.go("/"),
    "listing": listing,
    "product": product,
}
SELLER: Mapping[str, Way] = {"desk": desk, "product-form": product_form}
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
