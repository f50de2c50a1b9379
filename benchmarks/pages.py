"""The product page and the listing against a bare page of the same rows, in one run.

Each page is asked for in two ways: "first view", every address once, thousands of them, so that
nothing kept of the whole page helps; and "again", 200 addresses over and over. Prints requests per
second of both programs, their ratio, the 95th percentile at 10,000 and 100,000 products and how it
grows, and the memory of a web process.
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.generate import fill
from benchmarks.load import Measured, run
from catalog.products.models import Product
from foundation import db

SIZES = (10_000, 100_000)
ROUNDS = 4
SECONDS = 1.5
AGAIN = 200
WARM_UP = 400  # addresses that are no first views: a process serves for days, not for seconds
WARM_UP_SECONDS = 3.0
RATIOS = {"product": 0.6, "listing": 0.5}
GROWTH = 2.0
MEMORY = 150
FILTERS = ("", "&sort=stars", "&sort=newest", "&stars=3", "&stars=4", "&price=50000-100000")
PAGES = 400  # of a listing; with a filter there are fewer, so that each is within it

# The 95th percentile of ours by page, way of asking and size.
Slow = dict[tuple[str, str, int], float]


def main() -> bool:
    """Run everything; return whether every figure was met."""
    met = True
    slow: Slow = {}
    print(
        f"{'page':<9}{'asked':<12}{'products':>9}{'ours/s':>9}{'bare/s':>9}{'ratio':>7}"
        f"{'p95 ms':>9}{'bare p95':>10}  wanted"
    )
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="phiencho-bench-") as folder:
            met &= _at_size(size, Path(folder), slow)
    for page in RATIOS:
        for asked in ("first view", "again"):
            growth = slow[page, asked, SIZES[-1]] / slow[page, asked, SIZES[0]]
            met &= growth <= GROWTH
            print(
                f"{page:<9}{asked:<12} p95 at {SIZES[-1]:,} is {growth:.2f} times that at "
                f"{SIZES[0]:,}  ≤ {GROWTH} {_verdict(growth <= GROWTH)}"
            )
    return met


def _at_size(size: int, folder: Path, slow: Slow) -> bool:
    environ = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite'}",
        "PHIENCHO_PROFILE": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DATA_KEY": secrets.token_urlsafe(48),
        "PUBLIC_URL": "https://localhost",
        "SMTP_URL": "smtp://localhost",
        "MAIL_FROM": "bench@localhost",
        "METRICS_TOKEN": "bench",
    }
    engine = db.make_engine(environ["DATABASE_URL"])
    fill(engine, size)
    with Session(engine) as session:
        slugs = list(session.scalars(select(Product.slug).order_by(Product.id)))
    engine.dispose()
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    subprocess.run(
        [*flask, "search", "rebuild"], env=environ, check=True, stdout=subprocess.DEVNULL
    )
    random.Random(size).shuffle(slugs)
    addresses = {"product": [f"/products/{slug}" for slug in slugs], "listing": _listings()}
    met = True
    with _server("wsgi:app", environ) as ours, _server("benchmarks.bare:app", environ) as bare:
        for page, paths in addresses.items():
            for port in (ours[0], bare[0]):
                run(port, paths[-WARM_UP:], seconds=WARM_UP_SECONDS)
            met &= _compare(page, "first view", size, paths[:-WARM_UP], (ours[0], bare[0]), slow)
            # Both of the processes have to have seen these before they are asked for again.
            for port in (ours[0], bare[0]):
                run(port, paths[-AGAIN:], seconds=2 * WARM_UP_SECONDS)
            met &= _compare(page, "again", size, paths[-AGAIN:], (ours[0], bare[0]), slow)
        memory = max(_megabytes(pid) for pid in _children(ours[1]))
    met &= memory < MEMORY
    print(f"web process at {size:,}: {memory:.0f} MB  < {MEMORY} {_verdict(memory < MEMORY)}")
    return met


def _listings() -> list[str]:
    """Return addresses of listings, of 24 products each, no two alike."""
    found = [f"/products?page={number}" for number in range(1, PAGES + 1)]
    found += [
        f"/products?page={number}{chosen}"
        for chosen in FILTERS[1:]
        for number in range(1, (20 if "=" in chosen and "sort" not in chosen else PAGES) + 1)
    ]
    random.Random(PAGES).shuffle(found)
    return found


def _compare(  # noqa: PLR0917  # one row of the table
    page: str,
    asked: str,
    size: int,
    paths: list[str],
    ports: tuple[int, int],
    slow: Slow,
) -> bool:
    """Ask both for the same addresses in turn. A first view takes its share of them each round."""
    rounds: list[tuple[Measured, Measured]] = []
    share = len(paths) // ROUNDS
    for at in range(ROUNDS):
        once = asked == "first view"
        some = paths[at * share : (at + 1) * share] if once else paths
        ours, bare = (run(port, some, seconds=SECONDS, once=once) for port in ports)
        rounds.append((ours, bare))
    _no_failures([result for pair in rounds for result in pair])
    ratio = median(ours.per_second / bare.per_second for ours, bare in rounds)
    late = [median(pair[of].percentile(0.95) for pair in rounds) for of in (0, 1)]
    speed = [median(pair[of].per_second for pair in rounds) for of in (0, 1)]
    slow[page, asked, size] = late[0]
    wanted = RATIOS[page]
    print(
        f"{page:<9}{asked:<12}{size:>9,}{speed[0]:>9.0f}{speed[1]:>9.0f}{ratio:>7.2f}"
        f"{late[0]:>9.1f}{late[1]:>10.1f}  ≥ {wanted} {_verdict(ratio >= wanted)}",
        flush=True,
    )
    return ratio >= wanted


def _verdict(met: bool) -> str:  # noqa: FBT001  # what else would it be about
    return "ok" if met else "MISSED"


def _no_failures(results: list[Measured]) -> None:
    failures = sum(result.failures for result in results)
    if failures:
        raise RuntimeError(f"{failures} answers were not 200: the figures mean nothing")


@contextmanager
def _server(target: str, environ: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Run a WSGI application as `flask start` does; yield its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", target, "--bind", f"127.0.0.1:{port}"),
            *("--workers", "2", "--worker-class", "gthread", "--threads", "4"),
            *("--log-level", "warning", "--no-control-socket"),
        ],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(15)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def _megabytes(pid: int) -> float:
    """Return what a process holds of memory of its own and its share of what it shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
