"""A look through an old .xls (compound file, BIFF records) before anything makes room for it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from payments.bank_feeds.statements.errors import Locked, Swells, TooManyRows, Unreadable
from payments.bank_feeds.statements.rules import MOST_ROWS

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END: Final = 0xFFFFFFFA  # from here on: marks, no sectors
_BOF: Final = 0x0809
_PASSWORD: Final = 0x002F
_FORMULAS: Final = frozenset({0x0006, 0x0206, 0x0406})
# Records that begin with a row and a column: numbers, texts, blanks, truths.
_CELLS: Final = _FORMULAS | {
    0x0203,
    0x027E,
    0x00BD,
    0x00FD,
    0x0204,
    0x00D6,
    0x0201,
    0x00BE,
    0x0205,
    0x0001,
    0x0002,
    0x0003,
    0x0004,
    0x0005,
}


def formulas(data: bytes, last_row: int, most_area: int) -> frozenset[tuple[int, int]]:
    """Return where formulas stand, (row, column) from 1, in any sheet, once every cell was found
    within bounds. Raises Locked, Swells, TooManyRows, Unreadable."""
    try:
        streams = _streams(data)
    except (struct.error, IndexError, ValueError) as error:
        raise Unreadable from error
    if "encryptedpackage" in streams:
        raise Locked
    book = streams.get("workbook", streams.get("book"))
    if book is None:
        raise Unreadable
    found: set[tuple[int, int]] = set()
    rows = columns = 1
    for kind, body in _records(book):
        if kind == _PASSWORD:
            raise Locked
        if kind == _BOF:
            rows = columns = 1
        if kind in _CELLS and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if rows > last_row:
                raise TooManyRows(most=f"{MOST_ROWS:,}".replace(",", "."))
            if rows * columns > most_area:
                raise Swells
            if kind in _FORMULAS:
                found.add((row + 1, column + 1))
    return frozenset(found)


def _records(book: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, place)
        yield kind, book[place + 4 : place + 8]
        place += 4 + length


def _streams(data: bytes) -> dict[str, bytes]:
    """Return the streams of a compound file that matter here, by name in lower case."""
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise Unreadable
    size = 1 << shift
    directory, _signature, cutoff, first_mini = struct.unpack_from("<IIII", data, 48)
    table = _table(data, size)
    entries = _chain(data, table, directory, size)
    minis = _chain(data, table, first_mini, size)
    mini_table = struct.unpack(f"<{len(minis) // 4}I", minis[: len(minis) // 4 * 4])
    root = b""
    found: dict[str, bytes] = {}
    for place in range(0, len(entries) - 127, 128):
        entry = entries[place : place + 128]
        length = struct.unpack_from("<H", entry, 64)[0]
        name = entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace").lower()
        start, used = struct.unpack_from("<II", entry, 116)
        if entry[66] == 5:
            root = _chain(data, table, start, size)
        elif name == "encryptedpackage":
            found[name] = b""
        elif name in ("workbook", "book") and name not in found:
            small = used < cutoff
            body = (
                _chain(root, mini_table, start, 64, 0)
                if small
                else _chain(data, table, start, size)
            )
            found[name] = body[:used]
    return found


def _table(data: bytes, size: int) -> tuple[int, ...]:
    """Return which sector follows which."""
    count = struct.unpack_from("<I", data, 44)[0]
    more, _number = struct.unpack_from("<II", data, 68)
    sectors = list(struct.unpack_from("<109I", data, 76))
    seen = 0
    while more < _END and seen <= len(data) // size:
        block = struct.unpack_from(f"<{size // 4}I", data, size + more * size)
        sectors += block[:-1]
        more, seen = block[-1], seen + 1
    made: list[int] = []
    for sector in sectors[: min(count, len(data) // size + 1)]:
        if sector < _END:
            made += struct.unpack_from(f"<{size // 4}I", data, size + sector * size)
    return tuple(made)


def _chain(
    data: bytes, table: tuple[int, ...], start: int, size: int, before: int | None = None
) -> bytes:
    """Join the sectors of a stream; `before` is the room in front of the first sector."""
    offset = size if before is None else before
    parts: list[bytes] = []
    while start < _END and len(parts) <= len(table):
        parts.append(data[offset + start * size : offset + (start + 1) * size])
        start = table[start]
    return b"".join(parts)
