"""Asking for money once, and following what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from foundation.audit.errors import CannotMove
from foundation.audit.models import AuditEntry
from foundation.audit.rules import SYSTEM
from foundation.db import Sessions
from foundation.errors import DomainError
from foundation.outbox.models import OutboxEvent
from payments.intents import errors, queries, rules, service
from payments.intents.models import Intent, State
from payments.intents.rules import Line, Wanted
from tests import factories
from tests.conftest import NOON
from tests.unguarded import wipe

WANTED = Wanted(
    key="order:k1",
    amount=150_000,
    purpose="Đơn hàng DH1",
    lines=(
        Line(kind="order", subject="dh1", label="Khô cá lóc 500 g", amount=120_000),
        Line(kind="shipping", subject="dh1", label="Phí giao hàng", amount=30_000),
    ),
    payer="person:a",
    payer_name="Nguyễn Thị Mẫu",
    expires_at=NOON + timedelta(hours=1),
)


def create(session: Session, organisation_id: int, wanted: Wanted = WANTED) -> Intent:
    intent = service.create(session, organisation_id, wanted, actor=SYSTEM, now=NOON)
    session.flush()
    return intent


def count(session: Session, model: type[object] = Intent) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def events(session: Session) -> list[tuple[str, str]]:
    session.flush()
    rows = session.scalars(select(OutboxEvent).order_by(OutboxEvent.id))
    return [(row.body["before"], row.body["state"]) for row in rows]


def test_asking_writes_down_what_is_owed(session: Session) -> None:
    account = factories.BankAccountFactory()

    intent = create(session, account.organisation_id)

    assert rules.is_reference(intent.reference)
    assert (intent.state, intent.amount, intent.due) == (State.OPEN, 150_000, 150_000)
    assert intent.bank_account_id == account.id
    assert [(line.position, line.kind, line.amount) for line in intent.lines] == [
        (1, "order", 120_000),
        (2, "shipping", 30_000),
    ]
    assert session.scalars(select(AuditEntry.action)).all() == ["payment_intents.created"]


def test_without_an_account_it_is_for_cash_and_cards(session: Session) -> None:
    intent = create(session, factories.OrganisationFactory().id)

    assert intent.bank_account_id is None


def test_asking_again_returns_the_first(session: Session) -> None:
    organisation = factories.OrganisationFactory()
    first = create(session, organisation.id)

    later = replace(WANTED, expires_at=NOON + timedelta(hours=2))

    assert create(session, organisation.id, later) is first
    assert count(session) == 1


def test_another_organisation_may_use_the_same_key(session: Session) -> None:
    first = create(session, factories.OrganisationFactory().id)

    assert create(session, factories.OrganisationFactory().id) is not first


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 150_001, "lines": ()},
        {"purpose": "Đơn hàng DH2"},
        {"lines": ()},
        {"payer": None},
        {"payer_name": ""},
        {"settles_late": False},
    ],
)
def test_invariant_02_the_same_key_for_something_else_is_refused(
    session: Session, change: dict[str, Any]
) -> None:
    organisation = factories.OrganisationFactory()
    first = create(session, organisation.id)

    with pytest.raises(errors.KeyUsedOtherwise):
        create(session, organisation.id, replace(WANTED, **change))

    assert count(session) == 1
    assert (first.amount, first.purpose) == (150_000, "Đơn hàng DH1")


def line(**change: Any) -> Line:
    return replace(Line(kind="order", subject="dh1", label="Khô cá", amount=150_000), **change)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"key": ""}, errors.KeyUnfit),
        ({"key": "k" * 121}, errors.KeyUnfit),
        ({"amount": 0}, errors.AmountTooSmall),
        ({"amount": -1}, errors.AmountTooSmall),
        ({"amount": 500_000_000, "lines": ()}, errors.AmountTooLarge),
        ({"purpose": " "}, errors.PurposeMissing),
        ({"purpose": "ă" * 121}, errors.PurposeTooLong),
        ({"payer": "p" * 81}, errors.PayerTooLong),
        ({"payer_name": "p" * 121}, errors.PayerTooLong),
        ({"expires_at": NOON}, errors.ExpiryPast),
        ({"amount": 150_001}, errors.LinesDoNotSum),
        ({"lines": (line(), line(amount=-1), line(amount=1))}, errors.LineUnclear),
        ({"lines": (line(kind=""),)}, errors.LineUnclear),
        ({"lines": (line(subject="s" * 61),)}, errors.LineUnclear),
        ({"lines": (line(label=""),)}, errors.LineUnclear),
    ],
)
def test_invariant_19_what_may_not_be_asked_for(
    session: Session, change: dict[str, Any], refusal: type[DomainError]
) -> None:
    organisation = factories.OrganisationFactory()

    with pytest.raises(refusal):
        create(session, organisation.id, replace(WANTED, **change))

    assert count(session) == 0


@pytest.mark.parametrize("amount", [1, 499_999_999])
def test_the_smallest_and_the_largest_amount(session: Session, amount: int) -> None:
    wanted = replace(WANTED, amount=amount, lines=())

    assert create(session, factories.OrganisationFactory().id, wanted).amount == amount


def test_a_reference_that_is_taken_is_drawn_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation = factories.OrganisationFactory()
    taken = create(session, organisation.id).reference
    drawn = iter([taken, taken, rules.new_reference()])
    monkeypatch.setattr(rules, "new_reference", lambda: next(drawn))

    second = create(session, organisation.id, replace(WANTED, key="order:k2"))

    assert second.reference != taken
    assert count(session) == 2


def test_paying_in_parts(session: Session) -> None:
    intent = factories.IntentFactory(amount=100)

    service.settle(session, intent, 40, actor=SYSTEM, now=NOON)
    assert (intent.state, intent.due, intent.settled_at) == (State.PART_PAID, 60, None)
    service.settle(session, intent, 10, actor=SYSTEM, now=NOON)
    assert intent.state is State.PART_PAID
    service.settle(session, intent, 50, actor=SYSTEM, now=NOON)

    assert (intent.state, intent.due, intent.settled_at) == (State.PAID, 0, NOON)
    assert events(session) == [
        ("open", "part_paid"),
        ("part_paid", "part_paid"),
        ("part_paid", "paid"),
    ]


def test_excess_and_what_becomes_of_it(session: Session) -> None:
    intent = factories.IntentFactory(amount=100)
    service.settle(session, intent, 100, actor=SYSTEM, now=NOON)

    service.note_excess(session, intent, 30, actor=SYSTEM, now=NOON)
    assert (intent.state, intent.excess) == (State.OVERPAID, 30)
    service.note_excess(session, intent, -10, actor=SYSTEM, now=NOON)
    assert intent.state is State.OVERPAID
    service.note_excess(session, intent, -20, actor=SYSTEM, now=NOON)

    assert (intent.state, intent.excess) == (State.PAID, 0)


def test_a_payment_taken_back_opens_it_again(session: Session) -> None:
    intent = factories.IntentFactory(amount=100)
    service.settle(session, intent, 100, actor=SYSTEM, now=NOON)

    service.unsettle(session, intent, 60, actor=SYSTEM, now=NOON)
    assert (intent.state, intent.due, intent.settled_at) == (State.PART_PAID, 60, None)
    service.unsettle(session, intent, 40, actor=SYSTEM, now=NOON)

    assert (intent.state, intent.due) == (State.OPEN, 100)


def test_late_money_settles_what_is_still_wanted(session: Session) -> None:
    intent = factories.IntentFactory(amount=100, state=State.EXPIRED, closed_at=NOON)

    service.settle(session, intent, 100, actor=SYSTEM, now=NOON)

    assert (intent.state, intent.closed_at) == (State.PAID, None)


def test_late_money_is_counted_late_before_the_worker_says_so(session: Session) -> None:
    intent = factories.IntentFactory(settles_late=False, expires_at=NOON)

    with pytest.raises(errors.NotPayable):
        service.settle(session, intent, 100, actor=SYSTEM, now=NOON)

    assert (intent.state, intent.settled) == (State.OPEN, 0)


def test_invariant_07_more_than_due_is_refused(session: Session) -> None:
    intent = factories.IntentFactory(amount=100, settled=40, state=State.PART_PAID)

    with pytest.raises(errors.AboveDue):
        service.settle(session, intent, 61, actor=SYSTEM, now=NOON)

    assert (intent.state, intent.settled) == (State.PART_PAID, 40)


@pytest.mark.parametrize("call", [service.settle, service.unsettle])
def test_nothing_and_less_than_nothing_are_refused(
    session: Session, call: Callable[..., None]
) -> None:
    intent = factories.IntentFactory(amount=100, settled=40, state=State.PART_PAID)

    for amount in (0, -1):
        with pytest.raises(errors.AmountTooSmall):
            call(session, intent, amount, actor=SYSTEM, now=NOON)

    assert (intent.state, intent.settled) == (State.PART_PAID, 40)


def test_what_was_given_back_cannot_be_taken_back(session: Session) -> None:
    intent = factories.IntentFactory(amount=100, settled=100, refunded=30, state=State.PAID)

    with pytest.raises(errors.MoreThanSettled):
        service.unsettle(session, intent, 71, actor=SYSTEM, now=NOON)

    assert (intent.state, intent.settled) == (State.PAID, 100)


def test_invariant_07_refunds_stay_within_what_was_settled(session: Session) -> None:
    intent = factories.IntentFactory(amount=100, settled=100, state=State.PAID)
    service.note_refunded(session, intent, 100, actor=SYSTEM, now=NOON)

    for delta in (1, -101):
        with pytest.raises(errors.MoreThanSettled):
            service.note_refunded(session, intent, delta, actor=SYSTEM, now=NOON)

    assert intent.refunded == 100
    service.note_refunded(session, intent, -100, actor=SYSTEM, now=NOON)
    assert intent.refunded == 0


def cancel(session: Session, intent: Intent, reason: str = "Khách đổi ý") -> Intent:
    return service.cancel(
        session, intent.organisation_id, intent.public_id, reason=reason, actor=SYSTEM, now=NOON
    )


def test_cancelling(session: Session) -> None:
    intent = cancel(session, factories.IntentFactory())

    assert (intent.state, intent.closed_at) == (State.CANCELLED, NOON)
    assert intent.close_reason == "Khách đổi ý"
    assert events(session) == [("open", "cancelled")]


@pytest.mark.parametrize(
    "money",
    [
        {"settled": 1, "state": State.PART_PAID},
        {"settled": 120_000, "state": State.PAID},
        {"excess": 1, "state": State.OVERPAID},
        {"settled": 1, "state": State.EXPIRED},
    ],
)
def test_what_holds_money_is_not_cancelled(session: Session, money: dict[str, Any]) -> None:
    intent = factories.IntentFactory(**money)

    with pytest.raises(errors.HasMoney):
        cancel(session, intent)

    assert (intent.state, intent.closed_at) == (money["state"], None)


def test_cancelling_takes_a_reason(session: Session) -> None:
    intent = factories.IntentFactory()

    for reason in ("", "  ", "x" * 201):
        with pytest.raises(errors.ReasonMissing):
            cancel(session, intent, reason)

    assert intent.state is State.OPEN


def test_invariant_20_a_strangers_intent_is_not_found(session: Session) -> None:
    intent, stranger = factories.IntentFactory(), factories.OrganisationFactory()

    with pytest.raises(errors.IntentNotFound):
        service.cancel(session, stranger.id, intent.public_id, reason="Thử", actor=SYSTEM, now=NOON)
    with pytest.raises(errors.IntentNotFound):
        queries.one(session, stranger.id, intent.public_id)

    assert intent.state is State.OPEN


def put(session: Session, old: Intent, new: Intent, reason: str = "Sửa số lượng") -> None:
    service.replace(session, old, new, reason=reason, actor=SYSTEM, now=NOON)
    session.flush()


def pair(**facts: Any) -> tuple[Intent, Intent]:
    old = factories.IntentFactory(**facts)
    return old, factories.IntentFactory(organisation=old.organisation, bank_account=None)


def test_invariant_17_replacing_withdraws_the_old_one(session: Session) -> None:
    old, new = pair()

    put(session, old, new)

    assert (old.state, old.replaced_by_id, old.close_reason) == (
        State.CANCELLED,
        new.id,
        "Sửa số lượng",
    )
    assert queries.by_references(session, [old.reference]) == {old.reference: new}


def test_what_may_not_replace(session: Session) -> None:
    old, new = pair()
    stranger = factories.IntentFactory()
    closed = factories.IntentFactory(
        organisation=old.organisation, state=State.CANCELLED, bank_account=None
    )
    for by in (old, stranger, closed):
        with pytest.raises(errors.CannotReplace):
            put(session, old, by)
    with pytest.raises(errors.ReasonMissing):
        put(session, old, new, reason="")

    assert (old.state, old.replaced_by_id) == (State.OPEN, None)


def test_one_that_was_replaced_comes_not_back(session: Session) -> None:
    old, new = pair()
    put(session, old, new)

    with pytest.raises(errors.CannotReplace):
        put(session, new, old)

    assert new.state is State.OPEN


def test_one_that_holds_money_is_not_replaced(session: Session) -> None:
    old, new = pair(settled=5, state=State.PART_PAID)

    with pytest.raises(errors.HasMoney):
        put(session, old, new)

    assert (old.state, old.replaced_by_id) == (State.PART_PAID, None)


def test_what_runs_out_expires(session: Session) -> None:
    out = factories.IntentFactory(expires_at=NOON)
    in_part = factories.IntentFactory(expires_at=NOON, settled=5, state=State.PART_PAID)
    running = factories.IntentFactory(expires_at=NOON + timedelta(seconds=1))
    endless = factories.IntentFactory()
    paid = factories.IntentFactory(expires_at=NOON, settled=120_000, state=State.PAID)

    assert service.expire_due(session, now=NOON) == 2

    assert [one.state for one in (out, in_part, running, endless, paid)] == [
        State.EXPIRED,
        State.EXPIRED,
        State.OPEN,
        State.OPEN,
        State.PAID,
    ]
    assert service.expire_due(session, now=NOON) == 0


def test_expiring_goes_batch_by_batch(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "EXPIRY_BATCH", 2)
    for _ in range(3):
        factories.IntentFactory(expires_at=NOON)

    assert [service.expire_due(session, now=NOON) for _ in range(3)] == [2, 1, 0]


# What may happen to an intent, and in which states; everything else raises and changes nothing.
MONEY = {
    State.OPEN: {},
    State.PART_PAID: {"settled": 40},
    State.PAID: {"settled": 100},
    State.OVERPAID: {"settled": 100, "excess": 20},
    State.EXPIRED: {},
    State.CANCELLED: {},
}
HAPPENINGS: dict[str, tuple[Callable[[Session, Intent], object], set[State]]] = {
    "settle": (
        lambda session, one: service.settle(session, one, 10, actor=SYSTEM, now=NOON),
        {State.OPEN, State.PART_PAID, State.EXPIRED},
    ),
    "unsettle": (
        lambda session, one: service.unsettle(session, one, 10, actor=SYSTEM, now=NOON),
        {State.PART_PAID, State.PAID, State.OVERPAID},
    ),
    "more excess": (
        lambda session, one: service.note_excess(session, one, 10, actor=SYSTEM, now=NOON),
        {State.OPEN, State.PART_PAID, State.PAID, State.OVERPAID, State.EXPIRED},
    ),
    "less excess": (
        lambda session, one: service.note_excess(session, one, -10, actor=SYSTEM, now=NOON),
        {State.OVERPAID},
    ),
    "refund": (
        lambda session, one: service.note_refunded(session, one, 10, actor=SYSTEM, now=NOON),
        {State.PART_PAID, State.PAID, State.OVERPAID},
    ),
    "cancel": (cancel, {State.OPEN, State.EXPIRED}),
}


def facts(intent: Intent) -> tuple[object, ...]:
    return (intent.state, intent.settled, intent.excess, intent.refunded, intent.closed_at)


@pytest.mark.parametrize("happening", HAPPENINGS)
@pytest.mark.parametrize("state", State)
def test_invariant_09_the_graph_of_states_is_closed(
    session: Session, state: State, happening: str
) -> None:
    happen, allowed = HAPPENINGS[happening]
    intent = factories.IntentFactory(amount=100, state=state, **MONEY[state])
    before = facts(intent)

    if state in allowed:
        happen(session, intent)
        assert facts(intent) != before
        return
    with pytest.raises(
        (
            errors.NotPayable,
            errors.AboveDue,
            errors.MoreThanSettled,
            errors.HasMoney,
            CannotMove,
        )
    ):
        happen(session, intent)
    assert facts(intent) == before
    assert events(session) == []


@pytest.mark.parametrize("happening", ["settle", "more excess"])
def test_an_expired_one_not_wanted_late_takes_nothing(session: Session, happening: str) -> None:
    intent = factories.IntentFactory(amount=100, state=State.EXPIRED, settles_late=False)

    with pytest.raises(errors.NotPayable):
        HAPPENINGS[happening][0](session, intent)

    assert facts(intent) == (State.EXPIRED, 0, 0, 0, None)


@pytest.fixture
def committed(engine: Engine) -> Iterator[Sessions]:
    """Sessions that really commit, on PostgreSQL; what they leave is wiped."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    yield Sessions(engine)
    wipe(engine)


