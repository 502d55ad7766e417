"""A hundred clients at five hundred ticks a second: no order is lost, and nobody waits."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from maemae.domain.ids import Symbol
from maemae.server.stream.client import MOST_WAITING, TOO_SLOW
from maemae.server.stream.envelope import Channel
from maemae.server.stream.following import Place
from maemae.storage.store import SqlStore
from maemae.trading.control.watch import Quote
from tests.builders import ACCOUNT, NOON, opening
from tests.storage.databases import Desk, a_round, open_here, sqlite_url
from tests.stream_listening import HandSource, Listener, a_feed, events, running
from tests.waiting import until_async

ORDERS: Place = (Channel.ORDERS, ACCOUNT)
CLIENTS = 100
TICKS = 500
SYMBOLS = [Symbol(f"{number:06d}") for number in range(50)]


def quotes_of(listener: Listener) -> dict[str, int]:
    """Return the newest prices that a client knows."""
    return {row["symbol"]: row["px"] for m in listener.of("QUOTES") for row in m["data"]}


def test_hundred_clients_lose_no_order_at_five_hundred_ticks_a_second(tmp_path: Path) -> None:
    """One of them never reads; it is dropped, and the others do not wait for it."""

    async def main(store: SqlStore) -> None:
        desk, source = Desk(store), HandSource()
        desk.tell(*opening())
        async with running(a_feed(store, source)) as feed:
            listeners = [Listener() for _ in range(CLIENTS)]
            stuck = Listener()
            for listener in (*listeners, stuck):
                feed.boards[Channel.QUOTES].join(listener.client, ACCOUNT, frozenset())
                await feed.follow(listener.client, ORDERS, None)
            for listener in listeners:
                listener.read()
            began = time.monotonic()
            rounds = 10
            for number in range(1, rounds + 1):
                ticks = TICKS // 10
                quotes = [Quote(SYMBOLS[tick], 100 * number + tick, 1, NOON) for tick in range(50)]
                assert len(quotes) == ticks
                for event in a_round(number):
                    await asyncio.to_thread(desk.tell, event)
                source.beat(desk.seq, quotes)
                await asyncio.sleep(max(0.0, began + number / 10 - time.monotonic()))
            for listener in listeners:
                await listener.until_told("ORDERS", desk.seq)
            newest = {quote.symbol: quote.px for quote in quotes}
            await until_async(lambda: all(quotes_of(one) == newest for one in listeners))
            whole = events(listeners[0].messages)
            assert len(whole) == 4 * rounds
            for listener in listeners:
                assert listener.client.closing is None
                assert events(listener.messages) == whole
                assert len(listener.of("QUOTES")) <= rounds + 1
            for _ in range(MOST_WAITING):
                stuck.client.tell("more")
            assert stuck.client.closing == TOO_SLOW
            assert stuck.client.waiting == 0

    with open_here(sqlite_url(tmp_path)) as store:
        asyncio.run(main(store))
