"""
The local control socket: whoever may read the data folder may command its executor.

One connection asks one question and gets one answer; one that asks to watch is told until it
hangs up. Nothing that comes in can end the executor: what cannot be understood is answered with a
sentence.
"""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Final

from maemae.domain.errors import ConfigError, MaemaeError
from maemae.domain.text import Text
from maemae.trading.control.answering import Handler, answered
from maemae.trading.control.commands import Watch
from maemae.trading.control.frames import (
    HEAD_SIZE,
    LARGEST_ASK,
    body_size,
    read_ask,
    reply_frame,
    socket_path,
)
from maemae.trading.control.replies import Failed
from maemae.trading.control.watch import watch_frame
from maemae.trading.control.watchers import Watchers

_READ_WITHIN_SECS: Final = 5.0  # who does not finish asking gives its place back
_KNOCK_SECS: Final = 1.0
_MOST: Final = 64  # connections at once; more wait in the kernel's backlog


class ControlServer:
    """
    Listens for as long as it is entered: `async with ControlServer(home, handle):`.

    Args:
        home: The data folder; it exists.
        handle: Answers.
        watchers: Tells those who ask to watch; None refuses them.

    Raises:
        ConfigError: The folder's path is too long, or another executor listens there.
    """

    def __init__(self, home: Path, handle: Handler, watchers: Watchers | None = None) -> None:
        self._path = socket_path(home)
        self._handle = handle
        self._watchers = watchers
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(_MOST)

    async def __aenter__(self) -> ControlServer:
        """Start to listen."""
        listening = await asyncio.to_thread(_listen, self._path)
        self._server = await asyncio.start_unix_server(self._accept, sock=listening)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Take no more questions; those under way are dropped."""
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)
        for talk in self._talks:
            talk.cancel()
        if self._talks:
            await asyncio.wait(self._talks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        if talk is not None:
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)
        try:
            async with self._places:
                await self._talk(reader, writer)
        except asyncio.CancelledError:
            return  # at our own end only; Python 3.11's streams would print it as a mistake
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READ_WITHIN_SECS):
                head = await reader.readexactly(HEAD_SIZE)
                ask = read_ask(await reader.readexactly(body_size(head, LARGEST_ASK)))
            if isinstance(ask, Watch):
                await self._watch(reader, writer)
                return
            reply = await answered(self._handle, ask)
        except MaemaeError as error:
            reply = Failed(error.text)
        except (OSError, TimeoutError, EOFError):
            return  # who asked is gone, or never finished asking
        try:
            writer.write(reply_frame(reply))
            async with asyncio.timeout(_READ_WITHIN_SECS):
                await writer.drain()
        except (OSError, TimeoutError):
            return  # done all the same; the same key asked again gets the same answer

    async def _watch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Let a connection watch until it hangs up or is let go."""
        line = writer.transport
        if self._watchers is None or not self._watchers.add(line):
            writer.write(watch_frame(Failed(_FULL)))
            return
        try:
            await reader.read(1)  # it has nothing more to say
        finally:
            self._watchers.remove(line)


_FULL: Final = Text(
    "실행기를 지켜보는 연결이 너무 많습니다. 쓰지 않는 서버를 끄고 다시 연결하세요.",
    "Too many connections watch this executor. Stop a server that is not used, then connect again.",
)


def _listen(path: Path) -> socket.socket:
    """Return a listening socket; one that a dead process left behind is replaced."""
    _require_nobody(path)
    own = path.with_suffix(".new")  # listens and is private before it can be found
    own.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(own))
        own.chmod(0o600)
        listening.listen(_MOST)
        own.replace(path)
    except BaseException:
        listening.close()
        raise
    listening.settimeout(0)
    return listening


def _require_nobody(path: Path) -> None:
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        knock.settimeout(_KNOCK_SECS)
        try:
            knock.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return  # left behind by a process that died
        except TimeoutError:
            pass  # it is too busy to open, but it is there
    raise ConfigError(
        f"다른 실행기가 이 데이터 폴더에서 돌고 있습니다: {path.parent}. 먼저 그것을 멈추세요.",
        f"Another executor runs on this data folder: {path.parent}. Stop that one first.",
    )
