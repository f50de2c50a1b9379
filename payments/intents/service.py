"""Asking for money, and noting what became of the asking.

Those who allocate money (payments.reconciliation) lock intents with `lock_many`, in one order for
all, and then say here what was settled, came in excess, or was taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation.audit import service as audit
from foundation.audit.rules import SYSTEM, Actor
from foundation.outbox import service as outbox
from payments.bank_accounts import queries as bank_accounts
from payments.intents import queries, rules
from payments.intents.errors import (
    AboveDue,
    AmountTooSmall,
    CannotReplace,
    HasMoney,
    IntentNotFound,
    KeyUsedOtherwise,
    MoreThanSettled,
    NotPayable,
    ReasonMissing,
)
from payments.intents.events import IntentMoved
from payments.intents.models import Intent, IntentLine, State
from payments.intents.rules import Wanted

MOST_TRIES = 5
EXPIRY_BATCH = 500
_EITHER_WAY: Mapping[State, frozenset[State]] = {
    state: rules.NEXT_STATES.get(state, frozenset()) | rules.REPAIRS.get(state, frozenset())
    for state in State
}


def create(
    session: Session, organisation_id: int, wanted: Wanted, *, actor: Actor, now: datetime
) -> Intent:
    """Ask for money, once per key: asked again with the same facts, the first intent is returned.

    The money is to go to the organisation's main account; without one it can be paid in cash or
    by card only. Raises the refusals of rules.check, and KeyUsedOtherwise.
    """
    rules.check(wanted, now=now)
    account = bank_accounts.main(session, organisation_id)
    for _ in range(MOST_TRIES):
        earlier = _asked_before(session, organisation_id, wanted)
        if earlier is not None:
            return earlier
        intent = _intent(organisation_id, wanted, now)
        intent.bank_account_id = None if account is None else account.id
        try:
            with session.begin_nested():
                session.add(intent)
                session.flush()
        except IntegrityError:
            continue  # somebody asked with this key a moment ago, or the reference was taken
        audit.record(session, "payment_intents.created", intent, actor=actor, now=now)
        return intent
    raise RuntimeError(f"no free reference code after {MOST_TRIES} tries")


def _asked_before(session: Session, organisation_id: int, wanted: Wanted) -> Intent | None:
    earlier = session.scalars(
        select(Intent).where(Intent.organisation_id == organisation_id, Intent.key == wanted.key)
    ).one_or_none()
    if earlier is not None and earlier.input_hash != rules.input_hash(wanted):
        raise KeyUsedOtherwise
    return earlier


def _intent(organisation_id: int, wanted: Wanted, now: datetime) -> Intent:
    return Intent(
        organisation_id=organisation_id,
        reference=rules.new_reference(),
        amount=wanted.amount,
        purpose=wanted.purpose,
        payer=wanted.payer,
        payer_name=wanted.payer_name,
        settles_late=wanted.settles_late,
        state=State.OPEN,
        settled=0,
        excess=0,
        refunded=0,
        key=wanted.key,
        input_hash=rules.input_hash(wanted),
        created_at=now,
        expires_at=wanted.expires_at,
        lines=[
            IntentLine(
                position=position,
                kind=line.kind,
                subject=line.subject,
                label=line.label,
                amount=line.amount,
            )
            for position, line in enumerate(wanted.lines, start=1)
        ],
    )


def lock_many(session: Session, ids: Collection[int]) -> list[Intent]:
    """Lock intents for writing and return them by rising id: one order for everybody, so that
    nobody waits for somebody who waits for them."""
    wanted = sorted(set(ids))
    locked: list[Intent] = []
    for start in range(0, len(wanted), queries.BATCH):
        locked += session.scalars(
            select(Intent)
            .where(Intent.id.in_(wanted[start : start + queries.BATCH]))
            .order_by(Intent.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    return locked


def settle(session: Session, intent: Intent, amount: int, *, actor: Actor, now: datetime) -> None:
    """Note that so many đồng were allocated to a locked intent.

    Raises NotPayable for one that takes no more money, AboveDue for more than is still due.
    """
    _hold_to_positive(amount)
    _hold_to_payable(intent, now)
    if amount > intent.due:
        raise AboveDue(due=intent.due)
    intent.settled += amount
    _follow(session, intent, rules.NEXT_STATES, actor=actor, now=now)


def unsettle(session: Session, intent: Intent, amount: int, *, actor: Actor, now: datetime) -> None:
    """Note that an allocation to a locked intent was undone.

    Raises MoreThanSettled where so much was never settled, or part of it was given back.
    """
    _hold_to_positive(amount)
    if amount > intent.settled - intent.refunded:
        raise MoreThanSettled(settled=intent.settled, refunded=intent.refunded)
    intent.settled -= amount
    _follow(session, intent, rules.REPAIRS, actor=actor, now=now)


def note_excess(
    session: Session, intent: Intent, delta: int, *, actor: Actor, now: datetime
) -> None:
    """Note that more arrived for a locked intent than was due (delta > 0), or that it was decided
    what becomes of some of it (delta < 0).

    Raises NotPayable for one that takes no money, MoreThanSettled for more than there is.
    """
    if delta > 0:
        _hold_to_payable(intent, now)
    if intent.excess + delta < 0:
        raise MoreThanSettled(excess=intent.excess)
    intent.excess += delta
    _follow(session, intent, _EITHER_WAY, actor=actor, now=now)


def note_refunded(
    session: Session, intent: Intent, delta: int, *, actor: Actor, now: datetime
) -> None:
    """Note that so much of what was settled is on its way back (delta > 0), or stays after all.

    Raises MoreThanSettled where more would be given back than was settled.
    """
    if not 0 <= intent.refunded + delta <= intent.settled:
        raise MoreThanSettled(settled=intent.settled, refunded=intent.refunded)
    intent.refunded += delta
    audit.record(
        session, "payment_intents.refunded", intent, actor=actor, now=now, refunded=intent.refunded
    )


def cancel(
    session: Session,
    organisation_id: int,
    public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Intent:
    """Withdraw what was asked for; money that still arrives for it waits in suspense.

    Raises IntentNotFound, ReasonMissing, HasMoney, CannotMove.
    """
    if not 0 < len(reason.strip()) <= rules.LONGEST_REASON:
        raise ReasonMissing
    intent = session.scalars(
        select(Intent)
        .where(Intent.organisation_id == organisation_id, Intent.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if intent is None:
        raise IntentNotFound
    _close(session, intent, reason, actor=actor, now=now)
    return intent


def replace(
    session: Session,
    intent: Intent,
    by: Intent,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Withdraw an intent in favour of a newer one of the same payee: money sent with the old
    code settles the newer one. Raises CannotReplace, ReasonMissing, HasMoney, CannotMove."""
    if not 0 < len(reason.strip()) <= rules.LONGEST_REASON:
        raise ReasonMissing
    lock_many(session, [intent.id, by.id])
    newest = queries.by_references(session, [by.reference])[by.reference]
    if (
        intent.organisation_id != by.organisation_id
        or intent.id in (by.id, newest.id)
        or by.state is State.CANCELLED
    ):
        raise CannotReplace
    _close(session, intent, reason, actor=actor, now=now)
    intent.replaced_by_id = by.id


