"""`flask start` and its parts: from an empty folder to an open shop, told step by step."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event

import click
from alembic import command
from alembic.config import Config as AlembicConfig
from flask import current_app
from flask.cli import with_appcontext

from catalog.categories import service as categories
from catalog.search import jobs as search
from catalog.search.engine import Filters, Plan
from foundation import clock
from foundation.accounts.rules import hash_password
from foundation.config import Config
from foundation.db import extension, reading, sessions, transaction
from foundation.notifications.channels.console import FILE
from foundation.places import service as places
from marketplace.demo import service as demo

ROOT = Path(__file__).parents[1]
MIGRATIONS = ROOT / "migrations"
WEB_PROCESSES = 2
WEB_THREADS = 4
PATIENCE = 60.0
GRACE = 15.0
LOOK_AGAIN = 0.2


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process started here. `name` is what people are told."""

    name: str
    process: subprocess.Popen[bytes]


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the newest migration."""
    upgrade()


def upgrade() -> None:
    """Run the migrations that this database has not seen."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with sessions().engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


@click.command("check")
@with_appcontext
def check() -> None:
    """Say which configuration was read. A bad one never comes this far: wsgi.py refuses it."""
    config = _config()
    database = "PostgreSQL" if config.postgresql else "SQLite"
    for what, value in (
        ("Chế độ", config.profile),
        ("Địa chỉ công khai", config.public_url),
        ("Thư mục dữ liệu", str(config.data_dir)),
        ("Cơ sở dữ liệu", database),
        ("Hàng đợi", "Redis" if config.redis_url else "SQLite"),
        ("Tệp và ảnh", "S3" if config.s3_url else "thư mục dữ liệu"),
        ("E-mail", "SMTP" if config.smtp_url else _unsent(config)),
        ("SMS và Zalo", "chưa có nhà cung cấp" if config.production else _unsent(config)),
        ("Dữ liệu mẫu", "có" if config.demo else "không"),
    ):
        click.echo(f"{what}: {value}")


@click.command("start")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option(
    "--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(1, 65535)
)
@with_appcontext
def start(host: str, port: int) -> None:
    """Prepare everything, then run the web and the worker until Ctrl-C."""
    refuse_taken_port(host, port)
    prepare()
    address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0') else host}:{port}"  # noqa: S104  # to be compared
    with _stop_signals() as stop:
        children = _start_children(host, port, address)
        try:
            if _wait_for_web(children, host, port, stop):
                _welcome(address)
            ended = _watch(children, stop)
        finally:
            _end(children)
    if ended is not None:
        raise click.ClickException(f"{ended} đã dừng bất ngờ. Xem lý do ở các dòng bên trên.")
    click.echo("Đã dừng.")


