"""Money that couriers collect: owed by the buyer, then by the courier, then by the operator."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation import clock, ids
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.money import format_vnd
from foundation.organisations import queries as organisations
from payments.credits import service as movements
from payments.credits.models import Channel, Direction
from payments.gateways import queries as gateway_queries
from payments.gateways.cash_on_delivery import queries, rules
from payments.gateways.cash_on_delivery.errors import (
    AmountMissing,
    AskedDifferently,
    MoreThanHeld,
    NameMissing,
    NameTaken,
    NobodyHolds,
    NotHeld,
    NothingChosen,
    NothingDue,
    ReasonMissing,
)
from payments.gateways.cash_on_delivery.models import (
    CodCollection,
    CodHandover,
    CodHandoverLine,
    CodState,
    Courier,
    HandedBy,
)
from payments.gateways.cash_on_delivery.rules import Held
from payments.intents.models import Intent
from payments.ledger import service as ledger
from payments.ledger.rules import AccountKind, Entry, Leg, transfer
from payments.reconciliation import service as reconciliation

# Where money handed over goes: into the operator's safe, or it is on its way to the bank.
ARRIVES = {HandedBy.CASH: AccountKind.CASH, HandedBy.BANK: AccountKind.IN_TRANSIT}


def add_courier(
    session: Session, name: str, phone: str = "", *, actor: Actor, now: datetime
) -> Courier:
    """Enter somebody who delivers. Raises NameMissing, NameTaken."""
    if not name.strip():
        raise NameMissing
    courier = Courier(name=name.strip()[:80], phone=phone[:16], created_at=now)
    try:
        with session.begin_nested():
            session.add(courier)
            session.flush()
    except IntegrityError as error:
        raise NameTaken from error
    audit.record(session, "couriers.added", courier, actor=actor, now=now)
    return courier


def expect(
    session: Session,
    intent: Intent,
    courier: Courier,
    *,
    key: str,
    due_on: date,
    parcel: str = "",
    actor: Actor,
    now: datetime,
) -> CodCollection:
    """A parcel leaves, and its courier is to collect what is still due of an intent.

    `key` names the asking: the same again returns the first collection. Raises NothingDue,
    NobodyHolds, AskedDifferently.
    """
    before = _asked_before(session, intent, courier, key)
    if before is not None:
        return before
    if not gateway_queries.payable(intent, now=now):
        raise NothingDue
    operator = organisations.operator(session)
    if operator is None:
        raise NobodyHolds
    collection = CodCollection(
        organisation_id=intent.organisation_id,
        operator_id=operator.id,
        intent_id=intent.id,
        courier_id=courier.id,
        parcel=parcel.strip()[:40],
        amount=intent.due,
        due_on=due_on,
        key=key,
        created_at=now,
        state=CodState.OWED,
        handed=0,
    )
    session.add(collection)
    audit.record(session, "cod_collections.expected", collection, actor=actor, now=now)
    return collection


def _asked_before(
    session: Session, intent: Intent, courier: Courier, key: str
) -> CodCollection | None:
    before = session.scalars(
        select(CodCollection).where(
            CodCollection.organisation_id == intent.organisation_id, CodCollection.key == key
        )
    ).one_or_none()
    if before is not None and (before.intent_id, before.courier_id) != (intent.id, courier.id):
        raise AskedDifferently
    return before


def collected(
    session: Session, operator_id: int, public_id: str, *, actor: Actor, now: datetime
) -> CodCollection:
    """The courier has the money: what was owed is settled, and the courier owes it now.

    Money for what is not owed any more waits in suspense. Said again it does nothing. Raises
    CollectionNotFound, CannotMove for a parcel that came back.
    """
    collection = queries.lock(session, public_id, operator_id=operator_id)
    if collection.movement_id is not None:
        return collection
    _move(session, collection, CodState.COLLECTED, actor=actor, now=now)
    collection.collected_at = now
    movement = movements.record(
        session,
        collection.organisation_id,
        channel=Channel.COURIER,
        direction=Direction.IN,
        amount=collection.amount,
        key=f"cod:{collection.public_id}",
        holder=collection.courier.public_id,
        booked_on=clock.day(now),
        memo=collection.intent.reference,
        now=now,
    )
    collection.movement_id = movement.id
    legs = transfer(
        collection.amount,
        (AccountKind.OWED_TO_SELLER, collection.organisation.public_id),
        (AccountKind.COURIER, collection.courier.public_id),
    )
    _post(session, collection, f"cod:{collection.public_id}:operator", legs, now=now)
    reconciliation.match(session, [movement.id], now=now)
    return collection


def returned(
    session: Session,
    operator_id: int,
    public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> CodCollection:
    """The parcel came back and nothing was collected.

    Raises ReasonMissing, CollectionNotFound, CannotMove once it was collected.
    """
    if not reason.strip():
        raise ReasonMissing
    collection = queries.lock(session, public_id, operator_id=operator_id)
    _move(session, collection, CodState.RETURNED, actor=actor, now=now, reason=reason.strip())
    collection.close_reason, collection.ended_at = reason.strip()[:200], now
    return collection


def hand_over(
    session: Session,
    operator_id: int,
    courier: Courier,
    public_ids: Collection[str],
    received: int,
    *,
    handed_by: HandedBy,
    note: str = "",
    key: str,
    actor: Actor,
    now: datetime,
) -> CodHandover:
    """A courier hands money over for these parcels; what is short stays owed by the last ones.

    `key` names the form. Raises NothingChosen, AmountMissing, NotHeld, MoreThanHeld.
    """
    before = _handed_before(session, operator_id, key)
    if before is not None:
        return before
    chosen = _held(session, operator_id, courier, public_ids)
    owed = sum(one.left for one in chosen)
    _hold_to_owed(received, owed)
    handover = CodHandover(
        public_id=ids.new_public_id(),
        operator_id=operator_id,
        courier=courier,
        received=received,
        owed=owed,
        handed_by=handed_by,
        note=note.strip()[:200],
        key=key,
        by_person_id=actor.person_id,
        made_at=now,
    )
    _share(session, handover, chosen, actor=actor, now=now)
    audit.record(session, "cod_handovers.made", handover, actor=actor, now=now)
    _post_handover(session, handover, now=now)
    return handover


def _post_handover(session: Session, handover: CodHandover, *, now: datetime) -> None:
    courier, arrives = handover.courier, ARRIVES[handover.handed_by]
    entry = Entry(
        key=f"cod-handover:{handover.public_id}",
        organisation_id=handover.operator_id,
        day=clock.day(now),
        memo=courier.name,
        legs=transfer(handover.received, (AccountKind.COURIER, courier.public_id), (arrives, "")),
    )
    ledger.post(session, [entry], now=now)


def _handed_before(session: Session, operator_id: int, key: str) -> CodHandover | None:
    return session.scalars(
        select(CodHandover).where(CodHandover.operator_id == operator_id, CodHandover.key == key)
    ).one_or_none()


def _held(
    session: Session, operator_id: int, courier: Courier, public_ids: Collection[str]
) -> list[CodCollection]:
    """Return the locked collections the courier hands money over for, the oldest first."""
    if not public_ids:
        raise NothingChosen
    found = queries.lock_many(session, public_ids, operator_id=operator_id)
    if len(found) < len(set(public_ids)) or any(
        one.courier_id != courier.id or one.state is not CodState.COLLECTED for one in found
    ):
        raise NotHeld
    return sorted(found, key=lambda one: (one.collected_at or one.created_at, one.id))


def _hold_to_owed(received: int, owed: int) -> None:
    if received < 1:
        raise AmountMissing
    if received > owed:
        raise MoreThanHeld(held=format_vnd(owed))


def _share(
    session: Session,
    handover: CodHandover,
    chosen: list[CodCollection],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    by_id = {one.id: one for one in chosen}
    held = [Held(id=one.id, left=one.left) for one in chosen]
    lines = []
    for collection_id, amount in rules.spread(handover.received, held):
        collection = by_id[collection_id]
        collection.handed += amount
        lines.append(CodHandoverLine(collection_id=collection_id, amount=amount))
        if not collection.left:
            _move(session, collection, CodState.HANDED_OVER, actor=actor, now=now)
            collection.ended_at = now
    handover.lines = lines
    session.add(handover)


def _move(
    session: Session,
    collection: CodCollection,
    wanted: CodState,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    table = rules.NEXT_STATES
    audit.move(session, collection, wanted, next_states=table, actor=actor, now=now, reason=reason)


def _post(
    session: Session,
    collection: CodCollection,
    key: str,
    legs: tuple[Leg, ...],
    *,
    now: datetime,
) -> None:
    entry = Entry(
        key=key,
        organisation_id=collection.operator_id,
        day=clock.day(now),
        memo=collection.intent.reference,
        legs=legs,
    )
    ledger.post(session, [entry], now=now)
