"""A payer pays by code, the bank's notice comes, and the page turns green in front of them."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import count
from typing import Any
from urllib.request import Request, urlopen

import pytest

from foundation import clock
from marketplace.demo.payments import rules as demo
from tests.journeys.conftest import Visit
from tests.journeys.platform import Platform, until
from tests.journeys.visitor import PHONE, Size, Visitor

NOTICES = count(70001)


def notice(reference: str, amount: int) -> dict[str, Any]:
    """Return what SePay sends of a transfer to the sample seller's account."""
    number = next(NOTICES)
    moment: datetime = clock.local(clock.now())
    return {
        "id": number,
        "gateway": "Demo",
        "transactionDate": f"{moment:%Y-%m-%d %H:%M:%S}",
        "accountNumber": str(demo.ACCOUNT),
        "subAccount": None,
        "code": None,
        "content": f"MBVCB.{number}.{reference}.CT tu 0123",
        "transferType": "in",
        "transferAmount": amount,
        "accumulated": amount,
        "referenceCode": f"FT{number}",
        "description": "",
    }


def tell(platform: Platform, facts: dict[str, Any]) -> None:
    """Send a notice as SePay does."""
    request = Request(
        f"{platform.address}/webhooks/sepay/{demo.FEED}",
        data=json.dumps(facts).encode(),
        headers={
            "Authorization": f"Apikey {demo.FEED_KEY}",
            "Content-Type": "application/json",
        },
    )
    with urlopen(request, timeout=10) as answer:
        assert json.load(answer) == {"success": True}


def turns_green(visitor: Visitor) -> None:
    """Wait until the page, by itself, says that all has come."""
    until(lambda: "Đã nhận đủ tiền" in visitor.words(), "the page to turn green")
    visitor.inspect()


def test_the_demo_payment_turns_green(visit: Visit, platform: Platform) -> None:
    payer = visit(size=PHONE)
    payer.go(demo.PAGE)
    payer.sees("86.000 ₫", "Đang chờ tiền về", "8800 0000 01", demo.REFERENCE, "Lưu ảnh mã")
    assert payer.page.locator("[data-copy]").first.is_visible()
    picture = payer.page.locator(".qr img")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    facts = notice(demo.REFERENCE, 86_000)
    tell(platform, facts)
    turns_green(payer)
    payer.sees("Tám mươi sáu nghìn đồng chẵn", demo.REFERENCE)
    tell(platform, facts)
    payer.go(demo.PAGE)
    payer.sees("Đã nhận đủ tiền")
    payer.misses("thừa")
    payer.follow("Biên nhận để in")
    payer.sees("Biên nhận thanh toán", "86.000 ₫")


@pytest.mark.parametrize("amount", [45_000])
def test_charging_at_the_counter(
    visit: Visit,
    platform: Platform,
    seller_state: Any,
    size: Size,
    script: bool,
    amount: int,
) -> None:
    seller = visit(size=size, script=script, signed_in=seller_state)
    seller.go("/sell")
    seller.go(f"/money/{seller.path.rsplit('/', 1)[-1]}/counter")
    if script:
        for key in ("4", "5", "000"):
            seller.button(key).click()
        assert seller.field("Khách phải trả").input_value() == "45.000"
    else:
        seller.fill("Khách phải trả", "45k")
    seller.fill("Ghi chú", "Hai gói bánh tráng")
    seller.press("Hiện mã QR")
    seller.sees("45.000 ₫", "Hai gói bánh tráng", "Đang chờ tiền về.")
    screen = seller.path
    reference = seller.main.locator(".code").text_content() or ""
    if script:
        seller.button("Bật tiếng").or_(seller.button("Toàn màn hình")).first.wait_for()
    tell(platform, notice(reference, amount))
    turns_green(seller)
    assert seller.path == screen
    seller.sees("Bốn mươi lăm nghìn đồng chẵn", "Hai gói bánh tráng")
    seller.follow("Khách tiếp theo")
    seller.sees("Đã thu", "Hai gói bánh tráng", "Đã trả")
