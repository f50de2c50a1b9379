from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.config import Config
from foundation.organisations.models import Organisation
from payments.credits.models import Movement
from payments.gateways import queries
from payments.gateways.models import CardCharge, ChargeState
from payments.intents.models import State as IntentState
from tests import factories
from tests.conftest import NOON, make_config


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    return make_config(database_url, tmp_path, demo=True)


def charges(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(CardCharge)) or 0


def test_somebody_pays_by_play_card(
    session: Session, client: FlaskClient, operator: Organisation
) -> None:
    intent = factories.IntentFactory()
    offer = client.get(f"/pay/{intent.public_id}/card")
    assert "120.000" in offer.text
    assert intent.organisation.name in offer.text
    assert intent.reference in offer.text

    opened = client.post(f"/pay/{intent.public_id}/card")
    form = client.get(opened.location)
    assert "Đồng ý trả" in form.text
    agreed = client.post(opened.location)
    done = client.get(agreed.location)

    assert opened.status_code == agreed.status_code == 303
    assert "Thẻ đã trả xong" in done.text
    session.expire_all()
    assert intent.state is IntentState.PAID


def test_a_declined_card_says_so_and_offers_another_way(
    session: Session, client: FlaskClient, operator: Organisation
) -> None:
    intent = factories.IntentFactory(amount=45_402)
    at = client.post(f"/pay/{intent.public_id}/card").location

    page = client.get(client.post(at).location)

    assert "Thẻ bị từ chối" in page.text
    assert f'href="/pay/{intent.public_id}"' in page.text


def test_a_lost_answer_asks_the_payer_not_to_pay_again(
    session: Session, client: FlaskClient, operator: Organisation
) -> None:
    intent = factories.IntentFactory(amount=45_408)
    at = client.post(f"/pay/{intent.public_id}/card").location

    client.post(at)
    assert session.scalars(select(CardCharge.state)).one() is ChargeState.UNKNOWN
    page = client.get(at)  # looking asks again

    assert "Thẻ đã trả xong" in page.text


def test_a_provider_that_is_down_is_said_to_be(
    session: Session, client: FlaskClient, operator: Organisation
) -> None:
    intent = factories.IntentFactory(amount=45_504)

    answer = client.post(f"/pay/{intent.public_id}/card")

    assert answer.status_code == 502
    assert "VietQR" in answer.text


def test_an_intent_that_is_paid_offers_no_card(client: FlaskClient, operator: Organisation) -> None:
    intent = factories.IntentFactory(state=IntentState.PAID, settled=120_000)

    page = client.get(f"/pay/{intent.public_id}/card")

    assert "Khoản này không còn phải trả" in page.text
    assert client.post(f"/pay/{intent.public_id}/card").status_code == 409


def test_another_intents_payment_is_not_found(
    session: Session, client: FlaskClient, operator: Organisation
) -> None:
    intent, other = factories.IntentFactory(), factories.IntentFactory()
    charge = client.post(f"/pay/{intent.public_id}/card").location.rpartition("/")[2]

    assert client.get(f"/pay/{other.public_id}/card/{charge}").status_code == 404
    assert client.post(f"/pay/{other.public_id}/card/{charge}").status_code == 404
    assert client.get("/pay/nothing/card").status_code == 404
    assert session.scalar(select(func.count()).select_from(Movement)) == 0


def test_the_ways_to_pay(session: Session, config: Config, operator: Organisation) -> None:
    intent = factories.IntentFactory()
    paid = factories.IntentFactory(state=IntentState.PAID, settled=120_000)

    ways = queries.ways(session, intent, config, now=NOON)

    assert [(way.code, way.url) for way in ways] == [("card", f"/pay/{intent.public_id}/card")]
    assert queries.ways(session, paid, config, now=NOON) == []


def test_no_way_before_the_platform_has_an_operator(session: Session, config: Config) -> None:
    assert queries.ways(session, factories.IntentFactory(), config, now=NOON) == []


def test_a_page_costs_few_statements(
    client: FlaskClient, operator: Organisation, statements: list[str]
) -> None:
    intent = factories.IntentFactory()
    at = client.post(f"/pay/{intent.public_id}/card").location
    statements.clear()

    client.get(at)

    assert len(statements) <= 10, statements
