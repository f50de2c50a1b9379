"""From one row of a statement's table to one movement, or to why it cannot be read."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final

from foundation.clock import VIETNAM
from foundation.errors import N_
from foundation.text import clean, fold
from payments.bank_feeds.statements.cells import (
    BadCell,
    Cell,
    Moment,
    amount,
    clock,
    day,
    explicit_sign,
)
from payments.bank_feeds.statements.columns import DATES, INTO, OUT_OF, Columns
from payments.bank_feeds.statements.rules import Row
from payments.credits.rules import Direction

LONGEST_MEMO: Final = 2_000
LONGEST_SERIAL: Final = 5

FORMULA: Final = N_("Ô này là công thức. Chép lại rồi dán dạng giá trị (Paste Values).")
NO_AMOUNT: Final = N_("Dòng có ngày nhưng không có số tiền.")
BOTH_AMOUNTS: Final = N_("Dòng có cả tiền vào và tiền ra.")
NEGATIVE: Final = N_("“%(cell)s” là số âm, không rõ là tiền vào hay tiền ra.")
NO_SIGN: Final = N_("Số tiền không có dấu, không rõ là tiền vào hay tiền ra.")
UNKNOWN_SIGN: Final = N_("“%(cell)s” không rõ là tiền vào hay tiền ra.")
IN_FUTURE: Final = N_("Ngày %(cell)s còn ở phía trước.")


class Wrong(Exception):
    """A cell of a row cannot be read: the key of its column, a sentence, what stands there."""

    def __init__(self, key: str, sentence: str, cell: Cell = "") -> None:
        super().__init__(sentence)
        self.key = key
        self.sentence = sentence
        self.cell = cell


@dataclass(slots=True)
class Doubts:
    """What only the whole table can settle: row numbers of amounts without a sign where other
    amounts may have one, and of debits written with and without a minus."""

    unsigned: list[int] = field(default_factory=list)
    signed: bool = False
    negative_debits: list[int] = field(default_factory=list)
    positive_debits: bool = False


def at(row: Sequence[Cell], place: int | None) -> Cell:
    """Return the cell at a place, "" where the row is shorter."""
    return row[place] if place is not None and place < len(row) else ""


def filled(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def text(row: Sequence[Cell], columns: Columns, key: str) -> str:
    """Return a column's cell as one line of text: 500.0 as "500", "'0123" as "0123"."""
    return _as_text(at(row, columns.places.get(key)))


def memo(row: Sequence[Cell], columns: Columns) -> str:
    """Return the memo, of all columns that hold a part of it."""
    parts = [_as_text(at(row, place)) for place in columns.memos]
    return " ".join(part for part in parts if part)[:LONGEST_MEMO]


def _as_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return clean(cell).removeprefix("'")
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def movement(
    number: int,
    row: Sequence[Cell],
    columns: Columns,
    moment: Moment,
    *,
    reference: str,
    latest: date,
    doubts: Doubts,
) -> Row:
    """Return the movement of a row whose day was read. Raises Wrong."""
    direction, value = _money(number, row, columns, doubts)
    if moment[0] > latest:
        raise Wrong("day", IN_FUTURE, f"{moment[0]:%d/%m/%Y}")
    time_of_day = moment[1] or _time(row, columns, moment[0])
    return Row(
        number=number,
        booked_on=moment[0],
        happened_at=datetime.combine(moment[0], time_of_day, VIETNAM) if time_of_day else None,
        direction=direction,
        amount=value,
        reference=(reference or text(row, columns, "reference"))[:80],
        memo=memo(row, columns),
        counter_name=text(row, columns, "counter_name")[:160],
        counter_account=text(row, columns, "counter_account")[:40],
        balance=_amount(row, columns, "balance"),
    )


def _amount(row: Sequence[Cell], columns: Columns, key: str) -> int | None:
    place = columns.places.get(key)
    if place is None:
        return None
    try:
        return amount(at(row, place))
    except BadCell as error:
        raise Wrong(key, error.sentence, at(row, place)) from error


def _money(
    number: int, row: Sequence[Cell], columns: Columns, doubts: Doubts
) -> tuple[Direction, int]:
    debit, credit = _amount(row, columns, "debit"), _amount(row, columns, "credit")
    if debit and credit:
        raise Wrong("credit", BOTH_AMOUNTS)
    if credit:
        if credit < 0:
            raise Wrong("credit", NEGATIVE, at(row, columns.places["credit"]))
        return Direction.IN, credit
    if debit:
        if debit < 0:
            doubts.negative_debits.append(number)
        else:
            doubts.positive_debits = True
        return Direction.OUT, abs(debit)
    value = _amount(row, columns, "amount")
    if not value:
        key = next((key for key in ("credit", "debit", "amount") if key in columns.places), "")
        raise Wrong(key, NO_AMOUNT)
    sign = _sign(row, columns)
    if sign is not None:
        if value < 0 and sign is Direction.IN:
            raise Wrong("amount", NEGATIVE, at(row, columns.places["amount"]))
        return sign, abs(value)
    if explicit_sign(at(row, columns.places["amount"])):
        doubts.signed = True
    else:
        doubts.unsigned.append(number)
    return (Direction.IN if value > 0 else Direction.OUT), abs(value)


def _sign(row: Sequence[Cell], columns: Columns) -> Direction | None:
    """Return what the column of directions says; without one, a column without heading that
    holds a bare + or -."""
    place = columns.places.get("sign")
    if place is None:
        loose = [str(at(row, each)).strip() for each in columns.unlabelled]
        signs = [each for each in loose if each in ("+", "-")]
        if len(signs) != 1:
            return None
        return Direction.IN if signs[0] == "+" else Direction.OUT
    word = " ".join(fold(str(at(row, place))).strip("().").split())
    if word in INTO:
        return Direction.IN
    if word in OUT_OF:
        return Direction.OUT
    if explicit_sign(at(row, columns.places["amount"])):
        return None
    raise Wrong("sign", UNKNOWN_SIGN, at(row, place))


def _time(row: Sequence[Cell], columns: Columns, booked_on: date) -> time | None:
    """Return the time of day of a column of its own, or of another column of dates."""
    place = columns.places.get("time")
    if place is not None:
        try:
            return clock(at(row, place))
        except BadCell as error:
            raise Wrong("time", error.sentence, at(row, place)) from error
    for key in DATES:
        other = columns.places.get(key)
        if other is not None and other != columns.places["day"]:
            try:
                moment = day(at(row, other))
            except BadCell:
                continue  # the day that counts was read; this one only lends its time
            if moment is not None and moment[0] == booked_on and moment[1]:
                return moment[1]
    return None


def without_serials(rows: Sequence[Row]) -> bool:
    """Say whether what stands in the column of references only numbers the rows: such numbers
    would make rows of different files the same."""
    references = [row.reference for row in rows]
    if not all(each.isdecimal() and len(each) <= LONGEST_SERIAL for each in references):
        return False
    numbers = [int(each) for each in references]
    steps = {after - before for before, after in itertools.pairwise(numbers)}
    return steps <= {1} or steps <= {-1}
