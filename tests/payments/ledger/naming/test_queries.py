"""Accounts of the books are called what people call them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation import clock
from payments.gateways.cash_desk.models import CashDesk
from payments.gateways.cash_on_delivery.models import Courier
from payments.ledger import service
from payments.ledger.models import AccountKind, LedgerAccount
from payments.ledger.naming import queries
from payments.ledger.rules import Entry, transfer
from tests import factories
from tests.conftest import NOON


def test_every_subject_has_its_name(session: Session) -> None:
    organisation = factories.OrganisationFactory()
    seller = factories.OrganisationFactory(name="Hợp tác xã Tân Thành")
    bank = factories.BankAccountFactory(organisation=organisation)
    desk = CashDesk(organisation_id=organisation.id, name="Quầy trước cổng", created_at=NOON)
    courier = Courier(name="Bưu tá Út", created_at=NOON)
    session.add_all([desk, courier])
    session.flush()
    subjects = {
        AccountKind.BANK: bank.public_id,
        AccountKind.CASH: desk.public_id,
        AccountKind.COURIER: courier.public_id,
        AccountKind.OWED_TO_SELLER: seller.public_id,
        AccountKind.PAYER_BALANCE: "pupil:9",
    }
    entries = [
        Entry(
            key=f"naming:{kind}",
            organisation_id=organisation.id,
            day=clock.day(NOON),
            memo="",
            legs=transfer(1_000, (AccountKind.SUSPENSE, ""), (kind, subject)),
        )
        for kind, subject in subjects.items()
    ]
    service.post(session, entries, now=NOON)
    accounts = session.scalars(
        select(LedgerAccount).where(LedgerAccount.organisation_id == organisation.id)
    ).all()

    named = queries.names(session, organisation.id, accounts)

    by_kind = {account.kind: named[account.id] for account in accounts}
    assert by_kind[AccountKind.CASH] == "Quầy trước cổng"
    assert by_kind[AccountKind.COURIER] == "Bưu tá Út"
    assert by_kind[AccountKind.OWED_TO_SELLER] == "Hợp tác xã Tân Thành"
    assert by_kind[AccountKind.BANK].endswith(bank.number[-4:])
    assert by_kind[AccountKind.PAYER_BALANCE] == "pupil:9"
    assert by_kind[AccountKind.SUSPENSE] == ""
