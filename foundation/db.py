"""The declarative base, column types, and the one place where a transaction commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from time import monotonic
from typing import Annotated, Any, ClassVar

from flask import current_app, g
from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, MappedColumn, Session, mapped_column, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from foundation.ids import new_public_id

# Seconds after which a connection may have been cut without our noticing.
IDLE = 5.0
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC on both databases; SQLite itself knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigInt = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")

Key = Annotated[int, mapped_column(BigInt, primary_key=True)]
PublicId = Annotated[
    str, mapped_column(String(14), unique=True, default=new_public_id, nullable=False)
]


def public_id_of_many() -> MappedColumn[str]:
    """Return the column of a public id for a table that is filled many rows at a time: as a
    sentinel it lets SQLite, too, store them in one statement and still tell their keys."""
    return mapped_column(
        String(14), unique=True, default=new_public_id, nullable=False, insert_sentinel=True
    )


Dong = Annotated[int, mapped_column(BigInteger)]
# Keys made by foundation.text sort by their bytes; "C" makes PostgreSQL do as SQLite does.
ByteOrder = String(400, collation="C").with_variant(String(400), "sqlite")
SortKey = Annotated[str, mapped_column(ByteOrder, index=True)]
JsonDict = Annotated[dict[str, Any], mapped_column(Json, default=dict)]
JsonList = Annotated[list[Any], mapped_column(Json, default=list)]


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime(),
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            length=32,
            validate_strings=True,
            values_callable=lambda states: [state.value for state in states],
        ),
    }


def make_engine(url: str) -> Engine:
    """Return an engine for either profile. `url` is a SQLAlchemy address."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 30, "isolation_level": None})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    # Compiling a statement pays for reports, not for pages: it takes longer than any of theirs.
    # A look into an index costs little more than reading on, on the disks of today.
    # A plan made for the values at hand is worth more than the moment it saves to keep one.
    settings = {
        "options": "-c jit=off -c random_page_cost=1.1 -c plan_cache_mode=force_custom_plan"
    }
    engine = create_engine(url, pool_size=10, max_overflow=10, connect_args=settings)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ask_if_idle, engine.dialect))
    return engine


def _note_use(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = monotonic()


def _ask_if_idle(
    dialect: Dialect, connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object
) -> None:
    """Replace a connection that was cut while nobody used it. One that was used a moment ago is
    not asked: under load the question would be a fifth of all that the database is asked."""
    if monotonic() - record.info.get("used_at", monotonic()) < IDLE:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "recursive_triggers = ON",  # else REPLACE deletes rows of append-only tables unnoticed
        "busy_timeout = 30000",
        "cache_size = -2000",
        "temp_store = MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at once: upgrading a read transaction later may fail with "busy".
    reading_only = connection.get_execution_options().get("reading_only")
    connection.exec_driver_sql("BEGIN" if reading_only else "BEGIN IMMEDIATE")


def append_only(table: Any) -> None:
    """Have the database itself refuse to change or delete rows of a table. Stands under the
    model; a migration that makes the table, or makes it anew, runs `append_only_ddl`."""
    made: Table = table
    for dialect in ("sqlite", "postgresql"):
        for statement in append_only_ddl(made.name, dialect):
            guard = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(made, "after_create", guard.execute_if(dialect=dialect))


def append_only_ddl(table_name: str, dialect: str) -> list[str]:
    """Return the statements that make a table append-only on this database."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table_name}_no_{what.lower()} BEFORE {what} ON {table_name} "
            f"BEGIN SELECT RAISE(ABORT, '{table_name} is append-only'); END"
            for what in ("UPDATE", "DELETE")
        ]
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
        f"CREATE TRIGGER {table_name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
        f"ON {table_name} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


class Sessions:
    """Where sessions come from: one maker for writing, one for the reads of a request."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.writing = sessionmaker(engine, expire_on_commit=False)
        self.reading = sessionmaker(
            engine.execution_options(reading_only=True), expire_on_commit=False
        )

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a writing session; commit on success, roll back on any error. What `after_commit`
        was given runs after the commit, in order."""
        with self.writing.begin() as session:
            yield session
        for call in session.info.pop("after_commit", ()):
            call()


def sessions() -> Sessions:
    """Return the session makers of the running application."""
    found: Sessions = current_app.extensions["phiencho_sessions"]
    return found


@contextmanager
def transaction() -> Iterator[Session]:
    """Open a writing session of the running application; see Sessions.transaction."""
    close_reading()
    with sessions().transaction() as session:
        yield session


def after_commit(session: Session, call: Callable[[], object]) -> None:
    """Run `call` once the session's transaction has been committed, and never otherwise."""
    session.info.setdefault("after_commit", []).append(call)


def reading() -> Session:
    """Return the request's reading session: one connection, closed when the request ends."""
    if "reading_session" not in g:
        g.reading_session = sessions().reading()
    found: Session = g.reading_session
    return found


def close_reading(_error: BaseException | None = None) -> None:
    """Give the reading session's connection back. Called at the end of every request."""
    session: Session | None = g.pop("reading_session", None)
    if session is not None:
        session.close()


def send_new(session: Session, *models: type[Base]) -> None:
    """Store the new rows of these models now, and forget them: nobody needs their keys.

    Asking each row's key back makes the driver read one huge statement; without, thousands of
    rows go in one short one.
    """
    for model in models:
        table: Any = model.__table__
        names = [column.key for column in table.columns if not column.primary_key]
        rows = [row for row in session.new if type(row) is model]
        values = [
            {name: getattr(row, name) for name in names if name in row.__dict__} for row in rows
        ]
        for row in rows:
            session.expunge(row)
        if values:
            session.connection().execute(table.insert(), values)


def add_many(session: Session, rows: Sequence[Any]) -> None:
    """Store new rows of one model, which has a public id, and give each its key. The session does
    not keep them.

    PostgreSQL is sent one list for each column: taking a statement of thousands of values apart
    costs the driver more than storing them costs the database.
    """
    if not rows:
        return
    table: Any = type(rows[0]).__table__
    columns = [column for column in table.columns if not column.primary_key]
    values = [{column.key: _value_of(row, column) for column in columns} for row in rows]
    wanted = (table.c.public_id, table.c.id)
    if session.get_bind().dialect.name == "sqlite":
        stored = session.connection().execute(table.insert().returning(*wanted), values)
    else:
        lists = [
            literal([one[column.key] for one in values], ARRAY(column.type)) for column in columns
        ]
        names = [column.key for column in columns]
        given = func.unnest(*lists).table_valued(*names).render_derived()
        insertion = table.insert().from_select(names, select(given), include_defaults=False)
        stored = session.connection().execute(insertion.returning(*wanted))
    keys = {row.public_id: row.id for row in stored}
    for row, one in zip(rows, values, strict=True):
        row.id, row.public_id = keys[one["public_id"]], one["public_id"]


def _value_of(row: Any, column: Any) -> Any:
    if column.key in row.__dict__ or column.default is None:
        return getattr(row, column.key)
    default = column.default
    return default.arg(None) if default.is_callable else default.arg


def extension(name: str) -> Any:
    """Return what the running application keeps under this name: its queue, its transports."""
    return current_app.extensions[name]


def escape_like(text: str) -> str:
    """Return `text` safe inside LIKE with escape character backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


Facts = Mapping[str, object]
