"""Whatever somebody writes in a memo, a spreadsheet shows it and runs nothing."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO, StringIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from payments.ledger.export import rules
from payments.ledger.export.rules import Cell, Column, Table

# What the database holds: no NUL, nothing that XML cannot carry.
WORDS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn"]), max_size=40)
CELLS = st.one_of(WORDS, st.integers(-(10**18), 10**18), st.none())


def table(*rows: tuple[Cell, ...]) -> Table:
    return Table(
        name="Sổ", above=["Hợp tác xã"], columns=[Column(heading="Diễn giải")] * 3, rows=rows
    )


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5))
def test_no_cell_of_a_csv_is_a_formula_and_nothing_is_lost(rows: list[tuple[Cell, ...]]) -> None:
    text = rules.as_csv(table(*rows)).decode("utf-8-sig")
    read = list(csv.reader(StringIO(text, newline="")))[1:]

    assert len(read) == len(rows)
    for made, given_row in zip(read, rows, strict=True):
        for cell, value in zip(made, given_row, strict=True):
            if isinstance(value, int):
                assert int(cell) == value
            else:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
                assert cell.removeprefix("'") == (value or "").removeprefix("'")


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(st.tuples(WORDS, st.integers(-(10**18), 10**18)), min_size=1, max_size=4))
def test_a_workbook_keeps_words_as_words_and_numbers_as_numbers(
    rows: list[tuple[str, int]],
) -> None:
    made = rules.as_xlsx(table(*((words, number, None) for words, number in rows)))
    sheet: Any = load_workbook(BytesIO(made)).active

    for line, (words, number) in enumerate(rows, start=3):
        shown, figure = sheet.cell(line, 1), sheet.cell(line, 2)
        assert (shown.value or "") == words
        assert shown.data_type in ("s", "n")  # "n" is an empty cell; "f" would be a formula
        exact = abs(number) < 10**15
        assert figure.value == (number if exact else str(number))


def test_a_day_is_a_day() -> None:
    made = table((date(2026, 11, 22), "=1+1", 5))
    assert "2026-11-22,'=1+1,5" in rules.as_csv(made).decode("utf-8-sig")
    sheet: Any = load_workbook(BytesIO(rules.as_xlsx(made))).active
    assert sheet["A3"].value.date() == date(2026, 11, 22)
    assert sheet["A3"].number_format == "dd/mm/yyyy"
    assert (sheet["B3"].value, sheet["B3"].data_type) == ("=1+1", "s")
    assert sheet["C3"].number_format == "#,##0"
