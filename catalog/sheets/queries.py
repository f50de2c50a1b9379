"""Products as a workbook: an empty one to fill in, or everything a seller has; and a preview."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload
from xlsxwriter import Workbook

from catalog.categories import queries as categories
from catalog.products.models import Product, State, Variant
from catalog.products.rules import NetUnit, net_written
from catalog.sheets.errors import NoSuchImport
from catalog.sheets.models import ProductImport
from catalog.sheets.rules import COLUMNS, GOODS_SHEET, MOST_ROWS
from foundation.places import queries as places

KEPT_FOR: Final = timedelta(days=1)
HELP_SHEET: Final = "Hướng dẫn"
CATEGORY_SHEET: Final = "Danh mục"
UNITS: Final = ("g", "kg", "ml", "l", "cái")
_UNIT_WORDS: Final = {"piece": "cái"}
# A text that begins like a formula would become one wherever the sheet is saved as CSV.
_LIKE_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
_STEPS: Final = (
    "Mỗi dòng là một quy cách của một món. Món có nhiều quy cách thì ghi nhiều dòng cùng tên.",
    "Món mới: để trống Mã hàng và Mã quy cách. Món mới luôn vào thành bản nháp, chưa ai thấy.",
    "Sửa món đã có: tải bảng hàng của gian hàng về, sửa, rồi gửi lại. Đừng đổi hai cột mã.",
    "Ô để trống thì giữ nguyên như đang có. Bảng không xoá món nào, quy cách nào.",
    "Gửi lên thì được xem trước từng thay đổi; chỉ khi bấm đồng ý mới lưu, lưu tất cả hoặc không.",
    "Không dùng công thức. Ảnh thêm sau, ở trang của từng món.",
)
_EXAMPLE: Final[dict[str, str | int | float]] = {
    "name": "Bánh tráng phơi sương (dòng ví dụ, xoá đi)",
    "category": "Chế biến từ gạo, ngũ cốc",
    "size": "Gói 500 g",
    "net": 500,
    "unit": "g",
    "price": 45000,
    "stock": 20,
    "sku": "BT-500",
    "summary": "Bánh hai lớp, phơi sương đêm, cuốn rau rừng.",
    "ingredients": "Gạo, muối.",
    "shelf_life_days": 20,
    "storage": "Để nơi mát, tránh nắng.",
    "adults_only": "không",
}


def template(session: Session, today: date) -> bytes:
    """Return a workbook to fill in: headings, one example, drop-down lists, a page of help."""
    return _workbook(session, today, [_EXAMPLE])


def export(session: Session, organisation_id: int, today: date) -> bytes:
    """Return everything a seller has, withdrawn products left out, one row a size."""
    products = session.scalars(own(organisation_id).where(Product.state != State.WITHDRAWN)).all()
    labels = places.suggestions(session, {product.commune_code for product in products})
    rows = [
        row for product in products for row in _rows(product, labels[product.commune_code].label)
    ]
    return _workbook(session, today, rows)


def own(organisation_id: int) -> Any:
    """Return the statement that loads a seller's products with sizes and categories."""
    return (
        select(Product)
        .where(Product.organisation_id == organisation_id)
        .options(joinedload(Product.category), selectinload(Product.variants))
        .order_by(Product.id)
    )


def preview(session: Session, token: str, *, organisation_id: int, now: datetime) -> ProductImport:
    """Return a seller's workbook that was read within the last day. Raises NoSuchImport."""
    found = session.scalars(
        select(ProductImport).where(
            ProductImport.token == token,
            ProductImport.organisation_id == organisation_id,
            ProductImport.created_at > now - KEPT_FOR,
        )
    ).one_or_none()
    if found is None:
        raise NoSuchImport
    return found


def _rows(product: Product, commune: str) -> Iterable[dict[str, str | int | float]]:
    about: dict[str, str | int | float] = {
        "code": product.public_id,
        "name": product.name,
        "category": product.category.name,
        "commune": commune,
        "summary": product.summary,
        "description": product.description,
        "ingredients": product.ingredients,
        "storage": product.storage,
        "shelf_life_days": product.shelf_life_days or "",
        "adults_only": "có" if product.adults_only else "không",
    }
    if not product.variants:
        yield about
    for size in product.variants:
        yield about | _size(size)


def _size(size: Variant) -> dict[str, str | int | float]:
    number, unit = net_written(size.net_amount, NetUnit(size.net_unit))
    return {
        "size": size.name,
        "net": float(number.replace(",", ".")) if "," in number else int(number),
        "unit": _UNIT_WORDS.get(unit, unit),
        "price": size.price,
        "stock": size.stock,
        "sku": size.sku,
        "size_code": size.public_id,
    }


def _workbook(session: Session, today: date, rows: Sequence[dict[str, str | int | float]]) -> bytes:
    made = BytesIO()
    book = Workbook(
        made, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    leaves = [category.name for category in categories.leaves(session, today)]
    _write_goods(book, rows, len(leaves))
    _write_help(book)
    names = book.add_worksheet(CATEGORY_SHEET)
    names.set_column(0, 0, 60)
    for index, name in enumerate(leaves):
        names.write_string(index, 0, name)
    book.close()
    return made.getvalue()


def _write_goods(book: Workbook, rows: Sequence[dict[str, str | int | float]], leaves: int) -> None:
    sheet = book.add_worksheet(GOODS_SHEET)
    heading = book.add_format({"bold": True, "bg_color": "#E6F0E8", "border": 1, "valign": "top"})
    quoted = book.add_format({"quote_prefix": True})
    number = book.add_format({"num_format": "#,##0"})
    sheet.freeze_panes(1, 2)
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.heading, heading)
    for index, row in enumerate(rows, start=1):
        for place, column in enumerate(COLUMNS):
            value = row.get(column.key, "")
            if isinstance(value, str):
                style = quoted if value.startswith(_LIKE_FORMULAS) else None
                if value:
                    sheet.write_string(index, place, value, style)
            else:
                sheet.write_number(index, place, value, number if column.key == "price" else None)
    last = max(len(rows), MOST_ROWS)
    places_of = {column.key: place for place, column in enumerate(COLUMNS)}
    for key, source in (
        ("category", f"='{CATEGORY_SHEET}'!$A$1:$A${leaves}"),
        ("unit", list(UNITS)),
        ("adults_only", ["có", "không"]),
    ):
        sheet.data_validation(
            1,
            places_of[key],
            last,
            places_of[key],
            {"validate": "list", "source": source, "error_type": "warning"},
        )


def _write_help(book: Workbook) -> None:
    sheet = book.add_worksheet(HELP_SHEET)
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    for index, step in enumerate(_STEPS):
        sheet.write_number(index, 0, index + 1, bold)
        sheet.write_string(index, 1, step, wrapped)
    for index, column in enumerate(COLUMNS, start=len(_STEPS) + 1):
        sheet.write_string(index, 0, column.heading, bold)
        sheet.write_string(index, 1, column.help, wrapped)
