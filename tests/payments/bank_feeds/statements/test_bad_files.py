"""What comes from outside may be anything: it is read, or refused in words, and cheaply."""

from __future__ import annotations

import random
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from foundation.errors import DomainError
from payments.bank_feeds.statements import reading, tables
from payments.bank_feeds.statements.errors import (
    HasMistakes,
    Locked,
    NoHeader,
    NoRows,
    PdfFile,
    Swells,
    TooBig,
    TooManyRows,
    Unreadable,
)
from payments.bank_feeds.statements.rules import MOST_BYTES
from tests.payments.bank_feeds.statements import files

TODAY = date(2026, 11, 22)
HERE = Path(__file__).parent
HEAD = ["Ngày", "Số CT", "Tiền vào", "Tiền ra", "Số dư", "Nội dung"]
SHEET = "xl/worksheets/sheet1.xml"


def read(data: bytes) -> tables.Statement:
    return tables.read(data, today=TODAY)


def sentences(data: bytes) -> list[tuple[int, str]]:
    with pytest.raises(HasMistakes) as refused:
        read(data)
    return [(one.row, one.sentence) for one in refused.value.facts["problems"]]


def changed(data: bytes, part: str, edit: Callable[[bytes], bytes]) -> bytes:
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, edit(content) if name == part else content)
    return out.getvalue()


def good() -> bytes:
    return files.xlsx([HEAD, ["02/01/2026", "A1", 1_000, "", "", "a"]])


# --- containers -------------------------------------------------------------------------------


def test_an_old_workbook_is_read() -> None:
    (section,) = read((HERE / "old.xls").read_bytes()).sections
    assert section.account == "0071000123456"
    assert [row.delta for row in section.rows] == [1_250_000, -50_000]


def test_formulas_are_not_taken_for_amounts() -> None:
    assert sentences((HERE / "formula.xls").read_bytes()) == [(4, tables.FORMULA)]
    made = files.xlsx([HEAD, ["02/01/2026", "A1", "=500+500", "", "", "a"]])
    assert sentences(made) == [(2, tables.FORMULA)]


def test_formula_text_is_data() -> None:
    memo = '=HYPERLINK("http://x","y")'
    (section,) = read(files.as_csv([HEAD, ["02/01/2026", "A1", "1.000", "", "", memo]])).sections
    assert section.rows[0].memo == memo


def test_a_cell_far_away_is_refused_before_room_is_made_for_it() -> None:
    for place, refusal in ((b"XFD2", Swells), (b"C1048576", TooManyRows)):
        far = b'<c r="' + place + b'"><v>1</v></c></row></sheetData>'
        data = changed(good(), SHEET, lambda xml, far=far: xml.replace(b"</row></sheetData>", far))
        with pytest.raises(refusal):
            read(data)


def test_a_zip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_UNPACKED", 1_000_000)
    with pytest.raises(Swells):
        read(changed(good(), SHEET, lambda xml: xml + b" " * 2_000_000))


def test_entities_are_not_followed() -> None:
    evil = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet'
    with pytest.raises(Unreadable):
        read(changed(good(), SHEET, lambda xml: xml.replace(b"<worksheet", evil, 1)))


