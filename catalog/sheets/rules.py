"""Reading a workbook of products: what it may be, where its table stands, what its cells say.

Pure. A workbook comes from outside: nothing is unpacked before its directory was looked at, no
formula is followed, and a cell far below or right of the table is refused, not allocated.
"""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook

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
from foundation.errors import N_
from foundation.text import clean_multiline, fold_words

MEGABYTE: Final = 1024 * 1024
MOST_BYTES: Final = 5 * MEGABYTE
MOST_UNPACKED: Final = 40 * MEGABYTE
MOST_PARTS: Final = 300
MOST_ROWS: Final = 2_000
MOST_COLUMNS: Final = 60
HEADER_WITHIN: Final = 15
LAST_ROW: Final = MOST_ROWS + HEADER_WITHIN + 500  # blank rows between others are forgiven

GOODS_SHEET: Final = "Hàng hoá"
FORMULA: Final = N_("Ô này là công thức. Chép lại rồi dán dạng giá trị (Paste Values).")
BROKEN: Final = N_("Chữ trong ô bị hỏng bảng mã. Gõ lại bằng Unicode.")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the table: its heading in the file, other headings that mean it, its width."""

    key: str
    heading: str
    also: tuple[str, ...] = ()
    width: int = 16
    help: str = ""


COLUMNS: Final = (
    Column(
        key="code",
        heading="Mã hàng",
        also=("ma san pham", "ma mon"),
        help="Chợ tự đặt. Món mới thì để trống; muốn sửa món đã có thì giữ nguyên mã.",
    ),
    Column(
        key="name",
        heading="Tên món hàng",
        also=("ten hang", "ten san pham", "ten mon", "ten"),
        width=34,
        help="Bắt buộc với món mới. Nhiều quy cách thì ghi nhiều dòng cùng tên.",
    ),
    Column(
        key="category",
        heading="Loại hàng",
        also=("loai", "nhom hang", "danh muc"),
        width=30,
        help="Chọn trong danh sách thả xuống.",
    ),
    Column(
        key="commune",
        heading="Xã, phường",
        also=("xa phuong", "noi lam", "noi san xuat", "dia ban"),
        width=28,
        help="Để trống thì lấy xã, phường của gian hàng. Ví dụ: Phường Trảng Bàng, Tây Ninh.",
    ),
    Column(
        key="size",
        heading="Quy cách",
        also=("ten quy cach", "dong goi"),
        width=18,
        help="Tên cỡ gói, ví dụ Hộp quà. Để trống thì lấy lượng tịnh.",
    ),
    Column(
        key="net",
        heading="Lượng tịnh",
        also=("khoi luong", "khoi luong tinh", "the tich", "so luong", "trong luong"),
        width=12,
        help="Chỉ ghi số, ví dụ 500 hoặc 1,5.",
    ),
    Column(
        key="unit",
        heading="Đơn vị",
        also=("don vi tinh", "dvt"),
        width=10,
        help="g, kg, ml, l, cái.",
    ),
    Column(
        key="price",
        heading="Giá (đồng)",
        also=("gia", "gia ban", "don gia"),
        width=13,
        help="Từ 500 đến 500.000.000, không có số lẻ.",
    ),
    Column(
        key="stock",
        heading="Tồn kho",
        also=("kho", "con trong kho", "so luong ton"),
        width=10,
        help="Số gói, chai, cái đang có. Để trống là 0 với món mới.",
    ),
    Column(
        key="sku",
        heading="Mã SKU",
        also=("sku", "ma rieng"),
        help="Mã riêng của gian hàng, mỗi quy cách một mã. Không bắt buộc.",
    ),
    Column(
        key="summary",
        heading="Giới thiệu",
        also=("mo ta ngan", "gioi thieu ngan"),
        width=40,
        help="Một câu, hiện dưới tên món.",
    ),
    Column(
        key="description",
        heading="Lời kể",
        also=("mo ta", "mo ta chi tiet"),
        width=50,
        help="Kể về món này.",
    ),
    Column(key="ingredients", heading="Thành phần", width=30, help="Không bắt buộc."),
    Column(
        key="shelf_life_days",
        heading="Hạn dùng (ngày)",
        also=("han dung", "han su dung"),
        help="Số ngày kể từ ngày làm.",
    ),
    Column(
        key="storage",
        heading="Bảo quản",
        also=("cach bao quan",),
        width=30,
        help="Không bắt buộc.",
    ),
    Column(
        key="adults_only",
        heading="Từ 18 tuổi",
        width=12,
        help="Ghi “có” nếu chỉ bán cho người lớn. Rượu bia tự được đánh dấu.",
    ),
    Column(key="size_code", heading="Mã quy cách", help="Chợ tự đặt; giữ nguyên khi sửa."),
)
HEADINGS: Final = {column.key: column.heading for column in COLUMNS}
_KEYS: Final = {
    " ".join(fold_words(name)): column.key
    for column in COLUMNS
    for name in (column.heading, *column.also)
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of the table: its number as Excel shows it, its cells by column key (empty ones are
    left out), and what is wrong with cells as such: column key → sentence."""

    number: int
    cells: dict[str, str | int | float | bool]
    wrong: dict[str, str]

    def text(self, key: str) -> str:
        """Return a cell as text: 500.0 as "500", True as "có"."""
        value = self.cells.get(key, "")
        if isinstance(value, bool):
            return "có" if value else "không"
        if isinstance(value, float):
            return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")
        return str(value)


