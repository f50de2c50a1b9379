"""A table as a file for a spreadsheet: CSV, or XLSX with numbers as numbers. Pure.

A cell of text that begins like a formula is kept from becoming one: what payers write in a memo
ends up here, and an accountant opens it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

Cell = str | int | date | None
Row = Sequence[Cell]

_LIKE_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
# A spreadsheet keeps fifteen digits of a number; more are written as text.
_MOST_EXACT: Final = 10**15 - 1
_BYTE_ORDER_MARK: Final = "\ufeff"  # without it Excel takes UTF-8 for Windows-1258


@dataclass(frozen=True, kw_only=True)
class Column:
    heading: str
    width: int = 16


@dataclass(frozen=True, kw_only=True)
class Table:
    """`above` are lines of text that stand over the headings, in the workbook alone: a CSV is
    read by programs, which want headings first."""

    name: str
    above: Sequence[str]
    columns: Sequence[Column]
    rows: Iterable[Row]


def as_csv(table: Table) -> bytes:
    """Return a table as CSV in UTF-8; days as 2026-11-22."""
    written = StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow([_harmless(column.heading) for column in table.columns])
    for row in table.rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return (_BYTE_ORDER_MARK + written.getvalue()).encode()


def as_xlsx(table: Table) -> bytes:
    """Return a table as a workbook of one sheet, the headings held in view."""
    made = BytesIO()
    book = Workbook(
        made, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(table.name)
    bold = book.add_format({"bold": True})
    heading = book.add_format(
        {"bold": True, "bg_color": "#E6F0E8", "border": 1, "valign": "top", "text_wrap": True}
    )
    pen = _Pen(
        sheet,
        number=book.add_format({"num_format": "#,##0"}),
        day=book.add_format({"num_format": "dd/mm/yyyy", "align": "left"}),
        quoted=book.add_format({"quote_prefix": True}),
    )
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width)
    for line, words in enumerate(table.above):
        sheet.write_string(line, 0, words, bold)
    top = len(table.above)
    for place, column in enumerate(table.columns):
        sheet.write_string(top, place, column.heading, heading)
    sheet.freeze_panes(top + 1, 0)
    for line, row in enumerate(table.rows, start=top + 1):
        for place, cell in enumerate(row):
            pen.write(line, place, cell)
    book.close()
    return made.getvalue()


class _Pen:
    """Writes a cell as what it is."""

    def __init__(self, sheet: Worksheet, *, number: Any, day: Any, quoted: Any) -> None:
        self.sheet = sheet
        self.number = number
        self.day = day
        self.quoted = quoted

    def write(self, line: int, place: int, cell: Cell) -> None:
        if cell is None:
            return
        if isinstance(cell, int) and abs(cell) <= _MOST_EXACT:
            self.sheet.write_number(line, place, cell, self.number)
        elif isinstance(cell, date):
            self.sheet.write_datetime(line, place, datetime.combine(cell, time()), self.day)
        else:
            words = str(cell)
            quoted = self.quoted if words.startswith(_LIKE_FORMULAS) else None
            self.sheet.write_string(line, place, words, quoted)


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _harmless(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _harmless(words: str) -> str:
    return f"'{words}" if words.startswith(_LIKE_FORMULAS) else words
