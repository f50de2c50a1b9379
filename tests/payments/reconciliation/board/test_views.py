"""The cashier's board: figures, columns, lists, files; who sees it, and how many statements."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from foundation.audit.rules import Actor
from foundation.organisations.models import Role
from payments.credits.models import Movement
from payments.reconciliation.board import queries
from payments.reconciliation.board.rules import Column, Filters, Sort
from payments.reconciliation.decisions import service as decisions
from tests.conftest import NOON, SignInAs
from tests.payments.reconciliation.desk import Desk, make_desk
from tests.payments.reconciliation.test_matching import arrive, intent_at


@pytest.fixture
def desk(session: Session) -> Desk:
    return make_desk(session)


@pytest.fixture
def month(session: Session, desk: Desk) -> dict[str, Any]:
    """One of each: matched, waiting, awaited, decided."""
    paid = intent_at(desk.account, 1_250_000, purpose="Học phí tháng 11", payer_name="Lê Thị Hoa")
    due = intent_at(desk.account, 450_000, purpose="Tiền ăn bán trú", payer_name="Nguyễn Văn Đức")
    made = {
        "matched": arrive(session, desk.account, 1_250_000, f"MBVCB.123 {paid.reference} CT tu"),
        "waiting": arrive(session, desk.account, 450_000, "TIEN AN CHAU DUC LOP 6A"),
        "decided": arrive(session, desk.account, 99_000, "=LAI TIEN GUI"),
    }
    actor = Actor.person(desk.people[Role.ACCOUNTANT].id, organisation_id=desk.organisation.id)
    decisions.mark_not_ours(
        session,
        desk.organisation.id,
        made["decided"].public_id,
        reason="Lãi ngân hàng",
        actor=actor,
        now=NOON,
    )
    session.commit()
    return {**made, "paid": paid, "due": due}


def test_invariant_20_the_board_shows_today_and_four_columns(
    client: FlaskClient, desk: Desk, month: dict[str, Any], sign_in_as: SignInAs
) -> None:
    sign_in_as(desk.people[Role.SELLER], second_factor=True)

    page = client.get(desk.path).text

    assert "1.799.000" in page  # arrived today
    for words in ("Đã về, chờ xử lý", "Đã về, tự khớp", "Chưa về", "Người quyết định"):
        assert words in page
    assert f"<mark>{month['paid'].reference}</mark>" in page
    assert "Không có mã" in page
    assert "Có 1 khoản chưa về đúng số tiền này" in page
    assert f"{desk.path}/ledger" in page


def test_an_empty_board_says_what_to_do(
    client: FlaskClient, desk: Desk, sign_in_as: SignInAs
) -> None:
    sign_in_as(desk.people[Role.ACCOUNTANT], second_factor=True)

    assert "Chưa có giao dịch nào. Nối SePay hoặc tải sao kê." in client.get(desk.path).text
    assert "Không có gì phải làm" in client.get(f"{desk.path}/lists/waiting").text


@pytest.mark.parametrize("column", [column.value for column in Column])
def test_each_column_is_a_list(
    client: FlaskClient, desk: Desk, month: dict[str, Any], sign_in_as: SignInAs, column: str
) -> None:
    sign_in_as(desk.people[Role.ACCOUNTANT], second_factor=True)

    answer = client.get(f"{desk.path}/lists/{column}")

    assert answer.status_code == 200
    found = month["due"] if column == "awaited" else month.get(column)
    if found is not None:
        assert found.public_id in answer.text
    others = {"waiting", "matched", "decided"} - {column}
    assert not any(f"/movements/{month[other].public_id}" in answer.text for other in others)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("450k", True),
        ("450.000", True),
        ("tiền ăn cháu đức", True),
        ("lop 6a", True),
        ("100%", False),
        ("lop 7b", False),
        ("449.999", False),
    ],
)
def test_a_list_is_searched_as_people_type(
    client: FlaskClient,
    desk: Desk,
    month: dict[str, Any],
    sign_in_as: SignInAs,
    query: str,
    found: bool,
) -> None:
    sign_in_as(desk.people[Role.ACCOUNTANT], second_factor=True)

    page = client.get(f"{desk.path}/lists/waiting", query_string={"q": query}).text

    assert (month["waiting"].public_id in page) is found


def test_a_code_is_found_however_it_is_typed(
    session: Session, desk: Desk, month: dict[str, Any]
) -> None:
    code = month["paid"].reference.lower()
    typed = f"{code[:5]} {code[5:11]} - {code[11:]}"

    found = queries.movements(
        session, desk.organisation.id, Column.MATCHED, Filters(query=typed), now=NOON
    )

    assert [one.id for one in found.rows] == [month["matched"].id]


def test_payers_are_found_without_accents(
    session: Session, desk: Desk, month: dict[str, Any]
) -> None:
    found = queries.intents(session, desk.organisation.id, Filters(query="nguyen duc"), now=NOON)

    assert [one.id for one in found.rows] == [month["due"].id]


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_follow_each_other_without_gaps(session: Session, desk: Desk, sort: Sort) -> None:
    for number in range(7):
        arrive(session, desk.account, 1_000 * (number % 3 + 1), "")
    seen: list[int] = []
    after = None
    for _page in range(4):
        page = queries.movements(
            session,
            desk.organisation.id,
            Column.WAITING,
            Filters(sort=sort),
            after=after,
            limit=2,
            now=NOON,
        )
        seen += [one.id for one in page.rows]
        after = page.following
    assert after is None
    assert len(seen) == len(set(seen)) == 7
    if sort is not Sort.LARGEST:
        assert seen == sorted(seen, reverse=sort is Sort.NEWEST)


def test_the_files_hold_the_list_and_no_formula(
    client: FlaskClient, desk: Desk, month: dict[str, Any], sign_in_as: SignInAs
) -> None:
    sign_in_as(desk.people[Role.ACCOUNTANT], second_factor=True)

    text = client.get(f"{desk.path}/lists/decided.csv").get_data(as_text=True)
    book = load_workbook(BytesIO(client.get(f"{desk.path}/lists/decided.xlsx").data))

    assert "'=LAI TIEN GUI" in text
    sheet = book.active
    assert sheet is not None
    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "=LAI TIEN GUI" in values
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert 99_000 in values
    owed = client.get(f"{desk.path}/lists/awaited.csv").get_data(as_text=True)
    assert "Tiền ăn bán trú" in owed


def test_a_list_costs_the_same_however_long(
    client: FlaskClient,
    session: Session,
    desk: Desk,
    month: dict[str, Any],
    sign_in_as: SignInAs,
    statements: list[str],
) -> None:
    sign_in_as(desk.people[Role.ACCOUNTANT], second_factor=True)

    def cost(path: str) -> int:
        session.expire_all()
        statements.clear()
        assert client.get(path).status_code == 200
        return len(statements)

    def overpay(number: int) -> None:
        intent = intent_at(desk.account, 50_000)
        arrive(session, desk.account, 60_000 + number, intent.reference)
        session.commit()

    paths = (desk.path, f"{desk.path}/lists/waiting")
    overpay(0)
    client.get(desk.path)  # the first visit notes when somebody was last seen
    few = [cost(path) for path in paths]
    for number in range(8):
        overpay(number)

    assert [cost(path) for path in paths] == few


def test_invariant_20_strangers_and_members_without_the_right(
    client: FlaskClient, session: Session, desk: Desk, month: dict[str, Any], sign_in_as: SignInAs
) -> None:
    stranger = make_desk(session)
    sign_in_as(stranger.people[Role.ACCOUNTANT], second_factor=True)

    assert client.get(desk.path).status_code == 404
    movement: Movement = month["waiting"]
    assert client.get(f"{stranger.path}/movements/{movement.public_id}").status_code == 404
    assert movement.public_id not in client.get(f"{stranger.path}/lists/waiting").text
    assert client.get(f"{stranger.path}/lists/none").status_code == 404
    sign_in_as(desk.people[Role.VIEWER], second_factor=True)
    assert client.get(desk.path).status_code == 403


def test_unlisted_words_in_the_address_do_no_harm(
    client: FlaskClient, desk: Desk, month: dict[str, Any], sign_in_as: SignInAs
) -> None:
    sign_in_as(desk.people[Role.ACCOUNTANT], second_factor=True)
    asked = {"period": "x", "sort": "y", "account": "z", "after": "1;2", "q": "%_\\" * 200}

    assert client.get(f"{desk.path}/lists/waiting", query_string=asked).status_code == 200
