"""Whether a section of a statement agrees with itself: balances row by row, sums, opening and
closing. A file that does not was cut, edited or misread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from foundation.errors import N_
from foundation.money import format_vnd
from payments.bank_feeds.statements.rules import Problem, Row, Section, Total
from payments.credits.rules import Direction

BALANCE_BREAKS: Final = N_(
    "Số dư không khớp từ dòng này: tính ra %(expected)s, trong tệp là %(said)s."
)
CLOSING_DIFFERS: Final = N_(
    "Số dư cuối kỳ trong tệp là %(said)s, tính từ số dư đầu kỳ và các dòng là %(expected)s."
)
SUM_DIFFERS: Final = {
    "total_credit": N_("Tổng tiền vào trong tệp là %(said)s, cộng các dòng lại là %(expected)s."),
    "total_debit": N_("Tổng tiền ra trong tệp là %(said)s, cộng các dòng lại là %(expected)s."),
    "total": N_("Tổng số tiền trong tệp là %(said)s, cộng các dòng lại là %(expected)s."),
}


def check(section: Section) -> list[Problem]:
    """Return where a section contradicts itself, the first break of each kind."""
    found = _running(section)
    if not found:
        found = [*_sums(section), *_closing(section)]
    return found


def sums(rows: Iterable[Row]) -> tuple[int, int]:
    """Return (money in, money out) of rows."""
    money_in = money_out = 0
    for row in rows:
        if row.direction is Direction.IN:
            money_in += row.amount
        else:
            money_out += row.amount
    return money_in, money_out


def proves_directions(section: Section) -> bool:
    """Say whether balances show that every row really did what its direction says."""
    told = sum(row.balance is not None for row in section.rows)
    ends = section.said("opening") is not None and section.said("closing") is not None
    enough = told > 1 or (told == 1 and section.said("opening") is not None) or ends
    return enough and not check(section)


# --- balances row by row ----------------------------------------------------------------------


def _running(section: Section) -> list[Problem]:
    """Follow the balances downwards and, for files with the newest row on top, upwards."""
    rows = section.rows
    if not any(row.balance is not None for row in rows):
        return []
    opening = section.said("opening")
    first = opening.amount if opening else None
    down = _break(rows, first)
    if down is None:
        return []
    up = _break(rows[::-1], first)
    if up is None:
        return []
    newest_on_top = rows[0].booked_on > rows[-1].booked_on
    if rows[0].booked_on == rows[-1].booked_on:
        newest_on_top = up[0] > down[0]
    place, expected = up if newest_on_top else down
    row = rows[::-1][place] if newest_on_top else rows[place]
    facts = {"expected": format_vnd(expected), "said": format_vnd(row.balance or 0)}
    return [
        Problem(
            row=row.number, column="", sentence=BALANCE_BREAKS, facts=facts, sheet=section.sheet
        )
    ]


def _break(rows: Sequence[Row], opening: int | None) -> tuple[int, int] | None:
    """Return (place, expected balance) of the first row whose balance does not follow."""
    balance = opening
    for place, row in enumerate(rows):
        if balance is not None:
            balance += row.delta
        if row.balance is not None:
            if balance is not None and balance != row.balance:
                return place, balance
            balance = row.balance
    return None


# --- what the file itself sums up -------------------------------------------------------------


def _sums(section: Section) -> Iterable[Problem]:
    money_in, money_out = sums(section.rows)
    for kind, possible in (
        ("total_credit", (money_in,)),
        ("total_debit", (money_out,)),
        # One column for both directions: banks sum it up in one way or the other.
        ("total", (money_in + money_out, money_in - money_out, money_in, money_out)),
    ):
        for total in section.totals:
            if total.kind == kind and abs(total.amount) not in {abs(each) for each in possible}:
                yield _differs(section, total, SUM_DIFFERS[kind], possible[0])


def _closing(section: Section) -> Iterable[Problem]:
    opening, closing = section.said("opening"), _last(section, "closing")
    if closing is None:
        return
    money_in, money_out = sums(section.rows)
    if opening is not None:
        expected = opening.amount + money_in - money_out
    else:
        told = [row for row in section.rows if row.balance is not None]
        if not told or section.rows[0].balance is None or section.rows[-1].balance is None:
            return
        # Without an opening balance the closing one is that of the newest row.
        if closing.amount in (told[0].balance, told[-1].balance):
            return
        expected = told[-1].balance or 0
    if expected != closing.amount:
        yield _differs(section, closing, CLOSING_DIFFERS, expected)


def _last(section: Section, kind: str) -> Total | None:
    return next((total for total in reversed(section.totals) if total.kind == kind), None)


def _differs(section: Section, total: Total, sentence: str, expected: int) -> Problem:
    facts = {"expected": format_vnd(expected), "said": format_vnd(total.amount)}
    return Problem(
        row=total.row, column=total.column, sentence=sentence, facts=facts, sheet=section.sheet
    )
