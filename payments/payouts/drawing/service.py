"""Drawing batches up, approving them, taking the bank's file out, and holding money back.

Whoever changes what may be paid out locks the operator's row first: of two at once one waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation import clock
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.money import format_vnd
from foundation.notifications import service as notifications
from foundation.organisations import queries as organisations
from foundation.organisations import rules as organisation_rules
from foundation.organisations.models import Membership, Organisation
from payments.intents.rules import new_reference
from payments.payouts import queries, rules, service
from payments.payouts.books import service as books
from payments.payouts.drawing import queries as drawing
from payments.payouts.drawing.queries import Payable
from payments.payouts.errors import (
    AmountTooSmall,
    DraftOpen,
    FeeUnfit,
    HoldNotFound,
    NoOperator,
    NotApproved,
    NothingToPay,
    OutOfDate,
    SamePerson,
    SellerNotFound,
)
from payments.payouts.models import (
    BatchState,
    Payout,
    PayoutBatch,
    PayoutExport,
    PayoutHold,
    State,
)


@dataclass(frozen=True, kw_only=True)
class File:
    """A bank's file: its name, its bytes, whether it is a copy of one taken out before."""

    name: str
    data: bytes
    copy: bool


def draw_up(session: Session, *, fee: int = 0, actor: Actor, now: datetime) -> PayoutBatch:
    """Draw up a batch of all that may be paid out, `fee` taken off each line.

    Nothing is set apart before somebody else approves. Raises FeeUnfit, NoOperator, DraftOpen,
    NothingToPay.
    """
    if not 0 <= fee <= rules.LARGEST_FEE:
        raise FeeUnfit
    operator = _locked_operator(session)
    draft = drawing.open_draft(session, operator.id)
    if draft is not None:
        raise DraftOpen(number=draft.number)
    found = [each for each in drawing.payables(session, operator.id, fee=fee) if each.amount]
    if not found:
        raise NothingToPay
    batch = _batch(session, operator, found, fee, actor=actor, now=now)
    audit.record(
        session,
        "payouts.drafted",
        batch,
        actor=actor,
        now=now,
        total=batch.total,
        count=batch.count,
    )
    _ask_to_approve(session, operator, batch, now)
    return batch


def drop(session: Session, public_id: str, *, actor: Actor, now: datetime) -> PayoutBatch:
    """Throw a draft away; nothing was set apart for it. Raises BatchNotFound, CannotMove."""
    operator = _locked_operator(session)
    batch = queries.lock_batch(session, operator.id, public_id)
    service.move_batch(session, batch, BatchState.DROPPED, actor=actor, now=now)
    for payout in batch.payouts:
        table = rules.NEXT_STATES
        audit.move(session, payout, State.DROPPED, next_states=table, actor=actor, now=now)
    return batch


def approve(session: Session, public_id: str, *, actor: Actor, now: datetime) -> PayoutBatch:
    """Somebody else than its author approves a batch: the sellers are owed that much less.

    Raises BatchNotFound, SamePerson, CannotMove, and OutOfDate when a seller's debt, account or
    holds have changed since so that a line does not fit any more.
    """
    operator = _locked_operator(session)
    batch = queries.lock_batch(session, operator.id, public_id)
    if actor.person_id in (None, batch.made_by_id):
        raise SamePerson
    service.move_batch(session, batch, BatchState.APPROVED, actor=actor, now=now)
    present = {each.seller.id: each for each in drawing.payables(session, operator.id)}
    stale = [
        payout.seller.name
        for payout in batch.payouts
        if not _still_fits(payout, present.get(payout.seller_id))
    ]
    if stale:
        raise OutOfDate(sellers=", ".join(stale))
    batch.approved_by_id, batch.approved_at = actor.person_id, now
    books.set_apart(session, batch, now=now)
    return batch


def export(session: Session, public_id: str, *, actor: Actor, now: datetime) -> File:
    """Take the bank's file out. Each time is written down; from the second time on it is a copy,
    marked as such and with the same content. Raises BatchNotFound, NotApproved."""
    operator = _locked_operator(session)
    batch = queries.lock_batch(session, operator.id, public_id)
    if batch.state not in rules.EXPORTABLE:
        raise NotApproved
    lines = drawing.rows(batch)
    totals = rules.totals(lines)
    nth = len(queries.exports(session, batch)) + 1
    session.add(
        PayoutExport(
            batch_id=batch.id,
            nth=nth,
            sha256=totals.sha256,
            by_person_id=actor.person_id,
            exported_at=now,
        )
    )
    if batch.state is BatchState.APPROVED:
        service.move_batch(session, batch, BatchState.EXPORTED, actor=actor, now=now)
    else:
        audit.record(session, "payouts.exported_again", batch, actor=actor, now=now, nth=nth)
    return File(
        name=f"{batch.number}{f'-ban-sao-{nth - 1}' if nth > 1 else ''}.xlsx",
        data=drawing.workbook(batch, lines, totals, copy=nth > 1),
        copy=nth > 1,
    )


