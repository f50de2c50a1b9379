"""Reading payouts: the operator's batches, and what a seller is paid."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from payments.credits.models import Channel, Direction, Movement
from payments.credits.models import State as MovementState
from payments.intents.rules import references_in
from payments.ledger import queries as ledger
from payments.ledger.models import AccountKind
from payments.payouts.errors import BatchNotFound, PayoutNotFound
from payments.payouts.models import BatchState, Payout, PayoutBatch, PayoutExport, State

PAGE = 30
CANDIDATES = 10
# A bank books one debit for a whole batch within so many days of its file.
BULK_DAYS = 10


@dataclass(frozen=True, kw_only=True)
class Page:
    rows: Sequence[PayoutBatch]
    total: int

    @property
    def pages(self) -> int:
        return max(ceil(self.total / PAGE), 1)


@dataclass(frozen=True, kw_only=True)
class SellerPage:
    """What a seller is shown: what the operator owes, what is on its way, past transfers."""

    owed: int
    under_way: int
    payouts: Sequence[Payout]
    total: int

    @property
    def pages(self) -> int:
        return max(ceil(self.total / PAGE), 1)


def owed(session: Session, operator_id: int, seller_public_id: str) -> int:
    """Return what the operator owes a seller by its books, in đồng."""
    return -ledger.balance(session, operator_id, AccountKind.OWED_TO_SELLER, seller_public_id)


def batches(session: Session, operator_id: int, *, number: int) -> Page:
    """Return a page of the operator's batches, newest first."""
    mine = select(PayoutBatch).where(PayoutBatch.operator_id == operator_id)
    total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    rows = mine.order_by(PayoutBatch.id.desc()).limit(PAGE).offset((number - 1) * PAGE)
    return Page(rows=session.scalars(rows).all(), total=total)


def batch(session: Session, operator_id: int, public_id: str) -> PayoutBatch:
    """Return a batch with its lines and their sellers. Raises BatchNotFound."""
    found = session.scalars(
        select(PayoutBatch)
        .where(PayoutBatch.operator_id == operator_id, PayoutBatch.public_id == public_id)
        .options(selectinload(PayoutBatch.payouts).joinedload(Payout.seller))
    ).one_or_none()
    if found is None:
        raise BatchNotFound
    return found


