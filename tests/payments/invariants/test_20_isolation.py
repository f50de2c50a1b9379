"""No. 20, isolation: at every address that names an organisation, strangers find nothing, whatever
their role and however they mix their own address with another's rows. The addresses are those of
the application itself, so a new page is held to this without anybody thinking of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from foundation.db import Base
from foundation.organisations.models import Kind, Organisation, Role
from payments.credits.models import Direction, Told, ToldMovement
from payments.credits.rules import Telling
from payments.gateways.cash_desk import service as cash
from payments.hearing import service as hearing
from payments.intents import service as intents
from payments.intents.rules import Wanted
from payments.ledger.models import Journal, LedgerAccount, Posting
from payments.reconciliation.models import Allocation
from payments.refunds.asking import service as asking
from payments.refunds.models import Source
from tests import factories
from tests.conftest import NOON, SignInAs
from tests.payments.bank_feeds.statements import files
from tests.payments.bank_feeds.statements.test_service import preview
from tests.payments.refunds import books

# What stands in an address and is no row of anybody's.
WORDS = {
    "column": "waiting",
    "style": "csv",
    "wanted": "off",
    "kind": "bank",
    "act": "pause",
    "token": "0" * 14,
    "person": "0" * 14,
}
Ids = dict[str, str]


@pytest.fixture
def victim(session: Session, app: Flask) -> Ids:
    """An organisation with a row of every kind that an address of /money can name."""
    shop = books.shop()
    one = {"actor": shop.asker, "now": NOON}
    intent = books.paid(session, shop, 200_000)
    movement = books.told(session, shop, 120_000)
    allocation = session.scalars(select(Allocation.public_id)).first() or ""
    refund = asking.request(
        session, shop.id, books.wanted(Source.INTENT, intent.public_id, 100_000, 200_000), **one
    )
    asking.approve(session, shop.id, refund.public_id, actor=shop.approver, now=NOON)
    open_one = intents.create(
        session, shop.id, Wanted(key="open", amount=50_000, purpose="Đơn hàng"), **one
    )
    desk = cash.add_desk(session, shop.id, "Quầy 1", **one)
    shift = cash.open_shift(session, shop.id, desk.public_id, {100_000: 5}, **one)
    entry = cash.take(
        session,
        shop.id,
        shift.public_id,
        open_one.public_id,
        10_000,
        given=10_000,
        key="form-1",
        **one,
    )
    feed = factories.BankFeedFactory(organisation=shop.organisation)
    message = factories.InboxMessageFactory(feed=feed)
    listed = factories.BankAccountFactory(
        organisation=shop.organisation, number="0071000123456", main=False
    )
    file = preview(session, listed, files.mb())
    ids = {
        "org": shop.organisation.public_id,
        "intent": open_one.public_id,
        "movement": movement.public_id,
        "allocation": allocation,
        "refund": refund.public_id,
        "desk": desk.public_id,
        "shift": shift.public_id,
        "entry": entry.public_id,
        "feed": feed.public_id,
        "message": str(message.id),
        "file": file.public_id,
        "account": shop.account.public_id,
        "ledger": session.scalars(select(LedgerAccount.public_id)).first() or "",
        "journal": str(session.scalars(select(Journal.id)).first()),
        "telling": str(_unclear(session, shop)),
    }
    session.commit()
    return ids


def _unclear(session: Session, shop: books.Shop) -> int:
    """A telling that a person must look at."""
    known = books.told(session, shop, 70_000)
    hearing.hear(
        session,
        [
            Telling(
                source="statement:9",
                told_id="9:1",
                bank_account_id=shop.account.id,
                direction=Direction.IN,
                amount=7_000,
                booked_on=known.booked_on,
                memo=known.memo,
                bank_reference=known.bank_reference,
                origin="statement:9:1",
            )
        ],
        now=NOON,
    )
    return session.scalars(select(ToldMovement.id).where(ToldMovement.told == Told.CONFLICT)).one()


def addresses(app: Flask, ids: Ids) -> Iterator[tuple[Rule, str, str]]:
    """Every address with an organisation in it, filled in with rows of that organisation."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "org" not in rule.arguments or rule.endpoint == "static":
            continue
        values: dict[str, Any] = {
            name: ids.get(name) or WORDS.get(name) or "0" * 14 for name in rule.arguments
        }
        if rule.endpoint.startswith("ledger."):
            values["account"] = ids["ledger"]
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            path = adapter.build(rule.endpoint, values, method)
            if rule.endpoint == "refunds.new":  # its row stands behind the question mark
                path += f"?source=intent&subject={ids['intent']}"
            yield rule, method, path


