"""A cashier's organisation for the tests of its pages: one member in each role, and an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from foundation.organisations.models import Organisation, Role
from payments.bank_accounts.models import BankAccount
from payments.credits import service as credits_service
from payments.credits.models import Direction, Movement
from payments.credits.rules import Telling
from tests import factories
from tests.conftest import NOON


@dataclass
class Desk:
    organisation: Organisation
    people: dict[Role, Any]
    account: BankAccount

    @property
    def path(self) -> str:
        return f"/money/{self.organisation.public_id}"

    def page(self, movement: Movement) -> str:
        return f"{self.path}/movements/{movement.public_id}"


def make_desk(session: Session) -> Desk:
    organisation = factories.OrganisationFactory.create()
    people = {}
    for role in (Role.OWNER, Role.ACCOUNTANT, Role.SELLER, Role.VIEWER):
        people[role] = factories.PersonFactory.create(totp_confirmed_at=NOON)
        factories.MembershipFactory.create(
            organisation=organisation, person_id=people[role].id, role=role
        )
    account = factories.BankAccountFactory.create(organisation=organisation)
    session.commit()
    return Desk(organisation=organisation, people=people, account=account)


def leave(session: Session, account: BankAccount, amount: int, memo: str) -> Movement:
    """Money that went out, and nobody knows why."""
    telling = Telling(
        source="sepay",
        told_id=f"out:{memo}",
        bank_account_id=account.id,
        direction=Direction.OUT,
        amount=amount,
        booked_on=date(2026, 11, 22),
        memo=memo,
        origin="inbox:1",
    )
    (heard,) = credits_service.take_in(session, [telling], now=NOON)
    assert heard.movement_id is not None
    return session.get_one(Movement, heard.movement_id)
