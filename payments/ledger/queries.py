"""Balances on any day, the trial balance, and the statement of an account."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.ledger.models import AccountKind, LedgerAccount, Posting


def balance(
    session: Session,
    organisation_id: int,
    kind: AccountKind,
    subject: str = "",
    *,
    on: date | None = None,
) -> int:
    """Return what stands in an account at the end of that day, or of all days: debits are
    positive. An account nobody has posted to holds nothing."""
    statement = (
        select(func.coalesce(func.sum(Posting.amount), 0))
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .where(
            LedgerAccount.organisation_id == organisation_id,
            LedgerAccount.kind == kind,
            LedgerAccount.subject == subject,
        )
    )
    if on is not None:
        statement = statement.where(Posting.day <= on)
    return int(session.execute(statement).scalar_one())
