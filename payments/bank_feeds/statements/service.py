"""Taking a statement in: looked at first, then told to the books, all of it or nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from foundation import clock
from foundation.accounts import service as accounts
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.ids import new_public_id
from foundation.jobs import queries as job_queries
from foundation.jobs import service as jobs
from foundation.jobs.models import RunState
from foundation.text import clean
from payments.bank_accounts import queries as bank_accounts
from payments.bank_accounts.models import BankAccount
from payments.bank_accounts.models import State as AccountState
from payments.bank_feeds.statements import checking, queries
from payments.bank_feeds.statements.errors import (
    AccountUnknown,
    NameImported,
    NamePreviewed,
    NotPreviewed,
    OtherAccount,
    WhichAccount,
)
from payments.bank_feeds.statements.models import State, StatementFile, StatementOriginal
from payments.bank_feeds.statements.rules import (
    NAME_LENGTH,
    NEXT_STATES,
    SOURCE_KIND,
    Fate,
    Identified,
    Row,
    Statement,
    identify,
    same_account,
)
from payments.credits import service as credits_service
from payments.credits.models import Direction, Told
from payments.credits.rules import Telling
from payments.hearing import service as hearing

JOB = "statements.import"
CHUNK = 1_000
SAMPLE = 100
UPLOADS_AN_HOUR = 60


def preview(
    session: Session,
    organisation_id: int,
    statement: Statement,
    data: bytes,
    *,
    name: str,
    account: str | None,
    replace: bool,
    actor: Actor,
    now: datetime,
) -> list[StatementFile]:
    """Keep an upload and what importing it would do, one file for each account in it.

    `statement` is what was read from `data`; `account` the public id of the chosen account, None
    to go by the numbers in the file; `replace` lets a corrected file take the place of one of
    the same name that was not imported. The same bytes again give what they gave before.

    Raises BankAccountNotFound, WhichAccount, OtherAccount, AccountUnknown, NameImported,
    NamePreviewed, TooManyKnocks.
    """
    _count_upload(session, organisation_id, now)
    meant = _accounts(session, organisation_id, statement, account)
    original = _keep(session, organisation_id, data, now)
    name = clean(name.replace("\\", "/").rpartition("/")[2])[-NAME_LENGTH:] or "sao-ke"
    made: list[StatementFile] = []
    for said, bank_account in meant.items():
        file = queries.same_content(session, bank_account.id, original.sha256)
        if file is None:
            _settle_name(session, bank_account, name, replace=replace, actor=actor, now=now)
            file = _new(original, bank_account, name, said, statement.layout, actor, now)
        elif file.state is State.DISCARDED:
            _again(session, file, actor, now)
        if file.state is State.PREVIEWED:
            _describe(session, file, bank_account, statement)
            session.add(file)
            session.flush()
            audit.record(session, "statement_files.previewed", file, actor=actor, now=now)
        made.append(file)
    return made


def start_import(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> StatementFile:
    """Have the worker import a previewed file. Asked again while it runs, nothing more happens.

    Raises NoSuchStatement, NotPreviewed.
    """
    file = queries.lock(session, organisation_id, public_id)
    if file.state is State.IMPORTING:
        run = job_queries.run(session, file.run or "")
        if run is not None and run.state is not RunState.FAILED:
            return file
    elif file.state is State.PREVIEWED:
        audit.move(session, file, State.IMPORTING, next_states=NEXT_STATES, actor=actor, now=now)
    else:
        raise NotPreviewed
    file.imported_by_id = actor.person_id
    file.run = jobs.enqueue(session, JOB, organisation_id=organisation_id, file=public_id).public_id
    return file


def discard(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Throw a previewed file away; its bytes stay. Raises NoSuchStatement, NotPreviewed."""
    file = queries.lock(session, organisation_id, public_id)
    if file.state is not State.PREVIEWED:
        raise NotPreviewed
    audit.move(session, file, State.DISCARDED, next_states=NEXT_STATES, actor=actor, now=now)


