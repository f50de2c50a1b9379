"""From the upload to the confirmation, in the browser's words."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.products.models import Product
from catalog.sheets import rules
from foundation.organisations.models import Organisation
from tests.catalog.sheets.books import ROW, book
from tests.conftest import SignInAs
from tests.factories import MembershipFactory, OrganisationFactory, PersonFactory, ProductFactory
from tests.factories.catalog import some_commune


@pytest.fixture
def seller(session: Session, sign_in_as: SignInAs) -> Organisation:
    person = PersonFactory()
    organisation = OrganisationFactory(commune_code=some_commune())
    MembershipFactory(person_id=person.id, organisation=organisation)
    sign_in_as(person)
    return organisation


def at(seller: Organisation, rest: str = "") -> str:
    return f"/sell/{seller.public_id}/products/sheet{rest}"


def test_a_workbook_is_sent_looked_at_and_taken_over(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    assert client.get(at(seller)).status_code == 200
    sent = client.post(at(seller), data={"file": (BytesIO(book([ROW])), "hàng của tôi.xlsx")})
    assert sent.status_code == 303, sent.text
    shown = client.get(sent.location)
    assert "Sẽ lưu 1 món" in shown.text
    assert "Bánh tráng me" in shown.text
    assert "hàng của tôi.xlsx" in shown.text
    assert session.scalar(select(func.count()).select_from(Product)) == 0
    assert client.post(sent.location).status_code == 303
    assert session.scalar(select(func.count()).select_from(Product)) == 1
    assert client.post(sent.location).status_code == 303
    assert session.scalar(select(func.count()).select_from(Product)) == 1


def test_mistakes_name_row_column_and_what_to_do(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    data = book([[*ROW[:4], -5, 10], ["<script>x</script>", *ROW[1:3], "thúng", 1000, 1]])
    sent = client.post(at(seller), data={"file": (BytesIO(data), "a.xlsx")})
    shown = client.get(sent.location).text
    assert "Còn 2 chỗ sai, chưa lưu gì" in shown
    assert "Dòng 2" in shown
    assert "Giá phải từ 500 ₫ đến 500.000.000 ₫." in shown
    assert "<script>x" not in shown
    assert client.post(sent.location).status_code == 303
    assert session.scalar(select(func.count()).select_from(Product)) == 0


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"ten,gia", "a.csv", "Tệp .csv không giữ được dấu"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls", "Tệp .xls đời cũ"),
        (b"<html>", "../../a.xlsx", "không phải bảng tính .xlsx"),
    ],
)
def test_other_files_are_answered_beside_the_field(
    client: FlaskClient, seller: Organisation, data: bytes, name: str, words: str
) -> None:
    answer = client.post(at(seller), data={"file": (BytesIO(data), name)})
    assert answer.status_code == 422
    assert words in answer.text


def test_a_heavy_file_is_not_even_read_to_its_end(
    client: FlaskClient, seller: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_BYTES", 2_000)
    answer = client.post(at(seller), data={"file": (BytesIO(book([ROW])), "a.xlsx")})
    assert answer.status_code == 422
    assert "Tệp nặng quá" in answer.text


def test_no_file_is_answered_too(client: FlaskClient, seller: Organisation) -> None:
    answer = client.post(at(seller), data={})
    assert answer.status_code == 422
    assert "Chọn tệp .xlsx để gửi." in answer.text


def test_template_and_export_are_workbooks(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    mine, theirs = ProductFactory(organisation=seller), ProductFactory()
    template = client.get(at(seller, "/template.xlsx"))
    export = client.get(at(seller, "/products.xlsx"))
    for answer in (template, export):
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "Hướng dẫn" in load_workbook(BytesIO(answer.data)).sheetnames
    rows = load_workbook(BytesIO(export.data))["Hàng hoá"].iter_rows(values_only=True)
    names = [row[1] for row in rows]
    assert mine.name in names
    assert theirs.name not in names


def test_a_strangers_preview_is_not_found(
    session: Session, client: FlaskClient, seller: Organisation
) -> None:
    other = OrganisationFactory()
    sent = client.post(at(seller), data={"file": (BytesIO(book([ROW])), "a.xlsx")})
    token = sent.location.rsplit("/", 1)[1]
    assert client.get(at(other, f"/{token}")).status_code == 404
    assert client.get(at(seller, f"/{token[:-1]}")).status_code == 404
    assert client.post(at(seller, "/unknown")).status_code == 404
