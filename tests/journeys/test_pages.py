"""Every main page, looked at closely at both sizes and weighed as it travels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from playwright.sync_api import Response

from marketplace.demo.payments.rules import PAGE as DEMO_PAYMENT
from marketplace.demo.service import SAMPLE_SELLER
from tests.journeys.conftest import Visit
from tests.journeys.visitor import PHONE, Size, Visitor

KILOBYTE = 1024
FIRST_VIEW = 150 * KILOBYTE
MOST = {"document": 10 * KILOBYTE, "stylesheet": 14 * KILOBYTE, "script": 15 * KILOBYTE}

SHARP_PHONE = replace(PHONE, scale=2)
PRODUCT = "/products/banh-trang-phoi-suong"

OPEN = (
    "/",
    "/products",
    "/products?q=banh+trang&stars=4",
    "/products?page=3",
    "/products?q=xyzzyq",
    PRODUCT,
    "/sellers",
    "/sellers?q=khong+co+ai",
    "/places",
    "/places/tay-ninh",
    "/offline",
    "/sell",
    "/sign-in",
    "/sign-up",
    "/reset",
)
ACCOUNT = (
    "/account",
    "/account/inbox",
    "/account/notifications",
    "/account/name",
    "/account/contact",
    "/account/language",
    "/account/password",
    "/account/second-factor",
    "/account/sign-ins",
    "/sell/new",
)
SELLER = (
    "",
    "/organisation",
    "/organisation/edit",
    "/members",
    "/products",
    "/products?q=khong+co+mon+nay",
    "/products/new",
    "/products/sheet",
    "/certificates",
    "/certificates/new",
)
MONEY = (
    "",
    "/lists/waiting",
    "/lists/matched",
    "/lists/awaited",
    "/lists/decided",
    "/lists/out",
    "/tellings",
    "/counter",
    "/counter/screen",
    "/cash",
    "/statements",
    "/refunds",
    "/ledger",
    "/accounts",
    "/feeds",
    "/payouts",
    "/cod",
)
# What one of the rows of a page leads to: (page, where its links begin).
MONEY_ROWS = (
    ("/lists/waiting", "/movements/"),
    ("/tellings", "/tellings/"),
    ("/cash", "/cash/shifts/"),
    ("/refunds", "/refunds/"),
    ("/ledger", "/ledger/accounts/"),
    ("/accounts", "/accounts/"),
    ("/feeds", "/feeds/"),
)
MOVEMENT = ("", "/allocate", "/keep", "/not-ours", "/freeze")
SHIFT = ("", "/move", "/close")
OFFICER_MONEY = ("/ops/accounts", "/ops/payouts", "/ops/refunds", "/ops/couriers")
OFFICER = (
    "/ops",
    "/ops/organisations",
    "/ops/organisations?state=all",
    "/ops/products",
    "/ops/products?state=published",
    "/ops/certificates",
    "/ops/certificates?tab=valid",
    "/ops/certificates?tab=closed",
)


def walk(visitor: Visitor, paths: Sequence[str]) -> None:
    """Look at each page; no two have one title, however either is narrowed down."""
    titles: dict[str, str] = {}
    for path in paths:
        visitor.go(path)
        title = visitor.page.title()
        called = titles.setdefault(title, path.partition("?")[0])
        assert called == path.partition("?")[0], f"{path} and {called} are both called {title!r}"


def test_pages_of_the_shop(visit: Visit, size: Size) -> None:
    visitor = visit(size=size)
    walk(visitor, OPEN)
    visitor.go("/places/khong-co-noi-nay", status=404)


def test_pages_of_an_account_and_a_shop(visit: Visit, size: Size, seller_state: Any) -> None:
    visitor = visit(size=size, signed_in=seller_state)
    walk(visitor, ACCOUNT)
    visitor.go("/sell")
    home = visitor.path
    walk(visitor, [home + path for path in SELLER])
    visitor.go(f"{home}/products")
    visitor.follow(SAMPLE_SELLER)
    visitor.follow("Xem cả trang")


def test_pages_of_the_province(visit: Visit, size: Size, officer_state: Any) -> None:
    visitor = visit(size=size, signed_in=officer_state)
    walk(visitor, OFFICER)
    for path in ("/ops/products?state=published", "/ops/certificates?tab=valid"):
        visitor.go(path)
        visitor.lead(visitor.main.locator(".list a").first.click)
    visitor.go("/ops/organisations?state=verified")
    visitor.lead(visitor.main.locator("tbody a").first.click)


def first_row(visitor: Visitor, page: str, beginning: str) -> str:
    """Go to the first row a page leads to; return its address."""
    visitor.go(page)
    # The tabs above lead to neighbours, not to rows.
    links = visitor.main.locator(f'a[href*="{beginning}"]:not([href$="/new"])')
    visitor.go(links.first.get_attribute("href") or "")
    return visitor.path.partition("?")[0]


def test_pages_about_money(visit: Visit, size: Size, seller_state: Any) -> None:
    visitor = visit(size=size, signed_in=seller_state)
    visitor.go("/sell")
    home = f"/money/{visitor.path.rsplit('/', 1)[-1]}"
    walk(visitor, [home + path for path in MONEY])
    rows = {page: first_row(visitor, home + page, begins) for page, begins in MONEY_ROWS}
    walk(visitor, [rows["/lists/waiting"] + path for path in MOVEMENT])
    walk(visitor, [rows["/cash"] + path for path in SHIFT])
    visitor.go(rows["/ledger"])
    visitor.lead(visitor.main.locator('a[href*="/journals/"]').first.click)


def test_pages_about_the_platforms_money(visit: Visit, size: Size, officer_state: Any) -> None:
    visitor = visit(size=size, signed_in=officer_state)
    walk(visitor, OFFICER_MONEY)
    for page in ("/ops/payouts", "/ops/couriers"):
        first_row(visitor, page, f"{page}/")


def test_pages_in_english(visit: Visit, size: Size) -> None:
    visitor = visit(size=size)
    visitor.language = "en"
    visitor.go("/language/en?next=/")
    walk(visitor, OPEN)


# --- weight -----------------------------------------------------------------------------------


@dataclass
class Load:
    """What travelled for one page, in bytes as they were on the wire, headers left out."""

    by_kind: dict[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> int:
        return sum(self.by_kind.values())


@contextmanager
def weighing(visitor: Visitor) -> Iterator[Load]:
    """Weigh everything a page loads by itself, before anybody scrolls."""
    load = Load()
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    visitor.page.on("response", note)
    yield load
    visitor.page.wait_for_load_state("networkidle")
    for answer in answers:
        kind = answer.request.resource_type
        size = answer.request.sizes()["responseBodySize"]
        load.by_kind[kind] = load.by_kind.get(kind, 0) + size


def seller(visit: Visit) -> str:
    """Return the address of a seller's page."""
    visitor = visit(size=PHONE, curious=False)
    visitor.go(PRODUCT)
    return visitor.main.locator('a[href^="/sellers/"]').first.get_attribute("href") or ""