def lock_batch(session: Session, operator_id: int, public_id: str) -> PayoutBatch:
    """Return a batch as it is now, locked until the transaction ends. Raises BatchNotFound."""
    found = session.scalars(
        select(PayoutBatch)
        .where(PayoutBatch.operator_id == operator_id, PayoutBatch.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise BatchNotFound
    return found


def lock_payout(session: Session, operator_id: int, public_id: str) -> Payout:
    """Return a line as it is now, its batch locked first and then itself.

    Raises PayoutNotFound.
    """
    batch_id = session.scalar(
        select(Payout.batch_id)
        .join(Payout.batch)
        .where(Payout.public_id == public_id, PayoutBatch.operator_id == operator_id)
    )
    if batch_id is None:
        raise PayoutNotFound
    lock_batches(session, [batch_id])
    return session.scalars(
        select(Payout)
        .where(Payout.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def lock_batches(session: Session, ids: Collection[int]) -> dict[int, PayoutBatch]:
    """Return batches by their keys, locked in that order."""
    rows = session.scalars(
        select(PayoutBatch)
        .where(PayoutBatch.id.in_(sorted(set(ids))))
        .order_by(PayoutBatch.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def lock_payouts(session: Session, references: Collection[str]) -> dict[str, Payout]:
    """Return lines by their codes: their batches are locked first, then they."""
    batch_ids = session.scalars(select(Payout.batch_id).where(Payout.reference.in_(references)))
    lock_batches(session, list(batch_ids))
    rows = session.scalars(
        select(Payout)
        .where(Payout.reference.in_(references))
        .order_by(Payout.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.reference: row for row in rows}


def exports(session: Session, batch: PayoutBatch) -> Sequence[PayoutExport]:
    """Return what was taken out of a batch, the original first."""
    return session.scalars(
        select(PayoutExport).where(PayoutExport.batch_id == batch.id).order_by(PayoutExport.nth)
    ).all()


def awaiting_a_debit(session: Session, organisation_ids: Collection[int]) -> Collection[int]:
    """Return which of these organisations have a batch whose debit may still be heard of."""
    return set(
        session.scalars(
            select(PayoutBatch.operator_id)
            .where(
                PayoutBatch.operator_id.in_(sorted(organisation_ids)),
                PayoutBatch.state.in_((BatchState.EXPORTED, BatchState.SENT)),
            )
            .distinct()
        )
    )


def fitting_batches(
    session: Session, operator_id: int, amount: int, day: date
) -> Sequence[PayoutBatch]:
    """Return the batches that one debit of this amount on this day could be."""
    return session.scalars(
        select(PayoutBatch).where(
            PayoutBatch.operator_id == operator_id,
            PayoutBatch.state.in_((BatchState.EXPORTED, BatchState.SENT)),
            PayoutBatch.total == amount,
            PayoutBatch.gone_id.is_(None),
            PayoutBatch.day.between(day - timedelta(days=BULK_DAYS), day + timedelta(days=1)),
        )
    ).all()


def batches_by_reference(session: Session, references: Collection[str]) -> Sequence[PayoutBatch]:
    """Return the batches whose codes these are."""
    return session.scalars(select(PayoutBatch).where(PayoutBatch.reference.in_(references))).all()


def heard_before(
    session: Session, organisation_id: int, amount: int, reference: str
) -> Movement | None:
    """Return money that came in with this code and amount and that nobody has explained."""
    rows = session.scalars(
        _unexplained(organisation_id, amount, Direction.IN).order_by(Movement.id)
    )
    return next((row for row in rows if reference in references_in(row.memo)), None)


def candidates(
    session: Session, operator_id: int, amount: int, direction: Direction
) -> Sequence[Movement]:
    """Return movements of this amount that nobody has explained, newest first."""
    return session.scalars(
        _unexplained(operator_id, amount, direction).order_by(Movement.id.desc()).limit(CANDIDATES)
    ).all()


def of_seller(
    session: Session, seller_id: int, seller_public_id: str, operator_id: int, *, number: int
) -> SellerPage:
    """Return a page of what a seller was paid; drafts and dropped ones are nobody's business."""
    seen = select(Payout).where(Payout.seller_id == seller_id, Payout.state != State.DROPPED)
    seen = seen.join(Payout.batch).where(PayoutBatch.state != BatchState.DRAFT)
    total = session.scalar(select(func.count()).select_from(seen.subquery())) or 0
    rows = session.scalars(
        seen.options(joinedload(Payout.batch))
        .order_by(Payout.id.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    under_way = session.scalar(
        select(func.coalesce(func.sum(Payout.net), 0))
        .join(Payout.batch)
        .where(
            Payout.seller_id == seller_id,
            Payout.state.in_((State.PENDING, State.SENT)),
            PayoutBatch.state != BatchState.DRAFT,
        )
    )
    return SellerPage(
        owed=owed(session, operator_id, seller_public_id),
        under_way=int(under_way or 0),
        payouts=rows,
        total=total,
    )


def state_sums(batch: PayoutBatch) -> Mapping[State, int]:
    """Return the đồng of a batch's lines by what became of them."""
    sums: dict[State, int] = {}
    for payout in batch.payouts:
        sums[payout.state] = sums.get(payout.state, 0) + payout.net
    return sums


def _unexplained(organisation_id: int, amount: int, direction: Direction) -> Select[Movement]:
    return select(Movement).where(
        Movement.organisation_id == organisation_id,
        Movement.direction == direction,
        Movement.state == MovementState.WAITING,
        Movement.channel == Channel.BANK,
        Movement.allocated == 0,
        Movement.amount == amount,
    )
