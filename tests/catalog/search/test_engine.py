from __future__ import annotations

from catalog.search.engine import Memory


def test_what_was_not_used_makes_room() -> None:
    memory = Memory(3)
    for key in "abc":
        memory.keep(key, key.upper())
    assert memory.get("a") == "A"
    memory.keep("d", "D")
    assert [memory.get(key) for key in "abcd"] == ["A", None, "C", "D"]


def test_heavy_answers_push_several_out() -> None:
    memory = Memory(10)
    memory.keep("a", 1, weight=4)
    memory.keep("b", 2, weight=4)
    memory.keep("b", 3, weight=5)
    assert (memory.get("a"), memory.get("b")) == (1, 3)
    memory.keep("c", 4, weight=8)
    assert [memory.get(key) for key in "abc"] == [None, None, 4]
    memory.keep("d", 5, weight=11)
    assert memory.get("d") is None
