"""
One socket of Kiwoom's stream: login, PING, answers in the order they were asked for, frames.

Answers carry no number of their question: those of one kind come in the order they were
asked, so one question of a kind is open at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from maemae.brokers.kiwoom_rest.config import KiwoomConfig
from maemae.brokers.kiwoom_rest.frames import Frame, decode_frame, login
from maemae.brokers.kiwoom_rest.refusals import Verdict, meaning_of
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.instant import SECOND
from maemae.domain.text import Text
from maemae.ports import WallClock

_OK: Final = 200
_LARGEST: Final = 1 << 22  # bytes of a frame
SECOND_LOGIN: Final = "R10001"


class Wire:
    """
    One socket.

    Args:
        url: Of the server.
        config: How patient to be.
        wall: The machine's clock.
        take: Called with every frame that nobody asked for.
        skip: Called with why a frame cannot be read; it is left out.

    Attributes:
        heard: When the last frame came [ns, monotonic].
        was_kicked: Whether the server ended it for a second login with the same key.
    """

    def __init__(
        self,
        url: str,
        config: KiwoomConfig,
        wall: WallClock,
        take: Callable[[Frame], None],
        skip: Callable[[Text], None],
    ) -> None:
        self.heard = wall.monotonic()
        self.was_kicked = False
        self._url = url
        self._config = config
        self._wall = wall
        self._take = take
        self._skip = skip
        self._socket: ClientConnection | None = None
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._reading: asyncio.Task[None] | None = None

    async def open(self, token: str) -> bool:
        """
        Connect and log in; return False if the token is dead, so that another one may help.

        Raises:
            BrokerUnavailableError: It cannot be reached, or refuses.
        """
        try:
            self._socket = await connect(
                self._url,
                ping_interval=None,  # the server has a PING of its own, and drops the protocol's
                open_timeout=self._config.patience.connect_within / SECOND,
                max_size=_LARGEST,
                compression=None,
                proxy=None,
                user_agent_header=self._config.user_agent,
            )
        except (OSError, TimeoutError, WebSocketException) as error:
            raise _unreachable(type(error).__name__) from error
        self.heard = self._wall.monotonic()
        self._reading = asyncio.create_task(self._read(self._socket))
        reply = await self.ask("LOGIN", login(token))
        meaning = meaning_of(_OK, reply.return_code, reply.return_msg or "")
        if meaning.verdict not in (Verdict.RENEW, Verdict.DONE):
            said = reply.return_msg or ""
            raise BrokerUnavailableError(
                f"{meaning.text.ko} ({said})", f"{meaning.text.en} ({said})"
            )
        return meaning.verdict is Verdict.DONE

    async def ask(self, key: str, frame: bytes) -> Frame:
        """
        Return the answer to a frame.

        Args:
            key: What the answer will be known by: its `trnm`, with `:seq` where it has one.
            frame: As it is sent.

        Raises:
            BrokerUnavailableError: None came.
        """
        async with self._turns.setdefault(key, asyncio.Lock()):
            answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
            self._waiting[key] = answer
            try:
                await self._send(frame)
                async with asyncio.timeout(self._config.patience.reply_within / SECOND):
                    return await answer
            except TimeoutError:
                raise _unreachable("no answer") from None
            finally:
                self._waiting.pop(key, None)

    async def wait_closed(self) -> None:
        """Return once the socket has ended."""
        if self._reading is not None:
            await asyncio.wait([self._reading])

    def abort(self) -> None:
        """Give the socket up, whatever is still on its way."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def cut(self) -> None:
        """Give the socket up and clear away; whoever waits for an answer is told."""
        self.abort()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        self._fail_waiting()

    async def _send(self, frame: bytes) -> None:
        if self._socket is None:
            raise _unreachable("not connected")
        try:
            await self._socket.send(frame.decode())
        except (OSError, WebSocketException) as error:
            raise _unreachable(type(error).__name__) from error

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                self.heard = self._wall.monotonic()
                await self._take_in(text)
        except (OSError, WebSocketException, BrokerUnavailableError):
            pass  # it has ended; whoever keeps the stream up makes another
        finally:
            self._fail_waiting()

    async def _take_in(self, text: str | bytes) -> None:
        raw = text.encode() if isinstance(text, str) else text
        if raw.strip() == b"PING":
            await self._send(raw)
            return
        try:
            frame = decode_frame(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            self._skip(_damaged(error))
            return
        if frame.trnm == "PING":
            await self._send(raw)
        elif not self._is_answer(frame):
            self.was_kicked = self.was_kicked or frame.code == SECOND_LOGIN
            self._take(frame)

    def _is_answer(self, frame: Frame) -> bool:
        if frame.seq is None:
            keys = [key for key in self._waiting if key.partition(":")[0] == frame.trnm]
        else:
            keys = [f"{frame.trnm}:{frame.seq.strip()}", frame.trnm]
        for key in keys:
            answer = self._waiting.get(key)
            if answer is not None and not answer.done():
                answer.set_result(frame)
                return True
        return False

    def _fail_waiting(self) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(_unreachable("the socket has ended"))


def _damaged(error: Exception) -> Text:
    return Text(
        f"키움 실시간 프레임을 알아볼 수 없어 건너뛰었습니다 ({error}).",
        f"A frame of Kiwoom's stream cannot be read and was left out ({error}).",
    )


def _unreachable(why: str) -> BrokerUnavailableError:
    return BrokerUnavailableError(
        f"키움 실시간 서버에 연결할 수 없습니다 ({why}). 네트워크를 확인하세요.",
        f"Kiwoom's stream cannot be reached ({why}). Check the network.",
    )