def test_a_workbook_with_two_parts_of_one_name_is_refused() -> None:
    out = BytesIO(good())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as packed:
        packed.writestr(SHEET, b"<worksheet/>")
    with pytest.raises(Unreadable):
        read(out.getvalue())


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", NoHeader),
        (b"%PDF-1.4 x", PdfFile),
        (b"  \n%PDF-1.4 x", PdfFile),
        (b"PK\x03\x04 no zip", Unreadable),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 short", Unreadable),
        (b"\x89PNG\r\n\x1a\n\x00\x00", Unreadable),
        (b"Ng\x00ay,Tien vao\x00", Unreadable),
        (b"a,b\n\x01\x02", Unreadable),
        ("Ngày,Số dư\n".encode(), NoHeader),
        ("Ngày,Tiền vào\n".encode(), NoRows),
        (b"x" * (MOST_BYTES + 1), TooBig),
        (b"<html><table>" * 100, Swells),
        (b"<table><tr><td>" + b"x" * 40_000, Swells),
        (b"<table><tr>" + b"<td>x" * 2_000, Swells),
    ],
)
def test_what_is_no_statement_is_refused(data: bytes, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        read(data)


def test_a_locked_workbook_says_so() -> None:
    data = (HERE / "old.xls").read_bytes()
    name = "Workbook".encode("utf-16-le")
    other = "EncryptedPackage".encode("utf-16-le")
    place = data.index(name)
    renamed = data[:place] + other + data[place + len(other) : place + 64] + b"\x22\x00"
    locked = renamed + data[place + 66 :]
    with pytest.raises(Locked):
        read(locked)


def test_too_many_rows_are_refused() -> None:
    data = "Ngày,Tiền vào\n".encode() + b"02/01/2026,1000\n" * 102_000
    with pytest.raises(TooManyRows):
        read(data)


def test_marks_that_never_end_cost_no_time() -> None:
    started = time.monotonic()
    for data in (b"<table>" + b"<!-- " * 200_000, b"<table>" + b"<a " * 300_000, b"<tr>" * 300_000):
        with pytest.raises(DomainError):
            read(data)
    assert time.monotonic() - started < 20


def test_damaged_files_are_read_or_refused_never_worse() -> None:
    chance = random.Random(20_261_122)
    samples = [(HERE / "old.xls").read_bytes(), good(), files.agribank_html(), files.mb()]
    for data in samples * 40:
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with suppress(DomainError):
            read(bytes(damaged))


# --- encodings and delimiters -----------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258"]
)
def test_encodings_and_delimiters_are_found_out(delimiter: str, encoding: str) -> None:
    table = [HEAD, ["02/01/2026", "A1", "1,250,000", "", "", "Nộp tiền học phí, đợt 1; lớp 6|7"]]
    data = files.as_csv(table, delimiter=delimiter, encoding=encoding)
    (section,) = read(data).sections
    assert section.rows[0].amount == 1_250_000
    assert section.rows[0].memo == "Nộp tiền học phí, đợt 1; lớp 6|7"


def test_excels_own_hint_of_the_delimiter_is_followed() -> None:
    data = b"sep=;\r\n" + files.as_csv(
        [HEAD, ["02/01/2026", "A1", "5", "", "", "a"]], delimiter=";"
    )
    assert read(data).sections[0].rows[0].amount == 5


def test_an_xml_spreadsheet_of_2003_is_read() -> None:
    def row(*cells: str) -> str:
        return "<Row>" + "".join(f"<Cell><Data>{one}</Data></Cell>" for one in cells) + "</Row>"

    text = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
        f"<Worksheet><Table>{row(*HEAD)}"
        "<Row><Cell><Data>02/01/2026</Data></Cell>"
        '<Cell ss:Index="3"><Data>1000</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    assert read(text.encode()).sections[0].rows[0].amount == 1_000


# --- rows -------------------------------------------------------------------------------------


def one_row(*cells: object, head: list[str] = HEAD) -> list[tuple[int, str]]:
    return sentences(files.as_csv([head, list(cells)]))


def test_what_is_ambiguous_names_its_row() -> None:
    assert one_row("02/01/2026", "A1", "1.5", "", "", "a") == [
        (2, "“%(cell)s” đọc được nhiều cách. Ghi rõ số tiền, ví dụ 23.000.")
    ]
    assert one_row("02/01/2026", "A1", "1.000", "2.000", "", "a")[0][0] == 2
    assert one_row("02/01/2026", "A1", "", "", "", "a")[0][0] == 2
    assert one_row("02/01/2026", "A1", "-5", "", "", "a")[0][0] == 2
    assert one_row("", "A1", "5", "", "", "a") == [(2, tables.NO_DAY)]
    assert one_row("", "", "5", "", "", "")[0][0] == 2
    assert one_row("31/12/2027", "A1", "5", "", "", "a")[0][0] == 2
    assert one_row("12/31/2026", "A1", "5", "", "", "a")[0][0] == 2


def test_invariant_20_one_bad_row_keeps_all_others_out() -> None:
    rows = [["02/01/2026", f"A{n}", "5", "", "", "a"] for n in range(20)]
    rows[13][2] = "x"
    assert [row for row, _words in sentences(files.as_csv([HEAD, *rows]))] == [15]


