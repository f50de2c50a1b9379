"""What a payout does to the books: the operator's, and the seller's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from foundation import clock
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.errors import N_
from payments.credits import rules as credit_rules
from payments.credits.models import Movement, Outcome
from payments.credits.models import State as MovementState
from payments.ledger import service as ledger
from payments.ledger.rules import AccountKind, Entry, Leg, transfer
from payments.payouts.models import Payout, PayoutBatch
from payments.reconciliation import service as reconciliation
from payments.reconciliation.models import AllocationKind

SET_APART = N_("Duyệt chuyển tiền cho người bán")
PUT_BACK = N_("Không chuyển được, trả về khoản phải trả")
GONE = N_("Tiền chuyển người bán đã rời tài khoản")
ON_ITS_WAY = N_("Sàn đã chuyển tiền")
SENT_BACK = N_("Ngân hàng trả lại tiền chuyển người bán")
ARRIVED = N_("Tiền sàn chuyển đã về tài khoản")


def set_apart(session: Session, batch: PayoutBatch, *, now: datetime) -> None:
    """Take what a batch pays out of what the sellers are owed."""
    entries = [
        Entry(
            key=_key(payout),
            organisation_id=batch.operator_id,
            day=clock.day(now),
            memo=SET_APART,
            legs=_with_fee(
                payout,
                (AccountKind.OWED_TO_SELLER, payout.seller.public_id),
                (AccountKind.IN_TRANSIT, payout.public_id),
            ),
        )
        for payout in batch.payouts
    ]
    ledger.post(session, entries, now=now)


def put_back(session: Session, payout: Payout, *, now: datetime) -> None:
    """Owe a seller again what could not be paid out."""
    ledger.reverse(
        session,
        _key(payout),
        new_key=f"{_key(payout)}:back",
        day=clock.day(now),
        memo=PUT_BACK,
        now=now,
    )


def explain_debit(
    session: Session,
    movement: Movement,
    payouts: Sequence[Payout],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Say that a locked movement out paid these lines; in the sellers' books their money is on
    its way from now on."""
    _explain(session, movement, Outcome.PAID_OUT, actor=actor, now=now)
    entries: list[Entry] = []
    for payout in payouts:
        transit = (AccountKind.IN_TRANSIT, payout.public_id)
        entries.append(
            Entry(
                key=f"{_key(payout)}:gone",
                organisation_id=movement.organisation_id,
                day=movement.booked_on,
                memo=GONE,
                legs=transfer(payout.net, (AccountKind.GONE, ""), transit),
            )
        )
        entries.append(
            Entry(
                key=f"{_key(payout)}:owed",
                organisation_id=payout.seller_id,
                day=movement.booked_on,
                memo=ON_ITS_WAY,
                legs=_mirrored_fee(payout, (AccountKind.OWED_BY_OPERATOR, ""), transit),
            )
        )
    ledger.post(session, entries, now=now)


def take_returned(
    session: Session, payout: Payout, movement: Movement, *, actor: Actor, now: datetime
) -> None:
    """Say that a locked movement in is a line's money sent back: the seller is owed it again."""
    reconciliation.allocate_return(
        session, movement, payout.net, reason=SENT_BACK, actor=actor, now=now
    )
    movement.outcome = Outcome.PAID_OUT
    _post(
        session,
        (f"{_key(payout)}:returned", movement.organisation_id, SENT_BACK),
        transfer(
            payout.net,
            (AccountKind.IN_TRANSIT, payout.public_id),
            (AccountKind.RETURNS_DUE, ""),
        ),
        day=movement.booked_on,
        now=now,
    )
    put_back(session, payout, now=now)
    ledger.reverse(
        session,
        f"{_key(payout)}:owed",
        new_key=f"{_key(payout)}:owed:back",
        day=movement.booked_on,
        memo=SENT_BACK,
        now=now,
    )


def take_arrived(
    session: Session, payout: Payout, movement: Movement, *, actor: Actor, now: datetime
) -> None:
    """Say that a locked movement in, at the seller's, is what the operator paid out."""
    reconciliation.set_apart(
        session,
        movement,
        AllocationKind.NOT_OURS,
        payout.net,
        reason=ARRIVED,
        actor=actor,
        now=now,
    )
    movement.outcome = Outcome.PAID_OUT
    _post(
        session,
        (f"{_key(payout)}:arrived", movement.organisation_id, ARRIVED),
        transfer(
            payout.net,
            (AccountKind.IN_TRANSIT, payout.public_id),
            (AccountKind.NOT_OURS, ""),
        ),
        day=movement.booked_on,
        now=now,
    )


def _explain(
    session: Session, movement: Movement, outcome: Outcome, *, actor: Actor, now: datetime
) -> None:
    movement.allocated = movement.amount
    movement.outcome = outcome
    by_hand = actor.person_id is not None
    audit.move(
        session,
        movement,
        MovementState.DECIDED if by_hand else MovementState.MATCHED,
        next_states=credit_rules.NEXT_STATES,
        actor=actor,
        now=now,
    )


def _post(
    session: Session,
    journal: tuple[str, int, str],
    legs: tuple[Leg, ...],
    *,
    day: date,
    now: datetime,
) -> None:
    key, organisation_id, memo = journal
    entry = Entry(key=key, organisation_id=organisation_id, day=day, memo=memo, legs=legs)
    ledger.post(session, [entry], now=now)


def _with_fee(
    payout: Payout, owed: tuple[AccountKind, str], transit: tuple[AccountKind, str]
) -> tuple[Leg, ...]:
    """The operator's legs: less owed; what travels, and what the fee covers."""
    legs = (
        Leg(account=owed[0], subject=owed[1], amount=payout.amount),
        Leg(account=transit[0], subject=transit[1], amount=-payout.net),
        Leg(account=AccountKind.FEES, amount=-payout.fee),
    )
    return tuple(leg for leg in legs if leg.amount)


def _mirrored_fee(
    payout: Payout, owed: tuple[AccountKind, str], transit: tuple[AccountKind, str]
) -> tuple[Leg, ...]:
    """The seller's legs: less to come; what travels, and what the fee cost."""
    legs = (
        Leg(account=owed[0], subject=owed[1], amount=-payout.amount),
        Leg(account=transit[0], subject=transit[1], amount=payout.net),
        Leg(account=AccountKind.FEES, amount=payout.fee),
    )
    return tuple(leg for leg in legs if leg.amount)


def _key(payout: Payout) -> str:
    return f"payout:{payout.public_id}"
