"""No. 14: an amount is read alike at every entrance, or refused: a provider's JSON, a cell of a
statement, what a person types. (Too little and too much: tests/payments/reconciliation.)"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from foundation.money import BadAmount, parse_vnd
from payments.bank_feeds import feed
from payments.bank_feeds.feed import Number, Unreadable
from payments.bank_feeds.statements import cells
from payments.bank_feeds.statements.cells import BadCell

ENTRANCES: tuple[Callable[[str], int | None], ...] = (
    feed.amount,
    lambda text: feed.amount(Number(text)),
    cells.amount,
    parse_vnd,
)
WRITTEN = st.from_regex(r"[-+(]?[0-9]{1,4}([., ][0-9]{2,3}){0,3}(E\+?[0-9])?[)k]?", fullmatch=True)


def readings(text: str) -> set[int]:
    """What the entrances make of a text; those that refuse it say nothing."""
    found = set()
    for read in ENTRANCES:
        try:
            amount = read(text)
        except (BadAmount, BadCell, Unreadable):
            continue
        if amount is not None:
            found.add(amount)
    return found


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("23.000,00", {23_000}),
        ("23,000", {23_000}),
        ("23000.00", {23_000}),
        ("23 000", {23_000}),
        ("2.3E+4", {23_000}),
        ("23000", {23_000}),
        ("3000000000", {3_000_000_000}),
        ("0.5", set()),
        ("23.000,50", set()),
        ("12,50", set()),
        ("", set()),
        ("NaN", set()),
        ("9" * 19, set()),
    ],
)
def test_invariant_14_an_amount_reads_one_way_or_not_at_all(text: str, amounts: set[int]) -> None:
    assert readings(text) == amounts


@given(text=WRITTEN | st.text("0123456789.,-+ Ekđ()", max_size=12))
@example(text="1.500")
@example(text="1,500.00")
@example(text="1.5E3")
@example(text="(1.000)")
def test_invariant_14_no_two_entrances_read_an_amount_differently(text: str) -> None:
    assert len(readings(text)) <= 1


@given(amount=st.integers(1, 10**15))
def test_invariant_14_a_whole_amount_is_read_everywhere(amount: int) -> None:
    assert [read(str(amount)) for read in ENTRANCES] == [amount] * len(ENTRANCES)