def test_amounts_without_a_direction_are_not_guessed() -> None:
    head = ["Ngày", "Số tiền", "Nội dung"]
    assert one_row("02/01/2026", "5.000", "a", head=head) == [(2, tables.NO_SIGN)]
    signed = files.as_csv([head, ["02/01/2026", "5.000", "a"], ["02/01/2026", "-1.000", "b"]])
    assert [row.delta for row in read(signed).sections[0].rows] == [5_000, -1_000]
    proved = files.as_csv(
        [
            ["Ngày", "Số tiền", "Số dư", "Nội dung"],
            ["02/01/2026", "5.000", "5.000", "a"],
            ["02/01/2026", "1.000", "6.000", "b"],
        ]
    )
    assert [row.delta for row in read(proved).sections[0].rows] == [5_000, 1_000]


def test_two_columns_of_one_kind_are_not_guessed() -> None:
    head = ["Ngày", "Ghi có", "Phát sinh có", "Nội dung"]
    assert sentences(files.as_csv([head, ["02/01/2026", "5", "6", "a"]]))[0] == (
        1,
        tables.TWO_COLUMNS,
    )


# --- control totals ---------------------------------------------------------------------------


def test_invariant_20_a_balance_that_breaks_names_the_row() -> None:
    rows = [
        ["02/01/2026", "A1", "5", "", "105", "a"],
        ["02/01/2026", "A2", "5", "", "110", "a"],
        ["03/01/2026", "A3", "5", "", "120", "a"],
        ["04/01/2026", "A4", "5", "", "125", "a"],
    ]
    assert [row for row, _words in sentences(files.as_csv([HEAD, *rows]))] == [4]
    # The newest on top: the break shows one row further up.
    assert [row for row, _words in sentences(files.as_csv([HEAD, *rows[::-1]]))] == [3]


@pytest.mark.parametrize(
    "last",
    [
        ["Tổng", "", "1.001", "", "", ""],
        ["Cộng phát sinh", "", "1.000", "1", "", ""],
        ["Số dư cuối kỳ", "", "", "", "1.101", ""],
        ["Tổng phát sinh có: 1.001", "", "", "", "", ""],
    ],
)
def test_invariant_20_totals_that_differ_are_refused(last: list[str]) -> None:
    rows = [["Số dư đầu kỳ", "", "", "", "100"], HEAD, ["02/01/2026", "A1", "1.000", "", "", "a"]]
    assert [row for row, _words in sentences(files.as_csv([*rows, last]))] == [4]


def test_invariant_20_right_totals_are_no_movements() -> None:
    rows = [
        ["Số dư đầu kỳ:", "100", "Số dư cuối kỳ:", "1.100"],
        HEAD,
        ["", "", "", "", "100", "Số dư đầu kỳ"],
        ["02/01/2026", "A1", "1.000", "", "1.100", "a"],
        ["Tổng cộng / Total", "", "1.000", "0", "", ""],
        ["Số dư cuối kỳ", "", "", "", "1.100", ""],
        ["Người lập biểu", "", "", "Kiểm soát", "", ""],
    ]
    (section,) = read(files.as_csv(rows)).sections
    assert [row.amount for row in section.rows] == [1_000]


def test_a_payers_memo_is_no_label() -> None:
    rows = [
        HEAD,
        ["02/01/2026", "A1", "5", "", "105", "Tổng cộng"],
        ["02/01/2026", "A2", "5", "", "110", "So du cuoi ky"],
        ["03/01/2026", "A3", "5", "", "115", "Số dư đầu kỳ"],
    ]
    assert len(read(files.as_csv(rows)).sections[0].rows) == 3


def test_nothing_with_an_amount_is_lost_below_a_total() -> None:
    rows = [HEAD, ["02/01/2026", "A1", "5", "", "", "a"], ["Tổng", "", "5", "", "", ""]]
    late = ["", "A2", "7", "", "", "b"]
    assert [row for row, _words in sentences(files.as_csv([*rows, late]))] == [3]
    assert [row for row, _words in sentences(files.as_csv([*rows, ["x", *late[1:]]]))] == [4]
