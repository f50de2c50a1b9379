"""Showing the code in a memo, and finding what a damaged one may have been. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from foundation.errors import N_
from foundation.text import fold_words
from payments.intents.rules import PREFIX, REFERENCE_LENGTH, is_reference, references_in

# What is left of a code that was cut must be long enough to mean one intent among thousands.
SHORTEST_CUT: Final = len(PREFIX) + 4
LONGEST_REASON: Final = 200
_MISREAD: Final = str.maketrans("OILUBĐ", "011V8D")


class Sign(StrEnum):
    """Why money may be meant for an intent."""

    MEANT = "meant"  # matching found its code
    ONE_OFF = "one_off"
    CUT = "cut"
    AMOUNT = "amount"
    PAYER = "payer"


SIGN_WORDS: Final[dict[Sign, str]] = {
    Sign.MEANT: N_("Mã này ghi trong nội dung"),
    Sign.ONE_OFF: N_("Mã gần giống, sai một chỗ"),
    Sign.CUT: N_("Trùng phần đầu của mã bị cắt"),
    Sign.AMOUNT: N_("Đúng số tiền còn phải thu"),
    Sign.PAYER: N_("Trùng tên người trả"),
}
WEIGHTS: Final[dict[Sign, int]] = {
    Sign.MEANT: 8,
    Sign.ONE_OFF: 6,
    Sign.CUT: 5,
    Sign.AMOUNT: 3,
    Sign.PAYER: 3,
}


class Action(StrEnum):
    """What a cashier may decide, for the reasons usually given."""

    ALLOCATE = "allocate"
    KEEP = "keep"
    NOT_OURS = "not_ours"
    UNDO = "undo"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    REVERSE = "reverse"


USUAL_REASONS: Final[dict[Action, tuple[str, ...]]] = {
    Action.ALLOCATE: (
        N_("Khách gọi xác nhận"),
        N_("Trùng tên và số tiền"),
        N_("Mã bị ngân hàng cắt"),
        N_("Khách đưa biên lai chuyển khoản"),
    ),
    Action.KEEP: (
        N_("Trả thừa, khách muốn để lại kỳ sau"),
        N_("Chuyển hai lần, khách đồng ý giữ lại"),
        N_("Đặt cọc"),
    ),
    Action.NOT_OURS: (
        N_("Chuyển giữa các tài khoản của đơn vị"),
        N_("Lãi ngân hàng"),
        N_("Tiền riêng của chủ tài khoản"),
        N_("Vay hoặc góp vốn"),
    ),
    Action.UNDO: (
        N_("Chọn nhầm khoản"),
        N_("Khách báo chuyển cho khoản khác"),
        N_("Nhập nhầm số tiền"),
    ),
    Action.FREEZE: (
        N_("Ngân hàng yêu cầu tra soát"),
        N_("Cơ quan công an yêu cầu"),
    ),
    Action.UNFREEZE: (
        N_("Ngân hàng thôi yêu cầu"),
        N_("Tra soát xong, tiền là của đơn vị"),
    ),
    Action.REVERSE: (N_("Ngân hàng đã thu hồi tiền"),),
}


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of a memo; `code` where it is a reference code."""

    text: str
    code: bool = False


@dataclass(frozen=True, kw_only=True)
class Letters:
    """A memo as codes are read in it, and where each letter stands in the memo itself."""

    text: str
    places: Sequence[int] = field(repr=False)


def segments(memo: str) -> list[Segment]:
    """Return a memo cut into stretches, its codes among them, nothing left out."""
    letters = _letters(memo)
    spans = []
    for code in references_in(memo):
        start = letters.text.find(code)
        if start >= 0:
            end = start + len(code) - 1
            spans.append((letters.places[start], letters.places[end] + 1))
    found: list[Segment] = []
    at = 0
    for first, last in sorted(spans):
        if first > at:
            found.append(Segment(text=memo[at:first]))
        if first >= at:
            found.append(Segment(text=memo[first:last], code=True))
            at = last
    return [*found, Segment(text=memo[at:])] if memo[at:] else found


def damaged_codes(memo: str) -> list[str]:
    """Return the stretches of a memo that begin like a code and are none, longest possible."""
    text = _letters(memo).text
    found: dict[str, None] = {}
    start = text.find(PREFIX)
    while start >= 0:
        # One letter more than a code has: a person may have typed one twice.
        stretch = text[start : start + REFERENCE_LENGTH + 1]
        if len(stretch) >= SHORTEST_CUT and not is_reference(stretch[:REFERENCE_LENGTH]):
            found[stretch] = None
        start = text.find(PREFIX, start + 1)
    return list(found)


def likeness(stretch: str, reference: str) -> Sign | None:
    """Say how a damaged stretch could have been this code: one letter wrong, missing, too many or
    two swapped; or its beginning, followed by what the bank wrote next."""
    if _one_off(stretch[:REFERENCE_LENGTH], reference):
        return Sign.ONE_OFF
    if _without_one(reference) & {stretch[: REFERENCE_LENGTH - 1]}:
        return Sign.ONE_OFF
    if reference in _without_one(stretch):
        return Sign.ONE_OFF
    same = 0
    while same < min(len(stretch), len(reference)) and stretch[same] == reference[same]:
        same += 1
    return Sign.CUT if same >= SHORTEST_CUT else None


def same_person(name: str, text: str) -> bool:
    """Say whether a name of two words or more stands in a folded text, in the order of its words;
    also where the text holds all but its first word."""
    words = fold_words(name)
    if len(words) < 2:
        return False
    tail = words[1:] if len(words) > 2 else words
    return f" {' '.join(tail)} " in f" {' '.join(fold_words(text))} "


def _one_off(first: str, second: str) -> bool:
    if len(first) != len(second):
        return False
    wrong = [place for place, letter in enumerate(first) if letter != second[place]]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        left, right = wrong
        return (first[left], first[right]) == (second[right], second[left])
    return len(wrong) == 1


def _without_one(text: str) -> set[str]:
    return {text[:place] + text[place + 1 :] for place in range(len(PREFIX), len(text))}


def _letters(memo: str) -> Letters:
    text, places = [], []
    for place, raw in enumerate(memo):
        for letter in unicodedata.normalize("NFKD", raw).upper().translate(_MISREAD):
            if letter.isascii() and letter.isalnum():
                text.append(letter)
                places.append(place)
    return Letters(text="".join(text), places=places)
