"""Money to give back, and what the bank then tells: through the services, as in life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM, Actor
from foundation.organisations.models import Kind, Organisation, Role
from payments.bank_accounts.models import BankAccount
from payments.credits import queries as credits_queries
from payments.credits import service as recording
from payments.credits.models import Channel, Direction, Movement
from payments.credits.rules import Telling
from payments.intents import service as intents
from payments.intents.models import Intent
from payments.intents.rules import Wanted as IntentWanted
from payments.ledger import queries as ledger_queries
from payments.ledger.models import AccountKind, Posting
from payments.reconciliation import service as reconciliation
from payments.reconciliation.decisions import service as decisions
from payments.refunds.models import Refund, Source
from payments.refunds.rules import Means, Wanted
from tests import factories
from tests.conftest import NOON

BANK = "970499"
_told = count()


@dataclass(frozen=True)
class Shop:
    """An organisation with two people who may approve, and its account."""

    organisation: Organisation
    asker: Actor
    approver: Actor
    account: BankAccount

    @property
    def id(self) -> int:
        return self.organisation.id

    def balance(self, session: Session, kind: AccountKind, subject: str = "") -> int:
        return ledger_queries.balance(session, self.id, kind, subject)


def shop(kind: Kind = Kind.COOPERATIVE, *, alone: bool = False) -> Shop:
    organisation = factories.OrganisationFactory(kind=kind)
    owner = factories.MembershipFactory(organisation=organisation).person_id
    other = (
        factories.PersonFactory().id
        if alone
        else factories.MembershipFactory(organisation=organisation, role=Role.MANAGER).person_id
    )
    return Shop(
        organisation=organisation,
        asker=Actor.person(owner, organisation_id=organisation.id),
        approver=Actor.person(other, organisation_id=organisation.id),
        account=factories.BankAccountFactory(organisation=organisation),
    )


def told(
    session: Session,
    where: Shop,
    amount: int,
    memo: str = "CHUYEN TIEN",
    *,
    direction: Direction = Direction.IN,
    now: datetime = NOON,
) -> Movement:
    """The bank tells of a movement."""
    name = f"t{next(_told)}"
    telling = Telling(
        source="sepay",
        told_id=name,
        bank_account_id=where.account.id,
        direction=direction,
        amount=amount,
        booked_on=date(2026, 11, 22),
        memo=memo,
        origin="inbox:1",
        bank_reference=f"REF{name}99999",
    )
    (heard,) = recording.take_in(session, [telling], now=now)
    assert heard.movement_id is not None
    return session.get_one(Movement, heard.movement_id)


def paid(session: Session, where: Shop, amount: int, *, channel: Channel | None = None) -> Intent:
    """Somebody owed this much and has paid it."""
    wanted = IntentWanted(key=f"k{next(_told)}", amount=amount, purpose="Đơn hàng mẫu")
    intent = intents.create(session, where.id, wanted, actor=SYSTEM, now=NOON)
    if channel is None:
        movement = told(session, where, amount, intent.reference)
    else:
        movement = recording.record(
            session,
            where.id,
            channel=channel,
            direction=Direction.IN,
            amount=amount,
            key=f"card:{next(_told)}",
            holder="stripe",
            booked_on=date(2026, 11, 22),
            memo=intent.reference,
            now=NOON,
        )
    (movement,) = credits_queries.lock_many(session, [movement.id])
    (intent,) = intents.lock_many(session, [intent.id])
    reconciliation.pay_intent(session, movement, intent, amount, actor=SYSTEM, now=NOON)
    return intent


def kept(session: Session, where: Shop, payer: str, amount: int) -> None:
    """A payer's balance."""
    movement = told(session, where, amount)
    decisions.keep(
        session,
        where.id,
        movement.public_id,
        payer,
        amount,
        reason="Nộp trước",
        actor=SYSTEM,
        now=NOON,
    )


def wanted(
    source: Source, subject: str, amount: int, believed: int | None = None, **more: object
) -> Wanted:
    facts: dict[str, object] = {
        "key": f"form:{next(_told)}",
        "source": source,
        "subject": subject,
        "amount": amount,
        "believed": amount if believed is None else believed,
        "means": Means.BANK,
        "reason": "Khách trả hàng",
        "bank_bin": BANK,
        "account_number": "0123 456 789",
        "holder": "Nguyễn Thị Đào",
        **more,
    }
    return Wanted(**facts)  # type: ignore[arg-type]


def gone(session: Session, where: Shop, refund: Refund, *, memo: str | None = None) -> Movement:
    """The bank tells of the debit."""
    text = f"MBVCB.1234.{refund.reference.lower()}.CT tu 88" if memo is None else memo
    return told(session, where, refund.amount, text, direction=Direction.OUT)


def books_balance(session: Session) -> bool:
    return (session.scalar(select(func.sum(Posting.amount))) or 0) == 0
