"""Payment codes as a browser shows them, under our policy, read back from the screen."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Route

from marketplace.app import CONTENT_POLICY
from payments.vietqr.codec import build, encode
from payments.vietqr.picture import Label, card_svg, svg, title_of

TEXT = encode(build("970436", "1017595600", 213_000, code="PCQ1W2E3R4T5Y6U7I8O"))
LABEL = Label(
    bank="Agribank – Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam",
    holder="Hợp tác xã Nông nghiệp Dịch vụ Tổng hợp Mãng cầu Thạnh Tân",
    practice=True,
)
PICTURES = {
    "code": svg(TEXT, title=title_of(TEXT, LABEL)),
    "card": card_svg(TEXT, LABEL),
}
PAGE = '<!DOCTYPE html><html lang="vi"><head><title>Mã</title></head><body>{}</body></html>'


def answer(route: Route) -> None:
    """Serve a page with a picture in it, a page that points to it, and the picture itself."""
    _scheme, _host, way, name = route.request.url.replace("//", "/").split("/")
    picture = PICTURES[name.removesuffix(".svg")]
    inside = {"inline": picture, "image": f'<img src="/file/{name}.svg" width="340" alt="Mã">'}
    route.fulfill(
        body=picture if way == "file" else PAGE.format(inside[way]),
        content_type="image/svg+xml" if way == "file" else "text/html; charset=utf-8",
        headers={"Content-Security-Policy": CONTENT_POLICY},
    )


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("way", ["inline", "image", "file"])
def test_codes_on_a_small_screen_are_read_back(browser: Browser, way: str, name: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 640}, service_workers="block")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.route("http://codes.test/**", answer)
    page.goto(f"http://codes.test/{way}/{name}{'.svg' if way == 'file' else ''}")
    shown = Image.open(BytesIO(page.screenshot(full_page=way != "file")))
    (found,) = zxingcpp.read_barcodes(shown.convert("L"))
    assert found.text == TEXT
    assert not complaints
    if way == "inline":
        picture = page.get_by_role("img", name=title_of(TEXT, LABEL), exact=True)
        assert picture.count() == 1
    page.close()
