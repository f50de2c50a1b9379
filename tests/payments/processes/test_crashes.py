"""Whatever process dies, and wherever: the money is there once, and is told of once."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from foundation.db import Base
from foundation.notifications.models import Notification
from foundation.outbox.models import OutboxEvent, OutboxHearing
from payments.bank_feeds.models import BankFeed, InboxMessage, InboxWaiting
from payments.credits.models import Movement, Outcome, ToldMovement
from payments.intents.models import Intent, State
from payments.reconciliation.models import Allocation
from tests.journeys.platform import until
from tests.payments.conservation import check_books
from tests.payments.processes.running import CutOff, Place, Sale, running

NUMBERS = count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def address_of_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An empty database that nobody else uses: what is killed cannot be rolled back."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('crashing') / 'crashing.sqlite'}"
        return
    server = os.environ["TEST_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    name = f"phiencho_{secrets.token_hex(6)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="module")
def place(address_of_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with running(address_of_database, tmp_path_factory.mktemp("data")) as place:
        yield place


@pytest.fixture
def sale(place: Place) -> Sale:
    return place.sell(next(NUMBERS))


def messages(session: Session, sale: Sale) -> list[int]:
    """The keys of what came for the sale's organisation."""
    return list(
        session.scalars(
            select(InboxMessage.id)
            .join(BankFeed, BankFeed.id == InboxMessage.feed_id)
            .where(BankFeed.organisation_id == sale.organisation_id)
        )
    )


def moved(session: Session, sale: Sale) -> list[OutboxEvent]:
    """What is told of the sale's intent."""
    told = session.scalars(select(OutboxEvent).where(OutboxEvent.name == "IntentMoved"))
    return [one for one in told if one.body["intent_id"] == sale.intent_id]


def at_rest(place: Place, sale: Sale) -> bool:
    """Say whether all that came was processed and told."""
    with place.reading() as session:
        waiting = session.scalar(
            select(func.count())
            .select_from(InboxWaiting)
            .where(InboxWaiting.message_id.in_(messages(session, sale)))
        )
        told = moved(session, sale)
        return not waiting and bool(told) and all(one.delivered_at for one in told)


def delivered(place: Place, sale: Sale) -> bool:
    """Deliver the notice as often as it takes, as its provider does."""
    try:
        return place.deliver(sale) == 200
    except CutOff:
        return False


def check_paid_once(place: Place, sale: Sale) -> None:
    """Wait until all is done, then look at every trace that money leaves."""
    until(lambda: at_rest(place, sale), "the notice to be processed and told")
    with place.reading() as session:
        intent = session.get_one(Intent, sale.intent_id)
        assert (intent.state, intent.settled, intent.excess) == (State.PAID, intent.amount, 0)
        movement = _only(session, Movement, Movement.organisation_id == sale.organisation_id)
        assert movement.outcome is Outcome.EXACT
        assert movement.allocated == movement.amount == intent.amount
        _only(session, Allocation, Allocation.intent_id == sale.intent_id)
        _only(
            session,
            ToldMovement,
            ToldMovement.movement_id == movement.id,
            ToldMovement.told == "new",
        )
        check_books(session)
        [event] = moved(session, sale)
        heard = session.scalars(
            select(OutboxHearing.listener).where(OutboxHearing.event_id == event.id)
        ).all()
        assert len(heard) == len(set(heard)) > 1
        _only(session, Notification, Notification.url == f"/intents/{sale.intent_id}")
    status, told = place.page(f"/pay/{sale.intent}/status")
    assert (status, json.loads(told)["paid"]) == (200, True)
    assert place.page(f"/pay/{sale.intent}/receipt")[0] == 200


def _only(session: Session, table: type[Base], *which: Any) -> Any:
    [found] = session.scalars(select(table).where(*which)).all()
    return found


def test_invariant_11_the_web_dies_before_it_has_kept_the_notice(place: Place, sale: Sale) -> None:
    place.arm("web.before_commit")
    with pytest.raises(CutOff):
        place.deliver(sale)
    with place.reading() as session:
        assert messages(session, sale) == []

    until(lambda: delivered(place, sale), "the notice to be taken")
    check_paid_once(place, sale)


def test_invariant_11_the_web_dies_between_commit_and_answer(place: Place, sale: Sale) -> None:
    place.arm("web.before_answer")
    with pytest.raises(CutOff):
        place.deliver(sale)
    with place.reading() as session:
        assert len(messages(session, sale)) == 1

    until(lambda: delivered(place, sale), "the notice to be taken again")
    check_paid_once(place, sale)


def test_invariant_11_the_web_dies_after_its_answer(place: Place, sale: Sale) -> None:
    place.arm("web.after_answer")
    assert place.deliver(sale) == 200
    until(lambda: not place.armed("web.after_answer"), "the web to die")

    check_paid_once(place, sale)  # nobody sends again what was answered


@pytest.mark.parametrize(
    "where",
    [
        "processing.before_commit",
        "processing.after_commit",
        "listener.before_commit",
        "listener.after_commit",
    ],
)
def test_invariant_11_the_worker_dies(place: Place, sale: Sale, where: str) -> None:
    place.arm(where)
    assert place.deliver(sale) == 200
    until(lambda: not place.armed(where), "the worker to die")

    check_paid_once(place, sale)
    until(lambda: delivered(place, sale), "the notice to be taken again")
    check_paid_once(place, sale)
