"""Statement files in the layouts of Vietnamese banks, made up: nobody's name, nobody's money."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Sequence
from html import escape
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook

Rows = Sequence[Sequence[Any]]


def xlsx(*sheets: Rows, merge: Sequence[str] = ()) -> bytes:
    """Return a workbook of these sheets; `merge` names ranges of the first one."""
    book, out = Workbook(), BytesIO()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in rows:
            sheet.append(list(row))
    for area in merge:
        book.worksheets[0].merge_cells(area)
    book.save(out)
    return out.getvalue()


def as_csv(rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Return rows as delimited text. For cp1258, tones are parted from letters as it needs."""
    out = StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    text = out.getvalue()
    if encoding == "cp1258":
        return "".join(map(_for_cp1258, text)).encode("cp1258")
    return text.encode(encoding)


def _for_cp1258(char: str) -> str:
    """Windows-1258 has ê and ơ but no ế: the tone follows as a mark of its own."""
    try:
        char.encode("cp1258")
    except UnicodeEncodeError:
        parted = unicodedata.normalize("NFD", char)
        tones = [mark for mark in parted[1:] if mark in "\u0300\u0301\u0303\u0309\u0323"]
        rest = unicodedata.normalize("NFC", "".join(m for m in parted if m not in tones))
        return rest + "".join(tones)
    return char


def as_html(rows: Rows, *, before: str = "") -> bytes:
    """Return rows as the web page that some portals call .xls."""
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    page = (
        f"<html><head><meta charset=utf-8></head><body>{before}<table>{lines}</table></body></html>"
    )
    return page.encode()


def vcb_retail() -> bytes:
    return xlsx(
        [
            ["SAO KÊ TÀI KHOẢN"],
            ["Số tài khoản", "0071000123456"],
            [],
            ["Ngày giao dịch", "Số tham chiếu", "(sign +/-)", "(amount)", "Mô tả"],
            ["02/01/2026", "5078 - 78384", "+", "1,250,000", "PZC thu tien"],
            ["03/01/2026", "5078 - 11111", "-", "50,000", "Phi"],
            ["Tổng", "", "", "1,300,000", ""],
        ]
    )


def vcb_simple() -> bytes:
    return xlsx(
        [
            ["Ngày giao dịch", "Số tham chiếu", "Số tiền ghi có", "Số tiền ghi nợ", "Mô tả"],
            ["02/01/2026", "5078 - 78384", "1,250,000", "", "PZC thu tien"],
            ["03/01/2026", "5078 - 11111", "", "50,000", "Phi"],
        ]
    )


def vcb_cashup() -> bytes:
    head = ["ref/STT", "Ngày", "Nợ", "Có", "Số dư", "Mô tả"]
    return xlsx(
        [
            ["VCB CASHUP"],
            ["SAO KÊ TÀI KHOẢN/ STATEMENT OF ACCOUNT"],
            ["Số tài khoản/Account number", "0071000123456"],
            ["Số dư đầu kỳ/ Opening balance :", "", "", "", 1_000_000],
            head,
            ["1", "02/01/2026", "", 1_250_000, 2_250_000, "PZC thu tien"],
            ["2", "", 50_000, "", 2_200_000, "Phi"],
            ["Số dư cuối kỳ/ Closing balance :", "", "", "", 2_200_000],
            [],
            ["Số tài khoản/Account number", "0071000999999"],
            ["Số dư đầu kỳ/ Opening balance :", "", "", "", 0],
            head,
            ["1", "05/01/2026", "", 70_000, 70_000, "Nop tien"],
            ["Số dư cuối kỳ/ Closing balance :", "", "", "", 70_000],
        ],
        merge=["B6:B7"],
    )


def vcb_printed() -> bytes:
    """Day and document number stand in one cell, as on the bank's printed statement."""
    return xlsx(
        [
            ["Số tài khoản/Account number: 0071000123456 0002040837"],
            ["Loại tiền/Currency: VND"],
            [
                "Ngày1/\nTNX Date/ Số CT/ Doc No",
                "Số tiền ghi nợ/\nDebit",
                "Số tiền ghi có/\nCredit",
                "Số dư/\nBalance",
                "Nội dung chi tiết/\nTransactions in detail",
            ],
            ["02/01/2026\n5215.97152", "", "1.250.000", "1.250.000", "PZC thu tien"],
            ["03/01/2026\n5215.97153", "50.000", "", "1.200.000", "Phi"],
        ]
    )


def bidv() -> bytes:
    return xlsx(
        [
            ["STT/Số CT", "Ngày hiệu lực", "Ghi nợ", "Ghi có", "Số dư", "Mô tả"],
            [1, "02/01/2026 08:15:30", 0, 1_250_000.0, 2_250_000.0, "PZC thu tien"],
            [2, "03/01/2026 09:00:00", 50_000.0, 0, 2_200_000.0, "Phi"],
            ["", "Cộng phát sinh", 50_000, 1_250_000, "", ""],
        ]
    )


