"""`flask worker`: tells facts to listeners, does the regular work, runs what was asked for."""

from __future__ import annotations

import fcntl
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, current_thread, main_thread

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext
from huey import Huey, RedisHuey, SqliteHuey
from huey.consumer import Consumer
from huey.serializer import SignedSerializer

from foundation.config import Config
from foundation.jobs import jobs, service
from foundation.outbox.service import BATCH

log = structlog.get_logger(__name__)

PAUSE = 1.0
PAUSE_AFTER_FAULT = 5.0
THREADS = 2


class AnotherWorker(click.ClickException):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Đã có một worker khác đang chạy với thư mục dữ liệu này ({path}). "
            "Với SQLite chỉ chạy một worker; cần nhiều thì dùng PostgreSQL và Redis."
        )


class _QuietConsumer(Consumer):
    """Huey's consumer without its own signals: the worker around it stops everything at once."""

    def _set_signal_handlers(self) -> None:
        return


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Work in the background until Ctrl-C or SIGTERM: tell events, send messages, run jobs."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    stop = Event()
    if current_thread() is main_thread():
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: stop.set())
    with _alone(app.extensions["config"]):
        work(app, stop)


def work(app: Flask, stop: Event) -> None:
    """Work until `stop` is set, then end what is being done and return."""
    huey = make_huey(app.extensions["config"])

    def performed(run_id: int) -> None:
        with app.app_context():
            jobs.perform(run_id)

    worker_round = Round(app, huey.task(name="perform")(performed))
    consumer = _QuietConsumer(
        huey, workers=THREADS, periodic=False, max_delay=PAUSE, check_worker_health=False
    )
    consumer.start()
    log.info("worker.started", regular=len(worker_round.regular.names))
    try:
        while not stop.is_set():
            stop.wait(worker_round.do())
    finally:
        consumer.stop(graceful=True)
        worker_round.regular.stop()
        huey.storage.close()
        log.info("worker.stopped")


def make_huey(config: Config) -> Huey:
    """Return the queue between the workers: Redis, or a file in the data folder.

    It carries the keys of runs; what a run is stands in the database. Signed, so that whoever can
    write to the store cannot make a worker unpickle their bytes.
    """
    signed = SignedSerializer(secret=config.secret_key)
    if config.redis_url:
        return RedisHuey("phiencho", url=config.redis_url, results=False, serializer=signed)
    path = str(config.data_dir / "jobs.sqlite")
    return SqliteHuey("phiencho", filename=path, results=False, serializer=signed)


class Round:
    """What the worker does once a second: regular work, runs to queue, facts to tell."""

    def __init__(self, app: Flask, queue: Callable[[int], object]) -> None:
        self.app = app
        self.queue = queue
        self.regular = RegularWork(app)

    def do(self) -> float:
        """Do one round and return how many seconds to pause."""
        try:
            self.regular.start_due()
            with self.app.app_context():
                for run_id in jobs.hand_on():
                    self.queue(run_id)
                told = jobs.deliver_events()
        except Exception:  # the database or the queue may come back
            log.exception("worker.round_failed")
            return PAUSE_AFTER_FAULT
        return 0.0 if told >= BATCH else PAUSE


class RegularWork:
    """Starts regular jobs when they are due, each in a thread, none beside itself."""

    def __init__(self, app: Flask, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self.clock = clock
        self.names = [name for name, known in service.JOBS.items() if known.period]
        self._due = dict.fromkeys(self.names, 0.0)
        self._running: dict[str, Future[None]] = {}
        self._threads = ThreadPoolExecutor(max(len(self.names), 1), "regular")

    def start_due(self) -> None:
        """Start what is due and not running. Whether it is really its turn, or another worker's,
        the database says."""
        now = self.clock()
        for name in self.names:
            running = self._running.get(name)
            if self._due[name] > now or (running is not None and not running.done()):
                continue
            period = service.JOBS[name].period
            self._due[name] = now + (period.total_seconds() if period else PAUSE)
            self._running[name] = self._threads.submit(self._do, name)

    def _do(self, name: str) -> None:
        with self.app.app_context():
            try:
                jobs.do_in_turn(name)
            except Exception:
                log.exception("worker.turn_failed", job=name)

    def stop(self) -> None:
        """Let what is running end, start nothing more."""
        self._threads.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    """Hold the one worker's place where there can be only one.

    Raises AnotherWorker.
    """
    if config.postgresql:
        yield
        return
    path = config.data_dir / "worker.lock"
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AnotherWorker(config.data_dir) from error
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_UN)
