"""Web and worker as processes of their own, with their own data, for tests that kill them."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Engine
from sqlalchemy.orm import Session, configure_mappers

from foundation import db
from marketplace import wiring
from payments.bank_accounts.models import BankAccount
from payments.bank_feeds.models import BankFeed
from payments.intents.models import Intent
from tests import factories
from tests.factories.payments_feeds import DATA_KEY, FEED_KEY
from tests.journeys.platform import until

ROOT = Path(__file__).parents[3]
CRASHING = "tests.payments.processes.crashing"
START_PATIENCE = 60.0


class CutOff(Exception):
    """The other side died before it had answered."""


@dataclass(frozen=True, kw_only=True)
class Sale:
    """Somebody is owed money and hears of it from SePay: `body` is the notice, always the same."""

    organisation_id: int
    intent_id: int
    intent: str
    address: str
    body: bytes


@dataclass(kw_only=True)
class Place:
    """A running platform, and what tests do with it."""

    data_dir: Path
    engine: Engine
    port: int
    output: IO[bytes]
    environ: dict[str, str]

    def arm(self, place: str) -> None:
        """Let whoever comes to this place next die there."""
        (self.data_dir / place).touch()

    def armed(self, place: str) -> bool:
        """Say whether nobody has died there yet."""
        return (self.data_dir / place).exists()

    def deliver(self, sale: Sale) -> int:
        """Send the notice as SePay does; return the status. Raises CutOff."""
        moment = str(int(time.time()))
        signed = hmac.new(FEED_KEY.encode(), f"{moment}.".encode() + sale.body, hashlib.sha256)
        headers = {
            "Content-Type": "application/json",
            "X-SePay-Timestamp": moment,
            "X-SePay-Signature": f"sha256={signed.hexdigest()}",
        }
        return self._ask("POST", sale.address, sale.body, headers)[0]

    def page(self, address: str) -> tuple[int, bytes]:
        """Ask for a page; return status and body."""
        return self._ask("GET", address, None, {})

    def _ask(
        self, method: str, address: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(method, address, body, headers)
            answer = line.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, OSError) as error:
            raise CutOff from error
        finally:
            line.close()

    def sell(self, number: int) -> Sale:
        """Store an intent of an organisation of its own, with an account and a feed."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            factories.use(session)
            account: BankAccount = factories.BankAccountFactory()
            intent: Intent = factories.IntentFactory(
                organisation=account.organisation, bank_account=account
            )
            feed: BankFeed = factories.BankFeedFactory(organisation=account.organisation)
            session.flush()
            notice = {
                "id": 92_000 + number,
                "gateway": "Demo",
                "transactionDate": "2026-11-22 11:58:07",
                "accountNumber": account.number,
                "subAccount": None,
                "code": None,
                "content": f"MBVCB.88{number}.{intent.reference}.CT tu 0070000000001",
                "transferType": "in",
                "transferAmount": intent.amount,
                "accumulated": 0,
                "referenceCode": f"FT2632600{number}",
                "description": "",
            }
            return Sale(
                organisation_id=account.organisation_id,
                intent_id=intent.id,
                intent=intent.public_id,
                address=f"/webhooks/sepay/{feed.public_id}",
                body=json.dumps(notice).encode(),
            )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that takes no lock."""
        with Session(self.engine.execution_options(reading_only=True)) as session:
            yield session

    @contextmanager
    def open(self) -> Iterator[None]:
        """Run a web and a worker; end them with the block."""
        web = [
            *("gunicorn", f"{CRASHING}:make_web()", "--bind", f"127.0.0.1:{self.port}"),
            *("--preload", "--workers", "2", "--worker-class", "gthread", "--threads", "4"),
            *("--log-level", "warning", "--no-control-socket", "--graceful-timeout", "2"),
        ]
        children = [self._start(web), self._start([CRASHING])]
        try:
            until(self._answers, "the web to answer", seconds=START_PATIENCE)
            yield
        finally:
            for child in children:
                child.terminate()
            for child in children:
                child.wait(30)

    def _start(self, module: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=ROOT,
            env=self.environ,
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def _answers(self) -> bool:
        try:
            return self.page("/healthz")[0] == 200
        except CutOff:
            return False


@contextmanager
def running(url: str, data_dir: Path) -> Iterator[Place]:
    """Make the tables in an empty database and open the web upon it."""
    assert wiring.TABLES
    configure_mappers()
    engine = db.make_engine(url)
    db.Base.metadata.create_all(engine)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "PHIENCHO_PROFILE": "development",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": url,
        "DATA_KEY": DATA_KEY,
        "REDIS_URL": "",
        "DEMO": "0",
    }
    with (data_dir / "platform.log").open("wb") as output:
        place = Place(data_dir=data_dir, engine=engine, port=port, output=output, environ=environ)
        try:
            with place.open():
                yield place
        finally:
            engine.dispose()
