from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM
from foundation.organisations.models import Organisation, Role
from payments.gateways.cash_on_delivery import service
from payments.gateways.cash_on_delivery.models import CodState, Courier
from payments.intents.models import State as IntentState
from tests import factories
from tests.conftest import NOON, SignInAs
from tests.payments.gateways.cash_on_delivery.test_service import expected, held


@pytest.fixture
def courier(session: Session) -> Courier:
    return service.add_courier(session, "Giao Nhanh mẫu", actor=SYSTEM, now=NOON)


def member(organisation: Organisation, role: Role = Role.OWNER) -> Any:
    person = factories.PersonFactory()
    factories.MembershipFactory(organisation=organisation, person_id=person.id, role=role)
    return person


def test_an_officer_notes_what_a_courier_collected_and_handed_over(
    session: Session,
    client: FlaskClient,
    sign_in_as: SignInAs,
    operator: Organisation,
    courier: Courier,
) -> None:
    sign_in_as(member(operator), second_factor=True)
    one, back = expected(session, courier), expected(session, courier, amount=50_000)
    at = f"/ops/couriers/{courier.public_id}"
    assert "120.000" in client.get(at).text

    assert client.post(f"{at}/{one.public_id}/collected").status_code == 303
    reason = {"reason": "Khách không nhận"}
    assert client.post(f"{at}/{back.public_id}/returned", data=reason).status_code == 303
    assert "120.000" in client.get("/ops/couriers").text
    sent = {
        "chosen": one.public_id,
        "received": "100.000",
        "handed_by": "cash",
        "key": "once",
    }
    for _ in range(2):
        assert client.post(at, data=sent).status_code == 303
    page = client.get(at)

    assert "Còn thiếu 20.000" in page.text
    session.expire_all()
    assert (one.left, one.intent.state) == (20_000, IntentState.PAID)
    assert back.state is CodState.RETURNED


def test_a_hand_over_that_cannot_be_is_explained(
    session: Session,
    client: FlaskClient,
    sign_in_as: SignInAs,
    operator: Organisation,
    courier: Courier,
) -> None:
    sign_in_as(member(operator), second_factor=True)
    one = held(session, courier)
    at = f"/ops/couriers/{courier.public_id}"
    sent = {"chosen": one.public_id, "received": "130.000", "handed_by": "cash"}

    assert "chỉ còn nợ 120.000" in client.post(at, data=sent).text
    assert client.post(at, data={**sent, "received": ""}).status_code == 422
    assert client.post(at, data={**sent, "chosen": "x"}).status_code == 422
    assert client.get("/ops/couriers/nobody").status_code == 404
    assert one.left == 120_000


def test_couriers_are_entered_once(
    session: Session, client: FlaskClient, sign_in_as: SignInAs, operator: Organisation
) -> None:
    sign_in_as(member(operator), second_factor=True)

    answers = [
        client.post("/ops/couriers", data={"name": "Giao", "phone": "0912345678"}).status_code
        for _ in range(2)
    ]

    assert answers == [303, 422]
    assert len(session.scalars(select(Courier)).all()) == 1


def test_a_seller_sees_what_is_on_its_way(
    session: Session,
    client: FlaskClient,
    sign_in_as: SignInAs,
    operator: Organisation,
    courier: Courier,
) -> None:
    one = held(session, courier)
    sign_in_as(member(one.organisation))

    page = client.get(f"/money/{one.organisation.public_id}/cod")

    assert "đơn vị giao hàng đang giữ 120.000" in page.text
    assert client.get("/ops/couriers").status_code == 404
    assert client.get(f"/money/{operator.public_id}/cod").status_code == 404