def hold(
    session: Session,
    seller_public_id: str,
    *,
    amount: int | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> PayoutHold:
    """Keep some of what a seller is owed from being paid out, or (None) all of it.

    Raises ReasonMissing, AmountTooSmall, SellerNotFound, NoOperator.
    """
    why = service.say_why(reason)
    if amount is not None and amount < 1:
        raise AmountTooSmall
    _locked_operator(session)
    seller = session.scalars(
        select(Organisation).where(
            Organisation.public_id == seller_public_id,
            Organisation.kind.in_(sorted(organisation_rules.SELLING_KINDS)),
        )
    ).one_or_none()
    if seller is None:
        raise SellerNotFound
    kept = PayoutHold(
        seller=seller, amount=amount, reason=why, placed_by_id=actor.person_id, placed_at=now
    )
    session.add(kept)
    audit.record(session, "payouts.held", kept, actor=actor, now=now, amount=amount, reason=why)
    return kept


def lift(session: Session, public_id: str, *, actor: Actor, now: datetime) -> PayoutHold:
    """Let go of what was held. Raises HoldNotFound."""
    _locked_operator(session)
    kept = session.scalars(
        select(PayoutHold)
        .where(PayoutHold.public_id == public_id, PayoutHold.lifted_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if kept is None:
        raise HoldNotFound
    kept.lifted_by_id, kept.lifted_at = actor.person_id, now
    audit.record(session, "payouts.hold_lifted", kept, actor=actor, now=now)
    return kept


def _locked_operator(session: Session) -> Organisation:
    operator = organisations.operator(session)
    if operator is None:
        raise NoOperator
    # Not the whole row: others may go on storing rows that name the operator.
    return session.scalars(
        select(Organisation)
        .where(Organisation.id == operator.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def _batch(
    session: Session,
    operator: Organisation,
    found: list[Payable],
    fee: int,
    *,
    actor: Actor,
    now: datetime,
) -> PayoutBatch:
    day = clock.day(now)
    earlier = session.scalar(
        select(func.count()).where(PayoutBatch.operator_id == operator.id, PayoutBatch.day == day)
    )
    batch = PayoutBatch(
        operator_id=operator.id,
        number=rules.batch_number(day, (earlier or 0) + 1),
        day=day,
        reference=new_reference(),
        state=BatchState.DRAFT,
        count=len(found),
        total=sum(each.amount - fee for each in found),
        made_by_id=actor.person_id,
        made_at=now,
        payouts=[_line(position, each, fee) for position, each in enumerate(found, start=1)],
    )
    session.add(batch)
    session.flush()
    return batch


def _line(position: int, payable: Payable, fee: int) -> Payout:
    account = payable.account
    if account is None:
        raise ValueError("nobody is paid out without an account")
    return Payout(
        position=position,
        seller=payable.seller,
        amount=payable.amount,
        fee=fee,
        net=payable.amount - fee,
        bank_bin=account.bank_bin,
        account_number=account.number,
        holder=rules.bank_letters(account.holder),
        reference=new_reference(),
        state=State.PENDING,
    )


def _still_fits(payout: Payout, present: Payable | None) -> bool:
    if present is None or present.account is None or present.amount < payout.amount:
        return False
    account = (present.account.bank_bin, present.account.number)
    return account == (payout.bank_bin, payout.account_number)


def _ask_to_approve(
    session: Session, operator: Organisation, batch: PayoutBatch, now: datetime
) -> None:
    members = session.execute(
        select(Membership.person_id, Membership.role).where(
            Membership.organisation_id == operator.id, Membership.person_id != batch.made_by_id
        )
    )
    for person_id, role in members:
        if "authority.payouts" not in organisation_rules.permissions(operator.kind, role):
            continue
        notifications.tell(
            session,
            person_id,
            "payout.approve",
            once_key=f"payouts:{batch.id}",
            facts={
                "number": batch.number,
                "count": batch.count,
                "amount": format_vnd(batch.total),
            },
            url=f"/ops/payouts/{batch.public_id}",
            now=now,
        )
