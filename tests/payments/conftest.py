"""After every test of payments that stored anything, the whole ledger sums to nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from payments.ledger.models import LedgerAccount, Posting


@pytest.fixture(autouse=True)
def invariant_04_every_book_sums_to_nothing(request: pytest.FixtureRequest) -> Iterator[None]:
    """No. 4, held to for each organisation's books, whatever the test was about."""
    session: Session | None = None
    if "session" in request.fixturenames:
        session = request.getfixturevalue("session")
    yield
    if session is None:
        return
    uneven = (
        select(LedgerAccount.organisation_id, func.sum(Posting.amount))
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.organisation_id)
        .having(func.sum(Posting.amount) != 0)
    )
    try:
        found = session.connection().execute(uneven).all()
    except SQLAlchemyError:
        return  # the test ended with what the database refused, and nothing of it stays
    assert found == []
