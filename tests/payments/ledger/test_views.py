"""The books on the screen and as files: figures, periods, pages, who may look."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.organisations.models import Organisation, Role
from payments.bank_accounts.models import BankAccount
from payments.ledger import service
from payments.ledger.models import AccountKind, Journal, LedgerAccount
from payments.ledger.rules import Entry, transfer
from tests import factories
from tests.conftest import NOON, SignInAs
from tests.payments.ledger.test_posting import DAY, SUSPENSE

FORMULA = '=HYPERLINK("http://x","y")'


@dataclass
class Books:
    organisation: Organisation
    bank: BankAccount
    person: Any

    @property
    def path(self) -> str:
        return f"/money/{self.organisation.public_id}/ledger"


@pytest.fixture
def books(session: Session, sign_in_as: SignInAs) -> Books:
    """Three payments to the bank account in November, one in October; an accountant looks."""
    bank = factories.BankAccountFactory.create(number="0123456789")
    person = factories.PersonFactory.create()
    factories.MembershipFactory.create(
        organisation=bank.organisation, person_id=person.id, role=Role.ACCOUNTANT
    )
    account = (AccountKind.BANK, bank.public_id)
    days = (date(2026, 10, 5), date(2026, 11, 2), DAY, DAY)
    service.post(
        session,
        [
            Entry(
                key=f"movement:{number}",
                organisation_id=bank.organisation.id,
                day=day,
                memo=FORMULA if number == 3 else f"NGUYEN VAN A chuyen tien {number}",
                legs=transfer(100_000 * (number + 1), SUSPENSE, account),
            )
            for number, day in enumerate(days)
        ],
        now=NOON,
    )
    sign_in_as(person)
    return Books(organisation=bank.organisation, bank=bank, person=person)


def of_bank(session: Session, books: Books) -> str:
    return session.scalars(
        select(LedgerAccount.public_id).where(
            LedgerAccount.organisation_id == books.organisation.id,
            LedgerAccount.kind == AccountKind.BANK,
        )
    ).one()


def test_the_trial_balance_is_of_this_month_unless_asked_otherwise(
    client: FlaskClient, books: Books
) -> None:
    page = client.get(books.path).text

    assert "Từ 01/11/2026 đến hết 22/11/2026" in page
    assert "•••• 6789" in page
    assert "0123456789" not in page
    for figure in ("100.000", "900.000", "1.000.000"):
        assert figure in page
    assert "Tổng Nợ bằng tổng Có" in page


def test_any_day_of_the_past_may_be_asked_for(client: FlaskClient, books: Books) -> None:
    page = client.get(f"{books.path}?since=01/10/2026&until=31/10/2026").text
    assert "Từ 01/10/2026 đến hết 31/10/2026" in page
    assert "100.000" in page
    assert "900.000" not in page
    swapped = client.get(f"{books.path}?since=31/10/2026&until=2026-10-01").text
    assert "Từ 01/10/2026 đến hết 31/10/2026" in swapped
    before = client.get(f"{books.path}?since=01/01/2020&until=31/12/2020").text
    assert "Chưa có bút toán nào" in before


def test_a_day_that_is_none_is_said(client: FlaskClient, books: Books) -> None:
    answer = client.get(f"{books.path}?since=31/02/2026&until=x")
    assert answer.status_code == 422
    assert "Ngày chưa đúng" in answer.text


def test_a_statement_runs_from_opening_to_closing(
    client: FlaskClient, session: Session, books: Books
) -> None:
    page = client.get(f"{books.path}/accounts/{of_bank(session, books)}").text

    places = [
        page.index(words)
        for words in (
            "100.000 Nợ",  # before the period
            "900.000",
            "1.000.000 Nợ",  # after it
            "NGUYEN VAN A chuyen tien 1",
            "300.000 Nợ",
            "NGUYEN VAN A chuyen tien 2",
            "600.000 Nợ",
            "HYPERLINK",
        )
    ]
    assert places == sorted(places)
    assert "chuyen tien 0" not in page


def test_a_long_statement_has_pages(client: FlaskClient, session: Session, books: Books) -> None:
    account = (AccountKind.BANK, books.bank.public_id)
    service.post(
        session,
        [
            Entry(
                key=f"more:{number}",
                organisation_id=books.organisation.id,
                day=DAY,
                memo=f"Khoản {number:03}.",
                legs=transfer(1, SUSPENSE, account),
            )
            for number in range(120)
        ],
        now=NOON,
    )
    session.commit()
    address, seen = f"{books.path}/accounts/{of_bank(session, books)}", []
    for _turn in range(5):
        page = client.get(address).text
        seen += [number for number in range(120) if f"Khoản {number:03}." in page]
        if 'rel="next"' not in page:
            break
        address = page.split('" rel="next"')[0].rsplit('"', 1)[1].replace("&amp;", "&")

    assert seen == list(range(120))
    assert "1.000.120 Nợ" in page
    for odd in ("x", "20261322-5", "99999999-1"):
        assert client.get(f"{address.split('?')[0]}?after={odd}").status_code == 200


def test_many_accounts_of_a_kind_are_one_line_that_leads_to_them(
    client: FlaskClient, session: Session, books: Books
) -> None:
    service.post(
        session,
        [
            Entry(
                key=f"allocation:{number}",
                organisation_id=books.organisation.id,
                day=DAY,
                memo="",
                legs=transfer(10, (AccountKind.PAYER_BALANCE, f"payer-{number:03}"), SUSPENSE),
            )
            for number in range(130)
        ],
        now=NOON,
    )
    session.commit()

    page = client.get(books.path).text
    assert "Số dư giữ hộ người trả: 130 tài khoản" in page
    assert "payer-001" not in page
    first = client.get(f"{books.path}/kinds/payer_balance").text
    assert "payer-099" in first
    assert "payer-100" not in first
    assert "payer-100" in client.get(f"{books.path}/kinds/payer_balance?page=2").text
    assert client.get(f"{books.path}/kinds/payer_balance?page=99").status_code == 200
    assert client.get(f"{books.path}/kinds/gold").status_code == 404


def test_a_journal_says_what_it_was_for_and_what_undid_it(
    client: FlaskClient, session: Session, books: Books
) -> None:
    service.reverse(session, "movement:1", new_key="undo:1", day=DAY, memo="Ghi nhầm", now=NOON)
    session.commit()
    ids = dict(session.execute(select(Journal.key, Journal.id)).all())

    page = client.get(f"{books.path}/journals/{ids['movement:1']}").text
    assert "Đã ghi đảo" in page
    assert f"{books.path}/journals/{ids['undo:1']}" in page
    assert "200.000" in page
    undone = client.get(f"{books.path}/journals/{ids['undo:1']}").text
    assert "Ghi đảo cho" in undone
    assert f"{books.path}/journals/{ids['movement:1']}" in undone


# --- files ------------------------------------------------------------------------------------


def test_the_statement_as_csv_is_read_by_excel_and_holds_no_formula(
    client: FlaskClient, session: Session, books: Books
) -> None:
    answer = client.get(f"{books.path}/accounts/{of_bank(session, books)}/statement.csv")

    assert answer.content_type == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith("\ufeff".encode())
    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["Ngày", "Mã bút toán", "Diễn giải", "Nợ", "Có", "Số dư"]
    assert rows[1] == ["2026-11-01", "", "Dư đầu kỳ", "", "", "100000"]
    assert rows[2][1:] == ["movement:1", "NGUYEN VAN A chuyen tien 1", "200000", "0", "300000"]
    assert rows[4][2] == f"'{FORMULA}"
    assert rows[-1] == ["2026-11-22", "", "Dư cuối kỳ", "", "", "1000000"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


def test_the_statement_as_a_workbook_has_numbers_and_days(
    client: FlaskClient, session: Session, books: Books
) -> None:
    answer = client.get(f"{books.path}/accounts/{of_bank(session, books)}/statement.xlsx")

    sheet: Any = load_workbook(BytesIO(answer.data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == books.organisation.name
    assert rows[4] == ["Ngày", "Mã bút toán", "Diễn giải", "Nợ", "Có", "Số dư"]
    assert rows[6][0].date() == date(2026, 11, 2)
    assert rows[6][3:] == [200_000, 0, 300_000]
    assert sheet["C9"].value == FORMULA
    assert sheet["C9"].data_type == "s"
    assert rows[-1][5] == 1_000_000


def test_the_trial_balance_as_files(client: FlaskClient, books: Books) -> None:
    answer = client.get(f"{books.path}/trial-balance.csv")
    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1][0] == "Tiền gửi ngân hàng"
    assert rows[1][2:] == ["100000", "0", "900000", "0", "1000000", "0"]
    assert rows[2][2:] == ["0", "100000", "0", "900000", "0", "1000000"]
    assert rows[3][2:] == ["100000", "100000", "900000", "900000", "1000000", "1000000"]

    book = client.get(f"{books.path}/trial-balance.xlsx")
    sheet: Any = load_workbook(BytesIO(book.data)).active
    assert [cell.value for cell in sheet[6]][2:] == [100_000, 0, 900_000, 0, 1_000_000, 0]
    assert client.get(f"{books.path}/trial-balance.pdf").status_code == 404


def test_a_file_too_long_for_a_spreadsheet_is_refused(
    client: FlaskClient, session: Session, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.ledger.views.MOST_ROWS", 2)
    answer = client.get(f"{books.path}/accounts/{of_bank(session, books)}/statement.csv")
    assert answer.status_code == 422
    assert "Chọn kỳ ngắn hơn" in answer.text


# --- who may look -----------------------------------------------------------------------------


def test_invariant_20_strangers_find_nothing(
    client: FlaskClient, session: Session, books: Books, sign_in_as: SignInAs
) -> None:
    account = of_bank(session, books)
    journal = session.scalars(select(Journal.id).limit(1)).one()
    membership = factories.MembershipFactory.create(role=Role.OWNER)
    other = f"/money/{membership.organisation.public_id}/ledger"
    sign_in_as(session.get_one(type(books.person), membership.person_id))

    pages = ("", f"/accounts/{account}", f"/accounts/{account}/statement.csv")
    for page in (*pages, f"/journals/{journal}", "/kinds/bank", "/trial-balance.xlsx"):
        assert client.get(books.path + page).status_code == 404
    for page in (*pages[1:], f"/journals/{journal}", "/journals/999999999999"):
        assert client.get(other + page).status_code == 404
    assert "•••• 6789" not in client.get(f"{other}?until=31/12/2030").text


@pytest.mark.parametrize(("role", "status"), [(Role.SELLER, 200), (Role.VIEWER, 403)])
def test_the_books_are_for_those_who_see_money(
    client: FlaskClient, books: Books, sign_in_as: SignInAs, role: Role, status: int
) -> None:
    person = factories.PersonFactory.create()
    factories.MembershipFactory.create(
        organisation=books.organisation, person_id=person.id, role=role
    )
    sign_in_as(person)
    assert client.get(books.path).status_code == status
