"""Asking for money to be given back, and answering that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation.audit import service as audit
from foundation.audit.rules import Actor
from foundation.money import format_vnd
from foundation.notifications import service as notifications
from foundation.organisations import queries as organisations
from payments.banks import queries as banks
from payments.credits.models import Movement
from payments.intents.models import Intent
from payments.intents.rules import new_reference
from payments.refunds import queries, rules, service
from payments.refunds.asking import queries as asking
from payments.refunds.errors import (
    BankUnknown,
    KeyUsedOtherwise,
    NotPaidByCard,
    SamePerson,
)
from payments.refunds.models import Means, Refund, State
from payments.refunds.money import service as money
from payments.refunds.rules import Wanted


def request(
    session: Session, organisation_id: int, wanted: Wanted, *, actor: Actor, now: datetime
) -> Refund:
    """Ask to give money back, once per key. The amount is set aside at once, so that nothing
    else can be done with it; it leaves when somebody has approved.

    Raises StaleAvailable when something else is left than the caller believed, AboveAvailable,
    SourceNotFound, KeyUsedOtherwise, BankUnknown, NotPaidByCard and the refusals of
    rules.tidied.
    """
    wanted = rules.tidied(wanted)
    if wanted.means is Means.BANK and banks.by_bin(wanted.bank_bin) is None:
        raise BankUnknown
    earlier = _asked_before(session, organisation_id, wanted)
    if earlier is not None:
        return earlier
    try:
        source = money.lock_source(session, organisation_id, wanted)
    except money.LEFT_DIFFERS:
        # The same request a moment ago may be what took it.
        earlier = _asked_before(session, organisation_id, wanted)
        if earlier is None:
            raise
        return earlier
    if wanted.means is Means.CARD and not _paid_by_card(session, source):
        raise NotPaidByCard
    refund = _new(session, organisation_id, wanted, source, actor=actor, now=now)
    money.set_aside(session, refund, source, actor=actor, now=now)
    audit.record(session, "refunds.requested", refund, actor=actor, now=now, amount=refund.amount)
    _ask_to_approve(session, refund, now)
    return refund


def approve(
    session: Session, organisation_id: int, public_id: str, *, actor: Actor, now: datetime
) -> Refund:
    """Let a refund leave: its first attempt begins.

    Raises RefundNotFound, CannotMove, and SamePerson where whoever asked for it approves more
    than an organisation of this kind lets one person give back.
    """
    refund = queries.lock(session, organisation_id, public_id)
    return _approve(session, refund, actor=actor, now=now)


def approve_for(session: Session, public_id: str, *, actor: Actor, now: datetime) -> Refund:
    """The authority approves in place of a seller who works alone. Raises as `approve`, and
    RefundNotFound for one that it is not asked about."""
    return _approve(session, queries.lock(session, None, public_id), actor=actor, now=now)


def decline(
    session: Session,
    organisation_id: int | None,
    public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Refund:
    """Refuse a refund: its amount goes back to where it was. With no organisation it is the
    authority that answers. Raises ReasonMissing, RefundNotFound, CannotMove."""
    why = service.say_why(reason)
    refund = queries.lock(session, organisation_id, public_id)
    service.move(session, refund, State.DECLINED, actor=actor, now=now, reason=why)
    refund.decided_by_id, refund.decided_at, refund.decision_note = actor.person_id, now, why
    _end(session, refund, actor=actor, now=now)
    return refund


def withdraw(
    session: Session,
    organisation_id: int,
    public_id: str,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Refund:
    """Give a refund up before it was approved, or after it failed: its amount goes back to where
    it was. Raises ReasonMissing, RefundNotFound, CannotMove."""
    why = service.say_why(reason)
    refund = queries.lock(session, organisation_id, public_id)
    service.move(session, refund, State.WITHDRAWN, actor=actor, now=now, reason=why)
    _end(session, refund, actor=actor, now=now)
    return refund


def _asked_before(session: Session, organisation_id: int, wanted: Wanted) -> Refund | None:
    earlier = queries.by_key(session, organisation_id, wanted.key)
    if earlier is not None and earlier.input_hash != rules.input_hash(wanted):
        raise KeyUsedOtherwise
    return earlier


def _new(
    session: Session,
    organisation_id: int,
    wanted: Wanted,
    source: Movement | Intent | str,
    *,
    actor: Actor,
    now: datetime,
) -> Refund:
    organisation = organisations.own(session, organisation_id)
    others = set(queries.approvers(session, organisation_id)) - {actor.person_id}
    refund = Refund(
        organisation=organisation,
        source=wanted.source,
        movement_id=source.id if isinstance(source, Movement) else None,
        intent_id=source.id if isinstance(source, Intent) else None,
        payer=source if isinstance(source, str) else None,
        amount=wanted.amount,
        means=wanted.means,
        bank_bin=wanted.bank_bin,
        account_number=wanted.account_number,
        holder=wanted.holder,
        reason=wanted.reason,
        reference=new_reference(),
        state=State.REQUESTED,
        asks_authority=wanted.amount > rules.alone_up_to(organisation.kind) and not others,
        key=wanted.key,
        input_hash=rules.input_hash(wanted),
        requested_by_id=actor.person_id,
        requested_at=now,
    )
    try:
        with session.begin_nested():
            session.add(refund)
            session.flush()
    except IntegrityError:
        raise KeyUsedOtherwise from None  # for another source, a moment ago
    return refund


def _paid_by_card(session: Session, source: Movement | Intent | str) -> bool:
    return isinstance(source, Intent) and asking.paid_by_card(session, source) is not None


def _approve(session: Session, refund: Refund, *, actor: Actor, now: datetime) -> Refund:
    limit = rules.alone_up_to(refund.organisation.kind)
    if refund.amount > limit and actor.person_id in (None, refund.requested_by_id):
        raise SamePerson(limit=format_vnd(limit))
    service.move(session, refund, State.APPROVED, actor=actor, now=now)
    refund.decided_by_id, refund.decided_at = actor.person_id, now
    service.begin_attempt(session, refund, now=now)
    if refund.means is Means.BANK:
        service.hear_earlier(session, refund, now=now)
    return refund


def _end(session: Session, refund: Refund, *, actor: Actor, now: datetime) -> None:
    refund.ended_at = now
    money.put_back(session, refund, actor=actor, now=now)


def _ask_to_approve(session: Session, refund: Refund, now: datetime) -> None:
    """Tell those who may approve: of the authority, where nobody else in the organisation can."""
    url = f"/money/{refund.organisation.public_id}/refunds/{refund.public_id}"
    people = set(queries.approvers(session, refund.organisation_id)) - {refund.requested_by_id}
    if refund.asks_authority:
        url = f"/ops/refunds/{refund.public_id}"
        people = set(asking.authority(session)) - {refund.requested_by_id}
    for person_id in sorted(people):
        notifications.tell(
            session,
            person_id,
            "refund.requested",
            once_key=f"refund:{refund.id}:requested",
            facts={
                "amount": format_vnd(refund.amount),
                "name": refund.organisation.name,
                "why": refund.reason,
            },
            url=url,
            now=now,
        )
