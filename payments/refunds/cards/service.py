"""Giving money back to the card it was paid by.

The attempt's id was stored when the refund was approved and is the key the provider is asked
under: asked again after a crash or a lost answer, it pays once. No transaction is open meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM
from foundation.db import Sessions
from foundation.errors import N_
from payments.gateways import noting
from payments.gateways import queries as gateway_queries
from payments.gateways.errors import GatewayError
from payments.gateways.gateway import Gateway
from payments.gateways.rules import Asked, Refunded, RefundState
from payments.refunds import queries, rules, service
from payments.refunds.asking import queries as asking
from payments.refunds.models import Means, Refund, State

REFUSED = N_("Bên nhận thẻ không trả được về thẻ này.")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Task:
    """What to ask whom, as plain values."""

    organisation_id: int
    refund: str
    attempt: str
    amount: int
    charge_id: int
    provider: str
    asked: Asked


def give_back(
    sessions: Sessions, gateways: Mapping[str, Gateway], refund_id: int, *, now: datetime
) -> None:
    """Ask the provider to give an approved refund back, and write down what it answers.

    Without an answer nothing changes: the job asks again, under the same key.
    """
    with sessions.reading() as session:
        task = _task(session, refund_id)
    gateway = gateways.get(task.provider) if task else None
    if task is None or gateway is None:
        return
    try:
        told = gateway.refund(task.asked, task.amount, task.attempt)
    except GatewayError as error:
        log.warning("refunds.card_unanswered", refund=task.refund, why=str(error))
        if error.permanent and not error.unsure:
            with sessions.transaction() as session:
                _fail(session, task, now)
        return
    with sessions.transaction() as session:
        _note(session, task, told, now)


def _task(session: Session, refund_id: int) -> _Task | None:
    refund = session.get_one(Refund, refund_id)
    attempt = refund.attempt
    if refund.means is not Means.CARD or refund.state not in rules.ON_ITS_WAY or attempt is None:
        return None
    paid = asking.paid_by_card(session, refund.intent) if refund.intent else None
    charge = gateway_queries.of_movement(session, refund.organisation_id, paid.id) if paid else None
    if charge is None:
        return None
    return _Task(
        organisation_id=refund.organisation_id,
        refund=refund.public_id,
        attempt=attempt.public_id,
        amount=refund.amount,
        charge_id=charge.id,
        provider=charge.provider,
        asked=Asked(
            key=charge.key,
            charge=charge.public_id,
            amount=charge.amount,
            reference=charge.intent.reference,
            provider_id=charge.provider_id or "",
            agreed=charge.agreed_at is not None,
        ),
    )


def _note(session: Session, task: _Task, told: Refunded, now: datetime) -> None:
    if told.state is RefundState.FAILED:
        log.warning("refunds.card_refused", refund=task.refund, why=told.failure)
        _fail(session, task, now)
        return
    charge = noting.locked(session, task.charge_id)
    refund = _current(session, task)
    if refund is None:
        return
    if told.state is RefundState.SUCCEEDED:
        debit = noting.note_refund(session, charge, task.amount, key=task.attempt, now=now)
        service.confirm(session, refund, debit, actor=SYSTEM, now=now)
    elif refund.state is State.APPROVED:
        refund.attempts[-1].sent_at = now
        service.move(session, refund, State.SENT, actor=SYSTEM, now=now)


def _fail(session: Session, task: _Task, now: datetime) -> None:
    if _current(session, task) is not None:
        service.mark_failed(
            session,
            task.organisation_id,
            task.refund,
            attempt=task.attempt,
            reason=REFUSED,
            actor=SYSTEM,
            now=now,
        )


def _current(session: Session, task: _Task) -> Refund | None:
    """Return the locked refund if the attempt asked about is still its latest one under way."""
    refund = queries.lock(session, task.organisation_id, task.refund)
    attempt = refund.attempt
    under_way = refund.state in rules.ON_ITS_WAY
    same = attempt is not None and attempt.public_id == task.attempt
    return refund if under_way and same else None
