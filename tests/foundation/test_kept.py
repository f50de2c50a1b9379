"""Answers kept for a while."""

from __future__ import annotations

from itertools import count

import pytest

from foundation import kept
from foundation.kept import Kept


def test_an_answer_is_made_once_while_it_is_young(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [0.0]
    monkeypatch.setattr(kept, "monotonic", lambda: moment[0])
    numbers = count(1)
    store = Kept()
    assert [store.get("a", 60, lambda: next(numbers)) for _ in range(3)] == [1, 1, 1]
    moment[0] = 61
    assert store.get("a", 60, lambda: next(numbers)) == 2


def test_the_oldest_answer_makes_room() -> None:
    store = Kept(most=2)
    for key in "abc":
        store.get(key, 60, lambda: key)  # noqa: B023  # called at once
    assert store.get("a", 60, lambda: "anew") == "anew"
    assert store.get("c", 60, lambda: "anew") == "c"
