"""Reading refunds, and what may still be given back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from foundation.organisations import rules as organisation_rules
from foundation.organisations.models import Membership, Organisation
from payments.credits import queries as credits_queries
from payments.credits.errors import MovementNotFound
from payments.credits.models import Channel, Direction, Movement
from payments.credits.models import State as MovementState
from payments.intents import queries as intent_queries
from payments.intents.errors import IntentNotFound
from payments.intents.rules import references_in
from payments.reconciliation import queries as allocations
from payments.refunds.errors import RefundNotFound, SourceNotFound
from payments.refunds.models import Refund, Source, State

PAGE = 30
CANDIDATES = 10


@dataclass(frozen=True, kw_only=True)
class Page:
    rows: Sequence[Refund]
    total: int

    @property
    def pages(self) -> int:
        return max(ceil(self.total / PAGE), 1)


@dataclass(frozen=True, kw_only=True)
class Available:
    """What could be given back of one source, and what is known of whom it came from."""

    source: Source
    subject: str
    label: str
    left: int
    payer_name: str = ""
    counter_account: str = ""


def one(session: Session, organisation_id: int | None, public_id: str) -> Refund:
    """Return a refund with its attempts: of this organisation, or any for the authority (None)
    that it is asked about. Raises RefundNotFound."""
    statement = _full().where(Refund.public_id == public_id)
    found = session.scalars(_within(statement, organisation_id)).one_or_none()
    if found is None:
        raise RefundNotFound
    return found


def lock(session: Session, organisation_id: int | None, public_id: str) -> Refund:
    """Return a refund as it is now, as `one` does, locked until the transaction ends."""
    statement = select(Refund).where(Refund.public_id == public_id)
    found = session.scalars(
        _within(statement, organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise RefundNotFound
    return found


def lock_by_references(session: Session, references: Collection[str]) -> dict[str, Refund]:
    """Return refunds by their codes, locked in the order of their keys."""
    rows = session.scalars(
        select(Refund)
        .where(Refund.reference.in_(references))
        .order_by(Refund.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.reference: row for row in rows}


def by_key(session: Session, organisation_id: int, key: str) -> Refund | None:
    """Return what was asked for under this key before."""
    return session.scalars(
        select(Refund).where(Refund.organisation_id == organisation_id, Refund.key == key)
    ).one_or_none()


def page(session: Session, organisation_id: int, states: Collection[State], *, number: int) -> Page:
    """Return an organisation's refunds in these states, newest first."""
    mine = select(Refund).where(Refund.organisation_id == organisation_id, Refund.state.in_(states))
    return _page(session, mine, number)


def for_authority(session: Session, states: Collection[State], *, number: int) -> Page:
    """Return the refunds that the authority is asked about, newest first."""
    asked = select(Refund).where(Refund.asks_authority, Refund.state.in_(states))
    return _page(session, asked, number)


def state_counts(session: Session, organisation_id: int) -> Mapping[State, int]:
    """Return how many refunds of an organisation are in each state."""
    rows = session.execute(
        select(Refund.state, func.count())
        .where(Refund.organisation_id == organisation_id)
        .group_by(Refund.state)
    )
    return {state: count for state, count in rows}  # noqa: C416  # a Row is no pair to mypy


def available(session: Session, organisation_id: int, source: Source, subject: str) -> Available:
    """Return what is left of a source, without locking it. Raises SourceNotFound."""
    try:
        if source is Source.MOVEMENT:
            return _of_movement(session, organisation_id, subject)
        if source is Source.INTENT:
            return _of_intent(session, organisation_id, subject)
    except (MovementNotFound, IntentNotFound):
        raise SourceNotFound from None
    left = allocations.balance(session, organisation_id, subject)
    return Available(source=source, subject=subject, label=subject, left=left)


def approvers(session: Session, organisation_id: int) -> list[int]:
    """Return the people who may approve refunds of an organisation."""
    rows = session.execute(
        select(Membership.person_id, Membership.role, Organisation.kind)
        .join(Membership.organisation)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.id)
    )
    return [
        person_id
        for person_id, role, kind in rows
        if "payments.approve" in organisation_rules.permissions(kind, role)
    ]


def debits(session: Session, refund: Refund) -> Sequence[Movement]:
    """Return money out that nobody has explained and that a refund on its way could be."""
    return session.scalars(
        _unexplained(refund, Direction.OUT)
        .where(Movement.booked_on >= refund.requested_at.date())
        .order_by(Movement.id.desc())
        .limit(CANDIDATES)
    ).all()


def heard_before(session: Session, refund: Refund, direction: Direction) -> Movement | None:
    """Return a movement that waits for nothing but this refund: its code, its amount."""
    rows = session.scalars(_unexplained(refund, direction).order_by(Movement.id))
    return next((row for row in rows if refund.reference in references_in(row.memo)), None)


def _unexplained(refund: Refund, direction: Direction) -> Select[Movement]:
    return select(Movement).where(
        Movement.organisation_id == refund.organisation_id,
        Movement.direction == direction,
        Movement.state == MovementState.WAITING,
        Movement.channel == Channel.BANK,
        Movement.allocated == 0,
        Movement.amount == refund.amount,
    )


def _of_movement(session: Session, organisation_id: int, public_id: str) -> Available:
    found = credits_queries.by_public_id(session, organisation_id, public_id)
    if found.direction is not Direction.IN:
        raise SourceNotFound
    return Available(
        source=Source.MOVEMENT,
        subject=public_id,
        label=found.memo,
        left=found.waiting,
        payer_name=found.counter_name,
        counter_account=found.counter_account,
    )


def _of_intent(session: Session, organisation_id: int, public_id: str) -> Available:
    found = intent_queries.one(session, organisation_id, public_id)
    return Available(
        source=Source.INTENT,
        subject=public_id,
        label=found.purpose,
        left=found.settled - found.refunded,
        payer_name=found.payer_name,
    )


def _page(session: Session, rows: Select[Refund], number: int) -> Page:
    total = session.scalar(select(func.count()).select_from(rows.subquery())) or 0
    shown = rows.options(joinedload(Refund.organisation)).order_by(Refund.id.desc())
    found = session.scalars(shown.limit(PAGE).offset((number - 1) * PAGE)).all()
    return Page(rows=found, total=total)


def _full() -> Select[Refund]:
    return select(Refund).options(
        joinedload(Refund.organisation),
        joinedload(Refund.movement),
        joinedload(Refund.intent),
        selectinload(Refund.attempts),
    )


def _within(statement: Select[Refund], organisation_id: int | None) -> Select[Refund]:
    if organisation_id is None:
        return statement.where(Refund.asks_authority)
    return statement.where(Refund.organisation_id == organisation_id)
