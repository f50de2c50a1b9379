from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation import clock
from foundation.accounts import service
from foundation.accounts.jobs import forget
from foundation.accounts.models import Attempt
from tests.conftest import NOON


def test_old_knocks_are_forgotten(app: Flask, session: Session) -> None:
    service.note_failure(session, "door", "a", now=NOON)
    session.flush()
    with app.app_context(), clock.frozen(NOON + timedelta(days=2)):
        forget()
    assert session.scalar(select(func.count()).select_from(Attempt)) == 0