def take_over(
    session: Session,
    organisation_id: int,
    public_id: str,
    statement: Statement,
    *,
    now: datetime,
    progress: Callable[[int], None],
) -> StatementFile:
    """Tell the books of every row of a file that is being imported, and match what is new.

    `statement` is what its bytes say; `progress` hears how many rows are done. A file that is
    imported already is left as it is. Raises NoSuchStatement, NotPreviewed.
    """
    file = queries.lock(session, organisation_id, public_id)
    if file.state is State.IMPORTED:
        return file
    if file.state is not State.IMPORTING:
        raise NotPreviewed
    account = file.bank_account
    rows = rows_of(statement, file.account_said)
    before = queries.told_ids(session, account, file.period_from, file.period_to)
    told: Counter[Told] = Counter()
    new: list[int] = []
    identified = identify(account.id, rows, before)
    for start in range(0, len(identified), CHUNK):
        tellings = [_telling(file, one) for one in identified[start : start + CHUNK]]
        for heard in credits_service.take_in(session, tellings, now=now):
            told[heard.told] += 1
            if heard.news and heard.movement_id:
                new.append(heard.movement_id)
        progress(start + CHUNK)
    for start in range(0, len(new), CHUNK):
        hearing.recognise(session, new[start : start + CHUNK], now=now)
        session.flush()
    _count(session, file, told, new)
    actor = Actor.person(file.imported_by_id or 0, organisation_id=organisation_id)
    audit.move(session, file, State.IMPORTED, next_states=NEXT_STATES, actor=actor, now=now)
    file.imported_at = now
    return file


def rows_of(statement: Statement, account_said: str) -> list[Row]:
    """Return the rows of one account, in the file's order."""
    return [
        row
        for section in statement.sections
        if section.account == account_said
        for row in section.rows
    ]


def _count_upload(session: Session, organisation_id: int, now: datetime) -> None:
    """Count an upload. Those of one organisation line up here, so that none is kept twice."""
    accounts.knock(
        session,
        "statement",
        str(organisation_id),
        limit=UPLOADS_AN_HOUR,
        within=timedelta(hours=1),
        now=now,
    )


# --- whose statement it is --------------------------------------------------------------------


def _accounts(
    session: Session, organisation_id: int, statement: Statement, chosen: str | None
) -> dict[str, BankAccount]:
    """Return the account meant by each number the file gives ("" where it gives none)."""
    said = list(dict.fromkeys(section.account for section in statement.sections))
    if chosen is not None:
        account = bank_accounts.by_public_id(session, organisation_id, chosen)
        fitting = [one for one in said if not one or same_account(one, account.number)]
        # A section without a number beside others with one may be anybody's.
        if not fitting or (len(said) > 1 and "" in fitting):
            raise OtherAccount(said=", ".join(one or "?" for one in said))
        return dict.fromkeys(fitting, account)
    if "" in said:
        raise WhichAccount
    found: dict[str, BankAccount] = {}
    own = [
        account
        for account in bank_accounts.own(session, organisation_id)
        if account.state in (AccountState.ACTIVE, AccountState.CLOSED)
    ]
    for one in said:
        fits = [account for account in own if same_account(one, account.number)]
        if len(fits) > 1:
            raise WhichAccount
        if fits:
            found[one] = fits[0]
    if not found:
        raise AccountUnknown(said=", ".join(said))
    return found


