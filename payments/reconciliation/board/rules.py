"""The columns of the cashier's board, and how its lists are narrowed and paged. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from foundation.errors import N_
from foundation.money import parse_vnd
from foundation.text import fold_words
from payments.credits.rules import Outcome, State, bare

LONGEST_QUERY: Final = 80
MOST_WORDS: Final = 6


class Column(StrEnum):
    WAITING = "waiting"
    MATCHED = "matched"
    AWAITED = "awaited"
    DECIDED = "decided"
    OUT = "out"


class Period(StrEnum):
    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    ANY = "any"


class Sort(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    LARGEST = "largest"


COLUMN_NAMES: Final[dict[Column, str]] = {
    Column.WAITING: N_("Đã về, chờ xử lý"),
    Column.MATCHED: N_("Đã về, tự khớp"),
    Column.AWAITED: N_("Chưa về"),
    Column.DECIDED: N_("Người quyết định"),
    Column.OUT: N_("Tiền ra chưa rõ"),
}
PERIOD_NAMES: Final[dict[Period, str]] = {
    Period.TODAY: N_("Hôm nay"),
    Period.WEEK: N_("7 ngày qua"),
    Period.MONTH: N_("Tháng này"),
    Period.ANY: N_("Mọi ngày"),
}
SORT_NAMES: Final[dict[Sort, str]] = {
    Sort.NEWEST: N_("Mới nhất"),
    Sort.OLDEST: N_("Cũ nhất"),
    Sort.LARGEST: N_("Lớn nhất"),
}
# Of what a bank took back in part, the rest still waits.
STATES: Final[dict[Column, frozenset[State]]] = {
    Column.WAITING: frozenset({State.WAITING, State.REVERSED}),
    Column.MATCHED: frozenset({State.MATCHED}),
    Column.DECIDED: frozenset({State.DECIDED, State.FROZEN, State.REVERSED}),
    Column.OUT: frozenset({State.WAITING}),
}
# What still has to be done must not drop out of sight because a week has passed.
USUAL_PERIOD: Final[dict[Column, Period]] = {
    Column.WAITING: Period.ANY,
    Column.MATCHED: Period.WEEK,
    Column.AWAITED: Period.ANY,
    Column.DECIDED: Period.WEEK,
    Column.OUT: Period.ANY,
}
# Why money waits, as one would say it to a colleague.
OUTCOME_WORDS: Final[dict[Outcome, str]] = {
    Outcome.NEW: N_("Vừa về, đang đối chiếu."),
    Outcome.EXACT: N_("Đã dùng hết cho khoản phải thu."),
    Outcome.UNDER: N_("Trả chưa đủ khoản phải thu."),
    Outcome.OVER: N_("Trả nhiều hơn khoản phải thu. Phần thừa chờ quyết định."),
    Outcome.SPLIT: N_("Một lần chuyển cho nhiều khoản, vừa khớp tổng."),
    Outcome.LATE: N_("Khoản phải thu đã huỷ hoặc hết hạn trước khi tiền về."),
    Outcome.DUPLICATE: N_("Khoản này đã được trả từ trước. Có thể khách chuyển hai lần."),
    Outcome.WRONG_ACCOUNT: N_("Mã thuộc một đơn vị khác, tiền lại vào tài khoản này."),
    Outcome.SEVERAL: N_("Nội dung có nhiều mã mà số tiền không khớp tổng."),
    Outcome.UNKNOWN_REFERENCE: N_("Có mã nhưng không tìm thấy trong sổ."),
    Outcome.NO_REFERENCE: N_("Nội dung không có mã thanh toán."),
    Outcome.UNDONE: N_("Đã gỡ khỏi khoản cũ, chờ quyết định lại."),
    Outcome.GIVEN_BACK: N_("Tiền hoàn đã đi."),
    Outcome.PAID_OUT: N_("Tiền đã chuyển cho người bán."),
}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list is narrowed to. `period` None is each column's usual one; `account` the public
    id of a bank account."""

    period: Period | None = None
    query: str = ""
    account: str = ""
    sort: Sort = Sort.NEWEST

    def since(self, column: Column, today: date) -> date | None:
        """Return the first day shown in a column, None for all days."""
        period = self.period or USUAL_PERIOD[column]
        if period is Period.ANY:
            return None
        if period is Period.MONTH:
            return today.replace(day=1)
        return today if period is Period.TODAY else today - timedelta(days=6)


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """The last row of the page before: its amount where sorted by amount, and its key."""

    amount: int
    key: int

    def __str__(self) -> str:
        return f"{self.amount}-{self.key}"


def read_cursor(text: str) -> Cursor | None:
    """Return where the page before ended; what cannot be read begins at the beginning."""
    found = re.fullmatch(r"(\d{1,18})-(\d{1,18})", text)
    return Cursor(amount=int(found[1]), key=int(found[2])) if found else None


def amount_in(query: str) -> int | None:
    """Return the amount of đồng that was typed, None where it is not one."""
    try:
        return parse_vnd(query)
    except ValueError:
        return None


def words_in(query: str) -> list[str]:
    """Return what must be found, folded: words; or a code however its blanks were typed."""
    whole = bare(query).lower()
    if whole.startswith("pzc") and len(whole) > 3:
        return [whole]
    return fold_words(query)[:MOST_WORDS]
