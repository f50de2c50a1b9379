"""The layouts that are known of, each read by its headings."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from foundation.clock import VIETNAM
from payments.bank_feeds.statements import tables
from payments.bank_feeds.statements.rules import Statement
from payments.credits.rules import Direction
from tests.payments.bank_feeds.statements import files

TODAY = date(2026, 11, 22)
IN, OUT = Direction.IN, Direction.OUT


def read(data: bytes) -> Statement:
    return tables.read(data, today=TODAY)


def facts(statement: Statement) -> list[tuple[date, Direction, int]]:
    return [
        (row.booked_on, row.direction, row.amount)
        for section in statement.sections
        for row in section.rows
    ]


@pytest.mark.parametrize("layout", files.LAYOUTS)
def test_known_layouts_say_the_same(layout: str) -> None:
    statement = read(files.LAYOUTS[layout]())
    assert facts(statement) == [
        (date(2026, 1, 2), IN, 1_250_000),
        (date(2026, 1, 3), OUT, 50_000),
    ]


def test_a_sheet_may_hold_several_accounts() -> None:
    first, second = read(files.vcb_cashup()).sections
    assert (first.account, second.account) == ("0071000123456", "0071000999999")
    assert [row.booked_on for row in first.rows] == [date(2026, 1, 2)] * 2
    assert [row.balance for row in second.rows] == [70_000]
    assert [total.kind for total in second.totals] == ["opening", "closing"]


@pytest.mark.parametrize(
    "layout", ["Vietcombank retail", "Vietcombank printed", "MB", "Agribank corporate HTML"]
)
def test_the_account_number_is_found_above_the_table(layout: str) -> None:
    assert read(files.LAYOUTS[layout]()).sections[0].account == "0071000123456"


def test_numbers_of_rows_are_no_references() -> None:
    assert [row.reference for row in read(files.bidv()).sections[0].rows] == ["", ""]
    assert [row.reference for row in read(files.vcb_cashup()).sections[0].rows] == ["", ""]


def test_day_and_document_number_in_one_cell_are_parted() -> None:
    rows = read(files.vcb_printed()).sections[0].rows
    assert [row.reference for row in rows] == ["5215.97152", "5215.97153"]


def test_a_list_of_money_in_alone_is_read() -> None:
    assert facts(read(files.bidv_in_only())) == [
        (date(2026, 1, 2), IN, 1_250_000),
        (date(2026, 1, 3), IN, 2_014_882),
    ]


def test_blank_days_are_filled_down_and_the_newest_row_may_be_on_top() -> None:
    assert facts(read(files.vietinbank_efast())) == [
        (date(2026, 1, 3), OUT, 50_000),
        (date(2026, 1, 3), IN, 10_000),
        (date(2026, 1, 2), IN, 1_250_000),
    ]


def test_counter_accounts_and_times_are_kept() -> None:
    row = read(files.vietinbank_list()).sections[0].rows[0]
    assert row.counter_name == "NGUYEN VAN MAU"
    assert row.counter_account == "1029384756"
    assert row.happened_at == datetime(2026, 1, 2, 8, 15, 30, tzinfo=VIETNAM)
    assert row.direction is IN


def test_windows_1258_is_read_in_nfc() -> None:
    rows = read(files.agribank_cp1258()).sections[0].rows
    assert rows[0].memo == "Nộp tiền học phí kỳ này"
    assert rows[1].memo == "Phí"


def test_times_come_from_the_other_column_of_days() -> None:
    rows = read(files.mb()).sections[0].rows
    assert rows[0].happened_at == datetime(2026, 1, 2, 8, 15, tzinfo=VIETNAM)
