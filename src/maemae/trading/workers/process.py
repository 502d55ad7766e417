"""One worker process as the executor sees it: asked, listened to, and ended in any case."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Self

import msgspec

from maemae.domain.errors import StrategyError, StrategyRaisedError, StrategyStuckError
from maemae.domain.instant import SECOND
from maemae.trading.workers.frames import (
    LENGTH,
    LONGEST_ANSWER,
    Answer,
    Broke,
    Fault,
    Ready,
    decode_said,
    framed,
)
from maemae.trading.workers.output import OutputLines

_MODULE: Final = "maemae.trading.workers.child"
_CHUNK: Final = 64 * 1024  # read at once of what the strategy prints [bytes]
_PAUSE_SECS: Final = 0.01  # between two chunks: a flood of output must not keep the loop busy
_PARTING_SECS: Final = 0.5  # given to the output of a process that has ended to come in
_GIVES_WAY: Final = 10  # to the executor, from its first instruction on: its imports take a second
_REAPING_SECS: Final = 2.0  # a killed process that is not gone by then hangs in the kernel

# Nothing of the executor's environment goes in: there may be secrets in it. A fixed hash seed
# lets a strategy that walks over a set do so in the same order after a restart.
_ENVIRONMENT: Final = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}


class Down(msgspec.Struct, frozen=True):
    """
    Why nothing more comes of a process.

    Attributes:
        is_certain: Whether another try would fail alike.
    """

    error: StrategyError
    traceback: str = ""
    is_certain: bool = False


OnPrinted = Callable[[list[str], int], None]
"""Takes lines that the strategy printed, and how many were left out before them."""


class WorkerProcess:
    """
    A process with a group of its own, and no descriptor but its end of the line.

    Made by `spawn`.
    """

    def __init__(
        self,
        popen: subprocess.Popen[bytes],
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        output: tuple[asyncio.StreamReader, asyncio.ReadTransport],
        on_printed: OnPrinted,
    ) -> None:
        self._popen = popen
        self._reader, self._writer = line
        self._output, self._pipe = output
        self._on_printed = on_printed
        self._lines = OutputLines()
        self._printing = asyncio.create_task(self._forward())
        self._coming = asyncio.create_task(self._receive())

    @classmethod
    async def spawn(cls, memory_limit: int, on_printed: OnPrinted) -> Self:
        """
        Start a process.

        Args:
            memory_limit: Address space that it may have [bytes].
            on_printed: Takes what it prints.

        Raises:
            OSError: The system has no room for another process.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                popen = _started(theirs.fileno(), memory_limit)
            except OSError:
                ours.close()
                raise
        try:
            line = await asyncio.open_unix_connection(sock=ours)
            return cls(popen, line, await _output_of(popen), on_printed)
        except BaseException:
            _kill_group(popen)
            ours.close()
            raise

    @property
    def pid(self) -> int:
        """The number of the process, and of its group."""
        return self._popen.pid

    async def ask(self, message: msgspec.Struct, within: int) -> Ready | Answer | Down:
        """
        Send a frame and return the answer, or why there is none.

        Args:
            message: What to send.
            within: How long to wait [ns, wall].
        """
        try:
            async with asyncio.timeout(within / SECOND):
                self._writer.write(framed(message))
                with suppress(ConnectionError):  # it has ended; what it said last tells more
                    await self._writer.drain()
                said = await self._coming
        except TimeoutError:
            return Down(_stuck(within))
        if isinstance(said, Ready | Answer):
            self._coming = asyncio.create_task(self._receive())
            return said
        return said or await self._ended()

    async def last_words(self) -> Down:
        """Return once something comes that nobody asked for: it has failed, or ended."""
        said = await asyncio.shield(self._coming)
        if isinstance(said, Ready | Answer):
            return Down(unreadable())
        return said or await self._ended()

    async def end(self, grace: float) -> None:
        """
        Hang up, and kill what is left of it and of its group.

        Args:
            grace: How long it may take to end by itself [s, wall].
        """
        self._coming.cancel()
        self._writer.close()
        try:
            if grace:
                await asyncio.wait([self._printing], timeout=grace)
        finally:
            _kill_group(self._popen)
        try:
            await asyncio.wait([self._printing], timeout=_PARTING_SECS)
        finally:
            self._printing.cancel()
            self._pipe.close()
        left = _REAPING_SECS
        while self._popen.poll() is None and left > 0:
            await asyncio.sleep(_PAUSE_SECS)
            left -= _PAUSE_SECS

    async def _ended(self) -> Down:
        """Return how it ended, after what it printed last has come in."""
        await self.end(_PARTING_SECS)
        return Down(_epitaph(self._popen.returncode))

    async def _receive(self) -> Ready | Answer | Down | None:
        """Return the next frame; None at the end of the line."""
        try:
            size = int.from_bytes(await self._reader.readexactly(LENGTH), "big")
            if size > LONGEST_ANSWER:
                return Down(unreadable())
            said = decode_said(await self._reader.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except msgspec.DecodeError:
            return Down(unreadable())
        return _down(said) if isinstance(said, Broke) else said

    async def _forward(self) -> None:
        """Hand on what it prints, not faster than a log can bear."""
        while data := await self._output.read(_CHUNK):
            self._print(self._lines.feed(data, time.monotonic_ns()))
            await asyncio.sleep(_PAUSE_SECS)
        self._print(self._lines.rest())

    def _print(self, lines: list[str]) -> None:
        if lines:
            self._on_printed(lines, self._lines.take_left_out())


def _started(line: int, memory_limit: int) -> subprocess.Popen[bytes]:
    """
    Start the process; the kernel ends it when the thread that calls this ends.

    Never forked without exec: the executor's locks, sockets and memory stay its own.
    """
    command = [sys.executable, "-P", "-m", _MODULE, str(line), str(memory_limit), str(os.getpid())]
    popen = subprocess.Popen[bytes](
        command,
        bufsize=0,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=(line,),
        env=_ENVIRONMENT,
        start_new_session=True,
    )
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, popen.pid, own + _GIVES_WAY)
    return popen


