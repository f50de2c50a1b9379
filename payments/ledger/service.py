"""Posting journals, many at a time, and undoing them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, String, Table, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from foundation.ids import new_public_id
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
        _send(session, Posting, lines)


def _add_journals(
    session: Session, entries: Sequence[Entry], reverses: Mapping[str, int], now: datetime
) -> dict[str, int]:
    """Return the ids of the journals that were not there yet."""
    rows: list[dict[str, Any]] = [
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
    stored = _send(session, Journal, rows, Journal.key, Journal.id)
    return {row.key: row.id for row in stored}


def _account_ids(session: Session, entries: Sequence[Entry]) -> dict[Owner, int]:
    wanted = {
        (entry.organisation_id, leg.account, leg.subject) for entry in entries for leg in entry.legs
    }
    found = _find_accounts(session, wanted)
    missing = sorted(wanted - found.keys())  # two who open the same ones must not wait in a ring
    if missing:
        names = ("public_id", "organisation_id", "kind", "subject")
        rows = [dict(zip(names, (new_public_id(), *owner), strict=True)) for owner in missing]
        _send(session, LedgerAccount, rows, LedgerAccount.id)
        found |= _find_accounts(session, missing)
    return found


def _find_accounts(session: Session, owners: Collection[Owner]) -> dict[Owner, int]:
    subjects: dict[tuple[int, AccountKind], list[str]] = defaultdict(list)
    for organisation_id, kind, subject in owners:
        subjects[organisation_id, kind].append(subject)
    found: dict[Owner, int] = {}
    for (organisation_id, kind), names in subjects.items():
        for some in _portions(names):
            rows = session.execute(
                select(LedgerAccount.subject, LedgerAccount.id).where(
                    LedgerAccount.organisation_id == organisation_id,
                    LedgerAccount.kind == kind,
                    _among(session, LedgerAccount.subject, some),
                )
            )
            found |= {(organisation_id, kind, subject): account_id for subject, account_id in rows}
    return found


def _reversed_ids(session: Session, entries: Sequence[Entry]) -> dict[str, int]:
    """Return by entry the journal it undoes. Raises JournalNotFound."""
    ids: dict[tuple[str | None, int], int] = {}
    for keys in _portions([entry.reverses or "" for entry in entries]):
        rows = session.execute(
            select(Journal.key, Journal.organisation_id, Journal.id).where(
                _among(session, Journal.key, keys)
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
    for some in _portions(keys):
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
            .where(_among(session, Journal.key, some))
        )
        for row in rows:
            owners[row.key] = row.organisation_id
            lines[row.key].append((row.kind.value, row.subject, row.amount))
    return {key: (owner, sorted(lines[key])) for key, owner in owners.items()}


def _claim(entry: Entry) -> tuple[int, Lines]:
    legs = sorted((leg.account.value, leg.subject, leg.amount) for leg in entry.legs)
    return entry.organisation_id, legs


def _send(
    session: Session, model: Any, rows: Sequence[Mapping[str, Any]], *wanted: Any
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Store rows in few statements and return what is wanted of them. Those that are there are
    left out: also those that somebody else is just committing, for whom this waits."""
    table: Table = model.__table__
    if session.get_bind().dialect.name == "sqlite":
        added = sqlite_insert(table).on_conflict_do_nothing()
        if not wanted:
            session.execute(added, rows)
            return []
        return session.execute(added.returning(*wanted), rows).all()
    # One list for each column: taking apart thousands of values costs more than storing them.
    names = list(rows[0])
    lists = [literal([row[name] for row in rows], ARRAY(table.c[name].type)) for name in names]
    given = func.unnest(*lists).table_valued(*names).render_derived()
    stored = postgresql_insert(table).from_select(names, select(given), include_defaults=False)
    return session.execute(
        stored.on_conflict_do_nothing().returning(*(wanted or (table.c.id,)))
    ).all()


def _among(session: Session, column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "sqlite":
        return cast("ColumnElement[bool]", column.in_(values))
    return cast("ColumnElement[bool]", column == any_(literal(values, ARRAY(String))))


def _portions(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