def bidv_in_only() -> bytes:
    return as_csv(
        [
            [
                "STT (No)",
                "Ngày giao dịch (Trans.Date)",
                "Phát sinh có (Credit amount)",
                "Diễn giải (Txn. Description)",
            ],
            ["1", "02/01/2026", "1.250.000", "PZC thu tien"],
            ["2", "03/01/2026", "2.014.882", "Ung ho"],
        ]
    )


def bidv_decimals() -> bytes:
    return as_csv(
        [
            [
                "STT",
                "Thời gian chuyển khoản",
                "Số tài khoản của người chuyển",
                "Số tiền ghi nợ (VND)",
                "Số tiền ghi có (VND)",
                "Nội dung chi tiết",
            ],
            ["1", "02/01/2026 08:15:30", "19001234567", "", "1.250.000,00", "PZC thu tien"],
            ["2", "03/01/2026 09:00:00", "", "50.000,00", "", "Phi"],
        ],
        delimiter=";",
        encoding="utf-8-sig",
    )


def vietinbank_efast() -> bytes:
    return xlsx(
        [
            ["LỊCH SỬ GIAO DỊCH - TRANSACTION HISTORY"],
            ["Số tài khoản/ Account No:", "", "0071000123456"],
            [
                "Ngày hạch toán/Accounting date",
                "Mô tả giao dịch/Transaction description",
                "Nợ/ Debit",
                "Có / Credit",
                "Số dư TK/Account balance",
                "Số giao dịch/Transaction number",
            ],
            ["03-01-2026", "Phi", "50,000", "", "2,200,000", "921S26"],
            ["", "Ung ho", "", "10,000", "2,250,000", "920S26"],
            ["02-01-2026", "PZC thu tien", "", "1,250,000", "2,240,000", "919S26"],
        ]
    )


def vietinbank_list() -> bytes:
    return as_csv(
        [
            [
                "STT/No",
                "Ngày giao dịch/Date Time",
                "Mô tả giao dịch/Transaction Comment",
                "Có/Credit",
                "Tên đối ứng/Offset Name",
                "Số tài khoản",
            ],
            [
                "1",
                "02/01/2026 08:15:30",
                "PZC thu tien",
                "1.250.000",
                "NGUYEN VAN MAU",
                "1029384756",
            ],
            ["2", "03/01/2026 08:15:30", "Ung ho", "10.000", "TRAN THI MAU", "5647382910"],
        ],
        delimiter="\t",
        encoding="utf-16",
    )


def mb() -> bytes:
    return xlsx(
        [
            ["SAO KÊ CHI TIẾT TÀI KHOẢN"],
            ["ACCOUNT NO: 0071000123456"],
            ["Số dư đầu kỳ", "1,000,000.00 VND", "Số dư cuối kỳ", "2,200,000.00 VND"],
            [
                "Ngày hạch toán\nPosting date",
                "Ngày giao dịch\nTransaction date",
                "Phát sinh nợ\nDebit",
                "Phát sinh có\nCredit",
                "Số dư\nBalance",
                "Nội dung\nDescription",
            ],
            ["02/01/2026", "02/01/2026 08:15", "", "1,250,000.00", "2,250,000.00", "PZC thu tien"],
            ["03/01/2026", "03/01/2026 09:00", "50,000.00", "0.00", "2,200,000.00", "Phi"],
        ]
    )


def agribank_printed() -> bytes:
    return as_csv(
        [
            [
                "Ngày Date",
                "Ghi chú Remark",
                "Nợ Dr",
                "Có Cr",
                "Số dư Balance",
                "Số tham chiếu Ref. no",
            ],
            ["02/01/2026", "PZC thu tien", "", "1,250,000", "1,250,000", "REF0001A"],
            ["03/01/2026", "Phi", "50,000", "", "1,200,000", "REF0002B"],
        ],
        delimiter="|",
    )


_AGRIBANK = [
    ["Ngày hạch toán", "Ngày giá trị", "Số chứng từ", "Diễn giải", "Ghi nợ", "Ghi có", "Số dư"],
    [
        "02/01/2026",
        "02/01/2026",
        "CT00019",
        "Nộp tiền học phí kỳ này",
        "",
        "1,250,000",
        "1,250,000",
    ],
    ["03/01/2026", "03/01/2026", "CT00020", "Phí", "50,000", "", "1,200,000"],
    ["Cộng phát sinh", "", "", "", "50,000", "1,250,000", ""],
]


def agribank_html() -> bytes:
    return as_html(_AGRIBANK, before="<p>Số tài khoản: 0071000123456</p>")


def agribank_cp1258() -> bytes:
    return as_csv(_AGRIBANK, encoding="cp1258")


LAYOUTS: dict[str, Callable[[], bytes]] = {
    "Vietcombank retail": vcb_retail,
    "Vietcombank simple": vcb_simple,
    "Vietcombank printed": vcb_printed,
    "BIDV": bidv,
    "BIDV with decimals": bidv_decimals,
    "MB": mb,
    "Agribank printed": agribank_printed,
    "Agribank corporate HTML": agribank_html,
    "Agribank corporate Windows-1258": agribank_cp1258,
}
