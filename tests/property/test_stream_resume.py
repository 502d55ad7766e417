"""Wherever a connection breaks, nothing of an order is lost and nothing is told twice."""

from __future__ import annotations

import asyncio
import tempfile
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maemae.server.stream import memory
from maemae.server.stream.envelope import Channel
from maemae.server.stream.feed import Feed
from maemae.server.stream.following import Place
from maemae.storage.store import SqlStore
from tests.builders import ACCOUNT, opening
from tests.storage.databases import Desk, a_round, open_here, sqlite_url
from tests.stream_listening import (
    HandSource,
    Listener,
    Message,
    a_feed,
    events,
    listen,
    running,
)
from tests.waiting import until_async

ORDERS: Place = (Channel.ORDERS, ACCOUNT)


class Wanderer:
    """A person whose connection breaks, and who comes back with the last number they saw."""

    def __init__(self, feed: Feed) -> None:
        self.seen: list[Message] = []
        self._feed = feed
        self._listener: Listener | None = None

    @property
    def last(self) -> int | None:
        """The last number they saw."""
        now = [] if self._listener is None else self._listener.messages
        seen = [*self.seen, *now]
        return seen[-1]["sequence"] if seen else None

    async def come(self) -> None:
        """Connect."""
        after = self.last
        self._listener = await listen(self._feed, Channel.ORDERS, after)

    async def break_off(self) -> None:
        """Lose the connection, and with it what was under way."""
        if self._listener is not None:
            await self._listener.stop()
            self._feed.unfollow(self._listener.client, ORDERS)
            self.seen += self._listener.messages
            self._listener = None


@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_client_whose_connection_breaks_loses_nothing_and_is_told_nothing_twice(
    data: st.DataObject,
) -> None:
    kept = data.draw(st.sampled_from([2, 5_000]), label="records in memory")
    steps = data.draw(st.lists(st.sampled_from(["STAY", "BREAK", "BREAK AND COME"]), max_size=16))

    async def main(store: SqlStore) -> None:
        desk, source = Desk(store), HandSource()
        desk.tell(*opening())
        happening = [event for number in range(1, 5) for event in a_round(number)]
        async with running(a_feed(store, source)) as feed:
            always, wanderer = await listen(feed, Channel.ORDERS), Wanderer(feed)
            await wanderer.come()
            await until_async(lambda: wanderer.last is not None)
            for event, step in zip_longest(happening, steps, fillvalue="STAY"):
                assert not isinstance(event, str)
                await asyncio.to_thread(desk.tell, event)
                source.beat(desk.seq)
                await asyncio.sleep(0.001 * len(step))
                if step != "STAY":
                    await wanderer.break_off()
                if step == "BREAK AND COME":
                    await wanderer.come()
            await wanderer.break_off()
            await wanderer.come()
            await always.until_told("ORDERS", desk.seq)
            await until_async(lambda: wanderer.last == desk.seq)
            await wanderer.break_off()
            assert events(wanderer.seen) == events(always.messages)
            assert [message["kind"] for message in wanderer.seen].count("SNAPSHOT") == 1

    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
        open_here(sqlite_url(Path(folder))) as store,
    ):
        patch.setattr(memory, "MOST_KEPT", kept)
        asyncio.run(main(store))
