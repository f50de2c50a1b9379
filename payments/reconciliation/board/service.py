"""Reminding those who reconcile of money that waits for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation import clock
from foundation.money import format_vnd
from foundation.notifications import service as notifications
from foundation.organisations import rules as organisation_rules
from foundation.organisations.models import Membership, Organisation
from payments.reconciliation.board import queries

REMIND_FROM = (7, 30)  # before the counters open


def remind(session: Session, *, now: datetime) -> None:
    """Tell everybody who may reconcile, from half past seven and once a day, how much money waits
    for a person. Where nothing waits, nobody is told."""
    here = clock.local(now)
    if (here.hour, here.minute) < REMIND_FROM:
        return
    waiting = queries.waiting_by_organisation(session)
    rows = session.execute(
        select(Membership.person_id, Membership.role, Organisation)
        .join(Membership.organisation)
        .where(Membership.organisation_id.in_(waiting))
        .order_by(Membership.id)
    )
    for person_id, role, organisation in rows:
        if "payments.reconcile" not in organisation_rules.permissions(organisation.kind, role):
            continue
        total = waiting[organisation.id]
        notifications.tell(
            session,
            person_id,
            "payments.waiting",
            once_key=f"payments.waiting:{organisation.id}:{here:%Y%m%d}:{person_id}",
            facts={
                "name": organisation.name,
                "count": total.count,
                "amount": format_vnd(total.amount),
            },
            url=f"/money/{organisation.public_id}",
            now=now,
        )
