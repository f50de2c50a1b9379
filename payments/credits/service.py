"""Taking in what is told of money, so that each real movement becomes one row.

A source never tells the same movement under two names, so of one source's tellings each is a
movement of its own. Between sources, a telling is taken for a movement that another source told
of when the bank's reference says so, or when amount, day and memo fit and this source has not
told of it yet. As every telling of a source uses up one movement, two real transfers that look
alike stay two, in whatever order the sources tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from foundation import db
from payments.bank_accounts.models import BankAccount
from payments.credits import rules
from payments.credits.errors import RecordedDifferently
from payments.credits.models import Channel, Direction, Movement, Told, ToldMovement
from payments.credits.recognition import Book, Taken
from payments.credits.rules import Telling
from payments.ledger import service as ledger
from payments.ledger.rules import AccountKind, Entry, transfer

CHUNK = 500
_Name = tuple[int, str]  # bank account, the source's own name for what it tells


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What became of a telling. `news` when its movement should be matched (again)."""

    telling: Telling
    movement_id: int | None
    told: Told
    news: bool


def take_in(session: Session, tellings: Sequence[Telling], *, now: datetime) -> list[Heard]:
    """Store tellings, and a movement for each that is new, with its journal.

    Returns what became of each, in the order given. The accounts' rows are locked, so that two
    sources cannot both be the first. ValueError for an account that is not there.
    """
    accounts = _locked_accounts(session, {telling.bank_account_id for telling in tellings})
    by_kind: dict[str, list[int]] = defaultdict(list)
    for place, telling in enumerate(tellings):
        by_kind[telling.kind].append(place)
    heard: dict[int, Heard] = {}
    for kind, places in by_kind.items():
        for start in range(0, len(places), CHUNK):
            chunk = places[start : start + CHUNK]
            some = [tellings[place] for place in chunk]
            heard.update(zip(chunk, _take_chunk(session, kind, some, accounts, now), strict=True))
    return [heard[place] for place in range(len(tellings))]


def record(
    session: Session,
    organisation_id: int,
    *,
    channel: Channel,
    direction: Direction,
    amount: int,
    key: str,
    holder: str,
    booked_on: date,
    memo: str,
    now: datetime,
) -> Movement:
    """Store a movement no bank tells of: cash, a card payment, what a courier collected.

    `holder` is who has the money: the desk, the provider, the courier. The same key again returns
    the first movement; with another amount it raises RecordedDifferently."""
    before = session.scalars(select(Movement).where(Movement.key == key)).one_or_none()
    if before is not None:
        if (before.amount, before.organisation_id) != (amount, organisation_id):
            raise RecordedDifferently(key=key)
        return before
    movement = Movement(
        organisation_id=organisation_id,
        channel=channel,
        direction=direction,
        holder=holder,
        key=key,
        amount=amount,
        allocated=0,
        frozen=0,
        booked_on=booked_on,
        happened_at=now,
        heard_at=now,
        memo=memo,
    )
    session.add(movement)
    session.flush()
    ledger.post(session, [_entry(movement, _asset(movement, ""))], now=now)
    return movement


def adopt(session: Session, told: ToldMovement, *, now: datetime) -> Movement:
    """Store a movement of its own, with its journal, for a telling that a person found to be of
    none known. The telling's account is locked; whoever calls writes the decision down."""
    account = _locked_accounts(session, [told.bank_account_id])[told.bank_account_id]
    movement = Movement(
        organisation_id=account.organisation_id,
        channel=Channel.BANK,
        direction=told.direction,
        bank_account_id=account.id,
        amount=told.amount,
        allocated=0,
        frozen=0,
        booked_on=told.booked_on,
        heard_at=now,
        bank_reference=rules.tidy_reference(told.bank_reference),
        memo=told.memo,
    )
    session.add(movement)
    session.flush()
    ledger.post(session, [_entry(movement, _asset(movement, account.public_id))], now=now)
    return movement


def _locked_accounts(session: Session, wanted: Iterable[int]) -> dict[int, BankAccount]:
    ids = sorted(wanted)
    found = session.scalars(
        select(BankAccount)
        .where(BankAccount.id.in_(ids))
        .order_by(BankAccount.id)
        .with_for_update(key_share=True)
    )
    accounts = {account.id: account for account in found}
    if len(accounts) < len(ids):
        raise ValueError("a telling names a bank account that is not there")
    return accounts


