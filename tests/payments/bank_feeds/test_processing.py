"""What becomes of messages: movements, results, and nothing lost."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from foundation import clock, db
from foundation.audit.rules import SYSTEM
from foundation.config import Config
from foundation.notifications.models import Notification
from foundation.organisations.models import Organisation
from marketplace.app import create_app
from payments.bank_accounts.models import BankAccount
from payments.bank_accounts.models import State as AccountState
from payments.bank_feeds import queries, service
from payments.bank_feeds.feed import Reading
from payments.bank_feeds.models import (
    BankFeed,
    InboxMessage,
    InboxResult,
    InboxWaiting,
    Provider,
    Result,
)
from payments.bank_feeds.processing import jobs
from payments.bank_feeds.processing import service as processing
from payments.bank_feeds.providers import PROVIDERS
from payments.bank_feeds.rules import MOST_TRIES
from payments.credits.models import Direction, Movement, ToldMovement
from payments.intents.models import State
from tests import factories
from tests.conftest import NOON
from tests.payments.bank_feeds.test_providers import SAMPLES, notice, payos_body, payos_data
from tests.unguarded import wipe


@pytest.fixture
def account(session: Session) -> BankAccount:
    return factories.BankAccountFactory()


@pytest.fixture
def feed(account: BankAccount) -> BankFeed:
    factories.MembershipFactory(organisation=account.organisation)
    return factories.BankFeedFactory(organisation=account.organisation)


def arrive(feed: BankFeed, account: BankAccount | None = None, **more: Any) -> InboxMessage:
    """Let a notice of SePay wait in the inbox."""
    number = account.number if account else "0000"
    body = json.dumps(notice(**{"accountNumber": number, **more})).encode()
    return factories.InboxMessageFactory(feed=feed, body=body)


def drain(app: Flask) -> int:
    with app.app_context():
        return jobs.drain()


def result(session: Session, message: InboxMessage) -> tuple[Result | None, str]:
    stored = queries.message(session, message.feed_id, message.id)
    return stored.result, stored.detail


def total(session: Session) -> int:
    return session.scalar(select(func.coalesce(func.sum(Movement.amount), 0))) or 0


def test_money_finds_what_it_is_for(
    app: Flask, session: Session, account: BankAccount, feed: BankFeed
) -> None:
    intent = factories.IntentFactory(
        organisation=account.organisation, bank_account=account, amount=120_000
    )
    message = arrive(feed, account, content=f"CT DEN {intent.reference.lower()} mua kho")
    drain(app)

    session.refresh(intent)
    assert (intent.state, intent.settled) == (State.PAID, 120_000)
    assert result(session, message) == (Result.TAKEN, "")
    told = session.scalars(select(ToldMovement)).one()
    assert (told.source_kind, told.told_id, told.origin) == (
        "sepay",
        "92704",
        f"inbox:{message.id}",
    )
    assert session.scalars(select(InboxWaiting)).all() == []
    assert drain(app) == 0


def test_money_that_went_out(
    app: Flask, session: Session, account: BankAccount, feed: BankFeed
) -> None:
    arrive(feed, account, transferType="out")
    drain(app)
    assert session.scalars(select(Movement.direction)).one() is Direction.OUT


def test_accounts_are_found_by_letters_and_digits(app: Flask, session: Session) -> None:
    closed = factories.BankAccountFactory(number="AB001234", state=AccountState.CLOSED, main=False)
    feed = factories.BankFeedFactory(organisation=closed.organisation)
    arrive(feed, accountNumber="ab-0012 34")
    arrive(feed, accountNumber="999", subAccount="AB001234", id=2, referenceCode="FT2")
    drain(app)
    assert session.scalars(select(Movement.bank_account_id)).all() == [closed.id, closed.id]


def test_of_two_accounts_with_one_number_the_active_one_counts(
    app: Flask, session: Session, account: BankAccount, feed: BankFeed
) -> None:
    for state in (AccountState.CLOSED, AccountState.PROPOSED, AccountState.DECLINED):
        factories.BankAccountFactory(
            organisation=account.organisation, number=account.number, state=state, main=False
        )
    arrive(feed, account)
    drain(app)
    assert session.scalars(select(Movement.bank_account_id)).one() == account.id


def test_invariant_20_the_account_of_another_organisation_is_nobodys(
    app: Flask, session: Session, feed: BankFeed
) -> None:
    message = arrive(feed, factories.BankAccountFactory())
    drain(app)
    assert result(session, message)[0] is Result.NO_ACCOUNT
    assert total(session) == 0
    assert session.scalars(select(Notification.kind)).all() == ["bank_feed.no_account"]


def test_an_account_entered_later_gets_its_money(
    app: Flask, session: Session, feed: BankFeed
) -> None:
    message = arrive(feed, accountNumber="777888")
    drain(app)
    account = factories.BankAccountFactory(
        organisation=session.get_one(Organisation, feed.organisation_id),
        number="777888",
        main=False,
    )
    count = service.reprocess(
        session, feed.organisation_id, feed.public_id, None, actor=SYSTEM, now=NOON
    )
    assert count == 1
    assert result(session, message) == (None, "")
    drain(app)
    assert result(session, message) == (Result.TAKEN, "")
    assert session.scalars(select(Movement.bank_account_id)).one() == account.id
    results = session.scalars(select(InboxResult.result).order_by(InboxResult.id)).all()
    assert results == [Result.NO_ACCOUNT, Result.TAKEN]


def test_a_message_may_be_processed_again_without_harm(
    app: Flask, session: Session, account: BankAccount, feed: BankFeed
) -> None:
    message = arrive(feed, account)
    drain(app)
    for expected in (1, 0):  # the second time it waits already
        count = service.reprocess(
            session, feed.organisation_id, feed.public_id, message.id, actor=SYSTEM, now=NOON
        )
        assert count == expected
    drain(app)
    assert total(session) == 120_000
    assert len(session.scalars(select(ToldMovement)).all()) == 1


def test_invariant_02_same_key_other_amount(
    app: Flask, session: Session, account: BankAccount, feed: BankFeed
) -> None:
    first = arrive(feed, account)
    second = arrive(feed, account, transferAmount=999_000)
    drain(app)
    third = arrive(feed, account, transferType="out")
    drain(app)
    assert result(session, first) == (Result.TAKEN, "")
    assert result(session, second) == (Result.CONFLICT, "92704")
    assert result(session, third) == (Result.CONFLICT, "92704")
    assert total(session) == 120_000
    assert session.scalars(select(Notification.kind)).all() == ["bank_feed.conflict"]


def test_two_real_transfers_stay_two(
    app: Flask, session: Session, account: BankAccount, feed: BankFeed
) -> None:
    arrive(feed, account)
    arrive(feed, account, id=92705, referenceCode="FT26326000002")
    drain(app)
    assert total(session) == 240_000


def test_invariant_01_two_providers_tell_of_one_transfer(
    app: Flask, session: Session, account: BankAccount, feed: BankFeed
) -> None:
    other = factories.BankFeedFactory(
        organisation=account.organisation, provider=Provider.PAYOS, key="payos-key-1"
    )
    arrive(feed, account)
    data = payos_data(
        accountNumber=account.number,
        amount=120_000,
        reference="FT26326000001",
        transactionDateTime="2026-11-22 11:58:02",
    )
    message = factories.InboxMessageFactory(feed=other, body=payos_body(data))
    drain(app)
    assert total(session) == 120_000
    assert result(session, message) == (Result.TAKEN, "")


@pytest.mark.parametrize("provider", list(Provider))
def test_trials_come_to_nothing(app: Flask, session: Session, provider: Provider) -> None:
    feed = factories.BankFeedFactory(provider=provider)
    message_id = service.send_trial(
        session, feed.organisation_id, feed.public_id, actor=SYSTEM, now=NOON
    )
    drain(app)
    stored = queries.message(session, feed.id, message_id)
    assert stored.result is Result.TEST


def test_casso_tests_are_acknowledged_each(app: Flask, session: Session) -> None:
    account = factories.BankAccountFactory(number="88888888")
    feed = factories.BankFeedFactory(organisation=account.organisation, provider=Provider.CASSO)
    sample = next(one["body"] for one in SAMPLES if one["provider"] == "casso_v2")
    messages = [
        factories.InboxMessageFactory(feed=feed, body=json.dumps(sample).encode()) for _ in range(2)
    ]
    real = {**sample, "data": {**sample["data"], "id": 5}}
    taken = factories.InboxMessageFactory(feed=feed, body=json.dumps(real).encode())
    drain(app)
    assert [result(session, one)[0] for one in messages] == [Result.TEST, Result.TEST]
    assert result(session, taken) == (Result.TAKEN, "")
    assert total(session) == 599_000


def test_one_bad_entry_does_not_hide_the_others(app: Flask, session: Session) -> None:
    account = factories.BankAccountFactory()
    feed = factories.BankFeedFactory(organisation=account.organisation, provider=Provider.CASSO)
    entry = {"id": 1, "amount": 5000, "when": "2026-11-22", "bank_sub_acc_id": account.number}
    body = json.dumps({"data": [{**entry, "amount": "5,000"}, {**entry, "id": 2}]}).encode()
    message = factories.InboxMessageFactory(feed=feed, body=body)
    drain(app)
    assert total(session) == 5_000
    assert result(session, message)[0] is Result.UNREADABLE
    assert result(session, message)[1].startswith("1: ")


def test_poison_does_not_stop_the_others(
    app: Flask,
    session: Session,
    account: BankAccount,
    feed: BankFeed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poison = arrive(feed, account, id=1)
    good = [arrive(feed, account, id=number, referenceCode=f"FT{number}") for number in (2, 3)]
    real = PROVIDERS[Provider.SEPAY]

    class Breaking:
        ACCEPTED = real.ACCEPTED
        verify = staticmethod(real.verify)

        @staticmethod
        def read(body: bytes) -> Reading:
            if body == poison.body:
                raise RuntimeError("poison")
            return real.read(body)

    monkeypatch.setitem(PROVIDERS, Provider.SEPAY, Breaking())
    drain(app)
    assert [result(session, one)[0] for one in good] == [Result.TAKEN, Result.TAKEN]
    waiting = session.scalars(select(InboxWaiting)).one()
    session.refresh(waiting)
    assert (waiting.message_id, waiting.tries) == (poison.id, 1)
    assert waiting.next_try_at == NOON + timedelta(seconds=4)

    now: datetime = NOON
    for _ in range(MOST_TRIES):
        now += timedelta(hours=1)
        with clock.frozen(now):
            drain(app)
    assert result(session, poison) == (Result.UNREADABLE, "RuntimeError('poison')")
    assert session.scalars(select(Notification.kind)).all() == ["bank_feed.unreadable"]

    monkeypatch.setitem(PROVIDERS, Provider.SEPAY, real)
    service.reprocess(session, feed.organisation_id, feed.public_id, None, actor=SYSTEM, now=NOON)
    drain(app)
    assert result(session, poison) == (Result.TAKEN, "")
    assert total(session) == 360_000


def test_the_job_goes_on_looking(
    app: Flask, session: Session, account: BankAccount, feed: BankFeed
) -> None:
    arrive(feed, account)
    with app.app_context():
        jobs.watch(0.0)
    assert total(session) == 120_000


@pytest.fixture
def committing(engine: Engine, config: Config, request: pytest.FixtureRequest) -> Any:
    """An application that really commits, on PostgreSQL."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    app = create_app(config)
    app.extensions["phiencho_sessions"].engine.dispose()
    app.extensions["phiencho_sessions"] = db.Sessions(engine)
    yield app
    wipe(engine)


