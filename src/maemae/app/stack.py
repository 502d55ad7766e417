"""Several `maemae` processes as one: started in order, watched, restarted, stopped in reverse."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

import msgspec

from maemae.domain.errors import ConfigError

PROGRAM: Final = (sys.executable, "-m", "maemae")
"""This build's own command line."""

_READY_SECS: Final = 90.0
_LOOK_SECS: Final = 0.1
_END_SECS: Final = 12.0  # an executor lands what is on its way within ten
_MOST_RESTARTS: Final = 3
_RESTARTS_SECS: Final = 60.0
_LAST_LINES: Final = 5


class Member(msgspec.Struct, frozen=True):
    """
    One process of a stack.

    Attributes:
        name: For people and for its log.
        words: What is typed after `maemae`.
        is_ready: Whether it does its work; asked again and again until it does.
    """

    name: str
    words: Sequence[str]
    is_ready: Callable[[], bool]


class Stack:
    """
    Processes that need each other.

    A process that dies is started again; one that keeps dying is given up, and so is the stack.
    They are in groups of their own, so that an interrupt reaches only whoever runs the stack.

    Args:
        members: In the order in which they need each other.
        environment: Of all of them.
        logs: Folder of what they print; made if it is not there.
        program: What stands before each member's words.
    """

    def __init__(
        self,
        members: Sequence[Member],
        environment: Mapping[str, str],
        logs: Path,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._members = members
        self._program = program
        self._environment = dict(environment)
        self._logs = logs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._restarts: dict[str, deque[float]] = {each.name: deque() for each in members}

    def start(self, on_ready: Callable[[str], None]) -> None:
        """
        Start every process, each once the one before is ready.

        Raises:
            ConfigError: One ended, or was not ready in time; all are stopped.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            for member in self._members:
                self._spawn(member, "wb")
                self._await(member)
                on_ready(member.name)
        except BaseException:
            self.stop()
            raise

    def look_after(self) -> list[str]:
        """
        Start what died again; return the names of those that were.

        Raises:
            ConfigError: One keeps dying.
        """
        dead = [each for each in self._members if self._running[each.name].poll() is not None]
        for member in dead:
            self._count_restart(member)
            self._spawn(member, "ab")
        return [member.name for member in dead]

    def pid_of(self, name: str) -> int:
        """Return the number of a process."""
        return self._running[name].pid

    def stop(self) -> None:
        """Stop every process, the last one first, and wait for each."""
        for member in reversed(self._members):
            process = self._running.pop(member.name, None)
            if process is not None:
                _end(process)

    def log_of(self, name: str) -> Path:
        """Return the file of what a process prints."""
        return self._logs / f"{name}.log"

    def _spawn(self, member: Member, mode: str) -> None:
        with self.log_of(member.name).open(mode) as log:
            command = [*self._program, *member.words]
            self._running[member.name] = _popen(command, self._environment, log)

    def _await(self, member: Member) -> None:
        deadline = time.monotonic() + _READY_SECS
        while not member.is_ready():
            if self._running[member.name].poll() is not None:
                raise self._failed(member, "끝났습니다", "ended")
            if time.monotonic() > deadline:
                raise self._failed(member, "준비되지 않았습니다", "did not become ready")
            time.sleep(_LOOK_SECS)

    def _count_restart(self, member: Member) -> None:
        times, now = self._restarts[member.name], time.monotonic()
        times.append(now)
        while times and now - times[0] > _RESTARTS_SECS:
            times.popleft()
        if len(times) > _MOST_RESTARTS:
            raise self._failed(member, "거듭 끝났습니다", "keeps ending")

    def _failed(self, member: Member, ko: str, en: str) -> ConfigError:
        log = self.log_of(member.name)
        last = " / ".join(_last_lines(log))
        return ConfigError(
            f"{member.name} 이(가) {ko}. 기록 {log} 을(를) 확인하세요. 마지막 줄: {last}",
            f"{member.name} {en}. See its log {log}. Its last lines: {last}",
        )


def _popen(
    command: Sequence[str], environment: Mapping[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen[bytes](
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_END_SECS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its workers too: the group is its own
    process.wait()


def _last_lines(log: Path) -> list[str]:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()][-_LAST_LINES:]
