"""Amounts and days, as banks write them: read one way, or refused."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.bank_feeds.statements import cells, columns, tables
from payments.bank_feeds.statements.cells import BadCell
from payments.bank_feeds.statements.columns import account_in
from payments.bank_feeds.statements.rules import Row, identify, same_account
from payments.credits.rules import Direction
from tests.payments.bank_feeds.statements import files

WHOLE = st.integers(min_value=0, max_value=10**15)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2026, 11, 1))
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    "cell", ["23.000,00", "23,000", "23000.00", "23.000", "23 000", 23000, 23000.0, "23000"]
)
def test_invariant_14_all_ways_to_write_an_amount_read_alike(cell: cells.Cell) -> None:
    assert cells.amount(cell) == 23_000


@pytest.mark.parametrize(
    "cell",
    [
        "2.3E+4",
        "23k",
        "23,00.0",
        "1.5",
        "12,50",
        "1.234,567",
        "23.000,50",
        "=1+2",
        "1.23.456",
        "0x10",
        "１.５",
        "--5",
        "+5-",
        "(-5)",
        "5 6",
        "1e3",
        True,
        1.5,
        float("nan"),
        float("inf"),
        1e17,
        "9" * 19,
        date(2026, 1, 1),
    ],
)
def test_invariant_14_what_reads_two_ways_is_refused(cell: cells.Cell) -> None:
    with pytest.raises(BadCell):
        cells.amount(cell)


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("10,000,000", 10_000_000),
        ("2.014.882", 2_014_882),
        ("20.000.000,00", 20_000_000),
        ("500.00", 500),
        ("0.00", 0),
        ("1.250.000 VND", 1_250_000),
        ("(1.000)", -1_000),
        ("\u2212 5.000đ", -5_000),
        ("5.000-", -5_000),
        ("", None),
        ("-", None),
        (None, None),
    ],
)
def test_amounts_of_banks(cell: cells.Cell, read: int | None) -> None:
    assert cells.amount(cell) == read


@given(WHOLE, st.sampled_from([",", ".", " ", "\u00a0", ""]), st.booleans())
def test_every_amount_is_read_back(whole: int, mark: str, cents: bool) -> None:
    decimal = "," if mark == "." else "."
    written = f"{whole:,}".replace(",", mark) + (f"{decimal}00" if cents else "")
    assert cells.amount(written) == whole
    assert cells.amount(f"-{written}") == -whole
    if whole < 2**53:
        assert cells.amount(float(whole)) == whole


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        read = cells.amount(text)
    except BadCell:
        return
    assert read is None or isinstance(read, int)


@given(DAYS, st.times())
def test_every_day_is_read_back(day: date, clock: time) -> None:
    seconds = clock.replace(microsecond=0)
    for style in ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%d.%m.%Y", "%Y%m%d"):
        assert cells.day(day.strftime(style)) == (day, None)
    for style in ("%d/%m/%Y", "%Y-%m-%d"):
        assert cells.day(f"{day.strftime(style)} {seconds:%H:%M:%S}") == (day, seconds)
        assert cells.day(f"{day.strftime(style)}\n{seconds:%H:%M:%S}") == (day, seconds)
    assert cells.day(datetime.combine(day, seconds)) == (
        day,
        seconds if seconds != time() else None,
    )
    serial = (day - date(1899, 12, 30)).days
    assert cells.day(serial) == cells.day(float(serial)) == (day, None)


@pytest.mark.parametrize("cell", ["31/02/2026", "12/31/2026", "1/2/26", "1999-01-01", "x", 5, True])
def test_what_is_no_day_is_refused(cell: cells.Cell) -> None:
    with pytest.raises(BadCell):
        cells.day(cell)


@given(st.text(max_size=80))
def test_any_text_is_a_heading_or_not(text: str) -> None:
    columns.heading(text)
    columns.label(text)
    account_in(text)


@pytest.mark.parametrize(
    ("said", "number", "same"),
    [
        ("0071000123456", "0071000123456", True),
        ("0071 000 123 456", "0071000123456", True),
        ("71000123456", "0071000123456", True),
        ("0071xxxx23456", "0071000123456", True),
        ("0071***3456", "0071000123456", True),
        ("0071***3457", "0071000123456", False),
        ("00710001234567", "0071000123456", False),
        ("***", "0071000123456", False),
        ("", "0071000123456", False),
        (".*", "0071000123456", False),
    ],
)
def test_accounts_are_compared_by_what_is_shown(said: str, number: str, same: bool) -> None:
    assert same_account(said, number) is same


ROWS = st.lists(
    st.tuples(DAYS, st.booleans(), st.integers(1, 10**12), st.text("abc đÊ", max_size=12)),
    min_size=1,
    max_size=12,
)
STYLES = st.sampled_from(["{:,}", "{}", "{:,}.00"])


@given(ROWS, STYLES, st.sampled_from([",", ";", "\t"]), st.permutations(range(5)))
def test_every_made_up_table_is_read_back(
    rows: list[tuple[date, bool, int, str]], style: str, delimiter: str, order: list[int]
) -> None:
    balance = 10**15
    table: list[list[str]] = [["Ngày giao dịch", "Ghi nợ", "Ghi có", "Số dư", "Nội dung"]]
    for day, into, amount, memo in rows:
        balance += amount if into else -amount
        money = style.format(amount)
        cells_of_row = [f"{day:%d/%m/%Y}", "" if into else money, money if into else ""]
        table.append([*cells_of_row, style.format(balance), memo])
    data = files.as_csv([[row[place] for place in order] for row in table], delimiter=delimiter)
    (section,) = tables.read(data, today=TODAY).sections
    assert [(row.booked_on, row.direction is Direction.IN, row.amount) for row in section.rows] == [
        row[:3] for row in rows
    ]


# --- knowing rows again -----------------------------------------------------------------------


def row(number: int, **more: object) -> Row:
    facts: dict[str, object] = {
        "number": number,
        "booked_on": date(2026, 1, 2),
        "direction": Direction.IN,
        "amount": 5_000,
        **more,
    }
    return Row(**facts)  # type: ignore[arg-type]


def test_invariant_03_equal_rows_are_numbered() -> None:
    told = [one.told_id for one in identify(1, [row(1), row(2), row(3, amount=6)], set())]
    assert len(set(told)) == 3
    again = identify(1, [row(9), row(8), row(7)], set(told))
    assert [one.known for one in again] == [True, True, False]


def test_balances_tell_equal_rows_apart_where_both_files_have_them() -> None:
    first = identify(1, [row(1, balance=5_000)], set())
    (other,) = identify(1, [row(1, balance=10_000)], {first[0].told_id})
    assert not other.known


def test_a_layout_without_balances_names_the_same_rows() -> None:
    fuller = [row(1, balance=5_000), row(2, balance=10_000)]
    told = {one.told_id for one in identify(1, fuller, set())}
    bare = identify(1, [row(1), row(2), row(3)], told)
    assert [one.known for one in bare] == [True, True, False]
    assert {one.told_id for one in bare[:2]} == told


@given(st.lists(st.sampled_from([None, 5_000, 10_000]), max_size=6))
def test_a_file_names_every_row_once(balances: list[int | None]) -> None:
    made = identify(1, [row(n, balance=one) for n, one in enumerate(balances)], set())
    ids = {one.told_id for one in made}
    assert len(ids) == len(balances)
    again = identify(1, [row(n, balance=one) for n, one in enumerate(balances)], ids)
    assert [one.told_id for one in again] == [one.told_id for one in made]


def test_rows_of_one_reference_and_amount_are_counted() -> None:
    rows = [row(1, reference="FT1", balance=1), row(2, reference="FT1", balance=2), row(3)]
    assert [one.occurrence for one in identify(1, rows, set())] == [1, 2, 1]


def test_a_day_ahead_is_refused() -> None:
    ahead = TODAY + timedelta(days=2)
    data = files.as_csv([["Ngày", "Tiền vào"], [f"{ahead:%d/%m/%Y}", "5"]])
    with pytest.raises(tables.HasMistakes):
        tables.read(data, today=TODAY)
