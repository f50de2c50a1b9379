"""A small load generator: keep-alive connections that ask, read the answer whole, ask again.

Standard library alone, so that the benchmark runs wherever the platform does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle


@dataclass
class Measured:
    """Answers of one run. `milliseconds` holds each answer's time, `failures` what was not 200."""

    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)
    failures: int = 0

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def run(
    port: int,
    paths: Sequence[str],
    *,
    seconds: float,
    connections: int = 8,
    once: bool = False,
) -> Measured:
    """Ask for the paths in turn over so many connections for so long, or until each has been
    asked for `once`."""
    turns = iter(paths) if once else cycle(paths)
    return asyncio.run(_run(port, turns, seconds, connections))


async def _run(port: int, turns: Iterator[str], seconds: float, connections: int) -> Measured:
    result = Measured()
    began = time.perf_counter()
    end = began + seconds
    await asyncio.gather(*(_client(port, turns, end, result) for _ in range(connections)))
    result.seconds = time.perf_counter() - began
    return result


async def _client(port: int, turns: Iterator[str], end: float, result: Measured) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for path in turns:
        asked = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        status, closing = await _answer(reader)
        result.milliseconds.append((time.perf_counter() - asked) * 1000)
        result.failures += status != 200
        if closing:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if time.perf_counter() > end:
            break
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(
        int(line.split(":")[1]) for line in head.split("\r\n") if line.startswith("content-length")
    )
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1]), "connection: close" in head
