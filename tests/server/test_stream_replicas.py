"""Two servers on PostgreSQL tell the same, with Redis between them, and when it is lost."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from maemae.clocks import SteadyVenueClock, SystemWallClock
from maemae.domain.ids import Symbol
from maemae.domain.market_data import Trade
from maemae.server.stream.envelope import Channel
from maemae.server.stream.fan_out import RelayedLink
from maemae.server.stream.feed import Feed
from maemae.server.stream.link import OwnLink
from maemae.storage.engine import open_reading
from maemae.storage.store import SqlStore
from maemae.storage.stream_reading import StreamReading
from maemae.trading.control.commands import Ask
from maemae.trading.control.replies import Accepted, Reply
from maemae.trading.control.server import ControlServer
from maemae.trading.control.watch_client import watch_executor
from maemae.trading.control.watchers import Watchers
from tests.builders import ACCOUNT, NOON, SAMSUNG, opening
from tests.postgres_server import PostgresProcess
from tests.server.redis_server import RedisProcess
from tests.storage.databases import Desk, a_round, open_here
from tests.stream_listening import Listener, a_book, events, running
from tests.waiting import until_async

CHANNELS = (Channel.ORDERS, Channel.EXECUTIONS, Channel.STATUS)


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresProcess]:
    """Yield a PostgreSQL of these tests."""
    with PostgresProcess() as process:
        yield process


@pytest.fixture
def url(postgres: PostgresProcess) -> str:
    """Return the URL of an empty database."""
    return postgres.new_database()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisProcess]:
    """Yield a Redis of one test."""
    with RedisProcess(tmp_path) as process:
        yield process


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="mm") as folder:
        yield Path(folder).resolve()


async def no_answer(_ask: Ask) -> Reply:
    return Accepted("none")


class Exchange:
    """An executor of which there is a journal, and a socket to watch it."""

    def __init__(self, store: SqlStore) -> None:
        self.desk = Desk(store)
        self.desk.tell(*opening())
        self.watchers = Watchers(SteadyVenueClock(NOON), SystemWallClock())
        self._rounds = 0

    async def trade(self, rounds: int) -> None:
        """Let orders come to their ends."""
        for _ in range(rounds):
            self._rounds += 1
            for event in a_round(self._rounds):
                turn = self.desk.turn(event)
                written = self.desk.store.write(turn, self.desk.state, self.desk.lease.epoch)
                await asyncio.wrap_future(written)
                self.watchers.hear_entries(turn.entries, self.desk.core)

    def show(self, px: int) -> None:
        """Let an instrument trade."""
        self.watchers.hear_print(Trade(Symbol(SAMSUNG), px, 1, NOON))


class Replica:
    """A server's part of the stream, and one client of it."""

    def __init__(self, url: str, redis: str, home: Path) -> None:
        self._engine = open_reading(url)[1]
        link = RelayedLink(OwnLink(lambda: watch_executor(home)), redis, "SIM")
        self.feed = Feed((ACCOUNT,), StreamReading(self._engine, 1), tuple, link, a_book)
        self.listener = Listener()

    @property
    def px(self) -> int:
        """The newest price that its client knows."""
        rows = [row for message in self.listener.of("QUOTES") for row in message["data"]]
        return rows[-1]["px"] if rows else 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Replica]:
        """Serve while it is entered."""
        async with running(self.feed):
            self.listener.read()
            for channel in CHANNELS:
                await self.feed.follow(self.listener.client, (channel, ACCOUNT), None)
            self.feed.boards[Channel.QUOTES].join(self.listener.client, ACCOUNT, frozenset())
            self.feed.states.join(self.listener.client, (Channel.CLOCK, ACCOUNT))
            try:
                yield self
            finally:
                await self.listener.stop()
        self._engine.dispose()


@asynccontextmanager
async def two_replicas(
    store: SqlStore, url: str, redis: str, homes: tuple[Path, Path], home: Path
) -> AsyncIterator[tuple[Exchange, Replica, Replica]]:
    exchange = Exchange(store)
    async with AsyncExitStack() as stack:
        beating = asyncio.create_task(exchange.watchers.run())
        stack.callback(beating.cancel)
        await stack.enter_async_context(ControlServer(home, no_answer, exchange.watchers))
        one = await stack.enter_async_context(Replica(url, redis, homes[0]).serving())
        two = await stack.enter_async_context(Replica(url, redis, homes[1]).serving())
        yield exchange, one, two


