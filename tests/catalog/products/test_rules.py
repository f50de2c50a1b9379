"""Limits, net amounts, unit prices and what a description may hold."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.products import rules
from catalog.products.rules import Lack, NetUnit, ProductGiven, UnitPrice, VariantGiven

ALLOWED = {
    *("p", "br", "h3", "h4", "ul", "ol", "li", "strong", "em", "blockquote", "hr"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
SIZE = VariantGiven(price=45_000, net_amount=500, net_unit=NetUnit.GRAM, stock=3)
WHOLE = ProductGiven(name="Bánh tráng", category_id=1, commune_code="25000", variants=(SIZE,))


def test_a_sound_product_has_no_problems() -> None:
    assert rules.problems(WHOLE) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "123 !"}, "name"),
        ({"name": "ă" * 161}, "name"),
        ({"summary": "a" * 301}, "summary"),
        ({"description": "a" * 20_001}, "description"),
        ({"ingredients": "a" * 2_001}, "ingredients"),
        ({"storage": "a" * 301}, "storage"),
        ({"shelf_life_days": 0}, "shelf_life_days"),
        ({"shelf_life_days": -3}, "shelf_life_days"),
        ({"shelf_life_days": 3_651}, "shelf_life_days"),
        ({"variants": (SIZE,) * 21}, "variants"),
    ],
)
def test_every_limit_names_its_field(change: dict[str, object], field: str) -> None:
    assert rules.problems(replace(WHOLE, **change))[0].field == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price": 499}, "price"),
        ({"price": 0}, "price"),
        ({"price": -45_000}, "price"),
        ({"price": 500_000_001}, "price"),
        ({"net_amount": 0}, "net"),
        ({"net_amount": -1}, "net"),
        ({"net_amount": 1_000_001}, "net"),
        ({"net_amount": 10_001, "net_unit": NetUnit.PIECE}, "net"),
        ({"stock": -1}, "stock"),
        ({"stock": 1_000_001}, "stock"),
        ({"name": "a" * 81}, "name"),
        ({"sku": "a" * 41}, "sku"),
    ],
)
def test_every_limit_of_a_size_names_its_field(change: dict[str, object], field: str) -> None:
    (problem,) = rules.problems(replace(WHOLE, variants=(replace(SIZE, **change),)))
    assert (problem.field, problem.variant) == (field, 0)


@pytest.mark.parametrize(("price", "net"), [(500, 1), (500_000_000, 1_000_000)])
def test_the_limits_themselves_are_allowed(price: int, net: int) -> None:
    assert rules.variant_problems(replace(SIZE, price=price, net_amount=net)) == []


def test_two_sizes_may_not_share_a_name_or_a_number() -> None:
    named = (replace(SIZE, name="Gói nhỏ"), replace(SIZE, name="GÓI NHỎ"))
    numbered = (replace(SIZE, sku="A1"), replace(SIZE, sku="a1", net_amount=900))
    unnamed = (SIZE, SIZE)
    assert [p.variant for p in rules.problems(replace(WHOLE, variants=named))] == [1]
    assert [p.field for p in rules.problems(replace(WHOLE, variants=numbered))] == ["sku"]
    assert [p.field for p in rules.problems(replace(WHOLE, variants=unnamed))] == ["name"]


def test_what_is_missing_is_told_in_the_forms_order() -> None:
    assert rules.missing(variants=0, photos=0, summary=" ") == [
        Lack.PHOTO,
        Lack.SUMMARY,
        Lack.VARIANT,
    ]
    assert rules.missing(variants=1, photos=1, summary="Ngon.") == []


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("500", "g", 500),
        ("1.000", "g", 1_000),
        ("1,5", "kg", 1_500),
        ("1.5", "kg", 1_500),
        ("0,125", "kg", 125),
        ("0.75", "l", 750),
        ("12", "piece", 12),
    ],
)
def test_net_amounts_are_read(text: str, unit: str, amount: int) -> None:
    assert rules.parse_net(text, unit)[0] == amount


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("1.500", "kg"),
        ("1,5", "g"),
        ("-5", "kg"),
        ("=1+1", "g"),
        ("", "g"),
        ("1e3", "g"),
        ("٣", "g"),
        ("9" * 12, "g"),
        ("1,2345", "kg"),
    ],
)
def test_unclear_net_amounts_are_refused(text: str, unit: str) -> None:
    with pytest.raises(rules.BadNet):
        rules.parse_net(text, unit)


@given(st.integers(1, 1_000_000), st.sampled_from(list(NetUnit)))
def test_what_is_written_is_read_back(amount: int, unit: NetUnit) -> None:
    assert rules.parse_net(*rules.net_written(amount, unit)) == (amount, unit)


@pytest.mark.parametrize(
    ("spelled", "unit"),
    [("Gam", "g"), ("KG", "kg"), ("kí", "kg"), ("lít", "l"), ("Cái", "piece"), ("thúng", None)],
)
def test_units_are_known_in_their_usual_spellings(spelled: str, unit: str | None) -> None:
    assert rules.written_unit(spelled) == unit


def test_unit_prices() -> None:
    assert rules.unit_price_of(45_000, 500, NetUnit.GRAM) == UnitPrice(amount=90_000, per="kg")
    assert rules.unit_price_of(30_000, 750, NetUnit.MILLILITRE) == UnitPrice(amount=40_000, per="l")
    assert rules.unit_price_of(60_000, 12, NetUnit.PIECE) == UnitPrice(amount=5_000, per="piece")
    assert rules.unit_price_of(60_000, 1, NetUnit.PIECE) is None


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[bấm](javascript:alert(1))",
        "![x](data:image/svg+xml;base64,AAAA)",
        '<a href="javascript:alert(1)">x</a>',
        '<p style="position:fixed" onclick="x()">y</p>',
        "<iframe src=//evil.example></iframe>",
        "<svg/onload=alert(1)>",
        "</p><form action=//evil.example><input name=p></form>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<scr\u200bipt>alert(1)</scr\u200bipt>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "# <img src=x onerror=alert(1)>",
        "| <script>x</script> |\n|---|\n| <b onmouseover=x> |",
    ],
)
def test_nothing_active_survives_in_a_description(attack: str) -> None:
    html = str(rules.render_description(attack))
    tags = set(re.findall(r"</?([^ >/]+)([^>]*)>", html))
    assert {name for name, _attributes in tags} <= ALLOWED
    assert {attributes.strip(" /") for _name, attributes in tags} <= {""}


def test_a_description_keeps_its_plain_form() -> None:
    html = rules.render_description("# Cách dùng\n\n- Cuốn **rau rừng**\n- Chấm mắm\n\ndòng\nhai")
    assert "<h3>Cách dùng</h3>" in html
    assert "<li>Cuốn <strong>rau rừng</strong></li>" in html
    assert "dòng<br>" in html
