"""Charging at the counter."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from foundation import clock
from foundation.audit.rules import Actor
from foundation.organisations.models import Organisation
from foundation.organisations.models import State as OrganisationState
from payments.counter import rules
from payments.counter.errors import NoAccount, NotOpen
from payments.intents import service as intents
from payments.intents.models import Intent
from payments.intents.rules import Line, Wanted


def charge(
    session: Session,
    organisation_id: int,
    *,
    amount: int,
    note: str,
    token: str,
    actor: Actor,
    now: datetime,
) -> Intent:
    """Ask whoever stands at the counter for so many đồng; `token` makes a form sent twice one.

    Raises NotOpen, NoAccount, and the refusals of payments.intents.service.create.
    """
    organisation = session.get_one(Organisation, organisation_id)
    if organisation.state != OrganisationState.VERIFIED:
        raise NotOpen
    purpose = note.strip() or rules.PURPOSE
    wanted = Wanted(
        key=f"{rules.KIND}:{token}",
        amount=amount,
        purpose=purpose,
        lines=(
            Line(
                kind=rules.KIND,
                subject=rules.subject_of(organisation.public_id, clock.day(now)),
                label=purpose,
                amount=amount,
            ),
        ),
        expires_at=now + timedelta(minutes=rules.MINUTES_OPEN),
    )
    intent = intents.create(session, organisation_id, wanted, actor=actor, now=now)
    if intent.bank_account_id is None:
        raise NoAccount
    return intent


def withdraw(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Take back what was asked for at the counter: mistyped, or the customer changed their mind.

    Raises IntentNotFound, HasMoney, CannotMove.
    """
    intents.cancel(
        session, organisation_id, public_id, reason=rules.WITHDRAWN, actor=actor, now=now
    )
