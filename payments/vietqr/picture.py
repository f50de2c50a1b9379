"""Pictures of payment codes: the code alone, and a card that also says in words what it does.

Error level M and a quiet zone of four modules all around, as EMVCo asks for; always black on
white. Number, amount and memo on a card are read out of the code itself, so that words and code
cannot differ. A new code takes about 15 ms as SVG, a card 70 ms as PNG; codes drawn lately are
kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Final

import qrcode
from PIL import Image

from foundation.money import format_vnd
from payments.vietqr.codec import decode
from payments.vietqr.fields import Payload
from payments.vietqr.sheet import (
    ACCENT,
    BLACK,
    ON_STRAW,
    RULE,
    SOFT,
    STRAW,
    Box,
    Item,
    Line,
    Sheet,
    drawable,
    fitted,
    opened,
    scarf,
    to_png,
    to_svg,
)

QUIET: Final = 4
PIXELS: Final = 16  # to a module, so that a saved picture prints sharply
CODES_KEPT: Final = 512

WIDTH: Final = 720
MARGIN: Final = 56
_LARGEST_CODE: Final = 600  # its side with the quiet zone


@dataclass(frozen=True, kw_only=True)
class Label:
    """What stands beside a code and is not in it.

    `masked` hides all but the end of the account number; `practice` says large that no real
    money moves.
    """

    bank: str
    holder: str
    masked: bool = False
    practice: bool = False


# --- the code alone ---------------------------------------------------------------------------


def svg(text: str, *, title: str) -> str:
    """Return the code as SVG, named by `title`. No styles, ids or scripts in it: it may stand in
    a page under the strictest policy, as well as in a file of its own."""
    modules, side = _modules(text), side_of(text)
    path = "".join(
        f"M{start} {row}h{length}v1h-{length}z" for row, start, length in _runs(modules, QUIET)
    )
    code = f'<path fill="{BLACK}" shape-rendering="crispEdges" d="{path}"/>'
    return f"{opened(side, side, title)}{code}</svg>"


def png(text: str, *, pixels: int = PIXELS) -> bytes:
    """Return the code as PNG in black and white, so many pixels to a module."""
    modules, side = _modules(text), side_of(text)
    image = Image.new("1", (side, side), 1)
    for row, start, length in _runs(modules, QUIET):
        image.paste(0, (start, row, start + length, row + 1))
    kept = BytesIO()
    large = image.resize((side * pixels, side * pixels), Image.Resampling.NEAREST)
    large.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def boxes(text: str, x: float, y: float, side: float) -> Iterator[Box]:
    """Yield the code as boxes inside a square that includes its quiet zone."""
    module = side / side_of(text)
    for row, start, length in _runs(_modules(text), QUIET):
        yield Box(x + start * module, y + row * module, length * module, module, BLACK)


def side_of(text: str) -> int:
    """Return how many modules the code is wide, its quiet zone included."""
    return len(_modules(text)) + 2 * QUIET


Modules = tuple[tuple[bool, ...], ...]


@lru_cache(maxsize=CODES_KEPT)
def _modules(text: str) -> Modules:
    """The dark modules, row by row, without a quiet zone."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.modules)


def _runs(modules: Modules, offset: int) -> Iterator[tuple[int, int, int]]:
    """Yield (row, start, length) of every dark run, moved by the quiet zone."""
    for row, line in enumerate(modules, start=offset):
        start = None
        for column, dark in enumerate((*line, False), start=offset):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                yield row, start, column - start
                start = None


# --- a card with words ------------------------------------------------------------------------


def card_svg(text: str, label: Label) -> str:
    """Return a card with code, amount, bank, number, holder and memo as SVG; InvalidPayload when
    the text is no payment code."""
    return to_svg(_card(text, label), title_of(text, label))


def card_png(text: str, label: Label) -> bytes:
    """Return the same card as PNG, at twice its measures; InvalidPayload as before."""
    return to_png(_card(text, label), 2)


def title_of(text: str, label: Label) -> str:
    """Return one sentence that says what the picture is, for those who do not see it."""
    payload = decode(text)
    amount = f"trả {format_vnd(payload.amount)} " if payload.amount else "chuyển tiền "
    number = number_shown(payload, label)
    return f"Mã VietQR {amount}cho {label.holder}, {label.bank}, số tài khoản {number}"


def number_shown(payload: Payload, label: Label) -> str:
    """Return the account number in groups of four from the left, or masked but for its end."""
    number = payload.account or ""
    if label.masked:
        return f"*** {number[-4:]}"
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _card(text: str, label: Label) -> Sheet:
    payload = decode(text)
    items: list[Item] = [*scarf(WIDTH, 8)]
    y = 24.0
    if label.practice:
        items += _practice(y)
        y += 56
    code = _LARGEST_CODE // side_of(text) * side_of(text)  # whole pixels to a module
    items += boxes(text, (WIDTH - code) / 2, y, code)
    y += code + 40
    items += _amount(payload, y)
    y += 40
    for name, value in _rows(payload, label):
        lines, size = fitted(drawable(value), (30, 26), WIDTH - 2.4 * MARGIN, most=2, bold=True)
        items.append(Box(MARGIN, y, WIDTH - 2 * MARGIN, 2, RULE))
        items.append(Line(MARGIN, y + 38, name, 23, fill=SOFT))
        for each in lines:
            y += 38
            items.append(Line(MARGIN, y + 38, each, size, bold=True))
        y += 60
    items.append(Box(MARGIN, y, WIDTH - 2 * MARGIN, 2, RULE))
    y += 52
    items.append(Line(MARGIN, y, "Phiên Chợ", 26, bold=True, fill=ACCENT))
    items.append(Line(WIDTH - MARGIN, y, str(payload.kind), 26, bold=True, fill=SOFT, side="end"))
    return Sheet(WIDTH, y + 36, items)


def _practice(y: float) -> Iterator[Item]:
    yield Box(0, y, WIDTH, 56, STRAW)
    words = "Bản diễn tập: mã này không chuyển tiền thật"
    yield Line(WIDTH / 2, y + 37, words, 25, bold=True, fill=ON_STRAW, side="middle")


def _amount(payload: Payload, y: float) -> Iterator[Item]:
    if payload.amount:
        amount = format_vnd(payload.amount)
        yield Line(WIDTH / 2, y, amount, 60, bold=True, fill=ACCENT, side="middle")
    else:
        words = "Quét mã rồi nhập số tiền"
        yield Line(WIDTH / 2, y - 6, words, 36, bold=True, fill=ACCENT, side="middle")


def _rows(payload: Payload, label: Label) -> Iterator[tuple[str, str]]:
    yield "Ngân hàng", label.bank
    yield ("Số thẻ" if payload.is_card else "Số tài khoản"), number_shown(payload, label)
    yield "Chủ tài khoản", label.holder
    if payload.purpose:
        yield "Nội dung chuyển khoản", payload.purpose
