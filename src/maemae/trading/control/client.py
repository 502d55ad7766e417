"""Asks the executor of a data folder one thing, or looks at it once, and waits for the answer."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from maemae.domain.errors import ConfigError, OutcomeUnknownError
from maemae.trading.control.commands import Ask, Watch
from maemae.trading.control.frames import (
    HEAD_SIZE,
    LARGEST_REPLY,
    ask_frame,
    body_size,
    read_reply,
    socket_path,
)
from maemae.trading.control.replies import Failed, Reply
from maemae.trading.control.watch import Pulse, read_watch


def ask_executor(home: Path, ask: Ask, timeout_secs: float = 10.0) -> Reply:
    """
    Return the answer of the executor that keeps its data in a folder.

    Args:
        home: The data folder.
        ask: The command or query.
        timeout_secs: For the whole exchange.

    Raises:
        ConfigError: No executor runs there, it belongs to somebody else, or the path is too long.
        OutcomeUnknownError: It took the question in and did not answer; a command may have been
            done. The same command with the same key is not done twice.
        InvalidValueError: The answer cannot be understood.
    """
    return read_reply(_answer(home, ask, timeout_secs))


def look_at_executor(home: Path, timeout_secs: float = 10.0) -> Pulse:
    """
    Return what the executor of a data folder shows now: its clock, and every price it knows.

    Raises:
        ConfigError: As above, or it takes no more watchers.
        OutcomeUnknownError: It did not answer.
        InvalidValueError: The answer cannot be understood.
    """
    told = read_watch(_answer(home, Watch(), timeout_secs))
    if isinstance(told, Failed):
        raise ConfigError(told.text.ko, told.text.en)
    return told


def _answer(home: Path, ask: Ask | Watch, timeout_secs: float) -> bytes:
    """Return the first message that follows on a question."""
    path = socket_path(home)
    deadline = time.monotonic() + timeout_secs
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout_secs)
        try:
            line.connect(str(path))
        except PermissionError as error:
            raise ConfigError(
                f"이 실행기에 명령할 권한이 없습니다: {path}. 실행기를 시작한 사용자로 하세요.",
                f"You may not command this executor: {path}. Be the user who started it.",
            ) from error
        except OSError as error:
            raise ConfigError(
                f"실행 중인 실행기가 없습니다: {home}. maemae trade 로 시작하세요. 비상정지는 "
                "maemae halt 로 지금도 걸 수 있습니다.",
                f"No executor runs on {home}. Start one with maemae trade. The kill switch can be "
                "pressed all the same with maemae halt.",
            ) from error
        try:
            line.sendall(ask_frame(ask))
            head = _receive(line, HEAD_SIZE, deadline)
            return _receive(line, body_size(head, LARGEST_REPLY), deadline)
        except OSError as error:
            raise OutcomeUnknownError(
                f"실행기가 {timeout_secs:g}초 안에 답하지 않았습니다. 상태를 확인하고, 급하면 "
                "maemae halt 로 비상정지를 거세요.",
                f"The executor did not answer within {timeout_secs:g} s. Check the status; if it "
                "is urgent, press the kill switch with maemae halt.",
            ) from error


def _receive(line: socket.socket, size: int, deadline: float) -> bytes:
    """Return exactly so many bytes, or raise OSError."""
    received = bytearray()
    while len(received) < size:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        piece = line.recv(min(size - len(received), 65_536))
        if not piece:
            raise ConnectionResetError
        received += piece
    return bytes(received)
