"""From rows of cells to the sections of a statement.

Headings are found by their words, wherever they stand. What cannot be read beyond doubt becomes
a Problem with its row and column, and then nothing of the file is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from foundation.errors import N_
from payments.bank_feeds.statements import checking
from payments.bank_feeds.statements.cells import BadCell, Cell, Moment, amount, day_and_rest
from payments.bank_feeds.statements.columns import (
    TOTALS,
    Columns,
    account_in,
    columns_of,
    doubled,
    headings_in,
    label,
    score,
    stacked,
)
from payments.bank_feeds.statements.errors import ForeignCurrency, HasMistakes, NoHeader, NoRows
from payments.bank_feeds.statements.movements import (
    FORMULA,
    LONGEST_MEMO,
    NEGATIVE,
    NO_SIGN,
    Doubts,
    Wrong,
    at,
    filled,
    memo,
    movement,
    text,
    without_serials,
)
from payments.bank_feeds.statements.reading import Sheet, sheets
from payments.bank_feeds.statements.rules import MOST_PROBLEMS, Problem, Section, Statement, Total

LONGEST_LABELLED_MEMO: Final = 45
NOT_A_DAY: Final = N_("“%(cell)s” không phải ngày. Cần dạng ngày/tháng/năm.")
NO_DAY: Final = N_("Dòng có tiền nhưng không có ngày.")
NOTHING_ELSE: Final = N_("Dòng có tiền nhưng không có ngày, nội dung, số tham chiếu.")
TWO_COLUMNS: Final = N_("Có hai cột “%(cell)s”, không rõ lấy cột nào.")


def read(data: bytes, *, today: date) -> Statement:
    """Return what a file says, read and checked against its own totals.

    Raises PdfFile, Locked, Unreadable, TooBig, Swells, TooManyRows, NoHeader, NoRows,
    ForeignCurrency, and HasMistakes with the first MOST_PROBLEMS problems.
    """
    problems: list[Problem] = []
    sections: list[Section] = []
    layout = ""
    for sheet in sheets(data, score=score):
        table = _Table(sheet, today)
        for number, row in sheet.rows:
            table.take(number, row)
        table.finish()
        sections += table.sections
        problems += table.problems
        layout = layout or table.layout
    if not layout:
        raise NoHeader
    if not problems:
        problems = [one for section in sections for one in checking.check(section)]
    if problems:
        problems.sort(key=lambda one: (one.sheet, one.row))
        raise HasMistakes(count=len(problems), problems=tuple(problems[:MOST_PROBLEMS]))
    told = tuple(section for section in sections if section.rows)
    if not told:
        raise NoRows
    return Statement(sections=told, layout=layout)


class _Table:
    """Goes through a sheet's rows from top to bottom and remembers where it is."""

    def __init__(self, sheet: Sheet, today: date) -> None:
        self.sheet = sheet
        self.latest = today + timedelta(days=1)
        self.sections: list[Section] = []
        self.problems: list[Problem] = []
        self.layout = ""
        self.section = Section(sheet=sheet.name)
        self.columns: Columns | None = None
        self.above: Sequence[Cell] = ()
        self.header: Sequence[Cell] = ()
        self.just_headed = False
        self.closed = False
        self.last: Moment | None = None
        self.doubts = Doubts()
        self.waiting: list[tuple[str, int]] = []  # labels whose figures stand one row below

    def take(self, number: int, row: Sequence[Cell]) -> None:
        """Take the next row."""
        if not any(cell not in ("", None) for cell in row):
            return
        if self.columns is None:
            self._before_table(number, row)
        elif self.just_headed and self._more_heading(row):
            return
        else:
            self.just_headed = False
            self._in_table(number, row, self.columns)
        self.above = row

    def finish(self) -> None:
        """End the section that is open."""
        section, self.section = self.section, Section(sheet=self.sheet.name)
        self._settle(section)
        self.doubts = Doubts()
        if self.columns is not None:
            self.sections.append(section)
        self.columns, self.last, self.closed = None, None, False

    def _settle(self, section: Section) -> None:
        """Decide what only the whole table shows."""
        doubts = self.doubts
        if doubts.unsigned and not doubts.signed and not checking.proves_directions(section):
            for number in doubts.unsigned:
                self._wrong(number, "amount", NO_SIGN)
        if doubts.positive_debits:
            for number in doubts.negative_debits:
                self._wrong(number, "debit", NEGATIVE, "-")
        if without_serials(section.rows):
            section.rows = [replace(row, reference="") for row in section.rows]

    # --- above the table ----------------------------------------------------------------------

    def _before_table(self, number: int, row: Sequence[Cell]) -> None:
        for heads in (row, stacked(self.above, row) if self.above else row):
            columns = columns_of(heads)
            if columns is not None:
                self._head(number, heads, columns)
                return
        self._labels(number, row)

    def _head(self, number: int, heads: Sequence[Cell], columns: Columns) -> None:
        self.columns, self.header, self.just_headed = columns, heads, True
        self.layout = self.layout or " | ".join(
            " ".join(str(cell).split()) for cell in heads if cell not in ("", None)
        )
        twice = doubled(heads)
        if twice is not None:
            self._wrong(number, "", TWO_COLUMNS, twice)

    def _more_heading(self, row: Sequence[Cell]) -> bool:
        """Say whether the row below the headings belongs to them: their translation, a second
        line under merged headings, or numbers of columns."""
        filled = [cell for cell in row if cell not in ("", None)]
        numbers = [str(cell).strip("() .") for cell in filled]
        if len(filled) > 2 and all(re.fullmatch(r"\d{1,2}(?:\.0)?|[A-Z]", one) for one in numbers):
            return True
        if len(headings_in(row)) < len(filled) or len(filled) < 2:
            return False
        both = columns_of(stacked(self.header, row))
        if both is not None and len(both.places) > len(self.columns.places if self.columns else ()):
            self.columns = both
        return True

    def _labels(self, number: int, row: Sequence[Cell]) -> bool:
        """Take what labels beside figures say. Say whether there was one."""
        if self.waiting:
            for kind, place in self.waiting:
                self._note_total(number, kind, row[place] if place < len(row) else "")
            self.waiting = []
        found = [
            (place, *told)
            for place, cell in enumerate(row)
            if isinstance(cell, str) and (told := label(cell)) is not None
        ]
        bare: list[tuple[str, int]] = []
        for place, kind, after in found:
            value = after or _beside(row, place)
            if kind == "account":
                self._account(value)
            elif kind == "currency":
                self._currency(value)
            elif value not in ("", None):
                self._note_total(number, kind, value)
            elif kind in TOTALS:
                bare.append((kind, place))
        if len(bare) > 1:
            self.waiting = bare
        return bool(found)

    def _account(self, value: Cell) -> None:
        said = account_in(value)
        if not said:
            return
        if self.columns is not None or (self.section.account and self.section.account != said):
            self.finish()
        self.section.account = said

    def _currency(self, value: Cell) -> None:
        words = re.findall(r"[A-Z]{3}", str(value).upper())
        if words and words[0] not in ("VND", "VNĐ", "ĐỒN", "DON"):
            raise ForeignCurrency(currency=words[0])

    def _note_total(self, number: int, kind: str, value: Cell) -> None:
        if kind not in TOTALS or kind == "total":
            return
        try:
            read_amount = amount(value)
        except BadCell:
            return  # words about a figure, not the figure
        if read_amount is not None:
            self.section.totals.append(Total(row=number, column="", kind=kind, amount=read_amount))

    # --- in the table -------------------------------------------------------------------------

    def _in_table(self, number: int, row: Sequence[Cell], columns: Columns) -> None:
        cell = at(row, columns.places["day"])
        try:
            read_day = day_and_rest(cell)
        except BadCell as error:
            self._without_day(number, row, columns, error)
            return
        if read_day is None:
            self._without_day(number, row, columns, None)
            return
        moment, rest = read_day
        if rest and not columns.splits:
            self._wrong(number, "day", NOT_A_DAY, cell)
            return
        if self._dated_balance(row, columns) and self._total_row(number, row, columns):
            return
        self.last = moment
        self._movement(number, row, columns, moment, rest)

    def _dated_balance(self, row: Sequence[Cell], columns: Columns) -> bool:
        """Say whether a row with a day is an opening or closing balance. Payers write memos too:
        what has an amount and a reference or balance of its own is a movement, whatever it says.
        """
        words = memo(row, columns)
        told = label(words) if len(words) < LONGEST_LABELLED_MEMO else None
        if told is None or told[0] not in ("opening", "closing"):
            return False
        own = (text(row, columns, "reference"), filled(at(row, columns.places.get("balance"))))
        has_own = any(own) or (told[0] == "opening" and bool(self.section.rows))
        return not (has_own and self._has_amount(row, columns))

    def _has_amount(self, row: Sequence[Cell], columns: Columns) -> bool:
        return any(
            filled(at(row, columns.places[key])) and at(row, columns.places[key]) not in (0, "0")
            for key in ("debit", "credit", "amount")
            if key in columns.places
        )

    def _without_day(
        self, number: int, row: Sequence[Cell], columns: Columns, bad: BadCell | None
    ) -> None:
        if self._total_row(number, row, columns) or self._labels(number, row):
            return
        again = columns_of(row)
        if again is not None and len(headings_in(row)) > 2:  # the headings of another page
            self.columns, self.header, self.just_headed = again, row, True
            return
        says = memo(row, columns) or text(row, columns, "reference")
        if not self._has_amount(row, columns) or (self.closed and not says):
            self._continue_memo(row, columns)
        elif bad is not None:
            self._wrong(number, "day", bad.sentence, at(row, columns.places["day"]))
        elif not says:
            if not self._sums(number, row, columns, "total"):
                self._wrong(number, "", NOTHING_ELSE)
        elif self.last is None:
            self._wrong(number, "day", NO_DAY)
        else:  # a day above counts for the rows below it
            self._movement(number, row, columns, self.last, "")

    def _total_row(self, number: int, row: Sequence[Cell], columns: Columns) -> bool:
        """Take a row that sums up: by the first words in it, or the memo's. Say whether it was
        one."""
        texts = [cell for cell in row if isinstance(cell, str) and cell.strip()][:1]
        texts += [memo(row, columns)]
        kinds = [told[0] for text in texts if text and (told := label(text)) is not None]
        kind = next((kind for kind in kinds if kind in (*TOTALS, "subtotal", "count")), None)
        if kind is None:
            return False
        if kind in ("subtotal", "count"):
            return True
        self.closed = self.closed or kind != "opening"
        if kind in ("opening", "closing", "total_debit", "total_credit"):
            first = next(cell for cell in row if isinstance(cell, str) and cell.strip())
            told = label(first)
            if told is not None and told[1]:
                self._note_total(number, kind, told[1])
                return True
            self._figure(number, row, columns, kind)
        else:
            self._sums(number, row, columns, kind)
        return True

    def _figure(self, number: int, row: Sequence[Cell], columns: Columns, kind: str) -> None:
        """Note the one figure of a row, that in the balance column before others."""
        keys = ("balance", "debit", "credit", "amount")
        if kind.startswith("total"):
            keys = (kind.removeprefix("total_"), "amount", "balance", "credit")
        for key in keys:
            if key in columns.places and at(row, columns.places[key]) not in ("", None):
                self._note_total(number, kind, at(row, columns.places[key]))
                return
        self._note_total(number, kind, _beside(row, _first_text(row)))

    def _sums(self, number: int, row: Sequence[Cell], columns: Columns, kind: str) -> bool:
        """Note the sums a row gives under the columns of amounts. Say whether it gives any."""
        found = False
        for key in ("debit", "credit", "amount"):
            place = columns.places.get(key)
            if place is None or at(row, place) in ("", None):
                continue
            try:
                value = amount(at(row, place))
            except BadCell as error:
                self._wrong(number, key, error.sentence, at(row, place))
                continue
            if value is not None:
                found = True
                what = "total" if key == "amount" else f"total_{key}"
                self.section.totals.append(
                    Total(row=number, column=columns.title(key), kind=what, amount=value)
                )
        return found

    def _continue_memo(self, row: Sequence[Cell], columns: Columns) -> None:
        """A row of nothing but memo goes on with the memo of the row above it."""
        more = memo(row, columns)
        places = {place for place, cell in enumerate(row) if filled(cell)}
        if more and not self.closed and self.section.rows and places <= set(columns.memos):
            last = self.section.rows[-1]
            joined = f"{last.memo} {more}"[:LONGEST_MEMO]
            self.section.rows[-1] = replace(last, memo=joined)

    # --- one movement -------------------------------------------------------------------------

    def _movement(
        self, number: int, row: Sequence[Cell], columns: Columns, moment: Moment, rest: str
    ) -> None:
        try:
            if self.sheet.formulas:
                self._refuse_formulas(number, columns)
            made = movement(
                number,
                row,
                columns,
                moment,
                reference=rest,
                latest=self.latest,
                doubts=self.doubts,
            )
        except Wrong as error:
            self._wrong(number, error.key, error.sentence, error.cell)
        else:
            self.section.rows.append(made)

    def _refuse_formulas(self, number: int, columns: Columns) -> None:
        for key, place in columns.places.items():
            if (number, place + 1) in self.sheet.formulas:
                raise Wrong(key, FORMULA)

    def _wrong(self, number: int, key: str, sentence: str, cell: Cell = "") -> None:
        self.problems.append(self._problem(number, key, sentence, cell))

    def _problem(self, number: int, key: str, sentence: str, cell: Cell = "") -> Problem:
        column = self.columns.title(key) if self.columns and key else ""
        facts = {"cell": " ".join(str(cell).split())[:60]}
        return Problem(
            row=number, column=column, sentence=sentence, facts=facts, sheet=self.sheet.name
        )


def _first_text(row: Sequence[Cell]) -> int:
    return next(place for place, cell in enumerate(row) if isinstance(cell, str) and cell.strip())


def _beside(row: Sequence[Cell], place: int) -> Cell:
    """Return the next filled cell to the right, unless it is a label of its own."""
    for cell in row[place + 1 :]:
        if filled(cell):
            return "" if isinstance(cell, str) and label(cell) is not None else cell
    return ""
