"""Reading statement files, and what is known already of what they tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from payments.bank_accounts.models import BankAccount
from payments.bank_feeds.statements.errors import NoSuchStatement
from payments.bank_feeds.statements.models import State, StatementFile, StatementOriginal
from payments.bank_feeds.statements.rules import SOURCE_KIND, Identified
from payments.credits.models import Direction, Movement, ToldMovement
from payments.credits.models import State as MovementState

LISTED = 50
# How far apart sources may book the same movement.
NEAR = timedelta(days=1)
CHUNK = 500


def one(session: Session, organisation_id: int, public_id: str) -> StatementFile:
    """Return a file of this organisation. Raises NoSuchStatement."""
    found = session.scalars(
        select(StatementFile)
        .where(
            StatementFile.organisation_id == organisation_id, StatementFile.public_id == public_id
        )
        .options(joinedload(StatementFile.bank_account), joinedload(StatementFile.uploaded_by))
    ).one_or_none()
    if found is None:
        raise NoSuchStatement
    return found


def lock(session: Session, organisation_id: int, public_id: str) -> StatementFile:
    """Return a file as it is now, locked until the transaction ends. Raises NoSuchStatement."""
    found = session.scalars(
        select(StatementFile)
        .where(
            StatementFile.organisation_id == organisation_id, StatementFile.public_id == public_id
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NoSuchStatement
    return found


def history(session: Session, organisation_id: int) -> Sequence[StatementFile]:
    """Return an organisation's latest files, the newest first."""
    return session.scalars(
        select(StatementFile)
        .where(StatementFile.organisation_id == organisation_id)
        .options(joinedload(StatementFile.bank_account), joinedload(StatementFile.uploaded_by))
        .order_by(StatementFile.id.desc())
        .limit(LISTED)
    ).all()


def beside(session: Session, file: StatementFile) -> Sequence[StatementFile]:
    """Return the statements of other accounts in the same upload."""
    return session.scalars(
        select(StatementFile)
        .where(
            StatementFile.organisation_id == file.organisation_id,
            StatementFile.sha256 == file.sha256,
            StatementFile.id != file.id,
        )
        .options(joinedload(StatementFile.bank_account))
        .order_by(StatementFile.id)
    ).all()


def same_content(session: Session, bank_account_id: int, sha256: str) -> StatementFile | None:
    """Return the statement of this account in these very bytes, locked."""
    return session.scalars(
        select(StatementFile)
        .where(StatementFile.bank_account_id == bank_account_id, StatementFile.sha256 == sha256)
        .with_for_update()
    ).one_or_none()


def same_name(session: Session, bank_account_id: int, name: str) -> Sequence[StatementFile]:
    """Return the statements of this account that came under a name and were not thrown away."""
    return session.scalars(
        select(StatementFile)
        .where(
            StatementFile.bank_account_id == bank_account_id,
            StatementFile.name == name,
            StatementFile.state != State.DISCARDED,
        )
        .order_by(StatementFile.id)
        .with_for_update()
    ).all()


def original(session: Session, organisation_id: int, sha256: str) -> StatementOriginal | None:
    """Return the kept bytes of an upload."""
    return session.scalars(
        select(StatementOriginal).where(
            StatementOriginal.organisation_id == organisation_id, StatementOriginal.sha256 == sha256
        )
    ).one_or_none()


def body(session: Session, file: StatementFile) -> bytes:
    """Return the bytes of the upload a file came from."""
    return session.scalars(
        select(StatementOriginal.body).where(
            StatementOriginal.id == file.original_id,
            StatementOriginal.organisation_id == file.organisation_id,
        )
    ).one()


def told_ids(session: Session, account: BankAccount, first: date, last: date) -> set[str]:
    """Return the ids under which statements have told of an account's movements in a period."""
    return set(
        session.scalars(
            select(ToldMovement.told_id)
            .join(Movement, Movement.id == ToldMovement.movement_id)
            .where(
                Movement.organisation_id == account.organisation_id,
                Movement.booked_on.between(first - NEAR, last + NEAR),
                ToldMovement.bank_account_id == account.id,
                ToldMovement.source_kind == SOURCE_KIND,
            )
        )
    )


def told_elsewhere(session: Session, account: BankAccount, rows: Sequence[Identified]) -> set[str]:
    """Return the told ids of rows that another source seems to have told of: same amount, at
    most a day apart, each movement for one row. Importing looks closer, at memos too."""
    fresh = [one for one in rows if not one.known]
    if not fresh:
        return set()
    days = [one.row.booked_on for one in fresh]
    by_statement = (
        select(ToldMovement.id)
        .where(ToldMovement.movement_id == Movement.id, ToldMovement.source_kind == SOURCE_KIND)
        .exists()
    )
    found = session.execute(
        select(Movement.direction, Movement.amount, Movement.booked_on).where(
            Movement.organisation_id == account.organisation_id,
            Movement.bank_account_id == account.id,
            Movement.booked_on.between(min(days) - NEAR, max(days) + NEAR),
            ~by_statement,
        )
    )
    free: dict[tuple[Direction, int], list[date]] = defaultdict(list)
    for direction, amount, booked_on in found:
        free[direction, amount].append(booked_on)
    taken: set[str] = set()
    for one in fresh:
        near = [
            day
            for day in free.get((one.row.direction, one.row.amount), ())
            if abs(day - one.row.booked_on) <= NEAR
        ]
        if near:
            closest = min(near, key=lambda day: abs(day - one.row.booked_on))
            free[one.row.direction, one.row.amount].remove(closest)
            taken.add(one.told_id)
    return taken


def matched(session: Session, organisation_id: int, movement_ids: Sequence[int]) -> int:
    """Return how many of these movements found what they are for by themselves."""
    total = 0
    for start in range(0, len(movement_ids), CHUNK):
        total += (
            session.scalar(
                select(func.count()).where(
                    Movement.organisation_id == organisation_id,
                    Movement.id.in_(movement_ids[start : start + CHUNK]),
                    Movement.state == MovementState.MATCHED,
                )
            )
            or 0
        )
    return total