def rows(session: Session) -> dict[str, int]:
    """How much there is of everything that a request could make."""
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
        if table.name in MADE
    }


MADE = {
    "allocations",
    "audit_entries",
    "bank_accounts",
    "bank_feeds",
    "cash_desks",
    "cash_entries",
    "cash_shifts",
    "ledger_journals",
    "movements",
    "payment_intents",
    "refunds",
    "statement_files",
    "telling_decisions",
}


def told(answer: TestResponse) -> str:
    """What a page says, but for the number of its request and the address that was asked for."""
    text = answer.text.replace(answer.request.path, "")
    return re.sub(r"\b[0-9a-z]{14}\b", "", text)


def someone(organisation: Organisation, role: Role) -> Any:
    person = factories.PersonFactory(totp_confirmed_at=NOON)
    factories.MembershipFactory(organisation=organisation, person_id=person.id, role=role)
    return person


def test_invariant_20_there_is_something_to_find(
    app: Flask, client: FlaskClient, session: Session, victim: Ids, sign_in_as: SignInAs
) -> None:
    """What follows would prove nothing if the rows were not there: their owner sees them all."""
    organisation = session.scalars(
        select(Organisation).where(Organisation.public_id == victim["org"])
    ).one()
    sign_in_as(someone(organisation, Role.OWNER), second_factor=True)
    unseen = [
        path
        for rule, method, path in addresses(app, victim)
        if method == "GET"
        and rule.rule.startswith("/money/")
        and client.get(path).status_code not in (200, 302, 303)
    ]
    assert [re.sub(r"/[0-9a-zA-Z]{14}", "", path) for path in unseen] == []


def test_invariant_20_a_visitor_is_led_to_sign_in(
    app: Flask, client: FlaskClient, session: Session, victim: Ids
) -> None:
    before = rows(session)
    answers = {
        (client.open(path, method=method).status_code) for _, method, path in addresses(app, victim)
    }
    assert answers == {303}
    assert rows(session) == before


def test_invariant_20_no_role_elsewhere_opens_anything(
    app: Flask, client: FlaskClient, session: Session, victim: Ids, sign_in_as: SignInAs
) -> None:
    """Somebody who has every role there is, each in another organisation, is not even told that
    this one exists: the answer is that of an organisation that never was."""
    person = factories.PersonFactory(totp_confirmed_at=NOON)
    for role in Role:
        kind = Kind.AUTHORITY if role in (Role.OFFICER, Role.TRAINER) else Kind.COOPERATIVE
        factories.MembershipFactory(
            organisation=factories.OrganisationFactory(kind=kind), person_id=person.id, role=role
        )
    sign_in_as(person, second_factor=True)
    before = rows(session)

    found = {
        f"{method} {rule.rule}": answer.status_code
        for rule, method, path in addresses(app, victim)
        if (answer := client.open(path, method=method)).status_code != 404
    }

    assert found == {}
    session.expire_all()
    assert rows(session) == before
    never_was = client.get(f"/money/{'0' * 14}")
    assert told(client.get(f"/money/{victim['org']}")) == told(never_was)


ROWS = {
    *("intent", "movement", "allocation", "refund", "desk", "shift", "entry", "feed", "message"),
    *("file", "account", "journal", "telling"),
}
# Enough of every form that no answer is one about a field left empty.
FORM = {
    "reason": "Khách đổi ý",
    "amount": "1.000",
    "key": "mot-khoa-moi-12345",
    "payer": "khach:1",
    "attempt": "0" * 14,
    "given": "1.000",
    "choice": "own",
}