async def _output_of(
    popen: subprocess.Popen[bytes],
) -> tuple[asyncio.StreamReader, asyncio.ReadTransport]:
    reader = asyncio.StreamReader(_CHUNK)
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), popen.stdout
    )
    return reader, pipe


def _kill_group(popen: subprocess.Popen[bytes]) -> None:
    """Kill the process and all of its group, unless it is gone and its number another's."""
    if popen.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(popen.pid, signal.SIGKILL)


def _down(broke: Broke) -> Down:
    ko, en = broke.text.ko, broke.text.en
    if broke.fault is Fault.RAISED:
        return Down(StrategyRaisedError(ko, en), broke.traceback)
    return Down(StrategyError(ko, en), broke.traceback, broke.fault is Fault.DECLARED)


def _stuck(within: int) -> StrategyStuckError:
    seconds = within / SECOND
    return StrategyStuckError(
        f"전략이 {seconds:g}초 안에 돌아오지 않아 그 프로세스를 끝냈습니다. 끝나지 않는 반복이 "
        "있는지 확인하세요.",
        f"The strategy did not come back within {seconds:g} s; its process was ended. Look for an "
        "endless loop.",
    )


def unreadable() -> StrategyError:
    """Return how to say that a worker sent what it should not."""
    return StrategyError(
        "전략 프로세스가 알 수 없는 말을 보내 끝냈습니다. 전략이 열린 파일 번호에 직접 쓰는지, "
        "한 번에 너무 많이 주문하는지 확인하세요.",
        "The strategy's process sent what cannot be read and was ended. See whether the strategy "
        "writes to file descriptors itself, or orders far too much at once.",
    )


def _epitaph(status: int | None) -> StrategyError:
    status = 0 if status is None else status
    how = signal.Signals(-status).name if status < 0 else f"exit {status}"
    return StrategyError(
        f"전략 프로세스가 스스로 끝났거나 연결을 닫았습니다({how}). SIGKILL 이면 기기의 메모리를, "
        "아니면 전략이 마지막으로 출력한 내용을 확인하세요.",
        f"The strategy's process ended by itself or closed its line ({how}). If it is SIGKILL, "
        "check the machine's memory; otherwise read what the strategy printed last.",
    )
