"""Reference codes are found again in whatever banks make of a memo."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.intents.rules import ALPHABET, PREFIX, is_reference, new_reference
from payments.reconciliation.rules import references_in

MEMOS = [
    line.split("\t")
    for line in (Path(__file__).parents[1] / "data" / "bank_memos.tsv").read_text().splitlines()[1:]
    if line.count("\t") >= 2
]
references = st.builds(lambda _seed: new_reference(), st.integers())
noise = st.text(st.characters(codec="utf-8"), max_size=60)


@pytest.mark.parametrize("memo", [memo[1] for memo in MEMOS])
def test_invariant_15_no_bank_s_own_words_are_taken_for_a_code(memo: str) -> None:
    assert references_in(memo) == []


@pytest.mark.parametrize("memo", [memo[1] for memo in MEMOS])
@pytest.mark.parametrize("gap", ["", " ", ".", "-", "\n"])
def test_invariant_15_a_code_is_found_in_every_bank_s_wrapping(memo: str, gap: str) -> None:
    reference = new_reference()
    middle = len(memo) // 2
    for at in (0, middle, len(memo)):
        assert references_in(f"{memo[:at]}{gap}{reference}{gap}{memo[at:]}") == [reference]


@given(reference=references, before=noise, after=noise, data=st.data())
def test_invariant_15_blanks_case_and_marks_do_not_hide_a_code(
    reference: str, before: str, after: str, data: st.DataObject
) -> None:
    gaps = data.draw(
        st.lists(
            st.sampled_from(["", "", " ", "-", ".", "  ", "\n", "_", "/"]),
            min_size=len(reference),
            max_size=len(reference),
        )
    )
    cases = data.draw(st.lists(st.booleans(), min_size=16, max_size=16))
    damaged = "".join(
        (letter.lower() if low else letter) + gap
        for letter, low, gap in zip(reference, cases, gaps, strict=True)
    )

    assert reference in references_in(f"{before}\n{damaged}\n{after}")


@given(reference=references)
def test_invariant_15_letters_people_confuse_are_put_right(reference: str) -> None:
    confused = reference.translate(str.maketrans("018V", "OIBU"))

    assert references_in(confused) == [reference]
    assert references_in(confused.lower().replace("i", "l")) == [reference]


@given(reference=references, at=st.integers(3, 15), other=st.sampled_from(ALPHABET))
def test_invariant_15_one_wrong_character_is_noticed(reference: str, at: int, other: str) -> None:
    wrong = reference[:at] + other + reference[at + 1 :]
    assert references_in(wrong) == ([reference] if wrong == reference else [])


@given(reference=references, at=st.integers(3, 14))
def test_invariant_15_two_swapped_characters_are_noticed(reference: str, at: int) -> None:
    wrong = reference[:at] + reference[at + 1] + reference[at] + reference[at + 2 :]
    assert references_in(wrong) == ([reference] if wrong == reference else [])


@given(reference=references, length=st.integers(0, 15))
def test_invariant_15_a_code_cut_short_is_not_guessed(reference: str, length: int) -> None:
    assert references_in(f"Thanh toan {reference[:length]}") == []


def test_several_codes_are_found_in_order_each_once() -> None:
    first, second, third = (new_reference() for _ in range(3))

    memo = f"{second}{first} {second.lower()} va {third}"

    assert references_in(memo) == [second, first, third]


def test_invariant_15_accents_and_full_width_letters_are_read() -> None:
    reference = new_reference()
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in reference)

    assert references_in(f"Thanh toán đơn hàng số {reference} của chị Hồng") == [reference]
    assert references_in(unicodedata.normalize("NFD", f"học phí {reference} ơn")) == [reference]
    assert references_in(wide) == [reference]


@given(text=st.text(max_size=400))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert all(is_reference(found) for found in references_in(text))


def test_numbers_alone_are_never_a_code() -> None:
    chance = random.Random(7)
    digits = "".join(chance.choice("0123456789 ") for _ in range(20_000))

    assert references_in(digits) == []


def test_new_codes_differ_and_are_well_formed() -> None:
    made = {new_reference() for _ in range(5_000)}

    assert len(made) == 5_000
    assert all(len(one) <= 19 and one.isalnum() and one.startswith(PREFIX) for one in made)
    assert all(references_in(one) == [one] for one in made)
