"""Reading what couriers owe: for the operator all of it, for a seller the seller's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from payments.gateways.cash_on_delivery.errors import CollectionNotFound, CourierNotFound
from payments.gateways.cash_on_delivery.models import (
    CodCollection,
    CodHandover,
    CodState,
    Courier,
)

MOST = 500


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What a courier holds of an operator's money: đồng, parcels, and since when the oldest."""

    courier: Courier
    held: int
    parcels: int
    oldest: datetime | None
    on_the_way: int


def couriers(session: Session) -> Sequence[Courier]:
    """Return all couriers by name."""
    return session.scalars(select(Courier).order_by(Courier.name)).all()


def courier(session: Session, public_id: str) -> Courier:
    """Return a courier. Raises CourierNotFound."""
    found = session.scalars(select(Courier).where(Courier.public_id == public_id)).one_or_none()
    if found is None:
        raise CourierNotFound
    return found


def holdings(session: Session, operator_id: int) -> list[Holding]:
    """Return what each courier holds for this operator, the largest sums first."""
    rows = session.execute(
        select(
            CodCollection.courier_id,
            CodCollection.state,
            func.count(),
            func.sum(CodCollection.amount - CodCollection.handed),
            func.min(CodCollection.collected_at),
        )
        .where(
            CodCollection.operator_id == operator_id,
            CodCollection.state.in_([CodState.OWED, CodState.COLLECTED]),
        )
        .group_by(CodCollection.courier_id, CodCollection.state)
    )
    found = {
        (courier_id, state): (number, total, at) for courier_id, state, number, total, at in rows
    }
    holdings = []
    for one in couriers(session):
        parcels, held, oldest = found.get((one.id, CodState.COLLECTED), (0, 0, None))
        on_the_way = found.get((one.id, CodState.OWED), (0, 0, None))[0]
        holdings.append(
            Holding(
                courier=one,
                held=int(held),
                parcels=parcels,
                oldest=oldest,
                on_the_way=on_the_way,
            )
        )
    return sorted(holdings, key=lambda each: -each.held)


def of_courier(session: Session, operator_id: int, courier_id: int) -> Sequence[CodCollection]:
    """Return what a courier has to collect or to hand over, the oldest first."""
    return session.scalars(
        select(CodCollection)
        .where(
            CodCollection.operator_id == operator_id,
            CodCollection.courier_id == courier_id,
            CodCollection.state.in_([CodState.OWED, CodState.COLLECTED]),
        )
        .options(joinedload(CodCollection.organisation), joinedload(CodCollection.intent))
        .order_by(CodCollection.state, CodCollection.due_on, CodCollection.id)
        .limit(MOST)
    ).all()


def handovers(session: Session, operator_id: int, courier_id: int) -> Sequence[CodHandover]:
    """Return what a courier handed over last."""
    return session.scalars(
        select(CodHandover)
        .where(CodHandover.operator_id == operator_id, CodHandover.courier_id == courier_id)
        .order_by(CodHandover.id.desc())
        .limit(30)
    ).all()


def of_organisation(session: Session, organisation_id: int) -> Sequence[CodCollection]:
    """Return what is collected for a seller and has not reached the operator, oldest first."""
    return session.scalars(
        select(CodCollection)
        .where(
            CodCollection.organisation_id == organisation_id,
            CodCollection.state.in_([CodState.OWED, CodState.COLLECTED]),
        )
        .options(joinedload(CodCollection.courier), joinedload(CodCollection.intent))
        .order_by(CodCollection.due_on, CodCollection.id)
        .limit(MOST)
    ).all()


def lock(session: Session, public_id: str, *, operator_id: int) -> CodCollection:
    """Return a collection of this operator for writing. Raises CollectionNotFound."""
    found = lock_many(session, [public_id], operator_id=operator_id)
    if not found:
        raise CollectionNotFound
    return found[0]


def lock_many(
    session: Session, public_ids: Collection[str], *, operator_id: int
) -> Sequence[CodCollection]:
    """Return collections for writing, locked in the order of their keys, those missing left out."""
    return session.scalars(
        select(CodCollection)
        .where(
            CodCollection.public_id.in_(sorted(set(public_ids))),
            CodCollection.operator_id == operator_id,
        )
        .options(
            joinedload(CodCollection.organisation),
            joinedload(CodCollection.intent),
            joinedload(CodCollection.courier),
        )
        .order_by(CodCollection.id)
        .with_for_update(of=CodCollection)
        .execution_options(populate_existing=True)
    ).all()
