"""Recognising a movement in what a source tells: sure by reference or memo, or likely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.bank_accounts.models import BankAccount
from payments.credits import rules
from payments.credits.models import Channel, Direction, Movement, Told, ToldMovement
from payments.credits.rules import Telling


@dataclass(kw_only=True)
class Known:
    """A movement that may be told again: its row, its compared texts, and who told of it."""

    row: Movement
    reference: str
    memo: str
    kinds: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class Taken:
    telling: Telling
    told: Told
    known: Known | None
    news: bool = False


class Book:
    """The movements a chunk of tellings could be about, those it makes itself among them."""

    def __init__(self, session: Session, tellings: Sequence[Telling]) -> None:
        self.by_reference: dict[tuple[int, Direction, str, int], list[Known]] = defaultdict(list)
        self.by_amount: dict[tuple[int, Direction, int], list[Known]] = defaultdict(list)
        rows = _possible(session, tellings)
        known = {row.id: self._add(row) for row in rows}
        told = session.execute(
            select(ToldMovement.movement_id, ToldMovement.source_kind).where(
                ToldMovement.movement_id.in_(known)
            )
        )
        for movement_id, kind in told:
            if movement_id is not None:
                known[movement_id].kinds.add(kind)

    def _add(self, row: Movement) -> Known:
        known = Known(row=row, reference=row.bank_reference, memo=rules.bare(row.memo))
        account = row.bank_account_id or 0
        if known.reference:
            self.by_reference[account, row.direction, known.reference, row.occurrence].append(known)
        self.by_amount[account, row.direction, row.amount].append(known)
        return known

    def sure(self, telling: Telling) -> Taken | None:
        """Return the movement that the bank's reference, or the very same memo, says it is."""
        reference, memo = rules.tidy_reference(telling.bank_reference), rules.bare(telling.memo)
        known = self._by_reference(telling, reference, memo)
        if known is not None and known.row.amount != telling.amount:
            return Taken(telling=telling, told=Told.CONFLICT, known=None)
        if known is None:
            fitting = self._fitting(telling, reference)
            known = next((one for one in fitting if one.memo == memo), None)
        return None if known is None else _merged(telling, known, reference, memo)

    def likely(self, telling: Telling) -> Taken | None:
        """Return the movement that this source has not told of and that fits well enough.

        Where several fit that are not alike among themselves, it is one of them and nothing says
        which: no money is booked for it, and a person is asked.
        """
        reference, memo = rules.tidy_reference(telling.bank_reference), rules.bare(telling.memo)
        fitting = [
            known for known in self._fitting(telling, reference) if rules.alike(known.memo, memo)
        ]
        if not fitting:
            return None
        if len({known.memo for known in fitting}) > 1:
            return Taken(telling=telling, told=Told.UNCLEAR, known=None)
        return _merged(telling, fitting[0], reference, memo)

    def new(self, telling: Telling, account: BankAccount, now: datetime) -> Taken:
        """Return a movement of this telling's own."""
        known = self._add(_movement(telling, account, now))
        known.kinds.add(telling.kind)
        return Taken(telling=telling, told=Told.NEW, known=known, news=True)

    def _by_reference(self, telling: Telling, reference: str, memo: str) -> Known | None:
        if not reference:
            return None
        name = (telling.bank_account_id, telling.direction, reference, telling.occurrence)
        for known in self.by_reference.get(name, ()):
            if abs((known.row.booked_on - telling.booked_on).days) > rules.REFERENCE_DAYS:
                continue
            sure = len(reference) >= rules.SURE_REFERENCE
            same_amount = known.row.amount == telling.amount
            # A fee leaves under the reference of the transfer it was taken for.
            if not same_amount and (telling.direction is Direction.OUT or not sure):
                continue
            if sure or rules.alike(known.memo, memo):
                return known
        return None

    def _fitting(self, telling: Telling, reference: str) -> list[Known]:
        """Return what this source has not told of and what amount and day allow, nearest first."""
        name = (telling.bank_account_id, telling.direction, telling.amount)
        near = [
            known
            for known in self.by_amount.get(name, ())
            if telling.kind not in known.kinds
            and abs((known.row.booked_on - telling.booked_on).days) <= rules.NEAR_DAYS
            and not rules.contradict(known.reference, reference)
        ]
        return sorted(near, key=lambda known: known.row.booked_on != telling.booked_on)


def _merged(telling: Telling, known: Known, reference: str, memo: str) -> Taken:
    known.kinds.add(telling.kind)
    news = len(memo) > len(known.memo)
    row = known.row
    if news:  # the fuller memo may hold the code that the first telling had lost
        row.memo, known.memo = telling.memo, memo
    row.bank_reference = known.reference = known.reference or reference
    row.happened_at = row.happened_at or telling.happened_at
    row.counter_name = row.counter_name or telling.counter_name
    row.counter_account = row.counter_account or telling.counter_account
    return Taken(telling=telling, told=Told.MERGED, known=known, news=news)


def _possible(session: Session, tellings: Sequence[Telling]) -> Sequence[Movement]:
    """Return the stored movements that any of these tellings could be about."""
    days = [telling.booked_on for telling in tellings]
    accounts = {telling.bank_account_id for telling in tellings}
    references = {rules.tidy_reference(telling.bank_reference) for telling in tellings} - {""}
    alike = (
        select(Movement.id)
        .where(
            Movement.bank_account_id.in_(accounts),
            Movement.direction.in_({telling.direction for telling in tellings}),
            Movement.amount.in_({telling.amount for telling in tellings}),
            Movement.booked_on.between(
                min(days) - timedelta(days=rules.NEAR_DAYS),
                max(days) + timedelta(days=rules.NEAR_DAYS),
            ),
        )
        .union(
            select(Movement.id).where(
                Movement.bank_account_id.in_(accounts),
                Movement.bank_reference.in_(references),
            )
        )
    )
    return session.scalars(select(Movement).where(Movement.id.in_(alike))).all()


def _movement(telling: Telling, account: BankAccount, now: datetime) -> Movement:
    return Movement(
        organisation_id=account.organisation_id,
        channel=Channel.BANK,
        direction=telling.direction,
        bank_account_id=account.id,
        amount=telling.amount,
        allocated=0,
        frozen=0,
        booked_on=telling.booked_on,
        happened_at=telling.happened_at,
        heard_at=now,
        bank_reference=rules.tidy_reference(telling.bank_reference),
        occurrence=telling.occurrence,
        memo=telling.memo,
        counter_name=telling.counter_name,
        counter_account=telling.counter_account,
    )
