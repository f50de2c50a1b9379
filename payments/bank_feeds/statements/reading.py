"""From the bytes of an upload to rows of cells: XLSX, XLS, XLS that is HTML or XML, CSV.

A file comes from outside: nothing is unpacked whole before it was looked through, no entity and
no formula is followed, and a cell far below or right of any statement is refused, not allocated.
"""

from __future__ import annotations

import csv
import io
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from payments.bank_feeds.statements import biff
from payments.bank_feeds.statements.cells import Cell
from payments.bank_feeds.statements.errors import (
    Locked,
    PdfFile,
    Swells,
    TooBig,
    TooManyRows,
    Unreadable,
)
from payments.bank_feeds.statements.html import html_rows
from payments.bank_feeds.statements.rules import MEGABYTE, MOST_BYTES, MOST_ROWS

MOST_UNPACKED: Final = 200 * MEGABYTE
MOST_PARTS: Final = 500
MOST_COLUMNS: Final = 256
MOST_AREA: Final = 4_000_000
MOST_SHEETS: Final = 30
LAST_ROW: Final = MOST_ROWS + 1_000  # headings, footers and blank rows between
CHUNK: Final = 256 * 1024
DELIMITERS: Final = (",", ";", "\t", "|")
SNIFFED: Final = 200

Rows = Iterator[tuple[int, Sequence[Cell]]]
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows with their numbers from 1, read once; its formulas, (row, column) from 1;
    and its merged cells: (row, column) of the first from 1 → last column from 1."""

    name: str
    rows: Rows
    formulas: frozenset[Place] = frozenset()
    merged: Mapping[Place, int] = field(default_factory=dict)


def sheets(data: bytes, *, score: Callable[[Sequence[Cell]], int]) -> Iterator[Sheet]:
    """Yield the sheets of an upload, one at a time.

    `score` says how much a row looks like headings, by which the delimiter of a CSV is chosen.
    Raises PdfFile, Locked, Unreadable, TooBig, Swells, TooManyRows.
    """
    if len(data) > MOST_BYTES:
        raise TooBig(most=MOST_BYTES // MEGABYTE)
    if data[:1024].lstrip().startswith(b"%PDF-"):
        raise PdfFile
    if data.startswith(b"PK\x03\x04"):
        yield from _workbook(data, _look_through(data))
    elif data.startswith(biff.MAGIC):
        yield from _workbook(data, {"": biff.formulas(data, LAST_ROW, MOST_AREA)})
    else:
        text = decode(data)
        if re.search(
            r"<\s*(?:html|table|tr|!doctype|\?xml)\b|<\?xml", text[:20_000], re.IGNORECASE
        ):
            yield Sheet("", _numbered(html_rows(text)))
        else:
            yield Sheet("", _numbered(_csv_rows(text, score)))


# --- workbooks --------------------------------------------------------------------------------


def _workbook(data: bytes, formulas: Mapping[str, frozenset[Place]]) -> Iterator[Sheet]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names[:MOST_SHEETS]:
            sheet = book.get_sheet_by_name(name)
            found = formulas.get(name, formulas.get("", frozenset()))
            yield Sheet(name, _numbered(sheet.iter_rows()), found, _merged(sheet))
            del sheet  # one sheet in memory at a time
    except PasswordError as error:
        raise Locked from error
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable from error
    except BaseException as error:
        # The reader is compiled: what it did not expect is not even an Exception to Python.
        if type(error).__name__ == "PanicException":
            raise Unreadable from error
        raise


def _merged(sheet: CalamineSheet) -> dict[Place, int]:
    ranges = sheet.merged_cell_ranges or []
    return {
        (first[0] + 1, first[1] + 1): last[1] + 1 for first, last in ranges if last[1] > first[1]
    }


def _look_through(data: bytes) -> dict[str, frozenset[Place]]:
    """Return the formulas of a workbook by sheet, once its directory and every part of it kept
    within bounds. Reading a part to its end proves the size the directory promised."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
            names = [entry.filename for entry in entries]
            if len(entries) > MOST_PARTS or sum(e.file_size for e in entries) > MOST_UNPACKED:
                raise Swells
            if len(set(names)) < len(names) or "xl/workbook.xml" not in names:
                raise Unreadable
            if any(entry.flag_bits & 1 for entry in entries):
                raise Locked
            parts = {entry.filename: _scan(packed, entry) for entry in entries}
            titles = _titles(packed)
    except (zipfile.BadZipFile, expat.ExpatError, RuntimeError, NotImplementedError) as error:
        raise Unreadable from error
    except (zipfile.LargeZipFile, MemoryError) as error:
        raise Swells from error
    except (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise Unreadable from error
    return {title: parts.get(part, frozenset()) for title, part in titles.items()}


def _scan(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> frozenset[Place]:
    is_sheet = entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml")
    scan = _SheetScan() if is_sheet else None
    with packed.open(entry) as part:
        while chunk := part.read(CHUNK):
            if scan is not None:
                scan.parser.Parse(chunk, False)  # noqa: FBT003  # expat takes no names
    if scan is None:
        return frozenset()
    scan.parser.Parse(b"", True)  # noqa: FBT003
    return frozenset(scan.formulas)


class _SheetScan:
    """Looks where a sheet's cells stand before anything makes room for them."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._element
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.formulas: set[Place] = set()
        self.place: Place = (0, 0)
        self.last_row = self.last_column = 1

    def _element(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "c":
            reference = attributes.get("r")
            if reference is None:
                self.place = (self.place[0], self.place[1] + 1)
            else:
                self.place = _place(reference)
            self._grow(*self.place)
        elif name == "row":
            given = attributes.get("r", str(self.place[0] + 1))
            self.place = (int(given) if given.isdecimal() and len(given) < 8 else 0, 0)
            self._grow(self.place[0], 1)
        elif name == "f":
            self.formulas.add(self.place)

    def _grow(self, row: int, column: int) -> None:
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)
        if self.last_row > LAST_ROW:
            raise TooManyRows(most=f"{MOST_ROWS:,}".replace(",", "."))
        if self.last_column > MOST_COLUMNS or self.last_row * self.last_column > MOST_AREA:
            raise Swells


def _refuse_doctype(*_about: object) -> None:
    raise Unreadable


_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


def _place(reference: str) -> Place:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise Unreadable
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _titles(packed: zipfile.ZipFile) -> dict[str, str]:
    """Return which part of a workbook holds the sheet of which name."""
    targets: dict[str, str] = {}
    titles: dict[str, str] = {}

    def relation(_tag: str, about: dict[str, str]) -> None:
        if "Id" in about and "Target" in about:
            path = about["Target"].lstrip("/")
            targets[about["Id"]] = path if path.startswith("xl/") else f"xl/{path}"

    def title(tag: str, about: dict[str, str]) -> None:
        ident = next((value for name, value in about.items() if name.endswith(":id")), "")
        if tag.rpartition(":")[2] == "sheet" and "name" in about:
            titles[about["name"]] = targets.get(ident, "")

    for part, hear in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", title)):
        with suppress(KeyError):
            parser = expat.ParserCreate()
            parser.StartElementHandler = hear
            parser.StartDoctypeDeclHandler = _refuse_doctype
            parser.Parse(packed.read(part), True)  # noqa: FBT003
    return titles


# --- texts ------------------------------------------------------------------------------------

_BOMS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\ufffe\uffff]")


def decode(data: bytes) -> str:
    """Return the text of a file in NFC: UTF-8, UTF-16 or Windows-1258, with or without a mark.

    Windows-1258 writes tones as combining marks, which NFC joins to their letters. Raises
    Unreadable for anything that is no text.
    """
    body, encodings = data, ["utf-8", "cp1258"]
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            body, encodings = data[len(mark) :], [encoding]
    if encodings[-1] == "cp1258" and b"\x00" in data[:4096]:
        head = data[:4096]
        encodings = ["utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"]
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            text = unicodedata.normalize("NFC", body.decode(encoding))
            if _NOT_TEXT.search(text):
                break
            return text
    raise Unreadable


def _csv_rows(text: str, score: Callable[[Sequence[Cell]], int]) -> Iterator[Sequence[Cell]]:
    hint = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    delimiter = hint[1] if hint else _delimiter(text, score)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise Unreadable from error


def _delimiter(text: str, score: Callable[[Sequence[Cell]], int]) -> str:
    """Return the delimiter under which some row looks most like headings; of equals, the one
    that parts most rows."""
    head = text[: CHUNK * 2]

    def fits(delimiter: str) -> tuple[int, int]:
        best = parted = 0
        with suppress(csv.Error):
            for number, row in enumerate(csv.reader(io.StringIO(head), delimiter=delimiter)):
                if number >= SNIFFED:
                    break
                best = max(best, score(row[:MOST_COLUMNS]))
                parted += len(row) > 1
        return best, parted

    return max(DELIMITERS, key=fits)


def _numbered(rows: Iterator[Sequence[Cell]]) -> Rows:
    for number, row in enumerate(rows, start=1):
        if number > LAST_ROW:
            raise TooManyRows(most=f"{MOST_ROWS:,}".replace(",", "."))
        if len(row) > MOST_COLUMNS:
            raise Swells
        yield number, row
