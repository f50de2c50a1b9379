"""Both databases for every test that stores; each test inside a transaction that is rolled back.

SQLite is a file in a temporary folder. PostgreSQL is TEST_DATABASE_URL if it is set, else a server
from the embedded wheel, started once for the whole run and shared by the workers.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

from foundation import clock, db
from foundation.config import Config
from foundation.storage.local import LocalStore
from foundation.storage.store import use as use_store
from marketplace.app import create_app
from tests import factories, reference
from tests.postgres import start_postgres
from tests.unguarded import left_behind

NOON = datetime(2026, 11, 22, 5, tzinfo=UTC)  # midday in Việt Nam


def pytest_configure(config: pytest.Config) -> None:
    """Start one PostgreSQL before the workers are, unless one was named."""
    if not hasattr(config, "workerinput") and "TEST_DATABASE_URL" not in os.environ:
        os.environ["TEST_DATABASE_URL"] = start_postgres(config)


def make_config(url: str, data_dir: Path, **more: Any) -> Config:
    settings: dict[str, Any] = {
        "profile": "test",
        "secret_key": "test-" + "s3cret-" * 6,
        "data_key": "test-" + "d4ta-" * 8,
        "database_url": url,
        "data_dir": data_dir,
    }
    return Config(**{**settings, **more})


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """An empty database of this worker's own, in the shape of the models."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.sqlite'}"
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


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """The engine, with tables and the data every province shares (places, categories)."""
    engine = db.make_engine(database_url)
    reference.create(engine)
    yield engine
    left = left_behind(engine)
    engine.dispose()
    assert left == {}, "a test that commits must tidy up (tests/unguarded.py)"


@pytest.fixture(scope="session", autouse=True)
def default_store(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where files go in tests without an application; an application brings its own folder."""
    use_store(LocalStore(tmp_path_factory.mktemp("files")))


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """A session whose every write is undone when the test ends."""
    with Session(
        connection, join_transaction_mode="create_savepoint", expire_on_commit=False
    ) as session:
        factories.use(session)
        yield session


class JoinedSessions(db.Sessions):
    """Session makers that join the test's own transaction."""

    def __init__(self, connection: Connection) -> None:
        self.engine = connection.engine
        self.writing = sessionmaker(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        # Closing must not roll back to a savepoint that a writer has already passed.
        self.reading = sessionmaker(
            connection, join_transaction_mode="rollback_only", expire_on_commit=False
        )


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    return make_config(database_url, tmp_path)


@pytest.fixture
def app(session: Session, connection: Connection, config: Config) -> Iterator[Flask]:
    app = create_app(config)
    app.extensions["phiencho_sessions"].engine.dispose()
    app.extensions["phiencho_sessions"] = JoinedSessions(connection)
    with clock.frozen(NOON):
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def statements(connection: Connection) -> Iterator[list[str]]:
    """The SQL statements run since the list was last cleared, savepoints left out."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "SAVEPOINT" not in statement:
            seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


SignInAs = Callable[..., Any]


@pytest.fixture
def sign_in_as(session: Session, client: FlaskClient) -> SignInAs:
    """Return a function that signs the client in as a person, the second factor passed or not."""

    def sign_in(person: Any, *, second_factor: bool = False) -> Any:
        token = factories.sign_in_token(person, now=NOON, second_factor=second_factor)
        session.flush()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return person

    return sign_in
