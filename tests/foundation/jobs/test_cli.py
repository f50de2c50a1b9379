"""The worker, whole: a real file, a real queue, real threads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from huey import RedisHuey

from foundation.db import Base, transaction
from foundation.jobs import cli, service
from foundation.jobs.service import every, job
from foundation.outbox import service as outbox
from foundation.outbox.events import Event as Fact
from foundation.outbox.service import Listener
from marketplace.app import create_app
from tests.conftest import NOON, make_config

PATIENCE = 10


@pytest.fixture
def standalone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application with its own SQLite file and queue, as `flask worker` would have it."""
    monkeypatch.setattr(service, "JOBS", {})
    url = f"sqlite:///{tmp_path / 'worker.sqlite'}"
    app = create_app(make_config(url, tmp_path, profile="development"))
    engine = app.extensions["phiencho_sessions"].engine
    Base.metadata.create_all(engine)
    yield app
    engine.dispose()


def test_the_worker_does_all_three_kinds_of_work(standalone: Flask) -> None:
    asked, regular, told = Event(), Event(), Event()

    @job("test.asked")
    def set_asked() -> None:
        asked.set()

    @every(seconds=60)
    @job("test.regular")
    def set_regular() -> None:
        regular.set()

    standalone.extensions["listeners"] = (
        Listener(event=Fact, name="test", hear=lambda _session, _fact: told.set()),
    )
    stop = Event()
    worker = Thread(target=cli.work, args=(standalone, stop))
    worker.start()
    try:
        with standalone.app_context(), transaction() as session:
            service.enqueue(session, "test.asked")
            outbox.record(session, Fact(occurred_at=NOON))
        assert asked.wait(PATIENCE)
        assert told.wait(PATIENCE)
        assert regular.wait(PATIENCE)
    finally:
        stop.set()
        worker.join(PATIENCE)
    assert not worker.is_alive()


def test_a_second_worker_on_the_same_file_is_refused(standalone: Flask) -> None:
    config = standalone.extensions["config"]
    with cli._alone(config):
        result = standalone.test_cli_runner().invoke(args=["worker"])
    assert result.exit_code == 1
    assert "worker khác đang chạy" in result.output


def test_regular_work_is_not_started_beside_itself(standalone: Flask) -> None:
    started, go_on = [], Event()

    @every(seconds=1)
    @job("test.slow")
    def slow() -> None:
        started.append(1)
        go_on.wait(PATIENCE)

    seconds = iter(range(0, 1000, 100))
    regular = cli.RegularWork(standalone, clock=lambda: float(next(seconds)))
    regular.start_due()
    regular.start_due()
    go_on.set()
    regular.stop()
    assert len(started) == 1


def test_a_fault_in_one_round_does_not_end_the_worker(
    standalone: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> int:
        raise OSError

    monkeypatch.setattr(cli.jobs, "deliver_events", fail)
    worker_round = cli.Round(standalone, queue=print)
    assert worker_round.do() == cli.PAUSE_AFTER_FAULT
    worker_round.regular.stop()


def test_the_queue_is_redis_where_there_is_one(tmp_path: Path) -> None:
    config = make_config("sqlite://", tmp_path, redis_url="redis://localhost:1/0")
    assert isinstance(cli.make_huey(config), RedisHuey)