def test_invariant_01_workers_beside_each_other(committing: Flask, engine: Engine) -> None:
    with Session(engine, expire_on_commit=False) as session, session.begin():
        factories.use(session)
        account = factories.BankAccountFactory()
        feed = factories.BankFeedFactory(organisation=account.organisation)
        for number in range(40):
            arrive(feed, account, id=number % 20 + 1, referenceCode=f"FT{number % 20:06d}")
    barrier = Barrier(4)

    def work() -> None:
        with committing.app_context():
            barrier.wait()
            jobs.drain()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with committing.app_context():
        jobs.drain()
    with Session(engine) as session:
        assert total(session) == 20 * 120_000
        assert session.scalars(select(InboxWaiting)).all() == []
        assert len(session.scalars(select(InboxResult)).all()) == 40


def test_an_unfinished_batch_leaves_nothing(
    app: Flask,
    session: Session,
    account: BankAccount,
    feed: BankFeed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = arrive(feed, account)
    real = processing.hearing.hear

    def broken(*args: Any, **more: Any) -> None:
        real(*args, **more)
        raise RuntimeError("killed")

    monkeypatch.setattr(processing.hearing, "hear", broken)
    drain(app)
    assert total(session) == 0
    assert result(session, message) == (None, "")
    monkeypatch.setattr(processing.hearing, "hear", real)
    with clock.frozen(NOON + timedelta(minutes=1)):
        drain(app)
    assert total(session) == 120_000
