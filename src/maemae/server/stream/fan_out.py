"""
Pulses among several servers, over Redis: one that reaches the executor relays them to the others.

Redis carries nothing that must not be lost. Once it is away, every server listens to the executor
itself, if it can; if it cannot, it looks at the journal twice a second and shows no quotes.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Collection, Coroutine
from contextlib import suppress
from typing import Final

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from maemae.domain.ids import Symbol
from maemae.server.stream.link import OwnLink, Taker
from maemae.trading.control.watch import Pulse, Quote

_ANSWER_SECS: Final = 2.0
_LEAD_MILLIS: Final = 3_000
_LEAD_SECS: Final = 1.0
_CANCEL_SECS: Final = 0.2
_SILENT_SECS: Final = 3.0
_WHOLE_SECS: Final = 1.0
_WHOLE_MILLIS: Final = 10_000
_MOST_WAITING: Final = 50

_KEEP_MINE: Final = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then"
    " return redis.call('pexpire', KEYS[1], ARGV[2]) else return 0 end"
)
_DROP_MINE: Final = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then"
    " return redis.call('del', KEYS[1]) else return 0 end"
)


class Relayed(msgspec.Struct, frozen=True):
    """A pulse and who relays it."""

    sender: str
    pulse: Pulse


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Relayed).decode


class RelayedLink:
    """
    Pulses of one executor, from whichever server hears them (`PulseSource`).

    Args:
        own: A line of our own to the executor.
        url: Of Redis.
        name: Of the executor, the same at every server.
    """

    def __init__(self, own: OwnLink, url: str, name: str) -> None:
        self._own = own
        self._url = url
        self._me = uuid.uuid4().hex
        self._lead = f"maemae:lead:{name}"
        self._whole = f"maemae:whole:{name}"
        self._channel = f"maemae:pulse:{name}"
        self._heard_at = 0.0

    async def run(self, taker: Taker) -> None:
        """Tell pulses for ever, with Redis or without."""
        while True:
            await _first(self._among_others(taker))
            await _first(self._own.run(taker), _until_answers(self._url))

    async def _among_others(self, taker: Taker) -> None:
        """Hear and relay until Redis is away."""
        redis = _connected(self._url)
        try:
            async with redis.pubsub(ignore_subscribe_messages=True) as others:
                await others.subscribe(self._channel)
                await self._catch_up(redis, taker)
                await _first(self._hear(others, taker), self._lead_at_times(redis, taker))
        except (RedisError, OSError):
            return
        finally:
            with suppress(RedisError, OSError):
                await redis.aclose()

    async def _catch_up(self, redis: Redis, taker: Taker) -> None:
        """Take what was relayed before we listened."""
        whole = await redis.get(self._whole)
        relayed = None if whole is None else _understood(whole)
        if relayed is not None:
            taker.take_pulse(relayed.pulse)
        self._note_heard()

    async def _hear(self, others: PubSub, taker: Taker) -> None:
        while True:
            message = await others.get_message(timeout=_LEAD_SECS)
            relayed = None if message is None else _understood(message["data"])
            if relayed is not None and relayed.sender != self._me:
                self._note_heard()
                taker.take_pulse(relayed.pulse)
            elif _now() - self._heard_at > _SILENT_SECS:
                self._note_heard()
                taker.take_silence()

    async def _lead_at_times(self, redis: Redis, taker: Taker) -> None:
        """Relay whenever nobody else does and the executor can be heard."""
        while True:
            if await redis.set(self._lead, self._me, nx=True, px=_LEAD_MILLIS):
                await self._lead_once(redis, taker)
            await asyncio.sleep(_LEAD_SECS)

    async def _lead_once(self, redis: Redis, taker: Taker) -> None:
        """Relay until our line to the executor is lost, or another one leads."""
        relay = _Relay(redis, taker, self._me, (self._channel, self._whole), self._note_heard)
        await _first(self._own.run_once(relay), relay.run(), self._stay(redis))
        await _of(redis.eval(_DROP_MINE, 1, self._lead, self._me))

    def _note_heard(self) -> None:
        self._heard_at = _now()

    async def _stay(self, redis: Redis) -> None:
        """Return once another one leads."""
        millis = str(_LEAD_MILLIS)
        while True:
            await asyncio.sleep(_LEAD_SECS)
            if not await _of(redis.eval(_KEEP_MINE, 1, self._lead, self._me, millis)):
                return


class _Relay:
    """Takes pulses for ourselves, and hands them on; the oldest go if Redis is slow."""

    def __init__(
        self,
        redis: Redis,
        taker: Taker,
        me: str,
        places: tuple[str, str],
        note_heard: Callable[[], None],
    ) -> None:
        self._redis = redis
        self._taker = taker
        self._me = me
        self._channel, self._whole = places
        self._note_heard = note_heard
        self._whole_at = 0.0
        self._quotes: dict[Symbol, Quote] = {}
        self._waiting: asyncio.Queue[Pulse] = asyncio.Queue(_MOST_WAITING)

    def take_pulse(self, pulse: Pulse) -> None:
        """Take a pulse."""
        self._note_heard()
        self._taker.take_pulse(pulse)
        self._quotes |= {quote.symbol: quote for quote in pulse.quotes}
        if self._waiting.full():
            self._waiting.get_nowait()
        self._waiting.put_nowait(pulse)

    def take_silence(self) -> None:
        """Hand the silence to ourselves; the others hear it."""
        self._taker.take_silence()

    async def run(self) -> None:
        """Hand pulses on for ever."""
        while True:
            pulse = await self._waiting.get()
            await self._redis.publish(self._channel, _encode(Relayed(self._me, pulse)))
            if _now() - self._whole_at >= _WHOLE_SECS:
                self._whole_at = _now()
                whole = msgspec.structs.replace(pulse, quotes=tuple(self._quotes.values()))
                content = _encode(Relayed(self._me, whole))
                await self._redis.set(self._whole, content, px=_WHOLE_MILLIS)


def _connected(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=_ANSWER_SECS,
        socket_connect_timeout=_ANSWER_SECS,
        retry=Retry(NoBackoff(), 0),
    )


async def _until_answers(url: str) -> None:
    """Return once Redis answers."""
    while True:
        if await _answers(url):
            return
        await asyncio.sleep(_LEAD_SECS)


async def _answers(url: str) -> bool:
    redis = _connected(url)
    try:
        await _of(redis.ping())
    except (RedisError, OSError):
        return False
    finally:
        with suppress(RedisError, OSError):
            await redis.aclose()
    return True


async def _first(*works: Coroutine[object, object, None]) -> None:
    """Do several things until one of them ends, and raise what it failed with."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(tasks)
    for task in done:
        task.result()


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel until all have ended: a client of Redis that times out may swallow one cancel."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_CANCEL_SECS)
    await asyncio.gather(*tasks, return_exceptions=True)


async def _of(answer: Awaitable[object] | object) -> object:
    """Return what Redis answers; its types leave open whether it must be waited for."""
    return await answer if isinstance(answer, Awaitable) else answer


def _understood(content: bytes | str) -> Relayed | None:
    """Return what another server relays; None if it is of another build."""
    try:
        return _decode(content) if isinstance(content, bytes) else None
    except msgspec.MsgspecError:
        return None


def _now() -> float:
    return asyncio.get_running_loop().time()
