from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.organisations.models import Organisation, Role
from payments.gateways.cash_desk.models import CashDesk, CashEntry, CashShift
from payments.intents.models import State as IntentState
from tests import factories
from tests.conftest import SignInAs


@pytest.fixture
def seller(session: Session) -> Organisation:
    made: Organisation = factories.OrganisationFactory()
    return made


def member(seller: Organisation, role: Role = Role.OWNER) -> Any:
    person = factories.PersonFactory()
    factories.MembershipFactory(organisation=seller, person_id=person.id, role=role)
    return person


def opened(session: Session, client: FlaskClient, seller: Organisation) -> str:
    at = f"/money/{seller.public_id}/cash"
    client.post(f"{at}/desks", data={"name": "Quầy 1"})
    desk = session.scalars(select(CashDesk)).one()
    answer = client.post(f"{at}/desks/{desk.public_id}/open", data={"n50000": "4", "n10000": "10"})
    assert answer.status_code == 303
    return str(answer.location)


def test_a_day_at_the_desk(
    session: Session, client: FlaskClient, sign_in_as: SignInAs, seller: Organisation
) -> None:
    sign_in_as(member(seller))
    intent = factories.IntentFactory(
        bank_account=None, organisation=seller, amount=87_000, payer_name="Trần Thị Mẫu"
    )
    at = opened(session, client, seller)

    till = client.get(at, query_string={"q": "87.000"})
    assert "Trần Thị Mẫu" in till.text
    form = client.get(f"{at}/take/{intent.public_id}")
    assert "90.000" in form.text
    sent = {"amount": "87.000", "given": "100k", "key": "once"}
    for _ in range(2):
        taken = client.post(f"{at}/take/{intent.public_id}", data=sent)
        assert taken.status_code == 303
    assert "Thối lại 13.000" in client.get(at).text
    banked = {"kind": "banked", "amount": "100.000", "reason": "Nộp trưa", "key": "k2"}
    assert client.post(f"{at}/move", data=banked).status_code == 303
    session.expire_all()
    assert intent.state is IntentState.PAID

    counted = {"n50000": "4", "n10000": "8", "n5000": "1", "n2000": "0"}
    refused = client.post(f"{at}/close", data=counted)
    assert refused.status_code == 422
    assert "-2.000" in refused.text
    assert 'name="reason"' in refused.text
    closed = client.post(f"{at}/close", data={**counted, "reason": "Thối nhầm"})
    report = client.get(closed.location)
    assert "Thối nhầm" in report.text
    assert "287.000" in report.text
    assert client.get(at).status_code == 303


def test_a_wrong_taking_is_undone_at_the_desk(
    session: Session, client: FlaskClient, sign_in_as: SignInAs, seller: Organisation
) -> None:
    sign_in_as(member(seller))
    intent = factories.IntentFactory(bank_account=None, organisation=seller)
    at = opened(session, client, seller)
    client.post(f"{at}/take/{intent.public_id}", data={"amount": "120000", "given": "120000"})
    entry = session.scalars(select(CashEntry)).one().public_id

    assert client.post(f"{at}/undo/{entry}", data={"reason": ""}).status_code == 422
    assert "120.000" in client.get(f"{at}/undo/{entry}").text
    assert client.post(f"{at}/undo/{entry}", data={"reason": "Nhầm người"}).status_code == 303

    session.expire_all()
    assert intent.state is IntentState.OPEN
    assert "Đã huỷ" in client.get(at).text


def test_what_is_refused_stays_in_the_form(
    session: Session, client: FlaskClient, sign_in_as: SignInAs, seller: Organisation
) -> None:
    sign_in_as(member(seller))
    intent = factories.IntentFactory(bank_account=None, organisation=seller)
    at = opened(session, client, seller)

    answer = client.post(
        f"{at}/take/{intent.public_id}", data={"amount": "130.000", "given": "200.000"}
    )

    assert answer.status_code == 422
    assert "chỉ còn phải thu 120.000" in answer.text
    assert 'value="200.000"' in answer.text
    move = {"kind": "banked", "amount": "9tr", "reason": "Nộp"}
    assert "Trong két chỉ có" in client.post(f"{at}/move", data=move).text
    assert client.post(f"{at}/move", data={}).status_code == 422
    assert session.scalars(select(CashEntry)).all() == []


def test_a_seller_sees_only_own_shift_and_adds_no_desk(
    session: Session, client: FlaskClient, sign_in_as: SignInAs, seller: Organisation
) -> None:
    owner = sign_in_as(member(seller))
    at = opened(session, client, seller)
    clerk = member(seller, Role.SELLER)

    sign_in_as(clerk)
    assert client.get(at).status_code == 404
    assert client.get(f"{at}/report").status_code == 404
    assert (
        client.post(f"/money/{seller.public_id}/cash/desks", data={"name": "x"}).status_code == 403
    )
    assert "Đang có ca" in client.get(f"/money/{seller.public_id}/cash").text
    manager = sign_in_as(member(seller, Role.MANAGER))
    assert owner.id != manager.id
    assert "Ca này của người khác" in client.get(at).text


def test_invariant_20_strangers_find_nothing(
    session: Session, client: FlaskClient, sign_in_as: SignInAs, seller: Organisation
) -> None:
    sign_in_as(member(seller))
    at = opened(session, client, seller)
    stranger = factories.OrganisationFactory()
    sign_in_as(member(stranger))
    own = f"/money/{stranger.public_id}/cash"
    shift = session.scalars(select(CashShift)).one()

    assert client.get(at).status_code == 404
    assert client.get(f"{own}/shifts/{shift.public_id}").status_code == 404
    assert client.post(f"{own}/shifts/{shift.public_id}/close", data={}).status_code == 404
    assert client.get(f"{own}/desks/{shift.desk.public_id}/open").status_code == 404
    assert client.get("/money/x/cash").status_code == 404


def test_the_till_costs_few_statements(
    session: Session,
    client: FlaskClient,
    sign_in_as: SignInAs,
    seller: Organisation,
    statements: list[str],
) -> None:
    sign_in_as(member(seller))
    at = opened(session, client, seller)
    for number in range(6):
        intent = factories.IntentFactory(bank_account=None, organisation=seller)
        if number % 2:
            sent = {"amount": "120000", "given": "120000", "key": str(number)}
            client.post(f"{at}/take/{intent.public_id}", data=sent)
    session.flush()
    statements.clear()

    client.get(at)

    assert len(statements) <= 14, statements
