"""
One executor's part of the stream: its journal is read once for all clients of this process.

A pulse says when to look; without pulses it is looked twice a second. What was read last is kept
for a while, so that a client that comes back is told what it missed without reading again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import product
from typing import Final, ParamSpec, TypeVar

from maemae.domain.errors import JournalCorruptError, MaemaeError
from maemae.domain.ids import AccountId
from maemae.server.book import BookView
from maemae.server.stream import messages
from maemae.server.stream.client import Client
from maemae.server.stream.envelope import Channel
from maemae.server.stream.following import Beginning, Follower, Followers, Numbered, Place
from maemae.server.stream.link import PulseSource
from maemae.server.stream.memory import Memory
from maemae.server.stream.quotes import QuoteBoard
from maemae.server.stream.states import States
from maemae.storage.alert_log import AlertChanged
from maemae.storage.stream_reading import News, StreamReading
from maemae.storage.tail import TailRecord
from maemae.trading.conduct import Conduct
from maemae.trading.control.watch import Pulse, Quote

LOOK_SECS: Final = 0.5
"""Longest time between two looks at the journal."""

_OF_RECORDS: Final = (Channel.ORDERS, Channel.EXECUTIONS, Channel.STATUS)
_STATES_SECS: Final = 0.25
_CONDUCTS_EVERY: Final = 4  # looks at the states for one at the strategies
_YIELD_EVERY: Final = 100  # records that are told without letting others run

T = TypeVar("T")
P = ParamSpec("P")


class Feed:
    """
    What one executor tells.

    Args:
        accounts: That it trades.
        reading: Of its database; the feed closes it.
        conducts: How its strategies do; blocks, may raise MaemaeError.
        source: Of its pulses.
        book: Makes the order book that follows from a quote.

    Attributes:
        accounts: As given.
        boards: Its quotes and its books, by channel.
        states: What is conflated.
    """

    def __init__(
        self,
        accounts: Sequence[AccountId],
        reading: StreamReading,
        conducts: Callable[[], Sequence[Conduct]],
        source: PulseSource,
        book: Callable[[Quote], BookView],
    ) -> None:
        self.accounts = tuple(accounts)
        quotes = QuoteBoard(Channel.QUOTES, messages.quote_text)
        books = QuoteBoard(Channel.BOOK, lambda quote: book(quote).model_dump_json())
        self.boards = {board.channel: board for board in (quotes, books)}
        self.states = States()
        self._reading = reading
        self._conducts = conducts
        self._source = source
        self._followers = Followers()
        self._reader: ThreadPoolExecutor | None = None
        self._asker: ThreadPoolExecutor | None = None
        self._letting_go: Future[None] | None = None
        self._look = asyncio.Event()
        self._has_begun = asyncio.Event()
        self._lives = 0
        self._records: Memory[TailRecord] = Memory()
        self._changes: Memory[AlertChanged] = Memory()
        self._snapshots: dict[Place, Numbered] = {}
        self._head_hinted = 0
        self._head_shown = -1
        self._looks = 0
        self._beginning: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Tell until cancelled; may be run again after that."""
        if self._letting_go is not None:  # one thread at a time has the reading
            await asyncio.shield(asyncio.wrap_future(self._letting_go))
        self._reader = ThreadPoolExecutor(1, "stream-reader")
        self._asker = ThreadPoolExecutor(1, "stream-asker")
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._source.run(self))
                group.create_task(self._read_on())
                group.create_task(self._show_states())
        finally:
            for task in self._beginning:
                task.cancel()
            self._letting_go = self._reader.submit(self._reading.close)
            self._reader.shutdown(wait=False)
            self._asker.shutdown(wait=False)
            self._has_begun.clear()

    def take_pulse(self, pulse: Pulse) -> None:
        """Take quotes and clock; look at the journal if something became durable."""
        for board in self.boards.values():
            board.take(pulse.quotes)
        self.states.take_clock(messages.clock_of(pulse, is_live=True))
        if pulse.head != self._head_hinted:
            self._head_hinted = pulse.head
            self._look.set()

    def take_silence(self) -> None:
        """Tell that the clock is not told any more."""
        self.states.stop_clock()

    async def follow(self, client: Client, place: Place, after: int | None) -> None:
        """
        Tell a client of a channel from a number on, or from now with a snapshot first.

        A number that cannot be gone on from is answered with RESYNC and a snapshot.
        """
        follower = Follower(client, place)
        self._followers.add(follower)
        await self._begin(follower, after)

    def unfollow(self, client: Client, place: Place) -> None:
        """Tell a client no more of a channel."""
        self._followers.remove(client, place)

    async def _begin(
        self, follower: Follower, after: int | None, *, is_resync: bool = False
    ) -> None:
        while self._followers.is_in(follower):
            await self._has_begun.wait()
            life = self._lives
            try:
                beginning = await self._beginning_of(follower.place, after, is_resync=is_resync)
            except MaemaeError:
                await asyncio.sleep(LOOK_SECS)  # the database is away
                continue
            if life == self._lives:
                if self._followers.is_in(follower):
                    follower.begin(beginning)
                return
            is_resync, after = after is not None, None

    async def _beginning_of(self, place: Place, after: int | None, *, is_resync: bool) -> Beginning:
        memory = self._memory(place)
        if after is not None:
            kept = memory.after(after)
            missed = (
                await self._in_thread(self._missed, place, after)
                if kept is None
                else _numbered(place, kept)
            )
            if missed is not None:
                return Beginning(after, (), missed)
            is_resync = True
        # A snapshot that is not older than this moment has everything that was told before it.
        snapshot = await self._in_thread(self._snapshot_since, place, memory.newest)
        resync = [messages.resync(*place, snapshot.sequence)] if is_resync else []
        return Beginning(snapshot.sequence, (*resync, snapshot.text))

    def _memory(self, place: Place) -> Memory[TailRecord] | Memory[AlertChanged]:
        return self._changes if place[0] is Channel.ALERTS else self._records

    def _missed(self, place: Place, after: int) -> list[Numbered] | None:
        """Return what was told after a number, from the database; blocks."""
        if place[0] is Channel.ALERTS:
            changes = self._reading.resume_alerts(after)
            return None if changes is None else _numbered(place, changes)
        records = self._reading.resume(after)
        return None if records is None else _numbered(place, records)

    def _snapshot_since(self, place: Place, newest: int) -> Numbered:
        """Return a snapshot that is not older than a number; blocks."""
        kept = self._snapshots.get(place)
        if kept is None or kept.sequence < newest:
            kept = self._snapshots[place] = self._snapshot(place)
        return kept

    def _snapshot(self, place: Place) -> Numbered:
        channel, account_id = place
        match channel:
            case Channel.ALERTS:
                found = self._reading.open_alerts()
                return Numbered(found.version, messages.alerts_snapshot(account_id, found))
            case Channel.STATUS:
                books = self._reading.books()
                return Numbered(books.head, messages.status_snapshot(account_id, books))
            case Channel.ORDERS:
                traded = self._reading.traded()
                return Numbered(traded.head, messages.orders_snapshot(account_id, traded))
            case _:
                traded = self._reading.traded()
                return Numbered(traded.head, messages.executions_snapshot(account_id, traded))

    async def _read_on(self) -> None:
        while True:
            try:
                if self._has_begun.is_set():
                    await self._publish(await self._in_thread(self._reading.read))
                else:
                    self._start(await self._in_thread(self._reading.begin))
            except JournalCorruptError:
                self._has_begun.clear()  # a backup was brought back: numbers mean other records
            except MaemaeError:
                pass  # the database is away: nothing is lost by looking again
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECS):
                    await self._look.wait()
            self._look.clear()

    def _start(self, news: News) -> None:
        """Go on from a place that is not the one before, with a snapshot for everybody."""
        self._lives += 1
        self._records.start(news.head)
        self._changes.start(news.version)
        self._snapshots.clear()
        self._has_begun.set()
        self._resync(self._followers.every())

    def _resync(self, followers: Sequence[Follower]) -> None:
        for follower in followers:
            if follower.has_begun:
                follower.hold()
                task = asyncio.create_task(self._begin(follower, None, is_resync=True))
                self._beginning.add(task)
                task.add_done_callback(self._beginning.discard)

    async def _publish(self, news: News) -> None:
        for count, record in enumerate(news.records, 1):
            if record.events:
                self._records.keep(record.seq, record)
                self._tell(record, messages.accounts_told(record, self.accounts))
            if count % _YIELD_EVERY == 0:
                await asyncio.sleep(0)
        self._records.newest = news.head
        if news.alerts is None:
            self._changes.start(news.version)
            self._snapshots.clear()
            self._resync(self._followers.of_channel(Channel.ALERTS))
            return
        for change in news.alerts:
            self._changes.keep(change.version, change)
            self._tell(change, self.accounts)

    def _tell(self, thing: TailRecord | AlertChanged, accounts: Iterable[AccountId]) -> None:
        channels = (Channel.ALERTS,) if isinstance(thing, AlertChanged) else _OF_RECORDS
        for place in product(channels, accounts):
            followers = self._followers.at(place)
            message = _message(place, thing) if followers else None
            if message is not None:
                for follower in followers:
                    follower.deliver(message)

    async def _show_states(self) -> None:
        while True:
            await asyncio.sleep(_STATES_SECS)
            with suppress(MaemaeError):
                await self._show_books()
                await self._show_conducts()

    async def _show_books(self) -> None:
        states = self.states
        held, owned = states.wanted(Channel.POSITIONS), states.wanted(Channel.BALANCES)
        is_due = self._records.newest != self._head_shown or states.has_newcomers
        if not is_due or not (held or owned):
            return
        states.has_newcomers = False
        books = await self._in_thread(self._reading.books)
        self._head_shown = books.head
        for account_id in held:
            states.take(messages.positions_state(account_id, books))
        for account_id in owned:
            states.take(messages.balances_state(account_id, books))

    async def _show_conducts(self) -> None:
        self._looks += 1
        wanted = self.states.wanted(Channel.STRATEGIES)
        if not wanted or self._looks % _CONDUCTS_EVERY:
            return
        loop = asyncio.get_running_loop()
        conducts = await loop.run_in_executor(self._asker, self._conducts)
        for account_id in wanted:
            self.states.take(messages.strategies_state(account_id, self._records.newest, conducts))

    async def _in_thread(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, partial(call, *args, **kwargs))


def _message(place: Place, thing: TailRecord | AlertChanged) -> Numbered | None:
    """Return what is told of a record or an alert's change at a place; None if nothing is."""
    channel, account_id = place
    if isinstance(thing, AlertChanged):
        return Numbered(thing.version, messages.alert_message(account_id, thing))
    text = messages.record_message(channel, account_id, thing)
    return None if text is None else Numbered(thing.seq, text)


def _numbered(place: Place, told: Sequence[TailRecord] | Sequence[AlertChanged]) -> list[Numbered]:
    found = (_message(place, each) for each in told)
    return [message for message in found if message is not None]
