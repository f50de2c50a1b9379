"""The rows of an .xls file that is really a web page, or an XML spreadsheet of 2003."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from payments.bank_feeds.statements.cells import Cell
from payments.bank_feeds.statements.errors import Swells, Unreadable

MOST_COLUMNS: Final = 256
MOST_HELD: Final = 256 * 1024
LONGEST_CELL: Final = 32_768
CHUNK: Final = 64 * 1024
_SAME: Final = {"row": "tr", "cell": "td", "th": "td", "ss:row": "tr", "ss:cell": "td"}
_LINES: Final = frozenset({"br", "p", "div", "li", "h1", "h2", "h3", "h4", "tr", "table"})
_SILENT: Final = frozenset({"script", "style", "title", "styles", "documentproperties"})


def html_rows(text: str) -> Iterator[list[Cell]]:
    """Yield the rows of all tables in a page, in order; a line of text outside of them is a row
    of one cell, since account numbers and totals often stand there.

    Cells spanning columns hold their text in the first and leave the others blank. Raises
    Unreadable, Swells.
    """
    page = _Page()
    for start in range(0, len(text), CHUNK):
        page.feed(text[start : start + CHUNK])
        # A mark that never ends would be read again and again.
        if len(page.rawdata) > MOST_HELD:
            raise Unreadable
        yield from page.take()
    page.close()
    page.end_line()
    yield from page.take()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._rows: list[list[Cell]] = []
        self._row: list[Cell] | None = None
        self._cell: list[str] | None = None
        self._held = 0
        self._line: list[str] = []
        self._silent = 0
        # How many more rows a cell from above reaches into a column.
        self._reaching: dict[int, int] = {}
        self._span = 1
        self._outer: list[tuple[list[Cell] | None, dict[int, int]]] = []

    def take(self) -> list[list[Cell]]:
        """Return the rows finished so far, once."""
        made, self._rows = self._rows, []
        return made

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _SAME.get(tag, tag)
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._end_cell()
            self.end_line()
            if len(self._outer) >= 50:
                raise Swells
            self._outer.append((self._row, self._reaching))
            self._row, self._reaching = None, {}
        elif tag == "tr":
            self._end_row()
            self.end_line()
            self._row = []
            self._skip_reached()
        elif tag == "td":
            self._start_cell({name: value or "" for name, value in attrs})
        elif tag in _LINES:
            self._text("\n")

    def handle_endtag(self, tag: str) -> None:
        tag = _SAME.get(tag, tag)
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag == "td":
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._end_row()
            if self._outer:
                self._row, self._reaching = self._outer.pop()
        elif tag in _LINES:
            self._text("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text(data)

    def end_line(self) -> None:
        """End what stands outside of all cells: each line of it is a row."""
        for line in "".join(self._line).splitlines():
            if line.strip():
                self._rows.append([" ".join(line.split())])
        self._line = []

    def _text(self, text: str) -> None:
        if self._cell is not None:
            self._held += len(text)
            if self._held > LONGEST_CELL:
                raise Swells
            self._cell.append(text)
        elif self._row is None:
            self._line.append(text)

    def _start_cell(self, about: dict[str, str]) -> None:
        self._end_cell()
        if self._row is None:
            self._row = []
        index = about.get("ss:index", "")
        if index.isdecimal() and len(index) < 4:
            self._row.extend([""] * (int(index) - 1 - len(self._row)))
        self._skip_reached()
        across = about.get("ss:mergeacross", "")
        self._span = _number(about.get("colspan"), MOST_COLUMNS)
        if across.isdecimal():
            self._span = _number(across, MOST_COLUMNS) + 1
        down = _number(about.get("rowspan"), 65_535)
        if down > 1:
            place = len(self._row)
            self._reaching.update({place + each: down for each in range(self._span)})
        self._cell, self._held = [], 0

    def _skip_reached(self) -> None:
        assert self._row is not None
        while self._reaching.get(len(self._row), 0) > 0 and len(self._row) <= MOST_COLUMNS:
            self._row.append("")

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        lines = "".join(self._cell).splitlines()
        cleaned = (" ".join(line.split()) for line in lines)
        self._row.append("\n".join(line for line in cleaned if line))
        self._row.extend([""] * (self._span - 1))
        if len(self._row) > MOST_COLUMNS * 2:
            raise Swells
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            self._rows.append(self._row)
            self._reaching = {place: left - 1 for place, left in self._reaching.items() if left > 1}
        self._row = None


def _number(text: str | None, most: int) -> int:
    return min(int(text), most) if text and text.isdecimal() and len(text) < 6 and int(text) else 1
