from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from foundation.organisations.models import Kind, Organisation
from tests import factories
from tests.conftest import JoinedSessions

PATIENCE = 30.0


@pytest.fixture
def sessions(session: Session, connection: Connection) -> JoinedSessions:
    """Session makers for services that call a provider between two transactions."""
    return JoinedSessions(connection)


@pytest.fixture
def operator(session: Session) -> Organisation:
    made: Organisation = factories.OrganisationFactory(kind=Kind.AUTHORITY, name="Sở mẫu")
    return made


@pytest.fixture(scope="session")
def localstripe() -> Iterator[str]:
    """The address of a server that behaves like Stripe's API, in a process of its own."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(f"{address}/js.stripe.com/v3/", timeout=1)
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
