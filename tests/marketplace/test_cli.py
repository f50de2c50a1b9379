"""From an empty folder to an open shop, and what is said when that cannot be."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

import click
import pytest
from flask import Flask

from foundation.config import Config
from marketplace import cli
from marketplace.app import LATE_COMMANDS, create_app
from tests.conftest import make_config

PATIENCE = 90


@pytest.fixture
def standalone(tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty SQLite file, as a fresh machine has it."""
    url = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    app = create_app(make_config(url, tmp_path, profile="development"))
    yield app
    app.extensions["phiencho_sessions"].engine.dispose()


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_said_before_anything_is_done(standalone: Flask, taken: int) -> None:
    result = standalone.test_cli_runner().invoke(args=["start", "--port", str(taken)])
    assert result.exit_code == 1
    assert f"Cổng {taken} đang có chương trình khác dùng" in result.output
    assert f"PORT={taken + 1} make run" in result.output
    assert "Cập nhật cơ sở dữ liệu" not in result.output


def test_an_address_of_another_machine_is_said_so() -> None:
    with pytest.raises(click.ClickException, match=r"Không mở được 203\.0\.113\.1:8000"):
        cli.refuse_taken_port("203.0.113.1", 8000)


def test_a_free_port_is_fine() -> None:
    cli.refuse_taken_port("127.0.0.1", free_port())


@pytest.mark.parametrize("port", ["0", "70000", "tám nghìn"])
def test_a_port_that_is_none_is_refused(standalone: Flask, port: str) -> None:
    result = standalone.test_cli_runner().invoke(args=["start"], env={"PORT": port})
    assert result.exit_code == 2


def test_check_says_what_was_read_but_no_secret(standalone: Flask) -> None:
    result = standalone.test_cli_runner().invoke(args=["check"])
    config: Config = standalone.extensions["config"]
    assert result.exit_code == 0
    assert "Cơ sở dữ liệu: SQLite" in result.output
    assert "outgoing.log" in result.output
    assert config.secret_key not in result.output


def test_an_empty_database_is_prepared_once(
    standalone: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    config: Config = standalone.extensions["config"]
    assert not config.demo
    with standalone.app_context():
        cli.prepare()
        first = capsys.readouterr().out
        cli.prepare()
    for step in ("Cập nhật cơ sở dữ liệu", "Nạp tỉnh, xã, phường", "Lập chỉ mục tìm kiếm"):
        assert step in first
    assert "Dựng dữ liệu mẫu" not in first
    assert standalone.test_client().get("/readyz").status_code == 200


def test_a_bad_configuration_is_refused_naming_every_fault(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "check"],
        cwd=cli.ROOT,
        env={"PATH": os.environ["PATH"], "PHIENCHO_PROFILE": "production"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert answer.returncode == 1
    for name in ("SECRET_KEY", "DATA_KEY", "DATABASE_URL", "SMTP_URL", "METRICS_TOKEN"):
        assert f"- {name} is missing" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_web_processes_do_not_carry_what_only_commands_need(tmp_path: Path) -> None:
    asked = "import sys, wsgi; print([n for n in ('huey', 'redis', 'alembic') if n in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=cli.ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert answer.stdout.strip() == "[]"


def test_every_late_command_is_there(standalone: Flask) -> None:
    listed = standalone.test_cli_runner().invoke(args=["--help"]).output
    for name in LATE_COMMANDS:
        assert name in listed
        assert standalone.test_cli_runner().invoke(args=[name, "--help"]).exit_code == 0


def child(name: str, code: str) -> cli.Child:
    return cli.Child(name=name, process=subprocess.Popen([sys.executable, "-c", code]))


def test_a_process_that_ends_by_itself_is_named_and_the_other_is_stopped() -> None:
    children = [child("Máy chủ web", "import time; time.sleep(60)"), child("Worker", "")]
    assert cli._watch(children, Event()) == "Worker"
    cli._end(children)
    assert children[0].process.returncode == -signal.SIGTERM


def test_a_process_that_will_not_stop_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "GRACE", 0.0)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print(flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as said:
        said.readline()
        cli._end([cli.Child(name="Worker", process=process)])
    assert process.returncode == -signal.SIGKILL


def test_a_shop_opens_from_an_empty_folder_and_closes_when_asked(tmp_path: Path) -> None:
    port = free_port()
    started = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "start"],
        cwd=cli.ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(tmp_path),
            "PORT": str(port),
            "DEMO": "0",
            "PYTHONUNBUFFERED": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert started.stdout is not None
    with started.stdout as told:
        said: list[str] = []
        while not ("Nhấn Ctrl-C" in "".join(said) and "worker.started" in "".join(said)):
            said.append(next(told))
        assert f"Phiên Chợ đã mở tại http://localhost:{port}\n" in said, "".join(said)
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/readyz")
        assert connection.getresponse().status == 200
        connection.close()
        started.send_signal(signal.SIGTERM)
        rest = told.read()
    assert started.wait(PATIENCE) == 0
    assert rest.rstrip().endswith("Đã dừng.")
    assert "worker.stopped" in rest
