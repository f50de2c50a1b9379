"""What the payment page and the counter show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from foundation import clock
from payments.bank_accounts.models import BankAccount
from payments.bank_accounts.models import State as AccountState
from payments.counter import rules
from payments.counter.rules import Standing
from payments.intents import queries as intents
from payments.intents.errors import IntentNotFound
from payments.intents.models import Intent, IntentLine, State
from payments.intents.rules import effective_state

_PAID = (State.PAID, State.OVERPAID)


@dataclass(frozen=True, kw_only=True)
class Payment:
    """An intent as its payer sees it; `newer` is to be paid in its place."""

    intent: Intent
    standing: Standing
    newer: Intent | None


def payment(session: Session, public_id: str, *, now: datetime) -> Payment:
    """Return what a payment page shows, in at most four statements while nothing replaced it.

    Raises IntentNotFound.
    """
    intent = intents.by_public_id(session, public_id)
    if intent is None:
        raise IntentNotFound
    newer = intents.replaced_by(session, intent) if intent.replaced_by_id else None
    account = intent.bank_account
    held = standing_of(intent, None if account is None else account.state, now=now)
    return Payment(intent=intent, standing=held, newer=newer)


def own_payment(
    session: Session, organisation_id: int, public_id: str, *, now: datetime
) -> Payment:
    """Return the same of an organisation's own intent. Raises IntentNotFound."""
    found = payment(session, public_id, now=now)
    if found.intent.organisation_id != organisation_id:
        raise IntentNotFound
    return found


def standing(session: Session, public_id: str, *, now: datetime) -> Standing:
    """Return how a payment stands, in one statement. Raises IntentNotFound."""
    row = session.execute(_facts().where(Intent.public_id == public_id)).one_or_none()
    if row is None:
        raise IntentNotFound
    return standing_of(row, row.account_state, now=now)


def standing_of(
    facts: Intent | Row[*tuple[Any, ...]], account: AccountState | None, *, now: datetime
) -> Standing:
    """Return how a payment stands: of an intent, or of the columns that tell, and of the state
    of the account it is to be paid into, None where there is none."""
    return Standing(
        shown=rules.shown(
            effective_state(facts.state, facts.expires_at, now=now),
            due=facts.amount - facts.settled,
            settles_late=facts.settles_late,
            has_account=account not in (None, AccountState.CLOSED, AccountState.DECLINED),
            replaced=facts.replaced_by_id is not None,
        ),
        amount=facts.amount,
        settled=facts.settled,
        excess=facts.excess,
        refunded=facts.refunded,
        expires_at=facts.expires_at,
        settled_at=facts.settled_at,
    )


def _facts() -> Select[*tuple[Any, ...]]:
    return select(
        Intent.public_id,
        Intent.purpose,
        Intent.created_at,
        Intent.state,
        Intent.amount,
        Intent.settled,
        Intent.excess,
        Intent.refunded,
        Intent.settles_late,
        Intent.replaced_by_id,
        Intent.expires_at,
        Intent.settled_at,
        BankAccount.state.label("account_state"),
    ).outerjoin(BankAccount, BankAccount.id == Intent.bank_account_id)


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One payment of the counter's day."""

    public_id: str
    purpose: str
    created_at: datetime
    standing: Standing


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day at the counter, newest first; sums in đồng."""

    charges: Sequence[Charge]

    @property
    def collected(self) -> int:
        return sum(charge.standing.settled for charge in self.charges)

    @property
    def paid_count(self) -> int:
        return sum(charge.standing.done for charge in self.charges)

    @property
    def awaited(self) -> int:
        return sum(charge.standing.due for charge in self.charges if charge.standing.payable)


def day(
    session: Session, organisation_id: int, organisation: str, *, on: date, now: datetime
) -> Day:
    """Return what an organisation (key and public id) charged at its counter on a day."""
    rows = session.execute(_of_day(organisation_id, organisation, on).order_by(Intent.id.desc()))
    return Day(
        charges=[
            Charge(
                public_id=row.public_id,
                purpose=row.purpose,
                created_at=row.created_at,
                standing=standing_of(row, row.account_state, now=now),
            )
            for row in rows
        ]
    )


def latest(
    session: Session, organisation_id: int, organisation: str, *, now: datetime
) -> str | None:
    """Return the public id of what a second screen is to show: the newest payment of today that
    waits for its payer, or was paid a moment ago."""
    today = clock.day(now)
    thanks_from = now - timedelta(seconds=rules.THANKS_SECONDS)
    row = session.execute(
        _of_day(organisation_id, organisation, today)
        .where(
            or_(
                Intent.state.in_((State.OPEN, State.PART_PAID)) & (Intent.expires_at > now),
                Intent.state.in_(_PAID) & (Intent.settled_at > thanks_from),
            )
        )
        .order_by(Intent.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else str(row.public_id)


def _of_day(organisation_id: int, organisation: str, on: date) -> Select[*tuple[Any, ...]]:
    filed = select(IntentLine.intent_id).where(
        IntentLine.kind == rules.KIND, IntentLine.subject == rules.subject_of(organisation, on)
    )
    return _facts().where(Intent.organisation_id == organisation_id, Intent.id.in_(filed))
