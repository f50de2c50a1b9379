"""How long it takes to take in credits and to find what they are for, and whether that grows.

    python -m benchmarks.matching

On PostgreSQL: 50,000 credits against 200,000 open intents, then 5,000 more behind 10,000 and
behind 1,000,000 past credits with all their tellings, allocations and journals.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.orm import Session, configure_mappers

from benchmarks.search import _postgresql
from foundation import db
from foundation.accounts.models import Person
from foundation.ids import new_public_id
from foundation.organisations.models import Kind, Organisation, State
from marketplace import wiring
from payments.bank_accounts.models import BankAccount
from payments.bank_accounts.models import State as AccountState
from payments.credits import service as movements
from payments.credits.models import Direction, Movement, Outcome
from payments.credits.rules import Telling
from payments.intents.models import Intent
from payments.intents.rules import new_reference
from payments.reconciliation import service as reconciliation

SEED = 20_261_122
NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
INTENTS = 200_000
CREDITS = 50_000
WANTED_SECONDS = 60
PAST = (10_000, 1_000_000)
MORE = 5_000
WANTED_GROWTH = 1.3
CHUNK = 500
ROUNDS = 5


def main() -> bool:
    """Measure and print; return whether every figure was met."""
    assert wiring.TABLES
    configure_mappers()
    with tempfile.TemporaryDirectory(prefix="phiencho-bench-") as folder:
        with _postgresql(Path(folder)) as url:
            engine = db.make_engine(url)
            met = _many(engine)
            engine.dispose()
        costs = []
        for past in PAST:
            with _postgresql(Path(folder)) as url:
                engine = db.make_engine(url)
                costs.append(_cost_behind(engine, past))
                engine.dispose()
    growth = costs[1] / costs[0]
    verdict = "ok" if growth <= WANTED_GROWTH else "MISSED"
    print(
        f"cost of a credit behind {PAST[1]:,} is {growth:.2f} times that behind {PAST[0]:,}"
        f"  ≤ {WANTED_GROWTH} {verdict}"
    )
    return met and growth <= WANTED_GROWTH


def _many(engine: Engine) -> bool:
    account = _account(engine)
    references = _intents(engine, account, INTENTS)
    paid = random.Random(SEED).sample(references, CREDITS)
    heard_seconds, ids = _take_in(engine, account, paid, "a")
    seconds = _match(engine, ids)
    with Session(engine) as session:
        exact = session.scalar(
            select(func.count(Movement.id)).where(Movement.outcome == Outcome.EXACT)
        )
    assert exact == CREDITS, f"{exact} were matched"
    verdict = "ok" if seconds <= WANTED_SECONDS else "MISSED"
    print(
        f"{CREDITS:,} credits against {INTENTS:,} open intents: taken in {heard_seconds:.1f} s, "
        f"matched {seconds:.1f} s  ≤ {WANTED_SECONDS} {verdict}",
        flush=True,
    )
    return seconds <= WANTED_SECONDS


def _cost_behind(engine: Engine, past: int) -> float:
    """Return the median milliseconds that a credit costs behind so many past ones."""
    account = _account(engine)
    references = _intents(engine, account, MORE * ROUNDS)
    _past(engine, account, past)
    costs = []
    for number in range(ROUNDS):
        some = references[number * MORE : (number + 1) * MORE]
        heard, ids = _take_in(engine, account, some, f"r{number}-")
        costs.append((heard + _match(engine, ids)) / MORE * 1000)
    cost = median(costs)
    print(f"behind {past:,} past credits one costs {cost:.2f} ms", flush=True)
    return cost


def _account(engine: Engine) -> BankAccount:
    db.Base.metadata.create_all(engine)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        person = Person(full_name="Người đo", phone="0900000001", password_hash="-", created_at=NOW)
        organisation = Organisation(
            slug="noi-do",
            kind=Kind.SCHOOL,
            state=State.VERIFIED,
            name="Nơi đo",
            sort_key="noi do",
            fold_key="noi do",
            created_at=NOW,
        )
        session.add_all([person, organisation])
        session.flush()
        account = BankAccount(
            organisation_id=organisation.id,
            bank_bin="970499",
            number="8800000001",
            holder="NOI DO",
            state=AccountState.ACTIVE,
            main=True,
            proposed_by_id=person.id,
            proposed_at=NOW,
        )
        session.add(account)
    return account


def _intents(engine: Engine, account: BankAccount, count: int) -> list[str]:
    references = [new_reference() for _ in range(count)]
    with Session(engine) as session, session.begin():
        for start in range(0, count, 5_000):
            session.execute(
                insert(Intent),
                [
                    {
                        "public_id": new_public_id(),
                        "organisation_id": account.organisation_id,
                        "bank_account_id": account.id,
                        "reference": reference,
                        "amount": 100_000,
                        "purpose": "Học phí",
                        "key": f"bench:{reference}",
                        "input_hash": "0" * 64,
                        "created_at": NOW,
                    }
                    for reference in references[start : start + 5_000]
                ],
            )
    _analyze(engine)
    return references


def _take_in(
    engine: Engine, account: BankAccount, references: Sequence[str], name: str
) -> tuple[float, list[int]]:
    tellings = [
        Telling(
            source="sepay",
            told_id=f"{name}{number}",
            bank_account_id=account.id,
            direction=Direction.IN,
            amount=100_000,
            booked_on=date(2026, 11, 1) + timedelta(days=number % 20),
            memo=f"MBVCB.{number}.{reference}.CT tu 0070000000001 NGUYEN VAN A toi 8800000001",
            bank_reference=f"FT{name}{number:010d}",
            origin="inbox:1",
        )
        for number, reference in enumerate(references)
    ]
    ids: list[int] = []
    started = time.perf_counter()
    for start in range(0, len(tellings), CHUNK):
        with Session(engine) as session, session.begin():
            heard = movements.take_in(session, tellings[start : start + CHUNK], now=NOW)
            ids += [one.movement_id for one in heard if one.movement_id]
    return time.perf_counter() - started, ids


def _match(engine: Engine, ids: Sequence[int]) -> float:
    started = time.perf_counter()
    for start in range(0, len(ids), CHUNK):
        with Session(engine) as session, session.begin():
            reconciliation.match(session, ids[start : start + CHUNK], now=NOW)
    return time.perf_counter() - started


PAST_ROWS = (
    """INSERT INTO movements (public_id, organisation_id, channel, direction, bank_account_id,
       holder, amount, allocated, frozen, booked_on, heard_at, bank_reference, occurrence, memo,
       counter_name, counter_account, sought, state, outcome)
       SELECT 'm' || lpad(n::text, 13, '0'), :organisation, 'bank', 'in', :account,
       '', 100000, 100000, 0, date '2026-10-20' - (n % 700)::int, :now,
       'PAST' || lpad(n::text, 12, '0'), 1,
       'Hoc phi thang truoc ' || n, '', '', '', 'matched', 'exact'
       FROM generate_series(1, :past) n""",
    """INSERT INTO told_movements (movement_id, bank_account_id, source_kind, source, told_id,
       origin, told, direction, amount, booked_on, bank_reference, memo, heard_at)
       SELECT id, bank_account_id, 'sepay', 'sepay', 'past' || id, 'inbox:1', 'new', direction,
       amount, booked_on, bank_reference, memo, heard_at FROM movements""",
    """INSERT INTO payment_intents (public_id, organisation_id, bank_account_id, reference, amount,
       settled, excess, refunded, purpose, payer_name, sought, state, settles_late, key, input_hash,
       created_at, close_reason)
       SELECT 'i' || lpad(n::text, 13, '0'), :organisation, :account,
       'PAST' || lpad(n::text, 12, '0'), 100000, 100000, 0, 0, 'Hoc phi', '', '', 'paid', true,
       'past:' || n, '0', :now, ''
       FROM generate_series(1, :past) n""",
    """INSERT INTO allocations (public_id, organisation_id, movement_id, kind, intent_id, amount,
       reason, made_at)
       SELECT 'a' || lpad(m.id::text, 13, '0'), :organisation, m.id, 'intent',
       (SELECT min(id) FROM payment_intents), 100000, '', :now FROM movements m""",
    """INSERT INTO ledger_accounts (public_id, organisation_id, kind, subject)
       VALUES ('past0000000001', :organisation, 'bank', 'past'),
              ('past0000000002', :organisation, 'suspense', '') ON CONFLICT DO NOTHING""",
    """INSERT INTO ledger_journals (key, organisation_id, day, posted_at, memo)
       SELECT 'past:' || id, :organisation, booked_on, :now, memo FROM movements""",
    """INSERT INTO ledger_postings (journal_id, account_id, day, amount)
       SELECT j.id, a.id, j.day, CASE a.kind WHEN 'bank' THEN 100000 ELSE -100000 END
       FROM ledger_journals j CROSS JOIN ledger_accounts a WHERE a.subject IN ('past', '')""",
)


def _past(engine: Engine, account: BankAccount, past: int) -> None:
    """Put so many past credits into the database, with all that belongs to them."""
    facts = {
        "organisation": account.organisation_id,
        "account": account.id,
        "now": NOW,
        "past": past,
    }
    with engine.begin() as connection:
        # The balance of each journal is checked by a trigger per row, which these rows pass.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in PAST_ROWS:
            connection.execute(text(statement), facts)
    _analyze(engine)


def _analyze(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
