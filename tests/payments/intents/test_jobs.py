"""The worker writes expiries down."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from foundation.jobs.service import JOBS
from payments.intents import jobs, service
from payments.intents.models import State
from tests import factories
from tests.conftest import NOON


def test_expiring_goes_on_until_none_is_left(
    session: Session, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "EXPIRY_BATCH", 2)
    due = [factories.IntentFactory(expires_at=NOON) for _ in range(5)]
    session.commit()

    with app.app_context():
        jobs.expire_due()

    session.expire_all()
    assert {intent.state for intent in due} == {State.EXPIRED}
    period = JOBS["intents.expire_due"].period
    assert period is not None
    assert period.total_seconds() == 60
