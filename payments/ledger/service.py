"""Posting journals, many at a time, and undoing them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Insert, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from payments.ledger.errors import JournalNotFound, PostedDifferently, ReversedBefore
from payments.ledger.models import AccountKind, Journal, LedgerAccount, Posting
from payments.ledger.rules import Entry, Leg, mirrored

# How many keys one statement asks for: SQLite binds 32,766 values at most.
AT_ONCE = 5_000
MEMO_LENGTH = 200

Owner = tuple[int, AccountKind, str]  # organisation, kind, subject
Lines = list[tuple[str, str, int]]  # kind, subject, amount


def post(session: Session, entries: Sequence[Entry], *, now: datetime) -> None:
    """Post journals in the order given; accounts they name are opened as needed.

    A key that was posted before with equal legs does nothing, be it by another worker at this
    very moment. Workers that may post the same keys at once must give them in one order. Raises
    PostedDifferently when a key stands with other legs, JournalNotFound when what an entry
    reverses is not in the organisation's books, ReversedBefore when another key has undone it.
    """
    wanted = _each_once(entries)
    _post(session, [entry for entry in wanted if entry.reverses is None], {}, now)
    undoing = [entry for entry in wanted if entry.reverses is not None]
    _post(session, undoing, _reversed_ids(session, undoing), now)


def reverse(
    session: Session, key: str, *, new_key: str, day: date, memo: str, now: datetime
) -> None:
    """Undo the journal `key` by a mirrored one, which counts for `day`.

    Doing it again under the same `new_key` does nothing. Raises JournalNotFound, ReversedBefore.
    """
    journal = session.scalars(select(Journal).where(Journal.key == key)).one_or_none()
    if journal is None:
        raise JournalNotFound(key=key)
    legs = tuple(
        Leg(account=AccountKind(kind), subject=subject, amount=amount)
        for kind, subject, amount in _posted(session, [key])[key][1]
    )
    undoing = Entry(
        key=new_key,
        organisation_id=journal.organisation_id,
        day=day,
        memo=memo,
        legs=mirrored(legs),
        reverses=key,
    )
    post(session, [undoing], now=now)


def _each_once(entries: Sequence[Entry]) -> list[Entry]:
    first: dict[str, Entry] = {}
    for entry in entries:
        known = first.setdefault(entry.key, entry)
        if known is not entry and _claim(known) != _claim(entry):
            raise PostedDifferently(key=entry.key)
    return list(first.values())


def _post(
    session: Session, entries: Sequence[Entry], reverses: Mapping[str, int], now: datetime
) -> None:
    if not entries:
        return
    made = _add_journals(session, entries, reverses, now)
    _hold_to_what_stands(session, [entry for entry in entries if entry.key not in made])
    fresh = [entry for entry in entries if entry.key in made]
    accounts = _account_ids(session, fresh)
    lines = [
        {
            "journal_id": made[entry.key],
            "account_id": accounts[entry.organisation_id, leg.account, leg.subject],
            "day": entry.day,
            "amount": leg.amount,
        }
        for entry in fresh
        for leg in entry.legs
    ]
    if lines:
        # What is returned is not needed; asking for it has the rows sent in few statements.
        session.execute(insert(Posting.__table__).returning(Posting.id), lines)  # type: ignore[arg-type]


def _add_journals(
    session: Session, entries: Sequence[Entry], reverses: Mapping[str, int], now: datetime
) -> dict[str, int]:
    """Return the ids of the journals that were not there yet."""
    added = _unless_there(session, Journal).returning(Journal.id, Journal.key)
    rows = [
        {
            "key": entry.key,
            "organisation_id": entry.organisation_id,
            "day": entry.day,
            "posted_at": now,
            "memo": entry.memo[:MEMO_LENGTH],
            "reverses_id": reverses.get(entry.key),
        }
        for entry in entries
    ]
    return {key: journal_id for journal_id, key in session.execute(added, rows)}


def _account_ids(session: Session, entries: Sequence[Entry]) -> dict[Owner, int]:
    wanted = sorted(
        {
            (entry.organisation_id, leg.account, leg.subject)
            for entry in entries
            for leg in entry.legs
        }
    )
    found = _find_accounts(session, wanted)
    missing = [owner for owner in wanted if owner not in found]
    if missing:
        names = ("organisation_id", "kind", "subject")
        rows = [dict(zip(names, owner, strict=True)) for owner in missing]
        session.execute(_unless_there(session, LedgerAccount).returning(LedgerAccount.id), rows)
        found |= _find_accounts(session, missing)
    return found


def _find_accounts(session: Session, owners: Sequence[Owner]) -> dict[Owner, int]:
    owned = tuple_(LedgerAccount.organisation_id, LedgerAccount.kind, LedgerAccount.subject)
    found: dict[Owner, int] = {}
    for start in range(0, len(owners), AT_ONCE):
        rows = session.execute(
            select(
                LedgerAccount.id,
                LedgerAccount.organisation_id,
                LedgerAccount.kind,
                LedgerAccount.subject,
            ).where(owned.in_(owners[start : start + AT_ONCE]))
        )
        found |= {(row.organisation_id, row.kind, row.subject): row.id for row in rows}
    return found


def _reversed_ids(session: Session, entries: Sequence[Entry]) -> dict[str, int]:
    """Return by entry the journal it undoes. Raises JournalNotFound."""
    keys = [entry.reverses for entry in entries]
    ids: dict[tuple[str | None, int], int] = {}
    for start in range(0, len(keys), AT_ONCE):
        rows = session.execute(
            select(Journal.key, Journal.organisation_id, Journal.id).where(
                Journal.key.in_(keys[start : start + AT_ONCE])
            )
        )
        ids |= {(key, organisation_id): journal_id for key, organisation_id, journal_id in rows}
    for entry in entries:
        if (entry.reverses, entry.organisation_id) not in ids:
            raise JournalNotFound(key=entry.reverses)
    return {entry.key: ids[entry.reverses, entry.organisation_id] for entry in entries}


def _hold_to_what_stands(session: Session, entries: Sequence[Entry]) -> None:
    """Raise PostedDifferently unless these entries stand in the books just so already."""
    standing = _posted(session, [entry.key for entry in entries])
    for entry in entries:
        if entry.key not in standing:
            raise ReversedBefore(key=entry.reverses)
        if standing[entry.key] != _claim(entry):
            raise PostedDifferently(key=entry.key)


def _posted(session: Session, keys: Sequence[str]) -> dict[str, tuple[int, Lines]]:
    owners: dict[str, int] = {}
    lines: dict[str, Lines] = defaultdict(list)
    for start in range(0, len(keys), AT_ONCE):
        rows = session.execute(
            select(
                Journal.key,
                Journal.organisation_id,
                LedgerAccount.kind,
                LedgerAccount.subject,
                Posting.amount,
            )
            .join(Posting, Posting.journal_id == Journal.id)
            .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
            .where(Journal.key.in_(keys[start : start + AT_ONCE]))
        )
        for row in rows:
            owners[row.key] = row.organisation_id
            lines[row.key].append((row.kind.value, row.subject, row.amount))
    return {key: (owner, sorted(lines[key])) for key, owner in owners.items()}


def _claim(entry: Entry) -> tuple[int, Lines]:
    legs = sorted((leg.account.value, leg.subject, leg.amount) for leg in entry.legs)
    return entry.organisation_id, legs


def _unless_there(session: Session, model: Any) -> Insert:
    """Insert rows into a model's table, leaving out those that are there: also those that
    somebody else is just committing, for whom this waits."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite_insert(model.__table__).on_conflict_do_nothing()
    return postgresql_insert(model.__table__).on_conflict_do_nothing()
