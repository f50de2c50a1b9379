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
from huey.consumer import Consumer

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
    queue: jobs.HueyQueue = app.extensions["queue"]
    consumer = _QuietConsumer(
        queue.huey, workers=THREADS, periodic=False, max_delay=PAUSE, check_worker_health=False
    )
    consumer.start()
    regular = RegularWork(app)
    log.info("worker.started", regular=len(regular.names))
    try:
        while not stop.is_set():
            stop.wait(_one_round(app, regular))
    finally:
        consumer.stop(graceful=True)
        regular.stop()
        log.info("worker.stopped")


def _one_round(app: Flask, regular: RegularWork) -> float:
    """Do one round and return how many seconds to pause."""
    try:
        regular.start_due()
        with app.app_context():
            told = jobs.deliver_events()
    except Exception:  # the database may come back
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