def test_two_who_ask_at_once_get_one_intent(committed: Sessions) -> None:
    with committed.transaction() as session:
        factories.use(session)
        organisation_id = factories.OrganisationFactory().id
    gate = Barrier(8)

    def ask(_number: int) -> int:
        with committed.transaction() as session:
            session.scalar(select(1))
            gate.wait(timeout=10)
            return service.create(session, organisation_id, WANTED, actor=SYSTEM, now=NOON).id

    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(ask, range(8)))

    assert len(set(asked)) == 1
    with committed.reading() as session:
        assert count(session) == 1


def test_invariant_08_two_payers_at_once_settle_it_once(committed: Sessions) -> None:
    """Locked in one order by all: nobody waits for somebody who waits for them."""
    with committed.transaction() as session:
        factories.use(session)
        first, second = (factories.IntentFactory(amount=100).id for _ in range(2))
    gate = Barrier(6)

    def pay(number: int) -> int:
        ids = [first, second] if number % 2 else [second, first]
        gate.wait(timeout=10)
        with committed.transaction() as session:
            settled = 0
            for intent in service.lock_many(session, ids):
                if intent.due:
                    service.settle(session, intent, 100, actor=SYSTEM, now=NOON)
                    settled += 1
            return settled

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(pay, range(6))) == [0, 0, 0, 0, 0, 2]


def test_expiring_leaves_out_what_is_being_paid(committed: Sessions) -> None:
    with committed.transaction() as session:
        factories.use(session)
        held, other = (factories.IntentFactory(expires_at=NOON).id for _ in range(2))

    with committed.transaction() as paying:
        service.lock_many(paying, [held])
        with committed.transaction() as session:
            assert service.expire_due(session, now=NOON) == 1

    with committed.reading() as session:
        states = {row.id: row.state for row in session.execute(select(Intent.id, Intent.state))}
    assert states == {held: State.OPEN, other: State.EXPIRED}
