"""Giving money back to the card it came from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog

from foundation.audit.rules import SYSTEM
from foundation.db import Sessions
from foundation.errors import N_
from payments.gateways import noting
from payments.gateways import service as cards
from payments.gateways.card_refunds import queries
from payments.gateways.errors import GatewayError
from payments.gateways.gateway import Gateway
from payments.gateways.models import CardCharge
from payments.gateways.rules import RefundState
from payments.refunds import service as refunds
from payments.refunds.models import Refund, State

log = structlog.get_logger(__name__)

NO_CARD = N_("Không còn lần trả thẻ nào đủ để hoàn.")
REFUSED = N_("Bên nhận thẻ không nhận hoàn khoản này.")


def send(
    sessions: Sessions, gateways: Mapping[str, Gateway], refund_id: int, *, now: datetime
) -> None:
    """Ask the provider for an approved refund, under the key of its attempt, and note it.

    Without an answer nothing changes: asked again with the same key, it pays once. What the
    provider refuses for good has failed. At the provider a refund is out of our reach as soon as
    it is accepted, so it is noted then, whenever the card's bank books it.
    """
    with sessions.reading() as session:
        refund = queries.one(session, refund_id)
        charge = queries.charge(session, refund)
    attempt = refund.attempts[-1].public_id
    gateway = gateways.get(charge.provider) if charge else None
    if charge is None or gateway is None:
        _fail(sessions, refund, attempt, NO_CARD, now=now)
        return
    try:
        told = gateway.refund(cards.asked(charge), refund.amount, f"refund-{attempt}")
    except GatewayError as error:
        log.warning("card_refunds.no_answer", refund=refund.public_id, why=str(error))
        if error.permanent:
            _fail(sessions, refund, attempt, REFUSED, now=now)
        return
    if told.state is RefundState.FAILED:
        _fail(sessions, refund, attempt, REFUSED, now=now)
    else:
        _note(sessions, refund, charge, attempt, now=now)


def _note(
    sessions: Sessions, refund: Refund, charge: CardCharge, attempt: str, *, now: datetime
) -> None:
    with sessions.transaction() as session:
        locked = noting.locked(session, charge.id)
        movement = noting.note_refund(session, locked, refund.amount, key=attempt, now=now)
        if queries.one(session, refund.id).state is not State.APPROVED:
            return  # another worker noted the same answer
        locked.refunded += refund.amount
        refunds.link(
            session,
            refund.organisation_id,
            refund.public_id,
            movement=movement.public_id,
            actor=SYSTEM,
            now=now,
        )


def _fail(sessions: Sessions, refund: Refund, attempt: str, why: str, *, now: datetime) -> None:
    with sessions.transaction() as session:
        refunds.mark_failed(
            session,
            refund.organisation_id,
            refund.public_id,
            attempt=attempt,
            reason=why,
            actor=SYSTEM,
            now=now,
        )
