"""A real platform for a while: `flask start` as anybody would run it, with its own data."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Event
from typing import IO, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 15.0
START_PATIENCE = 180.0
LOOK_AGAIN = 0.05

Found = TypeVar("Found")


class Impatient(AssertionError):
    """What was waited for did not come."""


@dataclass
class Platform:
    """One running platform. `address` has no slash at its end."""

    address: str
    data_dir: Path
    log: Path
    process: subprocess.Popen[bytes]
    # What was looked at closely already: (size, language, kind of page, status).
    looked_at: set[tuple[str, str, str, int]] = field(default_factory=set)
    _phones: Iterator[int] = field(default_factory=lambda: count(1000))

    def new_phone(self) -> str:
        """Return a number that nobody has: 0550 was never given out."""
        return f"055000{next(self._phones):04d}"

    def messages(self, recipient: str) -> list[str]:
        """Return what was sent to a phone or e-mail address, oldest first."""
        path = self.data_dir / "outgoing.log"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        entries = re.split(r"^(?=\[\w+\] )", text, flags=re.MULTILINE)
        return [each for each in entries if each.partition("\n")[0].endswith(f"] {recipient}")]

    def code(self, recipient: str, *, earlier: int = 0) -> str:
        """Return the six digits sent to somebody, once more than `earlier` messages are there."""

        def arrived() -> str | None:
            found = self.messages(recipient)[earlier:]
            digits = re.search(r"\b\d{6}\b", found[-1]) if found else None
            return digits.group() if digits else None

        return until(arrived, f"a code for {recipient}")

    def tail(self, lines: int = 60) -> str:
        """Return the end of what the web and the worker logged."""
        return "\n".join(self.log.read_text(encoding="utf-8").splitlines()[-lines:])


def find_browser() -> str | None:
    """Return the path of a Chromium, None without one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def until(look: Callable[[], Found | None], what: str, *, seconds: float = PATIENCE) -> Found:
    """Look again and again until something is found. Raises Impatient, naming `what`."""
    deadline = time.monotonic() + seconds
    pause = Event()
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Impatient(f"waited {seconds:.0f} s for {what}")
        pause.wait(LOOK_AGAIN)


@contextmanager
def running(data_dir: Path) -> Iterator[Platform]:
    """Start a platform in an empty folder, on a free port; end it with the block."""
    port = _free_port()
    log = data_dir / "platform.log"
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "PHIENCHO_PROFILE": "development",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "DEMO": "1",
        # Each visitor comes from an address of their own, as from behind a real front door.
        "TRUSTED_PROXIES": "1",
    }
    with log.open("wb") as output:
        process = _start(environ, output)
        platform = Platform(
            address=f"http://localhost:{port}", data_dir=data_dir, log=log, process=process
        )
        try:
            until(lambda: _answers(platform), "the platform to open", seconds=START_PATIENCE)
            yield platform
        finally:
            _end(process)


def _start(environ: dict[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "start"],
        cwd=ROOT,
        env=environ,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def _answers(platform: Platform) -> bool:
    if platform.process.poll() is not None:
        raise AssertionError(f"the platform did not start:\n{platform.tail()}")
    try:
        with urlopen(f"{platform.address}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
