"""Making movements of money out of messages, and writing down what became of each message.

A message that cannot be understood, or for whose account nobody has entered, is never lost: it
stays in the inbox with that result, its organisation's owners are told, and it can be processed
again at any time. Processing a message again adds nothing that is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from payments.bank_feeds import service as feeds
from payments.bank_feeds.feed import Said, Unreadable
from payments.bank_feeds.models import BankFeed, InboxResult, InboxWaiting, Result
from payments.bank_feeds.processing import queries
from payments.bank_feeds.processing.queries import Waiting
from payments.bank_feeds.providers import PROVIDERS
from payments.bank_feeds.rules import FAILED, MOST_TRIES, same_number, wait_after
from payments.credits.rules import Telling, Told
from payments.credits.service import Heard
from payments.hearing import service as hearing

LONGEST_DETAIL = 400


@dataclass(kw_only=True)
class _Read:
    """A message while it is being processed."""

    waiting: Waiting
    test: bool = False
    faults: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)  # accounts nobody has entered
    tellings: list[Telling] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


def process(session: Session, taken: Sequence[Waiting], *, now: datetime) -> None:
    """Process messages that `queries.take` locked: movements, matching, results, all or none."""
    if not taken:
        return
    accounts = queries.accounts(session, {one.organisation_id for one in taken})
    read = [_read(one, accounts) for one in taken]
    heard = hearing.hear(session, [telling for one in read for telling in one.tellings], now=now)
    _note_conflicts(session, read, heard)
    _finish(session, [(one.waiting, *_result(one)) for one in read], now)


def _read(waiting: Waiting, accounts: dict[tuple[int, str], int]) -> _Read:
    found = _Read(waiting=waiting)
    try:
        reading = PROVIDERS[waiting.provider].read(waiting.body)
    except Unreadable as error:
        found.faults.append(str(error))
        return found
    found.faults += reading.faults
    for said in reading.said:
        known = [
            accounts.get((waiting.organisation_id, same_number(n))) for n in said.account_numbers
        ]
        account_id = next((one for one in known if one is not None), None)
        if account_id is None:
            found.strangers.append(said.account_numbers[0])
        else:
            found.tellings.append(_telling(waiting, said, account_id))
    found.test = reading.test and not found.tellings
    return found


def _telling(waiting: Waiting, said: Said, account_id: int) -> Telling:
    return Telling(
        source=waiting.provider.value,
        told_id=said.told_id,
        bank_account_id=account_id,
        direction=said.direction,
        amount=said.amount,
        booked_on=said.booked_on,
        memo=said.memo,
        origin=f"inbox:{waiting.id}",
        happened_at=said.happened_at,
        bank_reference=said.bank_reference,
        counter_name=said.counter_name,
        counter_account=said.counter_account,
    )


def _note_conflicts(session: Session, read: Sequence[_Read], heard: Sequence[Heard]) -> None:
    """Find tellings that contradict what is known: another source's, or the same source's own."""
    repeats = [one.telling for one in heard if one.told is Told.REPEAT]
    before = queries.told(session, repeats)
    wrong = set[int]()
    for one in heard:
        telling = one.telling
        first = before.get((telling.kind, telling.bank_account_id, telling.told_id))
        changed = first is not None and first != (telling.direction, telling.amount)
        if one.told is Told.CONFLICT or changed:
            wrong.add(id(telling))
    for message in read:
        message.conflicts += [t.told_id for t in message.tellings if id(t) in wrong]


def _result(read: _Read) -> tuple[Result, str]:
    """Return what became of a message: what somebody must look at counts before the rest."""
    if read.test:
        return Result.TEST, ""
    if read.faults:
        return Result.UNREADABLE, "; ".join(read.faults)
    if read.conflicts:
        return Result.CONFLICT, ", ".join(read.conflicts)
    if read.strangers:
        return Result.NO_ACCOUNT, ", ".join(dict.fromkeys(read.strangers))
    return (Result.TAKEN if read.tellings else Result.NOTHING), ""


def _finish(
    session: Session, results: Sequence[tuple[Waiting, Result, str]], now: datetime
) -> None:
    session.execute(
        delete(InboxWaiting).where(InboxWaiting.message_id.in_([one.id for one, _, _ in results]))
    )
    session.execute(
        insert(InboxResult),
        [
            {
                "message_id": one.id,
                "result": result,
                "detail": detail[:LONGEST_DETAIL],
                "processed_at": now,
            }
            for one, result, detail in results
        ],
    )
    alarms = {(one.feed_id, result) for one, result, _ in results if result in FAILED}
    for feed_id, result in sorted(alarms):
        feed = session.get_one(BankFeed, feed_id)
        feeds.tell_owners_today(session, feed, f"bank_feed.{result.value}", now=now)


def note_failure(session: Session, message_id: int, error: str, *, now: datetime) -> None:
    """Write down that processing a message broke: it is tried again after a growing pause, and
    after the last try waits for a person."""
    found = queries.take(session, now=now, limit=1, only=message_id)
    if not found:
        return
    if found[0].tries + 1 >= MOST_TRIES:
        _finish(session, [(found[0], Result.UNREADABLE, error)], now)
        return
    row = session.scalars(
        select(InboxWaiting)
        .where(InboxWaiting.message_id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    row.tries += 1
    row.next_try_at = now + wait_after(row.tries)
