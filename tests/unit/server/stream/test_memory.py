from __future__ import annotations

import pytest

from maemae.server.stream import memory as module
from maemae.server.stream.memory import Memory


def test_memory_gives_what_came_after_a_number() -> None:
    memory: Memory[str] = Memory()
    memory.start(10)
    memory.keep(12, "a")
    memory.keep(15, "b")

    assert memory.after(10) == ["a", "b"]
    assert memory.after(12) == ["b"]
    assert memory.after(14) == ["b"]
    assert memory.after(15) == []


def test_memory_of_before_its_start_or_ahead_is_none() -> None:
    memory: Memory[str] = Memory()
    memory.start(10)
    memory.keep(12, "a")

    assert memory.after(9) is None
    assert memory.after(13) is None
    memory.newest = 13  # read, with nothing to tell
    assert memory.after(13) == []


def test_memory_when_full_forgets_the_oldest_and_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 2)
    memory: Memory[str] = Memory()
    for number, thing in enumerate("abc", 1):
        memory.keep(number, thing)

    assert memory.after(0) is None
    assert memory.after(1) == ["b", "c"]
