"""Taking money by card. What is sent is stored first; what comes back is stored apart from it.

Each function that calls a provider is given `sessions`: it opens a transaction before the call
and another one after it, and none during it, so that a slow provider holds no lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation import ids
from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.db import Sessions
from foundation.jobs import service as jobs
from foundation.money import format_vnd
from foundation.organisations import queries as organisations
from payments.gateways import noting, queries, rules
from payments.gateways.errors import (
    AmountBeyondCard,
    AmountChanged,
    CardsNotOffered,
    GatewayDown,
    GatewayError,
    NothingDue,
)
from payments.gateways.gateway import Gateway
from payments.gateways.models import CardCharge, ChargeState, ProviderEvent
from payments.gateways.rules import About, Asked, Facts, Notice
from payments.intents import queries as intent_queries
from payments.intents import service as intents
from payments.intents.events import IntentMoved
from payments.intents.models import Intent

log = structlog.get_logger(__name__)

VISITOR: Final = Actor(kind="visitor")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a payment stands: our own id for it, and what the provider said just now, if it did."""

    charge: str
    state: ChargeState
    facts: Facts | None = None


# --- beginning ----------------------------------------------------------------------------------


def begin(
    sessions: Sessions,
    gateway: Gateway,
    intent_public_id: str,
    *,
    return_url: str,
    actor: Actor,
    now: datetime,
) -> Standing:
    """Open a card payment for what is due of an intent, or go on with the one that is open.

    A payer sent to the provider's page comes back to `return_url`, our id of the payment added.
    Raises CardsNotOffered, NothingDue, AmountBeyondCard, and GatewayDown when the provider is
    certain not to have it; one that may have it is asked again later.
    """
    charge = _prepare(sessions, gateway, intent_public_id, actor=actor, now=now)
    told = asked(charge, f"{return_url}/{charge.public_id}")
    try:
        facts = gateway.ask(told) if charge.provider_id else gateway.begin(told)
    except GatewayError as error:
        with sessions.transaction() as session:
            noting.note_error(session, charge.id, error, now=now)
        raise GatewayDown from error
    with sessions.transaction() as session:
        state = noting.note(session, charge.id, facts, now=now)
    return Standing(charge=charge.public_id, state=state, facts=facts)


def _prepare(
    sessions: Sessions, gateway: Gateway, intent_public_id: str, *, actor: Actor, now: datetime
) -> CardCharge:
    with sessions.transaction() as session:
        charge = _open_or_new(session, gateway, intent_public_id, actor=actor, now=now)
        fresh = charge.amount == charge.intent.due
    if fresh:
        return charge
    # Some of it was paid otherwise since: nobody may be charged the old amount.
    close(sessions, gateway, charge.id, now=now)
    with sessions.transaction() as session:
        charge = _open_or_new(session, gateway, intent_public_id, actor=actor, now=now)
        if charge.amount != charge.intent.due:
            raise GatewayDown
    return charge


def _open_or_new(
    session: Session, gateway: Gateway, intent_public_id: str, *, actor: Actor, now: datetime
) -> CardCharge:
    """Return the open payment of an intent, or a new one, the intent locked meanwhile."""
    found = intent_queries.by_public_id(session, intent_public_id)
    operator = organisations.operator(session)
    if found is None or operator is None:
        raise CardsNotOffered
    (intent,) = intents.lock_many(session, [found.id])
    if not queries.payable(intent, now=now):
        raise NothingDue
    charge = queries.open_one(session, intent.id, gateway.code)
    if charge is not None:
        return charge
    if not queries.fits(gateway, intent, now=now):
        raise AmountBeyondCard(least=format_vnd(gateway.least), most=format_vnd(gateway.most))
    public_id = ids.new_public_id()
    charge = CardCharge(
        public_id=public_id,
        organisation_id=intent.organisation_id,
        operator_id=operator.id,
        intent=intent,
        provider=gateway.code,
        key=f"charge-{public_id}",
        amount=intent.due,
        state=ChargeState.CREATED,
        asks=0,
        created_at=now,
        next_ask_at=rules.next_ask(0, now=now),
    )
    session.add(charge)
    audit.record(session, "card_charges.created", charge, actor=actor, now=now)
    return charge


def agree(
    sessions: Sessions, gateway: Gateway, charge: CardCharge, *, actor: Actor, now: datetime
) -> Standing:
    """Take the money of a payment whose payer agreed on our own page.

    That they agreed is stored before the provider hears of it. Raises NothingDue where the
    payment is over, AmountChanged, GatewayDown.
    """
    with sessions.transaction() as session:
        locked = noting.locked(session, charge.id)
        if locked.state not in rules.OPEN or not queries.payable(locked.intent, now=now):
            raise NothingDue
        if locked.amount != locked.intent.due:
            raise AmountChanged
        locked.agreed_at = locked.agreed_at or now
        audit.record(session, "card_charges.agreed", locked, actor=actor, now=now)
    try:
        facts = gateway.confirm(asked(locked))
    except GatewayError as error:
        with sessions.transaction() as session:
            state = noting.note_error(session, charge.id, error, now=now)
        if not error.unsure:
            raise GatewayDown from error
        return Standing(charge=charge.public_id, state=state)
    with sessions.transaction() as session:
        state = noting.note(session, charge.id, facts, now=now)
    return Standing(charge=charge.public_id, state=state, facts=facts)


