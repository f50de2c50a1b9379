"""An operator who owes sellers, and what its bank and theirs tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit.rules import Actor
from foundation.organisations.models import Kind, Organisation, Role
from payments.bank_accounts.models import BankAccount
from payments.credits import service as recording
from payments.credits.models import Direction, Movement
from payments.credits.rules import Telling
from payments.ledger import queries as ledger_queries
from payments.ledger import service as ledger
from payments.ledger.rules import AccountKind, Entry, transfer
from payments.payouts.drawing import service as drawing
from payments.payouts.models import PayoutBatch
from tests import factories
from tests.conftest import NOON

_named = count()


@dataclass(frozen=True)
class Platform:
    """The operator, with two officers."""

    operator: Organisation
    maker: Actor
    checker: Actor

    @property
    def id(self) -> int:
        return self.operator.id


def platform() -> Platform:
    operator = factories.OrganisationFactory(kind=Kind.AUTHORITY)
    people = [
        factories.MembershipFactory(organisation=operator, role=role).person_id
        for role in (Role.OWNER, Role.OFFICER)
    ]
    factories.BankAccountFactory(organisation=operator)
    maker, checker = (Actor.person(each, organisation_id=operator.id) for each in people)
    return Platform(operator=operator, maker=maker, checker=checker)


def owe(session: Session, operator: Platform, amount: int, **more: object) -> Organisation:
    """A seller with an account whose card payments the operator holds."""
    seller = more.pop("seller", None) or factories.OrganisationFactory(**more)
    assert isinstance(seller, Organisation)
    name = f"sale:{next(_named)}"
    day = date(2026, 11, 20)
    owed = (AccountKind.OWED_TO_SELLER, seller.public_id)
    ledger.post(
        session,
        [
            Entry(
                key=f"{name}:o",
                organisation_id=operator.id,
                day=day,
                memo="Thẻ",
                legs=transfer(amount, owed, (AccountKind.CARD, "stripe")),
            ),
            Entry(
                key=f"{name}:s",
                organisation_id=seller.id,
                day=day,
                memo="Thẻ",
                legs=transfer(
                    amount, (AccountKind.RECEIVED, ""), (AccountKind.OWED_BY_OPERATOR, "")
                ),
            ),
        ],
        now=NOON,
    )
    return seller


def with_account(session: Session, operator: Platform, amount: int) -> Organisation:
    seller = owe(session, operator, amount)
    factories.BankAccountFactory(organisation=seller, holder="Hợp tác xã Mẫu (Đức)")
    factories.MembershipFactory(organisation=seller)
    return seller


def drawn(session: Session, operator: Platform, *, fee: int = 0) -> PayoutBatch:
    return drawing.draw_up(session, fee=fee, actor=operator.maker, now=NOON)


def approved(session: Session, operator: Platform, *, fee: int = 0) -> PayoutBatch:
    batch = drawn(session, operator, fee=fee)
    return drawing.approve(session, batch.public_id, actor=operator.checker, now=NOON)


def exported(session: Session, operator: Platform, *, fee: int = 0) -> PayoutBatch:
    batch = approved(session, operator, fee=fee)
    drawing.export(session, batch.public_id, actor=operator.maker, now=NOON)
    return batch


def told(
    session: Session,
    where: Organisation,
    amount: int,
    memo: str,
    *,
    direction: Direction = Direction.OUT,
) -> Movement:
    """The bank of an organisation tells of a movement."""
    account = session.scalars(
        select(BankAccount.id).where(BankAccount.organisation_id == where.id)
    ).one()
    name = f"p{next(_named)}"
    telling = Telling(
        source="sepay",
        told_id=name,
        bank_account_id=account,
        direction=direction,
        amount=amount,
        booked_on=date(2026, 11, 22),
        memo=memo,
        origin="inbox:1",
        bank_reference=f"PAY{name}88888",
    )
    (heard,) = recording.take_in(session, [telling], now=NOON)
    assert heard.movement_id is not None
    return session.get_one(Movement, heard.movement_id)


def balance(
    session: Session, organisation: Organisation, kind: AccountKind, subject: str = ""
) -> int:
    return ledger_queries.balance(session, organisation.id, kind, subject)
