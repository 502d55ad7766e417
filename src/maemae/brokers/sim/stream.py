"""
The way to the simulated broker: one socket for questions, answers and what is told.

A link keeps itself up: a socket that is cut, garbled or silent is given up and made anew with
a growing, jittered pause. A question is never repeated.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from maemae.brokers.sim.codes import MEANINGS
from maemae.brokers.sim.mapping import unavailable
from maemae.brokers.sim.messages import (
    Asked,
    ErrorCode,
    Hello,
    Ping,
    Push,
    Query,
    Refused,
    Reply,
    Subscribe,
    Welcome,
    decode_told,
    frame,
    read_frame,
)
from maemae.domain.errors import (
    BrokerUnavailableError,
    NotAcceptedError,
    OutcomeUnknownError,
)
from maemae.domain.instant import SECOND
from maemae.ports import BrokerEvent, WallClock


class SimAddress(msgspec.Struct, frozen=True):
    """
    Where the simulated broker is, and how patient its client is.

    Attributes:
        reply_within: How long an answer is waited for [ns of wall time].
        beat_every: How often the broker is asked whether it is there [ns of wall time].
        silent_after: How long it may say nothing [ns of wall time].
        pause, longest_pause: Before the first and any attempt to connect again [ns].
    """

    port: int
    host: str = "127.0.0.1"
    reply_within: int = 5 * SECOND
    beat_every: int = SECOND
    silent_after: int = 4 * SECOND
    pause: int = SECOND // 5
    longest_pause: int = 5 * SECOND


class Wire:
    """
    One socket.

    Args:
        reader, writer: Of the socket.
        address: How patient to be.
        wall: The machine's clock.
        tell: Called with what the broker tells of its own.
    """

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        address: SimAddress,
        wall: WallClock,
        tell: Callable[[Push], None],
    ) -> None:
        self.is_open = True
        self._reader, self._writer = streams
        self._address = address
        self._wall = wall
        self._tell = tell
        self._seq = 0
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._heard = wall.monotonic()

    async def ask(self, message: Asked) -> Reply:
        """
        Return the answer to a message.

        Raises:
            NotAcceptedError: The socket is gone; no byte left.
            OutcomeUnknownError: No answer came in time, or the socket was cut.
        """
        if not self.is_open:
            raise _not_connected()
        self._seq += 1
        seq = self._seq
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[seq] = answer
        self._writer.write(frame(msgspec.structs.replace(message, seq=seq)))
        try:
            async with asyncio.timeout(self._address.reply_within / SECOND):
                return await answer
        except TimeoutError:
            raise _no_answer() from None
        finally:
            self._waiting.pop(seq, None)

    async def run(self) -> None:
        """Take in what comes until the socket ends, is garbled or falls silent."""
        beating = asyncio.create_task(self._beat())
        try:
            while True:
                told = decode_told(await read_frame(self._reader))
                self._heard = self._wall.monotonic()
                if isinstance(told, Reply):
                    answer = self._waiting.get(told.seq)
                    if answer is not None and not answer.done():
                        answer.set_result(told)
                else:
                    self._tell(told)
        except (EOFError, OSError, msgspec.DecodeError):
            pass
        finally:
            beating.cancel()
            self.cut()

    def cut(self) -> None:
        """Give the socket up; whoever waits for an answer will not know."""
        self.is_open = False
        self._writer.transport.abort()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(_no_answer())

    async def _beat(self) -> None:
        """Ask again and again whether the broker is there."""
        while self._wall.monotonic() - self._heard < self._address.silent_after:
            self._writer.write(frame(Ping(_UNASKED)))
            await self._wall.sleep(self._address.beat_every)
        self.cut()


class Link:
    """
    A wire that is made anew whenever it is gone.

    Args:
        address: Where, and how patient to be.
        wall: The machine's clock.
        tell: Called with what the broker tells of its own.
        greet: Awaited after each hello, before the link counts as up.
        change: Called when the link is down, and when it is up again.
    """

    def __init__(
        self,
        address: SimAddress,
        wall: WallClock,
        tell: Callable[[Push], None],
        greet: Callable[[Welcome], Awaitable[None]],
        change: Callable[[BrokerEvent], None],
    ) -> None:
        self._address = address
        self._wall = wall
        self._tell = tell
        self._greet = greet
        self._change = change
        self._epoch = 0
        self._is_fenced = False
        self._wire: Wire | None = None
        self._running: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def open(self, epoch: int) -> None:
        """
        Connect and say hello.

        Raises:
            BrokerUnavailableError: It cannot be reached, or refuses.
        """
        await self.close()
        self._epoch, self._is_fenced = epoch, False
        await self._connect()
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Disconnect; safe to call twice."""
        for task in (self._keeping, self._running):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])
        self._keeping = self._running = self._wire = None

    async def ask(self, message: Asked) -> Reply:
        """
        Return the answer to a message.

        Raises:
            NotAcceptedError: The link is down; no byte left.
            OutcomeUnknownError: No answer came.
        """
        if self._is_fenced:
            meaning = MEANINGS[ErrorCode.FENCED]
            raise NotAcceptedError(meaning.ko, meaning.en, ErrorCode.FENCED)
        if self._wire is None:
            raise _not_connected()
        return await self._wire.ask(message)

    async def query(self, message: Query | Ping | Subscribe) -> Reply:
        """
        Return the answer to what changes no order.

        Raises:
            BrokerUnavailableError: None came.
        """
        try:
            return await self.ask(message)
        except (NotAcceptedError, OutcomeUnknownError) as error:
            raise BrokerUnavailableError(
                "증권사에 물을 수 없습니다. 연결을 확인하고 다시 조회하세요.",
                "The broker cannot be asked. Check the connection and ask again.",
            ) from error

    async def _connect(self) -> None:
        address = self._address
        try:
            async with asyncio.timeout(address.reply_within / SECOND):
                streams = await asyncio.open_connection(address.host, address.port)
        except (OSError, TimeoutError) as error:
            raise _unreachable(address) from error
        wire = Wire(streams, address, self._wall, self._tell)
        self._running = asyncio.create_task(wire.run())
        try:
            await self._say_hello(wire)
        except BaseException:
            wire.cut()
            raise
        self._wire = wire

    async def _say_hello(self, wire: Wire) -> None:
        try:
            reply = await wire.ask(Hello(0, self._epoch))
        except (NotAcceptedError, OutcomeUnknownError) as error:
            raise _unreachable(self._address) from error
        if not isinstance(reply, Welcome):
            self._is_fenced = isinstance(reply, Refused) and reply.code is ErrorCode.FENCED
            raise unavailable(reply)
        self._wire = wire
        await self._greet(reply)

    async def _keep(self) -> None:
        """Connect again whenever the wire is gone, unless another epoch speaks by now."""
        while self._running is not None:
            await asyncio.wait([self._running])
            self._change(BrokerEvent(is_connected=False))
            pause = self._address.pause
            while not await self._is_up_again():
                if self._is_fenced:
                    return
                await self._wall.sleep(pause // 2 + secrets.randbelow(pause // 2 + 1))
                pause = min(2 * pause, self._address.longest_pause)
            self._change(BrokerEvent(is_connected=True))

    async def _is_up_again(self) -> bool:
        try:
            await self._connect()
        except BrokerUnavailableError:
            return False
        return True


def _not_connected() -> NotAcceptedError:
    return NotAcceptedError(
        "증권사에 연결되어 있지 않아 보내지 않았습니다. 다시 연결되면 보내세요.",
        "There is no connection to the broker; nothing was sent. Send it once there is.",
        resend=True,
    )


def _no_answer() -> OutcomeUnknownError:
    return OutcomeUnknownError(
        "증권사의 답을 받지 못했습니다. 접수되었을 수 있으니 주문 내역을 확인하세요.",
        "The broker's answer did not come. It may have acted; read the list of orders.",
    )


def _unreachable(address: SimAddress) -> BrokerUnavailableError:
    return BrokerUnavailableError(
        f"모의 증권사({address.host}:{address.port})에 연결할 수 없습니다. 켜져 있는지 확인하세요.",
        f"The simulated broker at {address.host}:{address.port} cannot be reached. Start it.",
    )


_UNASKED: Final = 0
"""Number of a message whose answer nobody waits for."""
