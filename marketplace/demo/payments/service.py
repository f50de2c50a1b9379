"""Gives the demo's sellers accounts at the practice bank, and leaves one payment to try."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from foundation.audit.rules import SYSTEM
from foundation.crypto import encrypt
from foundation.organisations.models import Organisation
from foundation.text import fold
from marketplace.demo.payments import rules
from payments.bank_accounts.models import BankAccount
from payments.bank_accounts.models import State as AccountState
from payments.bank_feeds.models import BankFeed, FeedState, Provider
from payments.intents import service as intents
from payments.intents.rules import Line, Wanted

LONGEST_HOLDER = 50
WANTED = Wanted(
    key="demo:pay",
    amount=86_000,
    purpose="Đơn hàng mẫu để thử trả tiền",
    lines=(
        Line(
            kind="demo", subject="demo", label="Bánh tráng phơi sương, 2 gói 250 g", amount=68_000
        ),
        Line(kind="demo", subject="demo", label="Phí giao hàng", amount=18_000),
    ),
    payer_name="Lê Thị Xuân",
)


def fill(
    session: Session,
    sellers: Sequence[Organisation],
    sample: Organisation,
    *,
    proposed_by: int,
    confirmed_by: int,
    data_key: str,
    now: datetime,
) -> None:
    """Write down an account for every seller; for `sample` also a line to SePay and something
    owed, whose page, key and reference code are known (marketplace.demo.payments.rules)."""
    others = [seller for seller in sellers if seller.id != sample.id]
    for number, seller in enumerate([sample, *others], start=rules.ACCOUNT):
        account = _account(seller, str(number), now)
        account.proposed_by_id, account.confirmed_by_id = proposed_by, confirmed_by
        session.add(account)
    asked = _account(sample, rules.PROPOSED, now)
    asked.state, asked.main, asked.decided_at = AccountState.PROPOSED, False, None
    asked.label, asked.proposed_by_id = "Tài khoản thu chợ phiên", proposed_by
    session.add(asked)
    session.add(_line(sample, encrypt(rules.FEED_KEY, data_key), now))
    session.flush()
    intent = intents.create(session, sample.id, WANTED, actor=SYSTEM, now=now)
    intent.public_id, intent.reference = rules.INTENT, rules.REFERENCE
    session.flush()


def _account(seller: Organisation, number: str, now: datetime) -> BankAccount:
    return BankAccount(
        organisation_id=seller.id,
        bank_bin=rules.BANK,
        number=number,
        holder=fold(seller.name).upper()[:LONGEST_HOLDER].strip(),
        label="Tài khoản mẫu",
        state=AccountState.ACTIVE,
        main=True,
        proposed_at=now,
        decided_at=now,
    )


def _line(seller: Organisation, key_encrypted: str, now: datetime) -> BankFeed:
    return BankFeed(
        public_id=rules.FEED,
        organisation_id=seller.id,
        provider=Provider.SEPAY,
        label="SePay mẫu",
        key_encrypted=key_encrypted,
        state=FeedState.ACTIVE,
        created_at=now,
    )
