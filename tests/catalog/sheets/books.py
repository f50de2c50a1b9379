"""Workbooks as sellers, and others, may send them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook

HEADINGS = ["Tên món hàng", "Loại hàng", "Lượng tịnh", "Đơn vị", "Giá (đồng)", "Tồn kho"]
ROW = ["Bánh tráng me", "Chế biến từ gạo, ngũ cốc", 500, "g", 45000, 10]


def book(rows: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS) -> bytes:
    """Return a workbook of one sheet with these rows under these headings."""
    made, out = Workbook(), BytesIO()
    sheet = made.active
    sheet.append(list(headings))
    for row in rows:
        sheet.append(list(row))
    made.save(out)
    return out.getvalue()


def changed(data: bytes, part: str, before: bytes, after: bytes) -> bytes:
    """Return the workbook with something replaced in one of its parts."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(before, after) if name == part else content)
    return out.getvalue()
