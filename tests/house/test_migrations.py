"""Migrations: numbered, one head, reversible, and equal to the models on both databases."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from foundation import db

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def settings(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    config.attributes["connection"] = connection
    return config


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database nobody has migrated yet."""
    if request.param == "sqlite":
        engine = db.make_engine(f"sqlite:///{tmp_path / 'empty.sqlite'}")
        yield engine
        engine.dispose()
        return
    server = os.environ["TEST_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    name = f"phiencho_{secrets.token_hex(6)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    engine = db.make_engine(admin.url.set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_files_are_numbered_and_have_one_head() -> None:
    names = sorted(path.name for path in VERSIONS.glob("*.py"))
    numbers = [int(re.match(r"(\d{4})_\w+\.py$", name)[1]) for name in names]  # type: ignore[index]

    assert numbers == list(range(1, len(numbers) + 1))
    assert ScriptDirectory.from_config(settings()).get_heads() == [f"{numbers[-1]:04d}"]


def test_migrations_make_what_the_models_say(empty: Engine) -> None:
    with empty.begin() as connection:
        command.upgrade(settings(connection), "head")

    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences: list[Any] = compare_metadata(context, db.Base.metadata)

    assert differences == []


def test_migrations_lead_back_to_nothing(empty: Engine) -> None:
    with empty.begin() as connection:
        command.upgrade(settings(connection), "head")
        command.downgrade(settings(connection), "base")
    assert set(inspect(empty).get_table_names()) <= {"alembic_version"}

    with empty.begin() as connection:
        command.upgrade(settings(connection), "head")
    assert "products" in inspect(empty).get_table_names()