def _take_chunk(
    session: Session,
    kind: str,
    tellings: Sequence[Telling],
    accounts: dict[int, BankAccount],
    now: datetime,
) -> list[Heard]:
    repeats = _told_before(session, kind, tellings)
    fresh: dict[_Name, Telling] = {}
    for telling in tellings:
        if _name(telling) not in repeats:
            fresh.setdefault(_name(telling), telling)
    book = Book(session, kind, list(fresh.values()))
    # What is sure goes first, so that a mere likeness cannot take its movement away.
    taken = {
        name: sure for name, telling in fresh.items() if (sure := book.sure(telling)) is not None
    }
    # What says most goes next: an empty memo fits everything.
    for name, telling in sorted(fresh.items(), key=lambda item: -len(item[1].memo)):
        if name not in taken:
            account = accounts[telling.bank_account_id]
            taken[name] = (
                book.sure(telling) or book.likely(telling) or book.new(telling, account, now)
            )
    _store(session, list(taken.values()), accounts, now)
    heard = {name: _heard(one) for name, one in taken.items()}
    known = repeats | {name: one.movement_id for name, one in heard.items()}
    return [
        heard.pop(name) if (name := _name(telling)) in heard else _repeat(telling, known[name])
        for telling in tellings
    ]


def _name(telling: Telling) -> _Name:
    return (telling.bank_account_id, telling.told_id)


def _repeat(telling: Telling, movement_id: int | None) -> Heard:
    return Heard(telling=telling, movement_id=movement_id, told=Told.REPEAT, news=False)


def _store(
    session: Session,
    taken: Sequence[Taken],
    accounts: Mapping[int, BankAccount],
    now: datetime,
) -> None:
    rows = [one.known.row for one in taken if one.told is Told.NEW and one.known is not None]
    for row in rows:
        row.sought = rules.sought(row.memo, row.counter_name, row.bank_reference)
    db.add_many(session, rows)
    entries = [
        _entry(row, _asset(row, accounts[row.bank_account_id or 0].public_id)) for row in rows
    ]
    ledger.post(session, entries, now=now)
    _store_tellings(session, taken, now)


def _heard(taken: Taken) -> Heard:
    return Heard(
        telling=taken.telling,
        movement_id=taken.known.row.id if taken.known else None,
        told=taken.told,
        news=taken.news,
    )


def _told_before(
    session: Session, kind: str, tellings: Sequence[Telling]
) -> dict[_Name, int | None]:
    rows = session.execute(
        select(ToldMovement.bank_account_id, ToldMovement.told_id, ToldMovement.movement_id).where(
            ToldMovement.bank_account_id.in_({telling.bank_account_id for telling in tellings}),
            ToldMovement.source_kind == kind,
            ToldMovement.told_id.in_({telling.told_id for telling in tellings}),
        )
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _store_tellings(session: Session, taken: Sequence[Taken], now: datetime) -> None:
    if not taken:
        return
    session.execute(
        insert(ToldMovement),
        [
            {
                "movement_id": one.known.row.id if one.known else None,
                "bank_account_id": one.telling.bank_account_id,
                "source_kind": one.telling.kind,
                "source": one.telling.source,
                "told_id": one.telling.told_id,
                "origin": one.telling.origin,
                "told": one.told,
                "direction": one.telling.direction,
                "amount": one.telling.amount,
                "booked_on": one.telling.booked_on,
                "bank_reference": one.telling.bank_reference,
                "memo": one.telling.memo,
                "heard_at": now,
            }
            for one in taken
        ],
    )


def _asset(movement: Movement, account: str) -> tuple[AccountKind, str]:
    """Return the ledger account that holds the money of a movement."""
    if movement.channel is Channel.BANK:
        return AccountKind.BANK, account
    if movement.channel is Channel.CASH:
        return AccountKind.CASH, movement.holder
    return AccountKind.OWED_BY_OPERATOR, ""


def _entry(movement: Movement, asset: tuple[AccountKind, str]) -> Entry:
    arrived = movement.direction is Direction.IN
    legs = (
        transfer(movement.amount, (AccountKind.SUSPENSE, ""), asset)
        if arrived
        else transfer(movement.amount, asset, (AccountKind.GONE, ""))
    )
    return Entry(
        key=f"movement:{movement.id}",
        organisation_id=movement.organisation_id,
        day=movement.booked_on,
        memo=movement.memo[:200],
        legs=legs,
    )