async def same_events(exchange: Exchange, one: Replica, two: Replica) -> int:
    """Wait until both have told everything; return how much that was."""
    for replica in (one, two):
        await replica.listener.until_told("ORDERS", exchange.desk.seq)
        await replica.listener.until_told("EXECUTIONS", exchange.desk.seq)
    for channel in CHANNELS:
        told = [events(each.listener.of(channel.value)) for each in (one, two)]
        assert told[0] == told[1]
    return len(events(one.listener.of("ORDERS")))


async def quotes_arrive(exchange: Exchange, *replicas: Replica) -> None:
    """Let prices change until everybody knows the newest."""
    px = max(replica.px for replica in replicas) + 1

    def is_told() -> bool:
        exchange.show(px)
        return all(replica.px == px for replica in replicas)

    await until_async(is_told)


def test_servers_tell_the_same_and_quotes_reach_the_one_far_from_the_executor(
    url: str, redis: RedisProcess, home: Path, tmp_path: Path
) -> None:
    async def main(store: SqlStore) -> None:
        async with two_replicas(store, url, redis.url, (home, tmp_path), home) as all_of_it:
            exchange, near, far = all_of_it
            await exchange.trade(3)
            await quotes_arrive(exchange, near, far)
            assert await same_events(exchange, near, far) == 12
            clocks = far.listener.of("CLOCK")
            assert clocks[-1]["data"]["is_live"]

    with open_here(url) as store:
        asyncio.run(main(store))


def test_redis_killed_in_mid_flow_loses_nothing(
    url: str, redis: RedisProcess, home: Path, tmp_path: Path
) -> None:
    async def main(store: SqlStore) -> None:
        async with two_replicas(store, url, redis.url, (home, tmp_path), home) as all_of_it:
            exchange, near, far = all_of_it
            await quotes_arrive(exchange, near, far)
            trading = asyncio.create_task(exchange.trade(8))
            await asyncio.sleep(0.05)
            await asyncio.to_thread(redis.kill)
            await trading
            assert await same_events(exchange, near, far) == 32
            await quotes_arrive(exchange, near)  # by its own line
            await until_async(lambda: not far.listener.of("CLOCK")[-1]["data"]["is_live"])
            await asyncio.to_thread(redis.start)
            await quotes_arrive(exchange, near, far)
            await exchange.trade(1)
            assert await same_events(exchange, near, far) == 36

    with open_here(url) as store:
        asyncio.run(main(store))


def test_redis_that_stands_still_or_forgets_everything_loses_nothing(
    url: str, redis: RedisProcess, home: Path, tmp_path: Path
) -> None:
    async def main(store: SqlStore) -> None:
        async with two_replicas(store, url, redis.url, (home, tmp_path), home) as all_of_it:
            exchange, near, far = all_of_it
            await quotes_arrive(exchange, near, far)
            redis.pause()
            await exchange.trade(2)
            assert await same_events(exchange, near, far) == 8
            await quotes_arrive(exchange, near)
            redis.go_on()
            await asyncio.to_thread(redis.flush)
            await quotes_arrive(exchange, near, far)

    with open_here(url) as store:
        asyncio.run(main(store))


def test_server_that_relays_is_succeeded_when_it_ends(
    url: str, redis: RedisProcess, home: Path
) -> None:
    async def main(store: SqlStore) -> None:
        exchange = Exchange(store)
        async with ControlServer(home, no_answer, exchange.watchers), AsyncExitStack() as stack:
            beating = asyncio.create_task(exchange.watchers.run())
            stack.callback(beating.cancel)
            first, second = Replica(url, redis.url, home), Replica(url, redis.url, home)
            async with second.serving():
                async with first.serving():
                    await quotes_arrive(exchange, first, second)
                    assert exchange.watchers.count == 1  # one relays to the other
                await quotes_arrive(exchange, second)

    with open_here(url) as store:
        asyncio.run(main(store))
