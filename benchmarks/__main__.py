"""Every benchmark, one after the other, and at the end what missed its figure."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

# Each has a `main` that prints its table, with this word beside what was missed.
BENCHMARKS = ("codec", "matching", "statements", "webhooks", "search", "pages")
MISSED = "MISSED"


def main() -> bool:
    """Run them, each in a process of its own; return whether every figure was met."""
    missed: list[str] = []
    for name in BENCHMARKS:
        if find_spec(f"benchmarks.{name}"):
            print(f"\n== {name}", flush=True)
            missed += [f"{name}: {line}" for line in _run(name)]
    print("\n== missed" if missed else "\nEvery figure was met.")
    print("\n".join(missed))
    return not missed


def _run(name: str) -> list[str]:
    """Run one benchmark and show what it prints; return the lines of what was missed."""
    command = [sys.executable, "-u", "-m", f"benchmarks.{name}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        missed = []
        for line in running.stdout:
            print(line, end="", flush=True)
            if MISSED in line:
                missed.append(line.rstrip())
    if running.returncode and not missed:
        missed.append(f"ended with {running.returncode}")
    return missed


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