@pytest.mark.parametrize(
    "path", ["", "/lists/waiting", "/counter", "/cash", "/statements", "/ledger"]
)
def test_pages_about_money_are_light(visit: Visit, seller_state: Any, path: str) -> None:
    visitor = visit(size=SHARP_PHONE, curious=False, signed_in=seller_state)
    visitor.go("/sell")
    home = f"/money/{visitor.path.rsplit('/', 1)[-1]}"
    with weighing(visitor) as load:
        visitor.go(home + path)
    for part, most in MOST.items():
        assert load.by_kind.get(part, 0) <= most, (path, load.by_kind)


def test_the_page_to_pay_on_is_light(visit: Visit) -> None:
    visitor = visit(size=SHARP_PHONE, curious=False)
    with weighing(visitor) as load:
        visitor.go(DEMO_PAYMENT)
    assert load.by_kind["document"] > KILOBYTE
    for part, most in MOST.items():
        assert load.by_kind.get(part, 0) <= most, load.by_kind
    assert load.whole <= FIRST_VIEW, load.by_kind


@pytest.mark.parametrize("kind", ["home", "listing", "product", "seller"])
def test_the_first_view_is_light(visit: Visit, kind: str) -> None:
    visitor = visit(size=SHARP_PHONE, curious=False)
    address = {"home": "/", "listing": "/products", "product": PRODUCT}.get(kind) or seller(visit)
    with weighing(visitor) as load:
        visitor.go(address)
    assert load.by_kind["document"] > KILOBYTE
    for part, most in MOST.items():
        assert load.by_kind.get(part, 0) <= most, (address, load.by_kind)
    assert load.whole <= FIRST_VIEW, (address, load.by_kind)