# --- asking -------------------------------------------------------------------------------------


def ask(sessions: Sessions, gateway: Gateway, charge_id: int, *, now: datetime) -> Standing:
    """Ask a provider how a payment stands, and write it down.

    One that is not wanted any more, or was left open for a day, is closed there. A provider that
    does not answer is asked again later.
    """
    with sessions.transaction() as session:
        charge = noting.locked(session, charge_id)
        unwanted = charge.state in rules.OPEN and not _still_wanted(charge, now)
    told = asked(charge)
    try:
        facts = gateway.cancel(told) if unwanted else gateway.ask(told)
    except GatewayError as error:
        log.warning("gateways.no_answer", charge=charge.public_id, why=str(error))
        with sessions.transaction() as session:
            state = noting.note_error(session, charge_id, error, now=now)
        return Standing(charge=charge.public_id, state=state)
    with sessions.transaction() as session:
        state = noting.note(session, charge_id, facts, now=now)
    return Standing(charge=charge.public_id, state=state, facts=facts)


def close(sessions: Sessions, gateway: Gateway, charge_id: int, *, now: datetime) -> None:
    """Close an open payment at its provider; what was paid meanwhile counts. Raises GatewayDown."""
    with sessions.transaction() as session:
        told = asked(noting.locked(session, charge_id))
    try:
        facts = gateway.cancel(told)
    except GatewayError as error:
        raise GatewayDown from error
    with sessions.transaction() as session:
        noting.note(session, charge_id, facts, now=now)


def hear_intent_moved(session: Session, event: IntentMoved) -> None:
    """Have open payments of what is not owed any more asked about, and so closed, at once."""
    open_ones = select(CardCharge.id).where(
        CardCharge.intent_id == event.intent_id, CardCharge.state.in_(sorted(rules.OPEN))
    )
    if session.scalar(open_ones.limit(1)) is None:
        return  # as most often: paid by transfer, and nobody ever opened a card payment
    intent = session.get(Intent, event.intent_id)
    if intent is None:
        return
    unwanted = update(CardCharge).where(
        CardCharge.intent_id == intent.id, CardCharge.state.in_(sorted(rules.OPEN))
    )
    if queries.payable(intent, now=event.occurred_at):
        unwanted = unwanted.where(CardCharge.amount != intent.due)
    session.execute(unwanted.values(next_ask_at=event.occurred_at))


def _still_wanted(charge: CardCharge, now: datetime) -> bool:
    """Say whether an open payment may still be made: not when it is forgotten, not when some of
    what it is for was paid otherwise."""
    return (
        now - charge.created_at <= rules.OPEN_FOR
        and charge.amount == charge.intent.due
        and queries.payable(charge.intent, now=now)
    )


# --- notices ------------------------------------------------------------------------------------


def hear(
    session: Session,
    provider: str,
    notice: Notice,
    *,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> int | None:
    """Keep a notice whose signature was right and have it acted upon.

    Return its row's id, None when it came before: then nothing is done again.
    """
    before = session.scalar(
        select(ProviderEvent.id).where(
            ProviderEvent.provider == provider, ProviderEvent.event_id == notice.event_id
        )
    )
    if before is not None:
        return None
    event = ProviderEvent(
        provider=provider,
        event_id=notice.event_id,
        kind=notice.kind,
        about=notice.about,
        provider_id=notice.provider_id,
        charge=notice.charge,
        received_at=now,
        headers=dict(headers),
        body=body,
    )
    try:
        with session.begin_nested():
            session.add(event)
            session.flush()
    except IntegrityError:
        return None  # the provider told us twice at the same moment
    jobs.enqueue(session, "gateways.follow", event_id=event.id)
    return event.id


def refuse_notice(session: Session, provider: str, why: str, *, now: datetime) -> None:
    """Leave a trace of a notice that was not believed."""
    operator = organisations.operator(session)
    if operator is not None:
        facts = {"provider": provider, "why": why}
        audit.record(session, "gateways.refused", operator, actor=VISITOR, now=now, **facts)


def follow(
    sessions: Sessions, gateways: Mapping[str, Gateway], event_id: int, *, now: datetime
) -> None:
    """Act on a notice: the payment it is about is asked how it stands, whatever the notice says.

    So it does not matter in which order notices come, or how often. Raises GatewayError when the
    provider does not answer: the job is tried again.
    """
    with sessions.reading() as session:
        event = session.get_one(ProviderEvent, event_id)
        charge = queries.of_notice(session, event)
    gateway = gateways.get(event.provider)
    if charge is None or gateway is None:
        log.info("gateways.not_ours", provider_event=event.event_id, kind=event.kind)
        return
    if event.about is About.DISPUTE:
        with sessions.transaction() as session:
            noting.note_dispute(session, noting.locked(session, charge.id), now=now)
    if event.about is not About.OTHER:
        standing = ask(sessions, gateway, charge.id, now=now)
        if standing.facts is None:
            raise GatewayError("asked in vain")


def asked(charge: CardCharge, return_url: str = "") -> Asked:
    """Return a payment as its gateway is told of it; the charge's intent must be loaded."""
    return Asked(
        key=charge.key,
        charge=charge.public_id,
        amount=charge.amount,
        reference=charge.intent.reference,
        provider_id=charge.provider_id or "",
        agreed=charge.agreed_at is not None,
        return_url=return_url,
    )
