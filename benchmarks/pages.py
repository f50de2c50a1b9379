"""The product page and the listing against a bare page of the same rows, in one run.

Prints requests per second of both, their ratio, the 95th percentile at 10,000 and 100,000
products, statements per page, and the memory of a web process.
"""

from __future__ import annotations

import os
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
ROUNDS = 5
SECONDS = 3.0
PRODUCT_RATIO = 0.6
LISTING_RATIO = 0.5
GROWTH = 2.0
MEMORY = 150


def main() -> bool:
    """Run everything; return whether every figure was met."""
    met = True
    slow: dict[tuple[str, int], float] = {}
    print(
        f"{'page':<10}{'products':>10}{'ours/s':>9}{'bare/s':>9}{'ratio':>7}{'p95 ms':>8}  wanted"
    )
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="phiencho-bench-") as folder:
            met &= _at_size(size, Path(folder), slow)
    for page in ("product", "listing"):
        growth = slow[page, SIZES[1]] / slow[page, SIZES[0]]
        met &= growth <= GROWTH
        print(
            f"{page:<10} p95 grows {growth:.2f} times from the first size to the last (≤ {GROWTH})"
        )
    return met


def _at_size(size: int, folder: Path, slow: dict[tuple[str, int], float]) -> bool:
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
        slugs = session.scalars(select(Product.slug).order_by(Product.id).limit(200)).all()
    engine.dispose()
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    subprocess.run(
        [*flask, "search", "rebuild"], env=environ, check=True, stdout=subprocess.DEVNULL
    )
    pages = {
        "product": ([f"/products/{slug}" for slug in slugs], PRODUCT_RATIO),
        "listing": (["/products"], LISTING_RATIO),
    }
    met = True
    with _server("wsgi:app", environ) as ours, _server("benchmarks.bare:app", environ) as bare:
        for page, (paths, wanted) in pages.items():
            met &= _compare(page, size, paths, wanted, (ours[0], bare[0]), slow)
        memory = max(_megabytes(pid) for pid in _children(ours[1]))
    met &= memory < MEMORY
    print(f"{'web process':<10} {size:>9,} {memory:.0f} MB (< {MEMORY})")
    return met


def _compare(  # noqa: PLR0917  # one row of the table
    page: str,
    size: int,
    paths: list[str],
    wanted: float,
    ports: tuple[int, int],
    slow: dict[tuple[str, int], float],
) -> bool:
    for port in ports:
        run(port, paths, seconds=1.0)
    rounds = [[run(port, paths, seconds=SECONDS) for port in ports] for _ in range(ROUNDS)]
    _no_failures([result for pair in rounds for result in pair])
    ratio = median(ours.per_second / bare.per_second for ours, bare in rounds)
    ours = median(pair[0].per_second for pair in rounds)
    bare = median(pair[1].per_second for pair in rounds)
    slow[page, size] = median(pair[0].percentile(0.95) for pair in rounds)
    print(
        f"{page:<10}{size:>10,}{ours:>9.0f}{bare:>9.0f}{ratio:>7.2f}"
        f"{slow[page, size]:>8.1f}  ≥ {wanted}"
    )
    return ratio >= wanted


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
