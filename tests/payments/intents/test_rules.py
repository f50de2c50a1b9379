"""Codes that betray a typing error, and states that follow from amounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.intents import rules
from payments.intents.rules import ALPHABET, Line, State, Wanted
from tests.conftest import NOON

codes = st.builds(rules.new_reference)


@given(codes)
def test_codes_fit_where_banks_and_apps_carry_them(code: str) -> None:
    assert rules.is_reference(code)
    assert len(code) == 16
    assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    assert code.count(rules.PREFIX) == 1


@given(codes, st.integers(3, 15), st.sampled_from(ALPHABET))
def test_one_wrong_character_shows(code: str, place: int, other: str) -> None:
    damaged = code[:place] + other + code[place + 1 :]
    assert rules.is_reference(damaged) is (damaged == code)


@given(codes, st.integers(3, 14), st.integers(3, 14))
def test_two_swapped_characters_show(code: str, one: int, other: int) -> None:
    letters = list(code)
    letters[one], letters[other] = letters[other], letters[one]
    assert rules.is_reference("".join(letters)) is ("".join(letters) == code)


@given(codes, codes, st.sampled_from(["", " ", ".", "-", "\n", " CT DEN:"]))
def test_codes_are_found_in_what_surrounds_them(first: str, second: str, between: str) -> None:
    memo = f"MBVCB.3278907687.{first.lower()}{between}{second}.CT tu 0123 toi 456"
    assert rules.references_in(memo) == list(dict.fromkeys([first, second]))


@pytest.mark.parametrize(
    ("settled", "excess", "state"),
    [
        (0, 0, State.OPEN),
        (1, 0, State.PART_PAID),
        (99, 0, State.PART_PAID),
        (100, 0, State.PAID),
        (100, 1, State.OVERPAID),
        (0, 1, State.OVERPAID),
    ],
)
def test_amounts_make_the_state(settled: int, excess: int, state: State) -> None:
    assert rules.state_for(100, settled, excess) is state


@pytest.mark.parametrize("state", State)
def test_what_has_run_out_is_expired_as_it_is_read(state: State) -> None:
    later, runs_out = NOON + timedelta(seconds=1), state in rules.PAYABLE

    assert rules.effective_state(state, None, now=NOON) is state
    assert rules.effective_state(state, later, now=NOON) is state
    expired = rules.effective_state(state, NOON, now=NOON)
    assert expired is (State.EXPIRED if runs_out else state)


def test_which_states_take_money() -> None:
    assert {one for one in State if rules.may_settle(one, settles_late=True)} == {
        State.OPEN,
        State.PART_PAID,
        State.EXPIRED,
    }
    assert not rules.may_settle(State.EXPIRED, settles_late=False)
    assert not rules.takes_money(State.CANCELLED, settles_late=True)
    assert rules.takes_money(State.PAID, settles_late=False)


def test_a_cancelled_one_goes_nowhere_and_every_state_has_a_name() -> None:
    assert State.CANCELLED not in {*rules.NEXT_STATES, *rules.REPAIRS}
    assert set(rules.STATE_NAMES) == set(State)


lines = st.lists(
    st.builds(
        Line,
        kind=st.text("ab", min_size=1, max_size=4),
        subject=st.text("cd", min_size=1, max_size=4),
        label=st.text(min_size=1, max_size=5),
        amount=st.integers(0, 9),
    ),
    max_size=3,
).map(tuple)
wanted = st.builds(
    Wanted,
    key=st.just("k"),
    amount=st.integers(1, 9),
    purpose=st.text(max_size=4),
    lines=lines,
    payer=st.none() | st.text(max_size=3),
    payer_name=st.text(max_size=3),
    settles_late=st.booleans(),
)


@given(wanted, wanted)
def test_the_hash_tells_askings_apart(one: Wanted, other: Wanted) -> None:
    assert (rules.input_hash(one) == rules.input_hash(other)) is (one == other)
    assert rules.input_hash(replace(one, expires_at=NOON)) == rules.input_hash(one)
