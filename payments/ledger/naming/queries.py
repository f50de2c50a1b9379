"""What the accounts of the books stand for, in words: which bank account, which seller."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.db import Base
from payments.bank_accounts import queries as bank_accounts
from payments.bank_accounts.rules import masked
from payments.banks import queries as banks
from payments.ledger.models import AccountKind, LedgerAccount

_MOST_AT_ONCE = 5_000
# Tables whose public ids are subjects of accounts. By name, as keys name them: the features that
# own them post to the ledger, so it cannot know them.
_NAMED_IN = {
    AccountKind.OWED_TO_SELLER: "organisations",
    AccountKind.CASH: "cash_desks",
    AccountKind.COURIER: "couriers",
}


def names(
    session: Session, organisation_id: int, accounts: Collection[LedgerAccount]
) -> dict[int, str]:
    """Return by id what these accounts of an organisation are called besides their kind: "" for
    those of which there is one."""
    known: dict[AccountKind, dict[str, str]] = {}
    if any(account.kind is AccountKind.BANK for account in accounts):
        known[AccountKind.BANK] = _of_banks(session, organisation_id)
    for kind, table in _NAMED_IN.items():
        subjects = [account.subject for account in accounts if account.kind is kind]
        if subjects:
            known[kind] = _of_table(session, table, subjects)
    return {
        account.id: known.get(account.kind, {}).get(account.subject, account.subject)
        for account in accounts
    }


def _of_banks(session: Session, organisation_id: int) -> dict[str, str]:
    named = {}
    for account in bank_accounts.own(session, organisation_id):
        bank = banks.by_bin(account.bank_bin)
        name = bank.short_name if bank else account.bank_bin
        named[account.public_id] = f"{name} {masked(account.number)}"
    return named


def _of_table(session: Session, table_name: str, public_ids: list[str]) -> dict[str, str]:
    table = Base.metadata.tables[table_name]
    named: dict[str, str] = {}
    for start in range(0, len(public_ids), _MOST_AT_ONCE):
        rows = session.execute(
            select(table.c.public_id, table.c.name).where(
                table.c.public_id.in_(public_ids[start : start + _MOST_AT_ONCE])
            )
        )
        named |= {row.public_id: row.name for row in rows}
    return named
