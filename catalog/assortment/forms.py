"""What the list's forms say: which part of it, several at once, prices and stock in place."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from flask import Request
from flask_babel import gettext as _

from catalog.assortment.queries import MOST_PAGES, Asked, Sort
from catalog.products.models import State
from catalog.products.rules import LEAST_PRICE, MOST_PRICE, MOST_STOCK
from catalog.products.service import NewPriceAndStock
from foundation import money
from foundation.text import clean

Name = TypeVar("Name", bound=StrEnum)
MOST_AT_ONCE = 100


def asked(request: Request) -> Asked:
    """Read the address of the list; what makes no sense is left out."""
    given = request.args
    page = given.get("page", 1, type=int)
    return Asked(
        state=_one_of(State, given.get("state", "")),
        words=clean(given.get("q", ""))[:100],
        sort=_one_of(Sort, given.get("sort", "")) or Sort.CHANGED,
        page=min(max(page, 1), MOST_PAGES),
    )


def chosen(request: Request) -> list[str]:
    """Return the public ids of the products that were ticked."""
    return request.form.getlist("product")[:MOST_AT_ONCE]


def prices_and_stock(
    request: Request,
) -> tuple[dict[str, NewPriceAndStock], list[str]]:
    """Read price-<size>, stock-<size> of the quick edit. Return what to set, and the sentences
    about what cannot be read or be."""
    wanted: dict[str, NewPriceAndStock] = {}
    wrong: list[str] = []
    for name, typed in request.form.items():
        if not name.startswith("price-"):
            continue
        size = name.removeprefix("price-")
        price, stock = _price(typed), _whole(request.form.get(f"stock-{size}", ""))
        if price is None:
            wrong.append(
                _("Giá “%(typed)s” chưa đúng. Giá từ 500 ₫ đến 500.000.000 ₫.", typed=typed)
            )
        if stock is None:
            wrong.append(_("Số còn trong kho phải từ 0 đến 1.000.000."))
        if price is not None and stock is not None:
            wanted[size] = NewPriceAndStock(price=price, stock=stock)
    return wanted, wrong


def _price(typed: str) -> int | None:
    try:
        price = money.parse_vnd(typed)
    except money.BadAmount:
        return None
    return price if LEAST_PRICE <= price <= MOST_PRICE else None


def _whole(typed: str) -> int | None:
    digits = "".join(typed.replace(".", "").split())
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        return None
    return int(digits) if int(digits) <= MOST_STOCK else None


def _one_of(kind: type[Name], value: str) -> Name | None:
    return next((each for each in kind if each.value == value), None)
