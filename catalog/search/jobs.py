"""Following what changed: the worker is the index's only regular writer."""

from __future__ import annotations

from catalog.search import queries, service
from catalog.search.engine import Engine
from catalog.search.postgres_engine import PostgresEngine
from catalog.search.whoosh_engine import WhooshEngine
from foundation import clock
from foundation.config import Config
from foundation.db import extension, sessions, transaction
from foundation.jobs.service import every, job


def make_engine(config: Config) -> Engine:
    """Return the engine of this configuration: PostgreSQL's where there is one, else Whoosh with
    its files in the data folder."""
    if config.postgresql:
        return PostgresEngine()
    return WhooshEngine(config.data_dir / "search")


@every(seconds=1)
@job("search.follow")
def follow() -> None:
    """Write what changed to the index, a hundred products a transaction, until none is left."""
    engine: Engine = extension("search")
    today = clock.day(clock.now())
    while _is_behind():
        with transaction() as session:
            service.follow(session, engine, today=today)


def _is_behind() -> bool:
    # Asked without the lock that a writing transaction would take every second.
    with sessions().reading() as session:
        return queries.is_behind(session)


def rebuild() -> int:
    """Build the index anew beside the one in use and swap them. Return how many are on sale.

    Three transactions: the first lets changes be kept, the second reads everything, the third
    catches up and swaps. Searches go on all the while.
    """
    engine: Engine = extension("search")
    today = clock.day(clock.now())
    with transaction() as session:
        service.start_rebuild(session)
    # Reading everything takes a while; with the index in files the database need not be locked.
    embedded = isinstance(engine, WhooshEngine)
    with sessions().reading() if embedded else transaction() as session:
        generation = service.rebuild(session, engine, today=today)
    with transaction() as session:
        return service.finish_rebuild(session, engine, generation, today=today)