def read(data: bytes, name: str) -> list[Line]:
    """Return the rows of the products' table in a workbook. `name` is the upload's file name.

    The table is on the sheet called like ours, else on the first one with a heading we know; its
    columns may stand in any order, others between them are passed over.

    Raises NotASheet, OldWorkbook, TextFile, SheetTooBig, SheetSwells, TooManyRows, NoHeader,
    NoRows.
    """
    _look_at_the_outside(data, name)
    parts = _unpack(data)
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        names = sorted(workbook.sheet_names, key=lambda each: each != GOODS_SHEET)
        tables = [
            (each, workbook.get_sheet_by_name(each).to_python(skip_empty_area=False))
            for each in names[:10]
        ]
    except (CalamineError, OSError, ValueError) as error:
        raise NotASheet from error
    for sheet, rows in tables:
        header = _header(rows)
        if header is not None:
            formulas = _formulas(parts, sheet)
            return _lines(rows, *header, formulas)
    raise NoHeader


def _look_at_the_outside(data: bytes, name: str) -> None:
    if len(data) > MOST_BYTES:
        raise SheetTooBig(most=MOST_BYTES // MEGABYTE)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise OldWorkbook
    if data[:4] != b"PK\x03\x04":
        raise TextFile if name.lower().endswith((".csv", ".txt", ".tsv")) else NotASheet


def _unpack(data: bytes) -> dict[str, bytes]:
    """Return the XML parts of the workbook, once its directory promises nothing out of bounds.

    Reading each part to its end also proves the directory: a part that is longer or shorter than
    it says fails its checksum.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            entries = packed.infolist()
            if len(entries) > MOST_PARTS or sum(e.file_size for e in entries) > MOST_UNPACKED:
                raise SheetSwells
            if len({entry.filename for entry in entries}) < len(entries):
                raise NotASheet
            parts = {entry.filename: packed.read(entry) for entry in entries}
    except (
        *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
        *(RuntimeError, NotImplementedError, EOFError, OSError),
    ) as error:
        raise NotASheet from error
    except zipfile.LargeZipFile as error:
        raise SheetSwells from error
    for part, xml in parts.items():
        if part.startswith("xl/worksheets/") and part.endswith(".xml"):
            _refuse_far_cells(xml)
    return parts


_PLACED: Final = re.compile(rb"<(?:\w+:)?(?:c|row)\b[^>]*?\sr\s*=\s*[\"']([^\"']*)[\"']")
_REFERENCE: Final = re.compile(rb"([A-Za-z]{0,3})(\d{1,7})")


def _refuse_far_cells(xml: bytes) -> None:
    """A reader holds the whole rectangle down to the last cell: one cell at XFD1048576 of a tiny
    file would take all memory."""
    if b"\x00" in xml[:400] or b"<!DOCTYPE" in xml[:4000] or b"<!ENTITY" in xml[:4000]:
        raise NotASheet
    for found in _PLACED.finditer(xml):
        place = _REFERENCE.fullmatch(found[1])
        if place is None:
            raise NotASheet
        if int(place[2]) > LAST_ROW:
            raise TooManyRows(most=f"{MOST_ROWS:,}".replace(",", "."))
        if _column_number(place[1]) > MOST_COLUMNS * 5:
            raise SheetSwells


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


_SHEETS: Final = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATIONS: Final = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?c\b[^>]*?\sr\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"'][^>]*>\s*<(?:\w+:)?f[\s/>]"
)


def _formulas(parts: dict[str, bytes], sheet: str) -> set[tuple[int, int]]:
    """Return (row, column) from 1 of the cells that hold formulas; of every sheet when this one's
    part cannot be told."""
    wanted = _part_of(parts, sheet)
    chosen = [xml for part, xml in parts.items() if part.startswith("xl/worksheets/")]
    if wanted in parts:
        chosen = [parts[wanted]]
    return {
        (int(found[2]), _column_number(found[1]))
        for xml in chosen
        for found in _FORMULA.finditer(xml)
    }


def _part_of(parts: dict[str, bytes], sheet: str) -> str:
    wanted = f'name="{sheet}"'.encode()
    for tag in _SHEETS.findall(parts.get("xl/workbook.xml", b"")):
        relation = re.search(rb"\bid=\"([^\"]+)\"", tag)
        if wanted not in tag or relation is None:
            continue
        for other in _RELATIONS.findall(parts.get("xl/_rels/workbook.xml.rels", b"")):
            target = re.search(rb"\bTarget=\"([^\"]+)\"", other)
            if b'Id="' + relation[1] + b'"' in other and target is not None:
                path = target[1].decode("utf-8", "replace").lstrip("/")
                return path if path.startswith("xl/") else f"xl/{path}"
    return ""


def _header(rows: Sequence[Sequence[Any]]) -> tuple[int, dict[int, str]] | None:
    """Return (index of the heading row, column index → key), None when no row looks like one."""
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        found: dict[int, str] = {}
        for place, cell in enumerate(row[: MOST_COLUMNS * 5]):
            key = _KEYS.get(" ".join(fold_words(str(cell)[:80])))
            if key is not None and key not in found.values():
                found[place] = key
        if len(found) >= 2 and {"name", "code", "sku"} & set(found.values()):
            return index, found
    return None


def _lines(
    rows: Sequence[Sequence[Any]],
    header: int,
    columns: dict[int, str],
    formulas: set[tuple[int, int]],
) -> list[Line]:
    lines = [
        _line(number, row, columns, formulas)
        for number, row in enumerate(rows[header + 1 :], start=header + 2)
    ]
    filled = [line for line in lines if line.cells or line.wrong]
    if len(filled) > MOST_ROWS:
        raise TooManyRows(most=f"{MOST_ROWS:,}".replace(",", "."))
    if not filled:
        raise NoRows
    return filled


_ESCAPED: Final = re.compile(r"_x005F_(?=x[0-9A-Fa-f]{4}_)")
_MOJIBAKE: Final = re.compile("\ufffd|á[º»][\u0080-\u00bf]|Ã[\u0080-\u00bf]|Ä[\u0090\u0091]")


def _line(
    number: int, row: Sequence[Any], columns: dict[int, str], formulas: Iterable[tuple[int, int]]
) -> Line:
    cells: dict[str, str | int | float | bool] = {}
    wrong: dict[str, str] = {}
    for place, key in columns.items():
        value = row[place] if place < len(row) else ""
        if (number, place + 1) in formulas:
            wrong[key] = FORMULA
            continue
        if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
            value = int(value)
        elif not isinstance(value, bool | int | float):
            value = clean_multiline(_ESCAPED.sub("_", str(value)))
            if _MOJIBAKE.search(value):
                wrong[key] = BROKEN
                continue
        if value != "":
            cells[key] = value
    return Line(number=number, cells=cells, wrong=wrong)
