"""The demo's payment page turns green by a notice anybody can send, and only once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from foundation.config import Config
from foundation.organisations.models import Organisation, State
from foundation.organisations.rules import SELLING_KINDS
from marketplace.app import create_app
from marketplace.demo import service
from marketplace.demo.payments import rules
from payments.bank_accounts.models import BankAccount
from payments.bank_feeds.processing.jobs import drain
from payments.credits.models import Movement
from payments.intents.rules import is_reference
from payments.ledger.models import Posting
from tests.conftest import NOON, JoinedSessions


@pytest.fixture
def province(app: Flask, session: Session) -> Session:
    data_key = app.extensions["config"].data_key
    service.build(session, now=NOON, data_key=data_key, password_hash="!")
    session.commit()
    return session


def test_every_seller_can_be_paid(province: Session) -> None:
    sellers = province.scalars(
        select(Organisation).where(
            Organisation.kind.in_(SELLING_KINDS), Organisation.state == State.VERIFIED
        )
    ).all()
    accounts = province.scalars(select(BankAccount).where(BankAccount.main)).all()

    assert {one.organisation_id for one in accounts} == {one.id for one in sellers}
    assert {one.bank_bin for one in accounts} == {rules.BANK}
    assert len({one.number for one in accounts}) == len(accounts)
    assert is_reference(rules.REFERENCE)


def test_a_notice_turns_the_page_green_once(
    province: Session, client: FlaskClient, app: Flask
) -> None:
    before = province.scalar(select(func.count()).select_from(Movement)) or 0
    page = client.get(rules.PAGE).text.replace("\xa0", " ")
    assert "86.000 ₫" in page
    assert str(rules.ACCOUNT) in page
    notice: dict[str, Any] = {
        "id": 92704,
        "gateway": "Demo",
        "transactionDate": "2026-11-22 12:00:00",
        "accountNumber": str(rules.ACCOUNT),
        "subAccount": None,
        "code": None,
        "content": f"CT DEN {rules.REFERENCE.lower()} GD 0001",
        "transferType": "in",
        "transferAmount": 86000,
        "accumulated": 86000,
        "referenceCode": "FT26326000001",
        "description": "",
    }
    for _ in range(2):
        answer = client.post(
            f"/webhooks/sepay/{rules.FEED}",
            json=notice,
            headers={"Authorization": f"Apikey {rules.FEED_KEY}"},
        )
        assert (answer.status_code, answer.json) == (200, {"success": True})
        with app.app_context():
            drain()
        assert "Đã nhận đủ tiền" in client.get(rules.PAGE).text
        assert client.get(f"{rules.PAGE}/status").json["settled"] == 86_000

    assert province.scalar(select(func.count()).select_from(Movement)) == before + 1
    assert province.scalar(select(func.sum(Posting.amount))) == 0


def test_the_footer_leads_there_in_the_demo_alone(
    connection: Connection, config: Config, client: FlaskClient
) -> None:
    app = create_app(replace(config, demo=True))
    app.extensions["phiencho_sessions"].engine.dispose()
    app.extensions["phiencho_sessions"] = JoinedSessions(connection)

    assert f'href="{rules.PAGE}"' in app.test_client().get("/sell").text
    assert f'href="{rules.PAGE}"' not in client.get("/sell").text
