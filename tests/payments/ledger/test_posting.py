"""Posting journals and undoing them."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.ledger import queries, service
from payments.ledger.errors import (
    JournalNotFound,
    PostedDifferently,
    ReversedBefore,
    Unbalanced,
)
from payments.ledger.models import AccountKind, Journal, LedgerAccount, Posting
from payments.ledger.rules import Entry, Leg, transfer
from tests import factories
from tests.conftest import NOON

DAY = date(2026, 11, 22)
BANK = (AccountKind.BANK, "acct1")
SUSPENSE = (AccountKind.SUSPENSE, "")


def entry(organisation_id: int, key: str = "movement:1", amount: int = 50_000) -> Entry:
    return Entry(
        key=key,
        organisation_id=organisation_id,
        day=DAY,
        memo="CHUYEN TIEN",
        legs=transfer(amount, SUSPENSE, BANK),
    )


def rows(session: Session) -> tuple[int, int, int]:
    count = [session.scalar(select(func.count(model.id))) for model in (Journal, Posting)]
    return (count[0] or 0, count[1] or 0, session.scalar(select(func.sum(Posting.amount))) or 0)


def test_posting_moves_money_between_accounts(session: Session) -> None:
    org = factories.OrganisationFactory.create().id

    service.post(session, [entry(org), entry(org, "movement:2", 7_000)], now=NOON)

    assert queries.balance(session, org, *BANK) == 57_000
    assert queries.balance(session, org, *SUSPENSE) == -57_000
    assert queries.balance(session, org, AccountKind.CASH, "quay 1") == 0
    journal = session.scalars(select(Journal).where(Journal.key == "movement:1")).one()
    assert (journal.day, journal.posted_at, journal.memo) == (DAY, NOON, "CHUYEN TIEN")
    assert journal.reverses_id is None


def test_the_same_key_with_equal_legs_does_nothing(session: Session) -> None:
    org = factories.OrganisationFactory.create().id
    service.post(session, [entry(org)], now=NOON)

    again = replace(entry(org), legs=entry(org).legs[::-1], memo="told otherwise")
    service.post(session, [again, again, entry(org, "movement:2")], now=NOON)

    assert rows(session) == (2, 4, 0)
    assert queries.balance(session, org, *BANK) == 100_000


@pytest.mark.parametrize("amount", [49_999, 50_001, -50_000])
def test_invariant_02_the_same_key_with_other_legs_is_refused(
    session: Session, amount: int
) -> None:
    org = factories.OrganisationFactory.create().id
    service.post(session, [entry(org)], now=NOON)

    with pytest.raises(PostedDifferently), session.begin_nested():
        service.post(session, [entry(org, "movement:2"), entry(org, amount=amount)], now=NOON)

    assert rows(session) == (1, 2, 0)


def test_the_same_key_for_another_account_or_tenant_is_refused(session: Session) -> None:
    org, other = (factories.OrganisationFactory.create().id for _ in range(2))
    service.post(session, [entry(org)], now=NOON)
    elsewhere = replace(entry(org), legs=transfer(50_000, SUSPENSE, (AccountKind.BANK, "acct2")))

    for wrong in (elsewhere, entry(other)):
        with pytest.raises(PostedDifferently), session.begin_nested():
            service.post(session, [wrong], now=NOON)

    assert rows(session) == (1, 2, 0)
    assert queries.balance(session, other, *BANK) == 0


def test_one_call_with_a_key_twice_is_held_to_the_same_rule(session: Session) -> None:
    org = factories.OrganisationFactory.create().id

    with pytest.raises(PostedDifferently):
        service.post(session, [entry(org), entry(org, amount=1)], now=NOON)
    assert rows(session) == (0, 0, 0)

    service.post(session, [entry(org), entry(org)], now=NOON)
    assert rows(session) == (1, 2, 0)


def test_invariant_04_legs_that_do_not_balance_make_no_entry() -> None:
    for legs in ((), (Leg(account=AccountKind.FEES, amount=1),)):
        with pytest.raises(Unbalanced):
            Entry(key="k", organisation_id=1, day=DAY, memo="", legs=legs)


def test_an_account_belongs_to_the_organisation_of_its_journal(session: Session) -> None:
    first, second = (factories.OrganisationFactory.create().id for _ in range(2))

    service.post(session, [entry(first), entry(second, "movement:2", 1_000)], now=NOON)

    owners = session.execute(
        select(Journal.organisation_id, LedgerAccount.organisation_id)
        .join(Posting, Posting.journal_id == Journal.id)
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
    ).all()
    assert len(owners) == 4
    assert all(journal == account for journal, account in owners)
    assert queries.balance(session, first, *BANK) == 50_000
    assert queries.balance(session, second, *BANK) == 1_000


def test_a_long_memo_is_cut(session: Session) -> None:
    org = factories.OrganisationFactory.create().id
    service.post(session, [replace(entry(org), memo="ạ" * 500)], now=NOON)

    assert session.scalars(select(Journal.memo)).one() == "ạ" * 200


def test_invariant_05_undoing_mirrors_the_legs_and_says_what_it_undoes(session: Session) -> None:
    org = factories.OrganisationFactory.create().id
    service.post(session, [entry(org)], now=NOON)
    undo = {"new_key": "undo:1", "day": date(2026, 11, 23), "memo": "Ghi nhầm", "now": NOON}

    service.reverse(session, "movement:1", **undo)
    service.reverse(session, "movement:1", **undo)

    assert rows(session) == (2, 4, 0)
    assert queries.balance(session, org, *BANK) == 0
    assert queries.balance(session, org, *BANK, on=DAY) == 50_000
    made = session.scalars(select(Journal).order_by(Journal.id)).all()
    assert made[1].reverses_id == made[0].id


def test_a_journal_is_undone_once(session: Session) -> None:
    org = factories.OrganisationFactory.create().id
    service.post(session, [entry(org)], now=NOON)
    service.reverse(session, "movement:1", new_key="undo:1", day=DAY, memo="", now=NOON)

    with pytest.raises(ReversedBefore), session.begin_nested():
        service.reverse(session, "movement:1", new_key="undo:2", day=DAY, memo="", now=NOON)

    assert rows(session) == (2, 4, 0)


def test_what_is_not_in_these_books_cannot_be_undone(session: Session) -> None:
    org, other = (factories.OrganisationFactory.create().id for _ in range(2))
    service.post(session, [entry(org)], now=NOON)
    foreign = replace(entry(other, "undo:1"), reverses="movement:1")

    with pytest.raises(JournalNotFound):
        service.reverse(session, "movement:9", new_key="undo:9", day=DAY, memo="", now=NOON)
    with pytest.raises(JournalNotFound):
        service.post(session, [foreign], now=NOON)

    assert rows(session) == (1, 2, 0)


def test_an_entry_may_undo_one_of_the_same_call(session: Session) -> None:
    org = factories.OrganisationFactory.create().id
    undo = replace(
        entry(org, "undo:1"), legs=transfer(50_000, BANK, SUSPENSE), reverses="movement:1"
    )

    service.post(session, [undo, entry(org)], now=NOON)

    assert rows(session) == (2, 4, 0)
    assert queries.balance(session, org, *BANK) == 0


def test_a_thousand_entries_cost_few_statements_and_little_time(
    session: Session, statements: list[str]
) -> None:
    org = factories.OrganisationFactory.create().id
    many = [
        replace(
            entry(org, f"movement:{number}"),
            legs=transfer(
                1_000 + number, SUSPENSE, (AccountKind.PAYER_BALANCE, f"p{number % 300}")
            ),
        )
        for number in range(1_000)
    ]
    statements.clear()
    began = time.process_time()

    service.post(session, many, now=NOON)

    took = time.process_time() - began
    assert rows(session)[:2] == (1_000, 2_000)
    assert len(statements) <= 12
    assert took < 1  # of our own work: how busy the machine is does not count

    statements.clear()
    service.post(session, many, now=NOON)
    assert len(statements) <= 3