@pytest.mark.parametrize("role", [Role.OWNER, Role.ACCOUNTANT, Role.CASHIER])
def test_invariant_20_nobody_reaches_anothers_row_from_an_own_address(
    app: Flask,
    client: FlaskClient,
    session: Session,
    victim: Ids,
    sign_in_as: SignInAs,
    role: Role,
) -> None:
    """The own organisation in the address, another's row behind it."""
    own = books.shop().organisation
    sign_in_as(someone(own, role), second_factor=True)
    mixed = {**victim, "org": own.public_id}
    before = rows(session)

    found = {
        f"{method} {rule.rule}": answer.status_code
        for rule, method, path in addresses(app, mixed)
        if (ROWS & rule.arguments or rule.endpoint == "refunds.new")
        and rule.rule.startswith("/money/")
        and (answer := client.open(path, method=method, data=FORM)).status_code
        not in ((404,) if role is Role.OWNER else (403, 404))
    }

    assert found == {}
    session.expire_all()
    assert rows(session) == before


def test_invariant_20_lookups_cannot_be_enumerated(
    client: FlaskClient, session: Session, victim: Ids
) -> None:
    """Without signing in a payment is found by its random name alone: not by its number, its
    key, its bank reference, nor by any name next to it; and all of these are told alike."""
    known = session.scalars(
        select(intents.Intent).where(intents.Intent.public_id == victim["intent"])
    ).one()
    name = known.public_id
    assert client.get(f"/pay/{name}").status_code == 200
    beside = [name[:-1] + letter for letter in "0123456789abcdef" if letter != name[-1]]
    guesses = [str(known.id), str(known.id + 1), known.key, known.reference, name[:-1], f"{name}0"]
    answers = [client.get(f"/pay/{guess}{rest}") for guess in [*guesses, *beside] for rest in ("",)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({told(answer) for answer in answers}) == 1
    for rest in ("/status", "/receipt", "/qr.svg", "/qr.png", "/card"):
        assert client.get(f"/pay/{known.id}{rest}").status_code == 404


def test_invariant_20_names_in_addresses_say_nothing_of_each_other(session: Session) -> None:
    """Payments asked for one after another have names that nobody can count on from."""
    shop = books.shop()
    made = [
        intents.create(
            session,
            shop.id,
            Wanted(key=f"k{number}", amount=1_000, purpose="Đơn hàng"),
            actor=shop.asker,
            now=NOON,
        )
        for number in range(20)
    ]
    names = [one.public_id for one in made]
    assert names != sorted(names)
    assert len({name[:4] for name in names}) > 10
    assert len({one.reference for one in made}) == 20


def test_invariant_20_the_whole_is_the_sum_of_its_organisations(session: Session) -> None:
    """Every posting belongs to one organisation's books, and each book alone sums to nothing: so
    do all of them together, and a province's figure is the sum of its units'."""
    shops = [books.shop() for _ in range(3)]
    for number, shop in enumerate(shops, start=1):
        books.paid(session, shop, 10_000 * number)
        books.told(session, shop, 777)
    per_unit = session.execute(
        select(LedgerAccount.organisation_id, LedgerAccount.kind, func.sum(Posting.amount))
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.organisation_id, LedgerAccount.kind)
    ).all()
    whole = session.execute(
        select(LedgerAccount.kind, func.sum(Posting.amount))
        .join(Posting, Posting.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.kind)
    )
    for kind, amount in whole:
        assert amount == sum(row[2] for row in per_unit if row[1] is kind)
    for shop in shops:
        assert sum(row[2] for row in per_unit if row[0] == shop.id) == 0
    stray = (
        select(func.count(Posting.id))
        .join(LedgerAccount, LedgerAccount.id == Posting.account_id)
        .join(Journal, Journal.id == Posting.journal_id)
        .where(Journal.organisation_id != LedgerAccount.organisation_id)
    )
    assert session.scalar(stray) == 0
