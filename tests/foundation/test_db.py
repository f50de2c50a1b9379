"""Connections that were cut, and those that are trusted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from sqlalchemy import Connection, Engine, text

from foundation import db


@pytest.fixture
def engine() -> Iterator[Engine]:
    url = os.environ["TEST_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    engine = db.make_engine(url)
    yield engine
    engine.dispose()


def backend(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_a_connection_cut_while_idle_is_replaced(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.connect() as first, engine.connect() as second:
        pid = backend(first)
        first.rollback()
        second.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    monkeypatch.setattr(db, "IDLE", 0.0)
    with engine.connect() as again, engine.connect() as other:
        assert pid not in {backend(again), backend(other)}


def test_a_connection_used_a_moment_ago_is_not_asked(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with patch.object(engine.dialect, "do_ping", wraps=engine.dialect.do_ping) as ping:
        for _ in range(3):
            with engine.connect() as connection:
                backend(connection)
        assert ping.call_count == 0
        monkeypatch.setattr(db, "IDLE", 0.0)
        with engine.connect() as connection:
            backend(connection)
        assert ping.call_count == 1
