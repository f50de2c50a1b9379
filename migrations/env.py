"""Runs migrations: on a given connection, or on the database the environment names."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection

from foundation import config as configuration
from foundation import db
from marketplace import wiring

assert wiring.TABLES  # every model is known

# Two releases that start at once must not migrate side by side.
ADVISORY_LOCK = 7_264_501


def run(connection: Connection) -> None:
    """Bring the database behind this connection to the wanted revision, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=db.Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            connection.exec_driver_sql("SET LOCAL lock_timeout = '4s'")
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = db.make_engine(configuration.read(os.environ).database_url)
    with engine.connect() as connection:
        run(connection)
        connection.commit()
    engine.dispose()
