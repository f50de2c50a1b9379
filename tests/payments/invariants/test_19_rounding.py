"""No. 19: no đồng appears or is lost by dividing, and words on a receipt are the amount.

Covers what divides today: instalments and shares by foundation.money. Lines of what is owed sum
to it (payments.intents refuses others)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.money import LARGEST, in_words, share, split
from tests.foundation.test_money import from_words

BILLS = st.integers(1, 499_999_999) | st.sampled_from([1, 11, 999, 1_000, 99_792_000])


@pytest.mark.parametrize("parts", range(1, 13))
@settings(max_examples=40)
@given(total=BILLS)
def test_invariant_19_instalments_add_up(parts: int, total: int) -> None:
    made = split(total, [1] * parts)

    assert sum(made) == total
    assert len(made) == parts
    assert max(made) - min(made) <= 1
    assert made == sorted(made, reverse=True)  # the đồng left over are paid first


@pytest.mark.parametrize("percent", range(101))
@settings(max_examples=10)
@given(lines=st.lists(st.integers(0, 20_000_000), min_size=1, max_size=8).filter(any))
def test_invariant_19_discounts_add_up_line_by_line(percent: int, lines: list[int]) -> None:
    """A discount of the whole, spread over its lines: exact, and no line falls below nothing."""
    total = sum(lines)
    discount = share(total, percent * 100)
    spread = split(discount, lines)
    left = [line - part for line, part in zip(lines, spread, strict=True)]

    assert sum(spread) == discount
    assert sum(left) == total - discount
    assert min(left) >= 0
    assert abs(discount - Fraction(total * percent, 100)) <= Fraction(1, 2)
    if percent in (0, 100):
        assert left == (lines if percent == 0 else [0] * len(lines))


@given(total=BILLS, percents=st.lists(st.integers(0, 100), min_size=1, max_size=12).filter(any))
def test_invariant_19_uneven_instalments_add_up(total: int, percents: list[int]) -> None:
    made = split(total, percents)

    assert sum(made) == total
    for part, percent in zip(made, percents, strict=True):
        assert part >= 0
        assert percent or part == 0


@given(amount=st.integers(0, LARGEST) | BILLS)
def test_invariant_19_words_of_a_receipt_are_its_amount(amount: int) -> None:
    said = in_words(amount)
    assert said.endswith(" đồng")
    assert from_words(said.lower().removesuffix(" đồng").split()) == amount