def expire_due(session: Session, *, now: datetime) -> int:
    """Write down that intents have run out, one batch of them. Return how many; fewer than
    EXPIRY_BATCH means that no more wait."""
    due = session.scalars(
        select(Intent)
        .where(Intent.state.in_(sorted(rules.PAYABLE)), Intent.expires_at <= now)
        .order_by(Intent.expires_at, Intent.id)
        .limit(EXPIRY_BATCH)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for intent in due:
        _move(session, intent, State.EXPIRED, rules.NEXT_STATES, actor=SYSTEM, now=now)
        intent.closed_at = now
    return len(due)


def _hold_to_positive(amount: int) -> None:
    if amount < 1:
        raise AmountTooSmall


def _hold_to_payable(intent: Intent, now: datetime) -> None:
    state = queries.effective_state(intent, now=now)
    if not rules.takes_money(state, settles_late=intent.settles_late):
        raise NotPayable(state=state.value)


def _close(session: Session, intent: Intent, reason: str, *, actor: Actor, now: datetime) -> None:
    if intent.settled or intent.excess:
        raise HasMoney
    table = rules.NEXT_STATES
    _move(session, intent, State.CANCELLED, table, actor=actor, now=now, reason=reason)
    intent.closed_at, intent.close_reason = now, reason.strip()


def _follow(
    session: Session,
    intent: Intent,
    table: Mapping[State, frozenset[State]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Move a locked intent to the state that its đồng make, and tell."""
    wanted = rules.state_for(intent.amount, intent.settled, intent.excess)
    if wanted is intent.state:
        _tell(session, intent, intent.state, now)
    else:
        _move(session, intent, wanted, table, actor=actor, now=now)
        intent.closed_at = None
    if intent.due:
        intent.settled_at = None
    elif intent.settled_at is None:
        intent.settled_at = now


def _move(
    session: Session,
    intent: Intent,
    wanted: State,
    table: Mapping[State, frozenset[State]],
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    before = intent.state
    audit.move(session, intent, wanted, next_states=table, actor=actor, now=now, reason=reason)
    _tell(session, intent, before, now)


def _tell(session: Session, intent: Intent, before: State, now: datetime) -> None:
    outbox.record(
        session,
        IntentMoved(
            intent_id=intent.id,
            organisation_id=intent.organisation_id,
            before=before.value,
            state=intent.state.value,
            occurred_at=now,
        ),
    )
