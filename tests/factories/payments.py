"""Accounts that receive money, what is owed, and movements of money."""

from __future__ import annotations

from datetime import date

import factory

from payments.bank_accounts.models import BankAccount
from payments.bank_accounts.models import State as AccountState
from payments.credits.models import Channel, Direction, Movement
from payments.intents import rules
from payments.intents.models import Intent, IntentLine, State
from tests.factories.base import MOMENT, Stored
from tests.factories.foundation import OrganisationFactory, PersonFactory


class BankAccountFactory(Stored):
    """An organisation's main account at the demo bank."""

    class Meta:
        model = BankAccount

    organisation = factory.SubFactory(OrganisationFactory)
    bank_bin = "970499"
    number = factory.Sequence(lambda n: f"{88000000 + n}")
    holder = "HOP TAC XA MAU"
    state = AccountState.ACTIVE
    main = True
    proposed_by_id = factory.LazyFunction(lambda: PersonFactory().id)
    proposed_at = MOMENT
    decided_at = MOMENT


class IntentFactory(Stored):
    """An open intent of 120.000 ₫ with no lines, to be paid to `organisation`'s new account."""

    class Meta:
        model = Intent

    organisation = factory.SubFactory(OrganisationFactory)
    bank_account = factory.SubFactory(
        BankAccountFactory, organisation=factory.SelfAttribute("..organisation")
    )
    reference = factory.LazyFunction(rules.new_reference)
    amount = 120_000
    settled = 0
    excess = 0
    refunded = 0
    purpose = "Đơn hàng mẫu"
    state = State.OPEN
    settles_late = True
    key = factory.Sequence(lambda n: f"made:{n}")
    input_hash = "0" * 64
    created_at = MOMENT


class IntentLineFactory(Stored):
    class Meta:
        model = IntentLine

    intent = factory.SubFactory(IntentFactory)
    position = factory.LazyAttribute(lambda row: len(row.intent.lines) + 1)
    kind = "order"
    subject = factory.Sequence(lambda n: f"{n:014d}")
    label = "Khô cá lóc 500 g"
    amount = 120_000


class MovementFactory(Stored):
    """A transfer of 120.000 ₫ that arrived at an organisation's account, not looked at yet."""

    class Meta:
        model = Movement

    class Params:
        bank_account = factory.SubFactory(BankAccountFactory)

    bank_account_id = factory.LazyAttribute(lambda row: row.bank_account.id)
    organisation_id = factory.LazyAttribute(lambda row: row.bank_account.organisation_id)
    channel = Channel.BANK
    direction = Direction.IN
    amount = 120_000
    booked_on = date(2026, 11, 22)
    heard_at = MOMENT
    bank_reference = factory.Sequence(lambda n: f"FT26326{n:06d}")
    memo = "CHUYEN TIEN"
