"""A seller with many goods fills in a workbook: all of it is taken, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import FilePayload

from catalog.sheets.rules import GOODS_SHEET
from tests.journeys.conftest import Visit
from tests.journeys.visitor import DESKTOP, PHONE, Size, Visitor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("size", "script", "mark"),
    [(PHONE, True, "Tám"), (DESKTOP, False, "Chín")],
    ids=["phone-scripts", "desktop-no-scripts"],
)
def test_from_template_to_drafts(
    visit: Visit, seller_state: Any, size: Size, script: bool, mark: str
) -> None:
    names = (f"Muối ớt {mark} Lụa", f"Muối sả {mark} Lụa", f"Muối hột {mark} Lụa")
    seller = visit(size=size, script=script, signed_in=seller_state)
    seller.go("/sell")
    seller.go(f"{seller.path}/products")
    seller.follow("Dùng bảng tính")
    template = seller.download("Tệp mẫu trống")
    good = {"Loại hàng": "Muối và gia vị khác", "Lượng tịnh": 250, "Đơn vị": "g", "Tồn kho": 30}
    rows = [
        {**good, "Tên món hàng": names[0], "Giá (đồng)": 28000},
        {**good, "Tên món hàng": names[1], "Giá (đồng)": "32.000"},
        {**good, "Tên món hàng": names[2], "Giá (đồng)": "ba chục"},
    ]
    send(seller, filled(template, rows))
    seller.sees("chỗ sai, chưa lưu gì", "Giá (đồng)")
    assert_absent(seller, names)
    seller.page.go_back()
    rows[2]["Giá (đồng)"] = 30000
    send(seller, filled(template, rows))
    seller.sees("Sẽ lưu 3 món", *names)
    assert_absent(seller, names)
    seller.page.go_back()
    seller.press("Đồng ý, lưu 3 món")
    seller.sees("Đã lưu 3 món.", *names)


def assert_absent(seller: Visitor, names: Sequence[str]) -> None:
    """Look at the list of goods: none of these is there. The list stays open."""
    seller.go(f"{seller.path.partition('/products')[0]}/products")
    seller.misses(*names)


def send(seller: Visitor, book: bytes) -> None:
    seller.go(f"{seller.path.partition('/products')[0]}/products/sheet")
    payload = FilePayload(name="hang.xlsx", mimeType=XLSX, buffer=book)
    seller.choose_files(seller.main.locator("input[type=file]"), payload)
    seller.press("Gửi và xem trước")


def filled(template: bytes, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the template with rows written below its headings."""
    book = openpyxl.load_workbook(BytesIO(template))
    sheet = book[GOODS_SHEET]
    head = next(
        row for row in sheet.iter_rows(max_row=15) if "Tên món hàng" in [c.value for c in row]
    )
    columns = {cell.value: cell.column for cell in head if cell.value}
    for number, row in enumerate(rows, start=head[0].row + 1):
        for heading, value in row.items():
            sheet.cell(number, columns[heading], value)
    target = BytesIO()
    book.save(target)
    return target.getvalue()
