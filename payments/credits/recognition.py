"""Recognising a movement in what a source tells: sure by reference or memo, or likely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from payments.bank_accounts.models import BankAccount
from payments.credits import rules
from payments.credits.models import (
    Channel,
    Direction,
    Movement,
    TellingDecision,
    Told,
    ToldMovement,
)
from payments.credits.rules import Telling


@dataclass(kw_only=True)
class Known:
    """A movement that may be told again: its row, its compared texts, and whether the source now
    heard has told of it."""

    row: Movement
    reference: str
    memo: str
    told: bool


@dataclass(kw_only=True)
class Taken:
    telling: Telling
    told: Told
    known: Known | None
    news: bool = False


class Book:
    """The movements that tellings of one kind of source could be about, those it makes among
    them."""

    def __init__(self, session: Session, kind: str, tellings: Sequence[Telling]) -> None:
        self.by_reference: dict[tuple[int, Direction, str, int], list[Known]] = defaultdict(list)
        self.untold: dict[tuple[int, Direction, int], list[Known]] = defaultdict(list)
        if not tellings:
            return
        untold = {row.id: self._known(row) for row in session.scalars(_alike(kind, tellings))}
        for known in untold.values():
            row = known.row
            self.untold[row.bank_account_id or 0, row.direction, row.amount].append(known)
        for row in session.scalars(_referred_to(tellings)):
            self._refer(untold.get(row.id) or self._known(row, told=True))

    @staticmethod
    def _known(row: Movement, *, told: bool = False) -> Known:
        return Known(row=row, reference=row.bank_reference, memo=rules.bare(row.memo), told=told)

    def _refer(self, known: Known) -> None:
        row = known.row
        if known.reference:
            name = (row.bank_account_id or 0, row.direction, known.reference, row.occurrence)
            self.by_reference[name].append(known)

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
        known = self._known(_movement(telling, account, now), told=True)
        self._refer(known)
        return Taken(telling=telling, told=Told.NEW, known=known, news=True)

    def _by_reference(self, telling: Telling, reference: str, memo: str) -> Known | None:
        if not reference:
            return None
        name = (telling.bank_account_id, telling.direction, reference, telling.occurrence)
        candidates = self.by_reference.get(name, [])
        # A person may have found two movements under one reference: the amount tells them apart.
        for known in sorted(candidates, key=lambda one: one.row.amount != telling.amount):
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
        near = [
            known
            for known in self.untold.get(
                (telling.bank_account_id, telling.direction, telling.amount), ()
            )
            if not known.told
            and abs((known.row.booked_on - telling.booked_on).days) <= rules.NEAR_DAYS
            and not rules.contradict(known.reference, reference)
        ]
        return sorted(near, key=lambda known: known.row.booked_on != telling.booked_on)


def _merged(telling: Telling, known: Known, reference: str, memo: str) -> Taken:
    known.told = True
    news = len(memo) > len(known.memo)
    row = known.row
    if news:  # the fuller memo may hold the code that the first telling had lost
        row.memo, known.memo = telling.memo, memo
    row.bank_reference = known.reference = known.reference or reference
    row.happened_at = row.happened_at or telling.happened_at
    row.counter_name = row.counter_name or telling.counter_name
    row.counter_account = row.counter_account or telling.counter_account
    return Taken(telling=telling, told=Told.MERGED, known=known, news=news)


def _referred_to(tellings: Sequence[Telling]) -> Select[Movement]:
    references = {rules.tidy_reference(telling.bank_reference) for telling in tellings} - {""}
    return select(Movement).where(
        Movement.bank_account_id.in_({telling.bank_account_id for telling in tellings}),
        Movement.direction.in_({telling.direction for telling in tellings}),
        Movement.bank_reference.in_(references),
    )


def _alike(kind: str, tellings: Sequence[Telling]) -> Select[Movement]:
    """Select what amount and day allow and this kind of source has not told of."""
    days = [telling.booked_on for telling in tellings]
    near = timedelta(days=rules.NEAR_DAYS)
    told = select(ToldMovement.id).where(
        ToldMovement.movement_id == Movement.id, ToldMovement.source_kind == kind
    )
    found = (
        select(TellingDecision.id)
        .join(ToldMovement, ToldMovement.id == TellingDecision.told_movement_id)
        .where(TellingDecision.movement_id == Movement.id, ToldMovement.source_kind == kind)
    )
    return select(Movement).where(
        Movement.bank_account_id.in_({telling.bank_account_id for telling in tellings}),
        Movement.direction.in_({telling.direction for telling in tellings}),
        Movement.amount.in_({telling.amount for telling in tellings}),
        Movement.booked_on.between(min(days) - near, max(days) + near),
        ~told.exists(),
        ~found.exists(),
    )


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