def refuse_taken_port(host: str, port: int) -> None:
    """Say in words that a port cannot be used, before anything else is done.

    Raises click.ClickException.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise click.ClickException(
                f"Không được phép dùng cổng {port}. Chọn cổng từ 1024 trở lên: PORT=8000 make run"
            ) from error
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise click.ClickException(
                    f"Không mở được {host}:{port}: {error.strerror}"
                ) from error
            raise click.ClickException(
                f"Cổng {port} đang có chương trình khác dùng. Tắt chương trình đó, "
                f"hoặc chọn cổng khác: PORT={_another(port)} make run"
            ) from error


def prepare() -> None:
    """Bring database, places, categories, demo and index to where a shop can open."""
    with _step("Cập nhật cơ sở dữ liệu"):
        upgrade()
    with _step("Nạp tỉnh, xã, phường và nhóm sản phẩm OCOP"), transaction() as session:
        places.load(session)
        categories.load(session)
    config = _config()
    if config.demo and demo.is_empty(reading()):
        with _step("Dựng dữ liệu mẫu (một lần)"), transaction() as session:
            demo.build(
                session,
                now=clock.now(),
                data_key=config.data_key,
                password_hash=hash_password(demo.PASSWORD),
            )
    if _index_is_empty():
        with _step("Lập chỉ mục tìm kiếm"):
            search.rebuild()


def _index_is_empty() -> bool:
    today = clock.day(clock.now())
    totals: list[int] = extension("search").totals(reading(), [Plan()], Filters(today=today))
    return totals == [0]


@contextmanager
def _step(words: str) -> Iterator[None]:
    """Tell what is being done before it is, and how long it took."""
    click.echo(f"{words} … ", nl=False)
    started = time.monotonic()
    yield
    click.echo(f"xong ({time.monotonic() - started:.1f} giây)")


def _start_children(host: str, port: int, address: str) -> list[Child]:
    environ = {"PUBLIC_URL": address, **os.environ, **_shared_figures()}
    web = [
        *(sys.executable, "-m", "gunicorn", "wsgi:app"),
        *("--bind", f"{host}:{port}", "--workers", str(WEB_PROCESSES)),
        *("--worker-class", "gthread", "--threads", str(WEB_THREADS)),
        *("--graceful-timeout", "10", "--log-level", "warning", "--no-control-socket"),
    ]
    worker = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    return [_child("Máy chủ web", web, environ), _child("Worker", worker, environ)]


def _child(name: str, arguments: list[str], environ: Mapping[str, str]) -> Child:
    return Child(name=name, process=subprocess.Popen(arguments, cwd=ROOT, env=environ))  # noqa: S603  # our own words


def _shared_figures() -> dict[str, str]:
    """Return where the web processes count together, emptied of what earlier ones left."""
    folder = _config().data_dir / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


@contextmanager
def _stop_signals() -> Iterator[Event]:
    """Hold Ctrl-C and SIGTERM as an event for the length of the block."""
    stop = Event()
    kept = {
        signum: signal.signal(signum, lambda *_: stop.set())
        for signum in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield stop
    finally:
        for signum, handler in kept.items():
            signal.signal(signum, handler)


def _wait_for_web(children: list[Child], host: str, port: int, stop: Event) -> bool:
    """Wait until the web answers. False when something ended first or it takes too long."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not stop.is_set() and _ended(children) is None:
        if _answers(host, port):
            return True
        stop.wait(LOOK_AGAIN)
    return False


def _answers(host: str, port: int) -> bool:
    # The socket is open before the application is loaded, so the page itself is asked for.
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _watch(children: list[Child], stop: Event) -> str | None:
    """Wait for the wish to stop, or for a process to end by itself: then return its name."""
    while not stop.wait(LOOK_AGAIN):
        ended = _ended(children)
        if ended is not None:
            return ended
    return None


def _ended(children: list[Child]) -> str | None:
    return next((one.name for one in children if one.process.poll() is not None), None)


def _end(children: list[Child]) -> None:
    """Ask every process to finish what it is doing; end those that take too long."""
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    deadline = time.monotonic() + GRACE
    for child in children:
        try:
            child.process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def _welcome(address: str) -> None:
    config = _config()
    click.echo(f"\nPhiên Chợ đã mở tại {address}")
    if config.demo:
        click.echo(f"\nĐăng nhập thử (mật khẩu chung: {demo.PASSWORD}):")
        for sample in demo.sign_ins():
            click.echo(f"  {sample.phone}  {sample.who}")
        click.echo("Mã xác thực hai lớp của cán bộ hiện ngay trên trang hỏi mã.")
    if not config.production:
        click.echo(f"Mã và tin nhắn được ghi vào {config.data_dir / FILE}")
    click.echo("\nNhấn Ctrl-C để dừng.")
    if sys.stdout.isatty() and any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        webbrowser.open(address)


def _another(port: int) -> int:
    return port + 1 if port < 65535 else 8000


def _unsent(config: Config) -> str:
    return f"ghi vào {config.data_dir / FILE}"


def _config() -> Config:
    found: Config = current_app.extensions["config"]
    return found
