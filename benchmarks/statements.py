"""A statement of 50,000 rows: how long reading and importing it take, and in how much memory.

Each step runs in a process of its own, whose peak memory counts; importing tells the books of
every row, posts its journal and looks for what it pays.
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from benchmarks.search import _postgresql, _sqlite
from foundation import config, db
from foundation.accounts.models import Person
from foundation.audit.rules import Actor
from foundation.organisations.models import Kind, Organisation
from foundation.organisations.models import State as OrganisationState
from marketplace.app import create_app
from payments.bank_accounts.models import BankAccount
from payments.bank_accounts.models import State as AccountState
from payments.bank_feeds.statements import service, tables
from payments.bank_feeds.statements.models import StatementFile

ROWS = 50_000
SECONDS = 30
MEMORY_MB = 300
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 5, tzinfo=UTC)
HEAD = (
    "Ngày hạch toán/Posting date",
    "Số tham chiếu/Reference",
    "Phát sinh nợ/Debit",
    "Phát sinh có/Credit",
    "Số dư/Balance",
    "Nội dung/Description",
    "Tên đối ứng",
    "Số tài khoản đối ứng",
)


def main(rows: int = ROWS) -> bool:
    """Measure and print; return whether every figure was met."""
    print(f"{'what':<34}{'rows':>9}{'seconds':>9}{'wanted':>9}{'peak MB':>9}{'wanted':>9}")
    met = True
    with tempfile.TemporaryDirectory(prefix="phiencho-bench-") as folder:
        files = [Path(folder) / "sao-ke.xlsx", Path(folder) / "sao-ke.csv"]
        files[0].write_bytes(as_xlsx(rows))
        files[1].write_bytes(as_csv(rows))
        for path in files:
            met &= _in_a_process("read", str(path), {})
        for name, database in (("sqlite", _sqlite), ("postgresql", _postgresql)):
            where = Path(folder) / name
            where.mkdir()
            with database(where) as url:
                environ = {"DATABASE_URL": url, "DATA_DIR": str(where), "DEMO": "0"}
                met &= _in_a_process("import", str(files[0]), environ)
    return met


def _in_a_process(step: str, path: str, environ: dict[str, str]) -> bool:
    command = [sys.executable, "-m", "benchmarks.statements", step, path]
    return subprocess.run(command, env={**os.environ, **environ}, check=False).returncode == 0


def table(rows: int) -> Iterator[list[object]]:
    """Yield the rows of a made-up statement, its balances right."""
    balance = 1_000_000_000
    for number in range(rows):
        goes_out = number % 9 == 0
        amount = 1_000 * (number % 997 + 1)
        balance += -amount if goes_out else amount
        day = date(2026, 1, 1) + timedelta(days=number * 300 // rows)
        yield [
            f"{day:%d/%m/%Y} {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}",
            f"FT26{number:09}",
            amount if goes_out else "",
            "" if goes_out else amount,
            balance,
            f"MBVCB.{4_000_000_000 + number}.{number:06}.chuyen tien dat hang so {number}.CT tu",
            f"NGUYEN THI MAU {number % 1000}",
            f"0{1_000_000_000 + number * 7}",
        ]


def as_xlsx(rows: int) -> bytes:
    made = BytesIO()
    book = Workbook(made, {"constant_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate((["ACCOUNT NO: 88000000"], HEAD, *table(rows))):
        sheet.write_row(number, 0, row)
    book.close()
    return made.getvalue()


def as_csv(rows: int) -> bytes:
    made = StringIO()
    csv.writer(made).writerows([["ACCOUNT NO: 88000000"], HEAD, *table(rows)])
    return made.getvalue().encode("utf-8-sig")


# --- inside a process of its own --------------------------------------------------------------


def read(path: Path) -> bool:
    """Read a file, and check it against its balances."""
    data = path.read_bytes()
    started = time.perf_counter()
    statement = tables.read(data, today=TODAY)
    seconds = time.perf_counter() - started
    return _row(f"read {path.suffix}", len(statement.sections[0].rows), seconds)


def take_in(path: Path) -> bool:
    """Send a file in, as the page does, and import it, as the worker does."""
    sessions: db.Sessions = create_app(config.read(os.environ)).extensions["phiencho_sessions"]
    db.Base.metadata.create_all(sessions.engine)
    data = path.read_bytes()
    with sessions.transaction() as session:
        account_id, organisation_id, actor = _made(session)
    started = time.perf_counter()
    statement = tables.read(data, today=TODAY)
    with sessions.transaction() as session:
        (file,) = service.preview(
            session,
            organisation_id,
            statement,
            data,
            name=path.name,
            account=account_id,
            replace=False,
            actor=actor,
            now=NOW,
        )
    previewed = time.perf_counter() - started
    del statement  # the worker is another process
    name = sessions.engine.dialect.name
    met = _row(f"preview on {name}", file.row_count, previewed)
    with sessions.transaction() as session:
        waiting = session.get_one(StatementFile, file.id)
        waiting.state = service.State.IMPORTING
        waiting.imported_by_id = actor.person_id
    started = time.perf_counter()
    with sessions.transaction() as session:
        done = service.take_over(
            session,
            organisation_id,
            file.public_id,
            tables.read(data, today=TODAY),
            now=NOW,
            progress=lambda _done: None,
        )
    assert done.new_count == done.row_count
    return met & _row(f"import on {name}", done.row_count, time.perf_counter() - started)


def _made(session: Session) -> tuple[str, int, Actor]:
    person = Person(full_name="Người Đo", phone="0900000001", password_hash="-", created_at=NOW)
    organisation = Organisation(
        kind=Kind.COOPERATIVE,
        state=OrganisationState.VERIFIED,
        name="Hợp tác xã Đo",
        slug="hop-tac-xa-do",
        sort_key="d",
        fold_key="d",
        created_at=NOW,
    )
    session.add_all([person, organisation])
    session.flush()
    account = BankAccount(
        organisation_id=organisation.id,
        bank_bin="970499",
        number="88000000",
        holder="HTX DO",
        state=AccountState.ACTIVE,
        main=True,
        proposed_by_id=person.id,
        proposed_at=NOW,
    )
    session.add(account)
    session.flush()
    actor = Actor.person(person.id, organisation_id=organisation.id)
    return account.public_id, organisation.id, actor


def _row(what: str, rows: int, seconds: float) -> bool:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<34}{rows:>9}{seconds:>9.1f}{SECONDS:>9}{peak:>9.0f}{MEMORY_MB:>9}", flush=True)
    return seconds <= SECONDS and peak < MEMORY_MB


if __name__ == "__main__":
    if len(sys.argv) > 1:
        step = {"read": read, "import": take_in}[sys.argv[1]]
        sys.exit(0 if step(Path(sys.argv[2])) else 1)
    sys.exit(0 if main() else 1)