def _settle_name(
    session: Session,
    account: BankAccount,
    name: str,
    *,
    replace: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a corrected file follow one that was not imported; refuse it otherwise."""
    for earlier in queries.same_name(session, account.id, name):
        if earlier.state is not State.PREVIEWED:
            raise NameImported(name=name, on=clock.day(earlier.imported_at or earlier.uploaded_at))
        if not replace:
            raise NamePreviewed(name=name)
        audit.move(
            session,
            earlier,
            State.DISCARDED,
            next_states=NEXT_STATES,
            actor=actor,
            now=now,
            reason="corrected",
        )


# --- what is kept of it -----------------------------------------------------------------------


def _keep(session: Session, organisation_id: int, data: bytes, now: datetime) -> StatementOriginal:
    sha256 = hashlib.sha256(data).hexdigest()
    kept = queries.original(session, organisation_id, sha256)
    if kept is None:
        kept = StatementOriginal(
            organisation_id=organisation_id, sha256=sha256, received_at=now, body=data
        )
        session.add(kept)
        session.flush()
        session.expire(kept, ["body"])  # twenty megabytes that nobody needs any more
    return kept


def _new(  # noqa: PLR0917  # plain facts, each once
    original: StatementOriginal,
    account: BankAccount,
    name: str,
    said: str,
    layout: str,
    actor: Actor,
    now: datetime,
) -> StatementFile:
    return StatementFile(
        public_id=new_public_id(),
        organisation_id=original.organisation_id,
        bank_account_id=account.id,
        original_id=original.id,
        sha256=original.sha256,
        name=name,
        account_said=said,
        layout=layout[:400],
        state=State.PREVIEWED,
        unclear_count=0,
        matched_count=0,
        uploaded_by_id=actor.person_id,
        uploaded_at=now,
    )


def _again(session: Session, file: StatementFile, actor: Actor, now: datetime) -> None:
    audit.move(session, file, State.PREVIEWED, next_states=NEXT_STATES, actor=actor, now=now)
    file.uploaded_by_id, file.uploaded_at = actor.person_id, now


def _describe(
    session: Session, file: StatementFile, account: BankAccount, statement: Statement
) -> None:
    """Write down what a file says and what importing it would do as things stand."""
    sections = [one for one in statement.sections if one.account == file.account_said]
    rows = rows_of(statement, file.account_said)
    days = [row.booked_on for row in rows]
    file.row_count = len(rows)
    file.in_count = sum(row.direction is Direction.IN for row in rows)
    file.total_in, file.total_out = checking.sums(rows)
    file.period_from, file.period_to = min(days), max(days)
    opening, closing = sections[0].said("opening"), sections[-1].said("closing")
    file.opening = opening.amount if opening else None
    file.closing = closing.amount if closing else None
    before = queries.told_ids(session, account, file.period_from, file.period_to)
    known = identify(account.id, rows, before)
    elsewhere = queries.told_elsewhere(session, account, known)
    fates = [_fate(one, elsewhere) for one in known]
    counts = Counter(fates)
    file.new_count, file.known_count = counts[Fate.NEW], counts[Fate.KNOWN]
    file.merged_count = counts[Fate.MERGED]
    file.sample = [_shown(one.row, fate) for one, fate in zip(known[:SAMPLE], fates, strict=False)]


def _fate(one: Identified, elsewhere: set[str]) -> Fate:
    if one.known:
        return Fate.KNOWN
    return Fate.MERGED if one.told_id in elsewhere else Fate.NEW


def _shown(row: Row, fate: Fate) -> dict[str, Any]:
    return {
        "row": row.number,
        "day": row.booked_on.isoformat(),
        "direction": row.direction.value,
        "amount": row.amount,
        "memo": row.memo[:200],
        "reference": row.reference,
        "fate": fate.value,
    }


def _telling(file: StatementFile, one: Identified) -> Telling:
    row = one.row
    return Telling(
        source=f"{SOURCE_KIND}:{file.id}",
        told_id=one.told_id,
        bank_account_id=file.bank_account_id,
        direction=row.direction,
        amount=row.amount,
        booked_on=row.booked_on,
        memo=row.memo,
        origin=f"{SOURCE_KIND}:{file.id}:{row.number}",
        happened_at=row.happened_at,
        bank_reference=row.reference,
        occurrence=one.occurrence,
        counter_name=row.counter_name,
        counter_account=row.counter_account,
    )


def _count(session: Session, file: StatementFile, told: Counter[Told], new: Sequence[int]) -> None:
    file.new_count = told[Told.NEW]
    file.known_count = told[Told.REPEAT]
    file.merged_count = told[Told.MERGED]
    file.unclear_count = file.row_count - told[Told.NEW] - told[Told.REPEAT] - told[Told.MERGED]
    file.matched_count = queries.matched(session, file.organisation_id, new)
