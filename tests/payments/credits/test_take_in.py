"""One row for each real movement of money, whatever tells of it, how often, in whatever order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from foundation.db import Sessions
from payments.bank_accounts.models import BankAccount
from payments.credits import queries, service
from payments.credits.errors import MovementNotFound, RecordedDifferently
from payments.credits.models import Channel, Direction, Movement, Told, ToldMovement
from payments.credits.rules import Telling
from payments.ledger import queries as ledger
from payments.ledger.models import AccountKind
from tests import factories
from tests.conftest import NOON
from tests.unguarded import wipe

DAY = date(2026, 11, 20)
WRAPPED = "MBVCB.6998628625.PZC2Z0QD6N23TFRE.CT tu 0070000000001 NGUYEN VAN A toi 970499"


@pytest.fixture
def account(session: Session) -> BankAccount:
    made: BankAccount = factories.BankAccountFactory()
    return made


def telling(account: BankAccount, **more: object) -> Telling:
    facts = {
        "source": "sepay",
        "told_id": "92704",
        "bank_account_id": account.id,
        "direction": Direction.IN,
        "amount": 120_000,
        "booked_on": DAY,
        "memo": WRAPPED,
        "bank_reference": "FT26071809742974",
        "origin": "inbox:1",
        **more,
    }
    return Telling(**facts)  # type: ignore[arg-type]


def listed(told: Telling, number: int = 1) -> Telling:
    """The same movement as a statement tells of it: other name, no reference, booked a day on."""
    return replace(
        told,
        source="statement:1",
        told_id=f"row{number}",
        bank_reference="",
        booked_on=told.booked_on + timedelta(days=1),
    )


def stored(session: Session) -> list[tuple[int, int]]:
    rows = session.execute(select(Movement.id, Movement.amount).order_by(Movement.id))
    return [(row.id, row.amount) for row in rows]


def test_a_movement_is_stored_with_its_telling_and_its_journal(
    session: Session, account: BankAccount
) -> None:
    (heard,) = service.take_in(session, [telling(account)], now=NOON)

    assert (heard.told, heard.news) == (Told.NEW, True)
    movement = session.get_one(Movement, heard.movement_id)
    assert movement.organisation_id == account.organisation_id
    assert (movement.amount, movement.waiting) == (120_000, 120_000)
    (told,) = queries.tellings(session, movement)
    assert (told.source_kind, told.told_id, told.memo) == ("sepay", "92704", WRAPPED)
    books = account.organisation_id
    assert ledger.balance(session, books, AccountKind.BANK, account.public_id) == 120_000
    assert ledger.balance(session, books, AccountKind.SUSPENSE) == -120_000


def test_money_that_left_is_gone_until_explained(session: Session, account: BankAccount) -> None:
    service.take_in(session, [telling(account, direction=Direction.OUT)], now=NOON)

    books = account.organisation_id
    assert ledger.balance(session, books, AccountKind.BANK, account.public_id) == -120_000
    assert ledger.balance(session, books, AccountKind.GONE) == 120_000


def test_invariant_01_any_number_of_tellings_is_one_movement(
    session: Session, account: BankAccount
) -> None:
    told = telling(account)
    sources = [
        told,
        told,
        listed(told),
        replace(told, source="payos", told_id="FT26071809742974", memo="PZC2Z0QD6N23TFRE"),
        replace(told, source="casso", told_id="7", memo=""),
    ]
    rest = sources * 3
    random.Random(1).shuffle(rest)

    for one in rest:
        service.take_in(session, [one], now=NOON)

    assert len(stored(session)) == 1
    books = account.organisation_id
    assert ledger.balance(session, books, AccountKind.BANK, account.public_id) == 120_000


def test_invariant_02_the_same_reference_with_another_amount_waits_for_a_person(
    session: Session, account: BankAccount
) -> None:
    service.take_in(session, [telling(account)], now=NOON)
    before = stored(session)

    other = telling(account, source="casso", told_id="8", amount=1_200_000)
    (heard,) = service.take_in(session, [other], now=NOON)

    assert (heard.told, heard.movement_id) == (Told.CONFLICT, None)
    assert stored(session) == before
    kept = session.scalars(select(ToldMovement).where(ToldMovement.told_id == "8")).one()
    assert (kept.movement_id, kept.amount) == (None, 1_200_000)


@pytest.mark.parametrize(
    "memo",
    [
        WRAPPED,
        "PZC2Z0QD6N23TFRE",
        "",
        WRAPPED[:40],
        "TKThe :0070000000001, tai VCB. " + WRAPPED.upper() + " -CTLNHIDI000009811417320",
    ],
)
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_invariant_03_a_statement_row_joins_the_webhook_of_its_transfer(
    session: Session, account: BankAccount, memo: str, days: int
) -> None:
    told = telling(account)
    (first,) = service.take_in(session, [told], now=NOON)
    row = replace(listed(told), memo=memo, booked_on=told.booked_on + timedelta(days=days))

    (second,) = service.take_in(session, [row], now=NOON)

    assert (second.told, second.movement_id) == (Told.MERGED, first.movement_id)


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 120_001},
        {"direction": Direction.OUT},
        {"booked_on": DAY + timedelta(days=5)},
        {"memo": "PZC292XDP0FNQRCE hoc phi"},
        {"bank_reference": "FT26071809742975"},
    ],
)
def test_what_does_not_fit_is_another_movement(
    session: Session, account: BankAccount, other: dict[str, object]
) -> None:
    service.take_in(session, [telling(account)], now=NOON)

    row = replace(listed(telling(account)), **other)  # type: ignore[arg-type]
    (heard,) = service.take_in(session, [row], now=NOON)

    assert heard.told is Told.NEW
    assert len(stored(session)) == 2


def test_invariant_03_two_equal_transfers_stay_two(session: Session, account: BankAccount) -> None:
    """Two webhooks, then a statement of both: two movements, whoever is told first."""
    first, second = (telling(account, told_id=str(n), bank_reference="") for n in (1, 2))
    rows = [listed(first, n) for n in (1, 2)]

    service.take_in(session, [first, second], now=NOON)
    service.take_in(session, rows, now=NOON)
    service.take_in(session, rows, now=NOON)

    assert len(stored(session)) == 2


def test_a_lost_webhook_is_made_up_for_by_the_statement(
    session: Session, account: BankAccount
) -> None:
    heard = telling(account, memo="THU HOC PHI HS0001", bank_reference="")
    lost = telling(account, memo="THU HOC PHI HS0002", bank_reference="", told_id="lost")
    service.take_in(session, [heard], now=NOON)

    # The row of the lost one comes first and looks much like the one that was heard of.
    rows = [listed(lost, 1), listed(heard, 2)]
    told = service.take_in(session, rows, now=NOON)

    assert [one.told for one in told] == [Told.NEW, Told.MERGED]


def test_a_fuller_memo_is_kept_and_is_news(session: Session, account: BankAccount) -> None:
    cut = telling(account, memo="MBVCB.6998628625", bank_reference="")
    service.take_in(session, [cut], now=NOON)

    (heard,) = service.take_in(session, [replace(listed(cut), memo=WRAPPED)], now=NOON)

    assert (heard.told, heard.news) == (Told.MERGED, True)
    assert session.get_one(Movement, heard.movement_id).memo == WRAPPED


def test_a_short_reference_that_comes_again_later_is_another_movement(
    session: Session, account: BankAccount
) -> None:
    """Counters of some banks begin again; their numbers name nothing for long."""
    service.take_in(session, [telling(account, bank_reference="223979")], now=NOON)

    later = telling(
        account,
        told_id="92705",
        bank_reference="223979",
        booked_on=DAY + timedelta(days=20),
        memo="PZC292XDP0FNQRCE",
    )
    (heard,) = service.take_in(session, [later], now=NOON)

    assert heard.told is Told.NEW


def test_invariant_03_rows_of_one_statement_are_never_one_movement(
    session: Session, account: BankAccount
) -> None:
    told = telling(account, bank_reference="")
    rows = [replace(listed(told, n), occurrence=n) for n in (1, 2, 3)]

    assert [one.told for one in service.take_in(session, rows, now=NOON)] == [Told.NEW] * 3
    assert [one.told for one in service.take_in(session, rows, now=NOON)] == [Told.REPEAT] * 3


def test_another_organisation_s_account_is_another_world(
    session: Session, account: BankAccount
) -> None:
    other = factories.BankAccountFactory()
    service.take_in(session, [telling(account)], now=NOON)

    (heard,) = service.take_in(session, [listed(telling(other))], now=NOON)

    assert heard.told is Told.NEW
    with pytest.raises(MovementNotFound):
        queries.by_public_id(
            session,
            account.organisation_id,
            session.get_one(Movement, heard.movement_id).public_id,
        )


def test_an_account_that_is_not_there_takes_nothing(session: Session) -> None:
    with pytest.raises(ValueError, match="not there"):
        service.take_in(session, [telling(BankAccount(id=10**9, organisation_id=1))], now=NOON)
    assert stored(session) == []


def test_statements_do_not_grow_with_the_tellings(
    session: Session, account: BankAccount, statements: list[str]
) -> None:
    def take(count: int, kind: str) -> int:
        statements.clear()
        many = [
            telling(account, told_id=f"{kind}{n}", bank_reference=f"{kind}FT{n:010d}")
            for n in range(count)
        ]
        service.take_in(session, many, now=NOON)
        return len(statements)

    take(2, "a")  # the ledger's accounts are made once
    assert take(200, "c") <= take(20, "b") + 2


def test_invariant_05_tellings_are_kept_for_good(engine: Engine, session: Session) -> None:
    account = factories.BankAccountFactory()
    service.take_in(session, [telling(account)], now=NOON)
    told = session.scalars(select(ToldMovement)).one()

    told.amount = 1

    with pytest.raises(DBAPIError, match="append-only"):
        session.flush()


def test_invariant_02_cash_is_recorded_once_by_its_key(session: Session) -> None:
    organisation = factories.OrganisationFactory()

    def take(amount: int) -> Movement:
        return service.record(
            session,
            organisation.id,
            channel=Channel.CASH,
            direction=Direction.IN,
            amount=amount,
            key="cash:7",
            holder="desk-1",
            booked_on=DAY,
            memo="Thu tại quầy",
            now=NOON,
        )

    assert take(50_000).id == take(50_000).id
    with pytest.raises(RecordedDifferently):
        take(60_000)
    assert [amount for _, amount in stored(session)] == [50_000]
    assert ledger.balance(session, organisation.id, AccountKind.CASH, "desk-1") == 50_000


@settings(max_examples=80, deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
def test_invariant_10_no_order_of_tellings_loses_or_doubles_money(
    session: Session, data: st.DataObject
) -> None:
    """Real transfers, some alike; two providers tell of each, one by one, some twice, and the
    statement of all comes somewhere in between, its memos wrapped or cut."""
    account = factories.BankAccountFactory()
    real = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from([50_000, 120_000]),
                st.sampled_from(["PZC2Z0QD6N23TFRE", "", "NOP TIEN", "PZC292XDP0FNQRCE hoc phi"]),
                st.integers(0, 1),
            ),
            min_size=1,
            max_size=6,
        )
    )
    wrap = data.draw(st.sampled_from(["%s", "MBVCB.1.%s.CT tu 007 toi 970", "ND:%s; tai Napas"]))
    one_by_one = [
        [_of(account, source, number, one, one[1], f"FT{number:012d}")]
        for source in ("sepay", "casso")
        for number, one in enumerate(real)
    ]
    listing = [
        _of(account, "statement:1", number, one, wrap % one[1] if one[1] else "", "")
        for number, one in enumerate(real)
    ]
    told = data.draw(st.permutations([*one_by_one, listing]))
    for some in [*told, *told[:3]]:
        service.take_in(session, some, now=NOON)

    total = session.scalar(
        select(func.sum(Movement.amount)).where(Movement.bank_account_id == account.id)
    )
    assert total == sum(amount for amount, _, _ in real)


def _of(
    account: BankAccount,
    source: str,
    number: int,
    one: tuple[int, str, int],
    memo: str,
    reference: str,
) -> Telling:
    return telling(
        account,
        source=source,
        told_id=f"{source}{number}",
        amount=one[0],
        booked_on=DAY + timedelta(days=one[2]),
        memo=memo,
        bank_reference=reference,
    )


def test_invariant_03_what_may_be_either_of_two_is_asked_of_a_person(
    session: Session, account: BankAccount
) -> None:
    rows = [
        replace(listed(telling(account), n), memo=memo)
        for n, memo in enumerate(["PZC2Z0QD6N23TFRE", "PZC292XDP0FNQRCE"])
    ]
    service.take_in(session, rows, now=NOON)

    (heard,) = service.take_in(session, [telling(account, memo="")], now=NOON)

    assert (heard.told, heard.movement_id) == (Told.UNCLEAR, None)
    assert len(stored(session)) == 2


@pytest.fixture
def committed(engine: Engine) -> Iterator[Sessions]:
    """Sessions that really commit, on PostgreSQL; what they leave is wiped."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer")
    yield Sessions(engine)
    wipe(engine)


def test_invariant_01_twenty_tellers_at_once_make_one_movement(committed: Sessions) -> None:
    with committed.transaction() as session:
        factories.use(session)
        account = factories.BankAccountFactory()
        told = telling(account)
    gate = Barrier(10)

    def tell(number: int) -> int | None:
        one = replace(told, source=("sepay", "casso", "payos", "statement:1")[number % 4])
        gate.wait(timeout=20)
        with committed.transaction() as session:
            return service.take_in(session, [one], now=NOON)[0].movement_id

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(tell, range(10)))) == 1
    with committed.reading() as session:
        assert session.scalar(select(func.count(Movement.id))) == 1
