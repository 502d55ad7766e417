"""Who listens to the stream in tests, and an executor that is only a journal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from maemae.domain.ids import AccountId
from maemae.krx.session import Phase
from maemae.server.book import BookView
from maemae.server.security.actor import Actor
from maemae.server.security.roles import GRANTS, Role
from maemae.server.stream.client import Client
from maemae.server.stream.envelope import Channel
from maemae.server.stream.feed import Feed
from maemae.server.stream.link import Taker
from maemae.storage.store import SqlStore
from maemae.storage.stream_reading import StreamReading
from maemae.trading.conduct import Conduct
from maemae.trading.control.watch import Pulse, Quote
from tests.builders import ACCOUNT, DAY_1, NOON
from tests.waiting import PATIENCE_SECS, until_async

Message = dict[str, Any]
LOSSLESS: Final = ("ORDERS", "EXECUTIONS", "STATUS", "ALERTS")


class HandSource:
    """Pulses by hand (`maemae.server.stream.link.PulseSource`)."""

    def __init__(self) -> None:
        self.taker: Taker | None = None

    async def run(self, taker: Taker) -> None:
        self.taker = taker
        await asyncio.Event().wait()

    def beat(self, head: int = 0, quotes: Sequence[Quote] = (), at: int = NOON) -> None:
        assert self.taker is not None
        self.taker.take_pulse(Pulse(at, Phase.CONTINUOUS, DAY_1, head, tuple(quotes)))


def an_actor(
    role: Role = Role.VIEWER, *accounts: AccountId, user_id: str = "kim", login: str = "login"
) -> Actor:
    return Actor(
        user_id,
        GRANTS[role],
        frozenset(accounts or (ACCOUNT,)),
        b"hash",
        "127.0.0.1",
        login_id=login,
        expires_at=None,
    )


class Listener:
    """
    A client whose messages are kept.

    Attributes:
        messages: Everything that it was told.
    """

    def __init__(self, actor: Actor | None = None, client: Client | None = None) -> None:
        self.client = client or Client(actor or an_actor(), lambda: '{"kind": "HEARTBEAT"}')
        self.messages: list[Message] = []
        self._reading: asyncio.Task[None] | None = None

    def read(self) -> None:
        """Begin to read."""
        self._reading = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """Read no more; what waits is lost, as with a connection that breaks."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def of(self, channel: str, kind: str | None = None) -> list[Message]:
        """Return what it was told in a channel."""
        return [
            message
            for message in self.messages
            if message.get("channel") == channel and kind in {None, message["kind"]}
        ]

    async def until_told(self, channel: str, sequence: int) -> None:
        """Wait for a number in a channel."""
        await until_async(
            lambda: any(message["sequence"] >= sequence for message in self.of(channel))
        )

    async def _read(self) -> None:
        while told := await self.client.take():
            self.messages += [json.loads(message) for message in told]


def a_feed(store: SqlStore, source: HandSource, conducts: Sequence[Conduct] = ()) -> Feed:
    """Return a feed over a store."""
    reading = StreamReading(store.database.reading, store.executor_id)
    return Feed((ACCOUNT,), reading, lambda: conducts, source, a_book)


def a_book(quote: Quote) -> BookView:
    """Return a book of one price a side."""
    best = [{"price": quote.px, "qty": quote.qty}]
    told = {"symbol": quote.symbol, "is_available": True, "at": quote.at, "notes": []}
    return BookView.model_validate({**told, "bids": best, "asks": best})


@asynccontextmanager
async def running(feed: Feed) -> AsyncIterator[Feed]:
    """Let a feed run."""
    work = asyncio.create_task(feed.run())
    await asyncio.sleep(0)
    try:
        yield feed
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def listen(feed: Feed, channel: Channel, after: int | None = None) -> Listener:
    """Return a new client that reads a channel."""
    listener = Listener()
    listener.read()
    async with asyncio.timeout(PATIENCE_SECS):
        await feed.follow(listener.client, (channel, ACCOUNT), after)
    return listener


def events(messages: list[Message]) -> list[tuple[int, str]]:
    """Return what happened, with its number."""
    return [
        (message["sequence"], str(row))
        for message in messages
        if message["kind"] == "EVENT"
        for row in message["data"]
    ]
