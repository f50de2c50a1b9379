"""Answers that are the same for everybody, kept for a while in one process.

Only for what may be a few minutes old: counts beside a link, which things to look at first.
Whatever must hold at once, such as who may sell, is read anew every time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import TypeVar, cast

Answer = TypeVar("Answer")


class Kept:
    """A small store by key; the oldest answers make room for new ones."""

    def __init__(self, most: int = 512) -> None:
        self._most = most
        self._answers: dict[Hashable, tuple[float, object]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, seconds: float, make: Callable[[], Answer]) -> Answer:
        """Return the answer kept under `key` if it is younger than `seconds`, else make it anew.

        Two threads may make the same answer at once; nobody waits for another's.
        """
        held = self.held(key, seconds)
        if held is not None:
            return cast("Answer", held)
        answer = make()
        self.put(key, answer)
        return answer

    def held(self, key: Hashable, seconds: float) -> object | None:
        """Return the answer kept under `key` if it is younger than `seconds`, else None."""
        held = self._answers.get(key)
        return held[1] if held is not None and monotonic() - held[0] < seconds else None

    def put(self, key: Hashable, answer: object) -> None:
        """Keep an answer, which is not None."""
        with self._lock:
            self._answers.pop(key, None)
            while len(self._answers) >= self._most:
                self._answers.pop(next(iter(self._answers)))
            self._answers[key] = (monotonic(), answer)
