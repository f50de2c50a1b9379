"""From the upload to the books, in the browser's words."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from foundation.jobs.models import JobRun, RunState
from foundation.organisations.models import Role
from payments.bank_accounts.models import BankAccount
from payments.bank_feeds.statements import rules
from payments.bank_feeds.statements.models import State, StatementFile
from payments.credits.models import Movement, ToldMovement
from payments.ledger.models import Journal
from tests.conftest import SignInAs
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory
from tests.factories.payments import BankAccountFactory
from tests.payments.bank_feeds.statements import files


@pytest.fixture
def account(session: Session, sign_in_as: SignInAs) -> BankAccount:
    person = PersonFactory()
    account = BankAccountFactory(number="0071000123456")
    MembershipFactory(person_id=person.id, organisation=account.organisation)
    sign_in_as(person, second_factor=True)
    return account


def at(account: BankAccount, rest: str = "") -> str:
    return f"/money/{account.organisation.public_id}/statements{rest}"


def send(
    client: FlaskClient, own: BankAccount, data: bytes, name: str = "sao-ke.xlsx", **more: Any
) -> Any:
    return client.post(at(own), data={"file": (BytesIO(data), name), **more})


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_statement_is_sent_looked_at_and_imported(
    session: Session, client: FlaskClient, account: BankAccount
) -> None:
    assert client.get(at(account)).status_code == 200
    sent = send(client, account, files.mb())
    assert sent.status_code == 303, sent.text
    shown = client.get(sent.location).text
    assert "Xem trước sao kê" in shown
    assert "1.250.000" in shown
    assert "Nhập 2 dòng" in shown
    assert count(session, Movement) == 0
    assert client.post(sent.location + "/import").status_code == 303
    done = client.get(sent.location).text
    assert "2 khoản mới, 0 khoản đã có" in done
    assert count(session, Movement) == 2
    assert "Đã nhập" in client.get(at(account)).text


def test_invariant_11_an_import_that_breaks_off_books_nothing_and_can_be_repeated(
    session: Session, client: FlaskClient, account: BankAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = send(client, account, files.mb()).location

    def broken(*_about: Any, **_more: Any) -> None:
        raise RuntimeError("the lights went out")

    with monkeypatch.context() as patched:
        patched.setattr("payments.reconciliation.service.match", broken)
        for _try in range(3):
            client.post(page + "/import")
            session.execute(update(JobRun).values(state=RunState.FAILED))
    assert count(session, Movement) == count(session, ToldMovement) == count(session, Journal) == 0
    assert "Việc nhập bị gián đoạn" in client.get(page).text
    client.post(page + "/import")
    assert "2 khoản mới" in client.get(page).text
    assert count(session, Movement) == 2


def test_importing_twice_imports_once(
    session: Session, client: FlaskClient, account: BankAccount
) -> None:
    page = send(client, account, files.mb()).location
    client.post(page + "/import")
    assert client.post(page + "/import").status_code == 409
    assert count(session, Movement) == 2


def test_mistakes_name_row_column_and_reason(
    session: Session, client: FlaskClient, account: BankAccount
) -> None:
    data = files.as_csv(
        [
            ["Ngày", "Tiền vào", "Nội dung"],
            ["31/02/2026", "1.000", "a"],
            ["01/02/2026", "1.5", "<script>x</script>"],
        ]
    )
    answer = send(client, account, data, "a.csv")
    assert answer.status_code == 422
    assert "Còn 2 chỗ chưa rõ" in answer.text
    assert "Dòng 2" in answer.text
    assert "“31/02/2026” không phải ngày" in answer.text
    assert "“1.5” đọc được nhiều cách" in answer.text
    assert count(session, StatementFile) == 0


def test_sums_that_differ_are_told_in_words(client: FlaskClient, account: BankAccount) -> None:
    data = files.as_csv(
        [["Ngày", "Tiền vào", "Nội dung"], ["01/02/2026", "1.000", "a"], ["Tổng", "1.001", ""]]
    )
    answer = send(client, account, data, "a.csv", account=account.public_id)
    assert "Tổng tiền vào trong tệp là 1.001" in answer.text


def test_the_account_is_asked_for_where_the_file_does_not_say(
    session: Session, client: FlaskClient, account: BankAccount
) -> None:
    data = files.bidv_in_only()
    answer = send(client, account, data, "a.csv")
    assert answer.status_code == 422
    assert "Tệp không ghi số tài khoản" in answer.text
    chosen = send(client, account, data, "a.csv", account=account.public_id)
    assert chosen.status_code == 303


def test_a_corrected_file_needs_a_word(
    session: Session, client: FlaskClient, account: BankAccount
) -> None:
    send(client, account, files.mb())
    answer = send(client, account, files.vcb_retail())
    assert answer.status_code == 422
    assert "Thay tệp cũ cùng tên" in answer.text
    assert send(client, account, files.vcb_retail(), replace="1").status_code == 303
    states = session.scalars(select(StatementFile.state).order_by(StatementFile.id)).all()
    assert states == [State.DISCARDED, State.PREVIEWED]


def test_a_file_can_be_thrown_away(
    session: Session, client: FlaskClient, account: BankAccount
) -> None:
    page = send(client, account, files.mb()).location
    assert client.post(page + "/discard").status_code == 303
    assert "Sao kê đã bỏ" in client.get(page).text
    assert client.post(page + "/import").status_code == 409
    assert count(session, Movement) == 0


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"%PDF-1.7", "a.pdf", "Tệp PDF dễ đọc nhầm số"),
        (b"\x00\x01\x02", "a.xlsx", "Không đọc được tệp này"),
        (b"xin chao,cac ban\r\n", "a.csv", "Không thấy dòng tiêu đề"),
    ],
)
def test_other_files_are_answered_beside_the_field(
    client: FlaskClient, account: BankAccount, data: bytes, name: str, words: str
) -> None:
    answer = send(client, account, data, name)
    assert answer.status_code == 422
    assert words in answer.text


def test_no_file_is_answered_too(client: FlaskClient, account: BankAccount) -> None:
    answer = client.post(at(account), data={})
    assert answer.status_code == 422
    assert "Chọn tệp sao kê để gửi." in answer.text


def test_the_upload_and_a_template_can_be_downloaded(
    client: FlaskClient, account: BankAccount
) -> None:
    data = files.agribank_cp1258()
    page = send(client, account, data, "sao kê.csv", account=account.public_id).location
    original = client.get(page + "/original")
    assert original.data == data
    assert original.headers["Content-Disposition"] == 'attachment; filename="sao-k-.csv"'
    empty = client.get(at(account, "/template.csv")).data
    filled = empty + b"02/01/2026;;1.000;;;nop tien;;\r\n"
    answer = send(client, account, filled, "mau.csv", account=account.public_id)
    assert answer.status_code == 303


def test_invariant_20_strangers_find_nothing(
    session: Session, client: FlaskClient, account: BankAccount
) -> None:
    page = send(client, account, files.mb()).location
    file = page.rsplit("/", 1)[1]
    other = OrganisationFactory()
    for rest in ("", f"/{file}", f"/{file}/original"):
        assert client.get(f"/money/{other.public_id}/statements{rest}").status_code == 404
    for rest in ("import", "discard"):
        assert client.post(f"/money/{other.public_id}/statements/{file}/{rest}").status_code == 404
    assert client.get(at(account, "/0000000000000x")).status_code == 404


def test_roles_without_reconciling_may_not(
    session: Session, client: FlaskClient, account: BankAccount, sign_in_as: SignInAs
) -> None:
    person = PersonFactory()
    MembershipFactory(person_id=person.id, organisation=account.organisation, role=Role.SELLER)
    sign_in_as(person, second_factor=True)
    assert send(client, account, files.mb()).status_code in (403, 404)
    assert count(session, StatementFile) == 0


def test_a_heavy_file_is_not_even_read_to_its_end(
    client: FlaskClient, account: BankAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_BYTES", 2_000)
    monkeypatch.setattr("payments.bank_feeds.statements.forms.MOST_BYTES", 2_000)
    monkeypatch.setattr("payments.bank_feeds.statements.reading.MOST_BYTES", 2_000)
    assert "Tệp nặng quá" in send(client, account, files.mb()).text
