"""What is read from a workbook, and what is never opened."""

from __future__ import annotations

import tracemalloc
import zipfile
from io import BytesIO

import pytest

from catalog.sheets import rules
from catalog.sheets.errors import (
    NoHeader,
    NoRows,
    NotASheet,
    OldWorkbook,
    SheetSwells,
    SheetTooBig,
    TextFile,
    TooManyRows,
)
from foundation.errors import Invalid
from tests.catalog.sheets.books import HEADINGS, ROW, book, changed

SHEET = "xl/worksheets/sheet1.xml"


def test_rows_are_read_with_their_numbers() -> None:
    (line,) = rules.read(book([[], ROW]), "hang.xlsx")
    assert line.number == 3
    assert line.cells["name"] == "Bánh tráng me"
    assert line.cells["price"] == 45_000
    assert line.wrong == {}


def test_columns_may_stand_in_any_order_among_others() -> None:
    headings = ["STT", "giá bán", "Ghi chú", "TEN SAN PHAM"]
    (line,) = rules.read(book([[1, 45000, "x", "Muối"]], headings), "a.xlsx")
    assert line.cells == {"price": 45_000, "name": "Muối"}


def test_a_title_above_the_table_is_passed_over() -> None:
    data = book([["", ""], HEADINGS, ROW], ["BẢNG HÀNG 2026"])
    assert rules.read(data, "a.xlsx")[0].number == 4


def test_formulas_are_told_by_their_cell() -> None:
    (line,) = rules.read(book([[*ROW[:4], "=9*5000", 10]]), "a.xlsx")
    assert line.wrong == {"price": rules.FORMULA}
    assert "price" not in line.cells


def test_a_text_like_a_formula_is_text() -> None:
    data = book([["Mot", *ROW[1:]]])
    for part in (SHEET, "xl/sharedStrings.xml"):
        data = changed(data, part, b">Mot<", b">=HYPERLINK(1)<")
    assert rules.read(data, "a.xlsx")[0].cells["name"] == "=HYPERLINK(1)"


@pytest.mark.parametrize("text", ["B\ufffdnh", "BÃ¡nh trÃ¡ng", "Æ¡ Ä\u0091áº·c sáº£n"])
def test_broken_letters_are_told_by_their_cell(text: str) -> None:
    (line,) = rules.read(book([[text, *ROW[1:]]]), "a.xlsx")
    assert line.wrong == {"name": rules.BROKEN}


def test_letters_with_marks_apart_are_put_together() -> None:
    (line,) = rules.read(book([["Ba\u0301nh", *ROW[1:]]]), "a.xlsx")
    assert line.cells["name"] == "Bánh"


@pytest.mark.parametrize(
    ("data", "name", "error"),
    [
        (b"", "a.xlsx", NotASheet),
        (b"PK\x03\x04rest", "a.xlsx", NotASheet),
        (b"hello", "a.xlsx", NotASheet),
        (b"ten,gia\na,1", "a.csv", TextFile),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "a.xls", OldWorkbook),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, "a.xlsx", OldWorkbook),
        (b"PK\x03\x04" + b"0" * (5 * 1024 * 1024), "a.xlsx", SheetTooBig),
    ],
)
def test_other_files_are_told_what_to_do(data: bytes, name: str, error: type[Invalid]) -> None:
    with pytest.raises(error):
        rules.read(data, name)


def test_a_workbook_without_our_headings_is_refused() -> None:
    with pytest.raises(NoHeader):
        rules.read(book([[1, 2]], ["a", "b"]), "a.xlsx")


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(NoRows):
        rules.read(book([]), "a.xlsx")


def test_two_thousand_rows_and_no_more() -> None:
    assert len(rules.read(book([ROW] * 2_000), "a.xlsx")) == 2_000
    with pytest.raises(TooManyRows):
        rules.read(book([ROW] * 2_001), "a.xlsx")


def test_a_bomb_is_not_unpacked() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (60 * 1024 * 1024))
    assert len(out.getvalue()) < 100_000
    data = out.getvalue()
    tracemalloc.start()
    with pytest.raises(SheetSwells):
        rules.read(data, "a.xlsx")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_directory_that_lies_is_found_out() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 1_000_000)
    data = out.getvalue().replace((1_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    with pytest.raises(NotASheet):
        rules.read(data, "a.xlsx")


def test_thousands_of_parts_are_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(400):
            packed.writestr(f"xl/{number}.xml", b"")
    with pytest.raises(SheetSwells):
        rules.read(out.getvalue(), "a.xlsx")


@pytest.mark.parametrize(
    ("place", "error"),
    [(b"A1048576", TooManyRows), (b"XFD3", SheetSwells), (b"&#65;9", NotASheet)],
)
def test_a_cell_far_away_takes_no_memory(place: bytes, error: type[Invalid]) -> None:
    data = changed(book([ROW]), SHEET, b'r="A2"', b'r="' + place + b'"')
    with pytest.raises(error):
        rules.read(data, "a.xlsx")


def test_entities_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
    with pytest.raises(NotASheet):
        rules.read(changed(book([ROW]), SHEET, b"<worksheet", bomb), "a.xlsx")


def test_macros_are_passed_over() -> None:
    out = BytesIO(book([ROW]))
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr("xl/vbaProject.bin", b"Sub Auto_Open()")
    assert len(rules.read(out.getvalue(), "a.xlsm")) == 1
