"""The A6 poster that hangs at a stall: whose code it is, how to pay, and the code. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from typing import Final

from reportlab.lib.pagesizes import A6
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from foundation.money import format_vnd
from payments.vietqr.codec import decode
from payments.vietqr.fields import Payload
from payments.vietqr.picture import Label, boxes, number_shown, title_of
from payments.vietqr.sheet import (
    ACCENT,
    FONTS,
    INK,
    ON_STRAW,
    SOFT,
    STRAW,
    WHITE,
    Box,
    Item,
    Line,
    Sheet,
    drawable,
    fitted,
    grouped,
    scarf,
)

WIDTH, HEIGHT = A6
MARGIN: Final = 8 * mm
_MIDDLE: Final = WIDTH / 2
_INNER: Final = WIDTH - 2 * MARGIN
_CODE: Final = 71 * mm  # its side with the quiet zone
_NAME_TOP: Final = 5.6 * mm
_NAME_HEIGHT: Final = 14 * mm
_BAND: Final = 7.2 * mm  # what to do, above the code
_EDGE: Final = 1.4 * mm  # the green around it
_STEPS_TOP: Final = HEIGHT - 22 * mm
_WASH: Final = "#e6f0e8"
_REGULAR, _BOLD = "NotoSans", "NotoSans-Bold"


def poster(text: str, label: Label, *, shop: str) -> bytes:
    """Return the poster as a PDF of one A6 page with its fonts in it, the same for the same input.

    `text` is the payment code, `shop` what stands large at the top. InvalidPayload when the text
    is no payment code.
    """
    return _to_pdf(_laid_out(text, label, shop), title_of(text, label))


# --- layout -----------------------------------------------------------------------------------


def _laid_out(text: str, label: Label, shop: str) -> Sheet:
    payload = decode(text)
    y = _NAME_TOP + _NAME_HEIGHT + 1 * mm
    items: list[Item] = [
        *scarf(WIDTH, 1.25 * mm),
        *_name(drawable(shop)),
        *_code(text, payload, y),
        *_account(payload, label, y + _BAND + _CODE + _EDGE + 2.6 * mm),
        *_steps(payload),
    ]
    if label.practice:
        items += _practice()
    return Sheet(WIDTH, HEIGHT, items)


def _name(shop: str) -> Iterator[Item]:
    lines, size = fitted(shop, (21, 18, 16, 14), _INNER, most=2, bold=True)
    step = size * 1.2
    y = _NAME_TOP + (_NAME_HEIGHT - len(lines) * step) / 2 + size
    for row, each in enumerate(lines):
        yield Line(_MIDDLE, y + row * step, each, size, bold=True, side="middle")


def _code(text: str, payload: Payload, y: float) -> Iterator[Item]:
    """A green ground with what to do in it, and the code on white inside."""
    left = _MIDDLE - _CODE / 2
    yield Box(left - _EDGE, y, _CODE + 2 * _EDGE, _BAND + _CODE + _EDGE, ACCENT, 2.6 * mm)
    yield Box(left, y + _BAND, _CODE, _CODE, WHITE, 1.4 * mm)
    words = f"Quét mã trả {format_vnd(payload.amount)}" if payload.amount else "Quét mã để trả tiền"
    yield Line(_MIDDLE, y + 5.1 * mm, words, 13, bold=True, fill=WHITE, side="middle")
    yield from boxes(text, left, y + _BAND, _CODE)


def _account(payload: Payload, label: Label, y: float) -> Iterator[Item]:
    yield _fitted(drawable(label.holder), y + 9, (11, 9.5, 8.2, 7.2), bold=True)
    yield _fitted(number_shown(payload, label), y + 27, (17, 15), bold=True, fill=ACCENT)
    yield _fitted(drawable(label.bank), y + 40, (10, 8.6, 7.4), bold=False, fill=SOFT)


def _fitted(text: str, y: float, sizes: Sequence[float], *, bold: bool, fill: str = INK) -> Line:
    lines, size = fitted(text, sizes, _INNER, most=1, bold=bold)
    return Line(_MIDDLE, y, "".join(lines), size, bold=bold, fill=fill, side="middle")


def _steps(payload: Payload) -> Iterator[Item]:
    """Three short steps. The seller's own notice counts, never what the payer's screen shows."""
    second = ("Quét mã,", "xem đúng tên") if payload.amount else ("Quét mã,", "nhập số tiền")
    steps = (("Mở ứng dụng", "ngân hàng"), second, ("Chờ người bán", "báo đã nhận tiền"))
    yield Box(0, _STEPS_TOP, WIDTH, HEIGHT - _STEPS_TOP, _WASH)
    radius = 2.4 * mm
    disc = _STEPS_TOP + 2.2 * mm
    for number, lines in enumerate(steps):
        middle = MARGIN + _INNER / 3 * (number + 0.5)
        yield Box(middle - radius, disc, 2 * radius, 2 * radius, ACCENT, radius)
        base = disc + radius + 3.1
        yield Line(middle, base, str(number + 1), 8.8, bold=True, fill=WHITE, side="middle")
        for row, words in enumerate(lines):
            y = disc + 2 * radius + (row + 1) * 10.2
            yield Line(middle, y, words, 8.4, side="middle")
    words = "Phiên Chợ · Tiền vào thẳng tài khoản người bán"
    yield Line(_MIDDLE, HEIGHT - 2.4 * mm, words, 6.6, fill=SOFT, side="middle")


def _practice() -> Iterator[Item]:
    height = 5.6 * mm
    yield Box(0, _STEPS_TOP - height, WIDTH, height, STRAW)
    words = "Bản diễn tập: mã này không chuyển tiền thật"
    y = _STEPS_TOP - 1.8 * mm
    yield Line(_MIDDLE, y, words, 9, bold=True, fill=ON_STRAW, side="middle")


# --- drawing ----------------------------------------------------------------------------------


def _to_pdf(sheet: Sheet, title: str) -> bytes:
    _register_fonts()
    kept = BytesIO()
    canvas = Canvas(kept, pagesize=(sheet.width, sheet.height), invariant=True, lang="vi")
    canvas.setTitle(title)
    canvas.setAuthor("Phiên Chợ")
    canvas.setCreator("Phiên Chợ")
    for group in grouped(sheet.items):
        canvas.setFillColor(group[0].fill)
        path = canvas.beginPath()  # one for all boxes of a colour: no seams between them
        for item in group:
            if isinstance(item, Line):
                _write(canvas, item, sheet.height)
            else:
                y = sheet.height - item.y - item.height
                path.roundRect(item.x, y, item.width, item.height, item.round)
        canvas.drawPath(path, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return kept.getvalue()


def _write(canvas: Canvas, line: Line, height: float) -> None:
    canvas.setFont(_BOLD if line.bold else _REGULAR, line.size)
    write = {
        "start": canvas.drawString,
        "middle": canvas.drawCentredString,
        "end": canvas.drawRightString,
    }[line.side]
    write(line.x, height - line.y, line.text)


@cache
def _register_fonts() -> None:
    for name, file in ((_REGULAR, "NotoSans-Regular.ttf"), (_BOLD, "NotoSans-Bold.ttf")):
        pdfmetrics.registerFont(TTFont(name, FONTS / file))
