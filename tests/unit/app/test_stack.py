"""Processes that need each other, started, watched and stopped as one."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maemae.app.stack import Member, Stack
from maemae.domain.errors import ConfigError
from tests.waiting import until

STAY = """
import os, time
with open({0!r}, "a") as mark:
    print(os.getpid(), file=mark)
time.sleep(60)
"""
END = "print('the port is taken'); raise SystemExit(1)"
MakeStack = Callable[..., Stack]


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[MakeStack]:
    made: list[Stack] = []

    def make(*members: Member) -> Stack:
        stack = Stack(members, os.environ, tmp_path / "log", (sys.executable, "-c"))
        made.append(stack)
        return stack

    yield make
    for stack in made:
        stack.stop()


def staying(name: str, folder: Path) -> Member:
    mark = folder / name
    return Member(name, (STAY.format(str(mark)),), mark.exists)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_stack_starts_each_once_the_one_before_is_ready(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    told: list[str] = []
    stack = make_stack(staying("broker", tmp_path), staying("executor", tmp_path))

    def ready(name: str) -> None:
        told.append(name)
        assert (tmp_path / "executor").exists() == (name == "executor")

    stack.start(ready)

    assert told == ["broker", "executor"]
    assert stack.look_after() == []


def test_stack_when_one_dies_starts_it_again_and_says_so(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    stack = make_stack(staying("executor", tmp_path))
    stack.start(lambda _: None)
    first = stack.pid_of("executor")

    os.kill(first, signal.SIGKILL)

    until(lambda: stack.look_after() == ["executor"])
    assert stack.pid_of("executor") != first
    assert is_running(stack.pid_of("executor"))


def test_stack_when_one_keeps_dying_gives_up_with_its_last_lines(make_stack: MakeStack) -> None:
    stack = make_stack(Member("server", (END,), lambda: True))
    stack.start(lambda _: None)

    with pytest.raises(ConfigError, match=r"keeps ending.*the port is taken"):
        until(lambda: stack.look_after() is None)


def test_stack_when_one_ends_before_it_is_ready_stops_the_others(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    stack = make_stack(staying("broker", tmp_path), Member("server", (END,), lambda: False))

    with pytest.raises(ConfigError, match=r"server ended.*the port is taken"):
        stack.start(lambda _: None)

    pid = int((tmp_path / "broker").read_text().split()[0])
    assert not is_running(pid)


def test_stack_when_stopped_leaves_nothing_running(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack(staying("broker", tmp_path), staying("executor", tmp_path))
    stack.start(lambda _: None)
    pids = [stack.pid_of(name) for name in ("broker", "executor")]

    stack.stop()

    assert [pid for pid in pids if is_running(pid)] == []
