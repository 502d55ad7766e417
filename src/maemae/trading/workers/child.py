"""
The process that runs a strategy's code.

Started by the executor as `python -m maemae.trading.workers.child LINE MEMORY EXECUTOR`: the
descriptor of its end of the line, the memory that it may have [bytes], and the executor's pid.
"""

from __future__ import annotations

import socket
import sys

import msgspec

from maemae.domain.errors import InvalidValueError
from maemae.trading.workers.confinement import confine, release_last_words
from maemae.trading.workers.failure import broke
from maemae.trading.workers.frames import (
    LENGTH,
    Answer,
    Begin,
    News,
    Ready,
    decode_told,
    framed,
)
from maemae.trading.workers.live_host import LiveHost


class Line:
    """This end of the line to the executor."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)
        self._incoming = self._socket.makefile("rb")

    def say(self, message: msgspec.Struct) -> None:
        """Send a frame."""
        self._socket.sendall(framed(message))

    def hear(self) -> Begin | News | None:
        """Return the next frame; None once the executor has closed the line."""
        size = int.from_bytes(self._incoming.read(LENGTH), "big")
        return decode_told(self._incoming.read(size)) if size else None


def serve(line: Line) -> None:
    """
    Run the strategy until the executor closes the line.

    Raises:
        InvalidValueError: The first frame, and only that one, must say what to run.
        StrategyError: The strategy failed.
    """
    begin = line.hear()
    if not isinstance(begin, Begin):
        raise _out_of_order()
    host = LiveHost(begin)
    line.say(Ready(host.warmup))
    while (told := line.hear()) is not None:
        if isinstance(told, Begin):
            raise _out_of_order()
        line.say(Answer(host.hear(told)))


def main(arguments: list[str]) -> None:
    """Run as a process."""
    descriptor, memory_limit, executor_pid = map(int, arguments)
    confine(memory_limit, executor_pid)
    line = Line(descriptor)
    try:
        serve(line)
    except BaseException as error:  # whatever a strategy does must be told
        release_last_words()
        line.say(broke(error))
        raise SystemExit(1) from error


def _out_of_order() -> InvalidValueError:
    return InvalidValueError(
        "실행기와 전략 프로세스의 말이 맞지 않습니다. 같은 버전인지 확인하세요.",
        "Executor and strategy process do not agree. Check that both are of one version.",
    )


if __name__ == "__main__":
    main(sys.argv[1:])
