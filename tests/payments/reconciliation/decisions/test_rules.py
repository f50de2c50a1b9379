"""Codes in memos: where they stand, and what a damaged one may have been."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.intents.rules import new_reference
from payments.reconciliation.decisions.rules import (
    Sign,
    damaged_codes,
    likeness,
    same_person,
    segments,
)


def a_code() -> str:
    return new_reference()


def test_a_code_is_marked_as_it_stands_in_the_memo() -> None:
    code = a_code()
    broken = f"{code[:6].lower()} {code[6:]}"

    found = segments(f"MBVCB.99.{broken}-CT tu Lê")

    assert [(one.text, one.code) for one in found] == [
        ("MBVCB.99.", False),
        (broken, True),
        ("-CT tu Lê", False),
    ]


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_letter_of_a_memo_is_lost(before: str, after: str) -> None:
    memo = f"{before}{a_code()}{after}"

    assert "".join(one.text for one in segments(memo)) == memo


@pytest.mark.parametrize(
    ("damage", "sign"),
    [
        (lambda code: code[:9] + ("A" if code[9] != "A" else "C") + code[10:], Sign.ONE_OFF),
        (lambda code: code[:4] + ("A" if code[4] != "A" else "C") + code[5:], Sign.ONE_OFF),
        (lambda code: code[:8] + code[9:], Sign.ONE_OFF),
        (lambda code: code[:8] + "7" + code[8:], Sign.ONE_OFF),
        (lambda code: code[:11], Sign.CUT),
        (lambda code: code[:12] + " GD 8812345", Sign.CUT),
        (lambda code: code[:6], None),
    ],
)
def test_a_damaged_code_is_recognised(damage: object, sign: Sign | None) -> None:
    code = a_code()
    assert callable(damage)

    found = damaged_codes(f"HOC PHI {damage(code)}")

    signs = {likeness(stretch, code) for stretch in found} - {None}
    assert signs == ({sign} if sign else set())


def test_a_whole_code_is_not_damaged() -> None:
    assert damaged_codes(f"HOC PHI {a_code()} cam on") == []


@pytest.mark.parametrize(
    ("name", "text", "same"),
    [
        ("Lê Thị Hoa", "LE THI HOA chuyen tien", True),
        ("Lê Thị Hoa", "hoc phi chau thi hoa lop 6", True),
        ("Lê Thị Hoa", "le thi hoan", False),
        ("Hoa", "hoa", False),
        ("", "", False),
    ],
)
def test_people_are_told_by_name(name: str, text: str, same: bool) -> None:
    assert same_person(name, text) is same
