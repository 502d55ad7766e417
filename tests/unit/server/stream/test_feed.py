"""One journal, many clients: nobody loses an order, whoever breaks off, lags or comes back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maemae.core.events import KillLevel, KillSet
from maemae.domain.ids import Symbol
from maemae.domain.text import Text
from maemae.ports import Alert
from maemae.server.stream.envelope import Channel
from maemae.server.stream.following import Place
from maemae.storage.store import SqlStore
from maemae.storage.stream_reading import News, StreamReading
from tests.builders import ACCOUNT, NOON, opening
from tests.storage.databases import Desk, a_round, open_here, sqlite_url, trade
from tests.stream_listening import HandSource, Listener, a_feed, listen, running
from tests.waiting import until_async

ORDERS: Place = (Channel.ORDERS, ACCOUNT)
ALERT = Alert("BLIND", "005930", is_critical=True, text=Text("시세 없음", "No prices"), at=NOON)
CLIENTS = 100
TICKS = 500
SYMBOLS = [Symbol(f"{number:06d}") for number in range(50)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Yield a store in a file."""
    with open_here(sqlite_url(tmp_path)) as opened:
        yield opened


def test_client_is_told_a_snapshot_and_then_every_change(store: SqlStore) -> None:
    async def main() -> None:
        desk, source = Desk(store), HandSource()
        trade(desk, 1)
        async with running(a_feed(store, source)) as feed:
            listener = await listen(feed, Channel.ORDERS)
            fills = await listen(feed, Channel.EXECUTIONS)
            began = desk.seq
            for event in a_round(2):
                await asyncio.to_thread(desk.tell, event)
                source.beat(desk.seq)
            await listener.until_told("ORDERS", desk.seq)
            await fills.until_told("EXECUTIONS", desk.seq)
            (whole,) = listener.of("ORDERS", "SNAPSHOT")
            assert (whole["sequence"], whole["data"][0]["status"]) == (began, "FILLED")
            told = [message["data"][0] for message in listener.of("ORDERS", "EVENT")]
            assert [order["status"] for order in told] == [
                "PENDING_NEW",
                "NEW",
                "PARTIALLY_FILLED",
                "FILLED",
            ]
            assert told[0]["at"].endswith("+09:00")
            assert [row["qty"] for m in fills.of("EXECUTIONS", "EVENT") for row in m["data"]] == [
                4,
                6,
            ]

    asyncio.run(main())


def test_feed_that_rested_while_nobody_listened_tells_again(store: SqlStore) -> None:
    async def main() -> None:
        desk = Desk(store)
        trade(desk, 1)
        feed = a_feed(store, HandSource())
        for _ in range(2):
            async with running(feed):
                listener = await listen(feed, Channel.ORDERS)
                await listener.until_told("ORDERS", desk.seq)

    asyncio.run(main())


def test_feed_that_goes_on_at_once_waits_for_the_thread_of_its_last_life(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, others = threading.Lock(), list[str]()
    begin, read = StreamReading.begin, StreamReading.read

    def alone(do: Callable[[StreamReading], News], mine: StreamReading) -> News:
        if not reading.acquire(blocking=False):
            others.append(threading.current_thread().name)
            return do(mine)
        try:
            time.sleep(0.05)
            return do(mine)
        finally:
            reading.release()

    monkeypatch.setattr(StreamReading, "begin", lambda mine: alone(begin, mine))
    monkeypatch.setattr(StreamReading, "read", lambda mine: alone(read, mine))

    async def main() -> None:
        feed = a_feed(store, HandSource())
        for _ in range(5):
            async with running(feed):
                await asyncio.sleep(0.01)  # it is reading now

    asyncio.run(main())
    assert others == []


def test_change_without_a_pulse_is_told_all_the_same(store: SqlStore) -> None:
    async def main() -> None:
        desk = Desk(store)
        desk.tell(*opening())
        async with running(a_feed(store, HandSource())) as feed:
            listener = await listen(feed, Channel.STATUS)
            await asyncio.to_thread(desk.tell, KillSet(KillLevel.STOP_NEW, "kim: fire", NOON))
            await listener.until_told("STATUS", desk.seq)
            (event,) = listener.of("STATUS", "EVENT")
            assert event["data"] == [
                {"type": "KILL_CHANGED", "level": "STOP_NEW", "reason": "kim: fire"}
            ]

    asyncio.run(main())


def test_number_that_lies_ahead_is_answered_with_resync_and_a_snapshot(store: SqlStore) -> None:
    async def main() -> None:
        desk = Desk(store)
        trade(desk, 1)
        async with running(a_feed(store, HandSource())) as feed:
            listener = await listen(feed, Channel.ORDERS, desk.seq + 100)
            await listener.until_told("ORDERS", desk.seq)
            assert [message["kind"] for message in listener.messages] == ["RESYNC", "SNAPSHOT"]

    asyncio.run(main())


def test_number_that_another_server_told_already_is_gone_on_from(store: SqlStore) -> None:
    async def main() -> None:
        desk, source = Desk(store), HandSource()
        desk.tell(*opening())
        async with running(a_feed(store, source)) as feed:
            await listen(feed, Channel.ORDERS)
            await asyncio.to_thread(trade, desk, 1)
            seen = desk.seq - 1  # this server has not looked yet
            listener = await listen(feed, Channel.ORDERS, seen)
            await listener.until_told("ORDERS", desk.seq)
            assert [message["sequence"] for message in listener.messages] == [desk.seq]

    asyncio.run(main())


def test_every_change_of_an_alert_is_told(store: SqlStore) -> None:
    async def main() -> None:
        async with running(a_feed(store, HandSource())) as feed:
            store.alerts.open(ALERT)
            listener = await listen(feed, Channel.ALERTS)
            for _ in range(3):
                await asyncio.to_thread(store.alerts.open, ALERT)
            await asyncio.to_thread(store.alerts.resolve_all, "BLIND", "005930", NOON + 1)
            await listener.until_told("ALERTS", 5)
            later = await listen(feed, Channel.ALERTS, 3)
            await later.until_told("ALERTS", 5)
            assert [message["sequence"] for message in listener.messages] == [1, 2, 3, 4, 5]
            assert [m["data"][0]["times"] for m in listener.of("ALERTS", "EVENT")] == [2, 3, 4, 4]
            assert later.messages == listener.messages[3:]

    asyncio.run(main())


def test_positions_and_balances_are_told_when_they_change(store: SqlStore) -> None:
    async def main() -> None:
        desk, source = Desk(store), HandSource()
        desk.tell(*opening())
        async with running(a_feed(store, source)) as feed:
            listener = Listener()
            listener.read()
            for channel in (Channel.POSITIONS, Channel.BALANCES, Channel.STRATEGIES):
                feed.states.join(listener.client, (channel, ACCOUNT))
            await until_async(lambda: len(listener.messages) == 3)
            await asyncio.to_thread(trade, desk, 1)
            source.beat(desk.seq)
            await listener.until_told("POSITIONS", desk.seq)
            assert listener.of("POSITIONS")[-1]["data"][0]["qty"] == 10
            await listener.until_told("BALANCES", desk.seq)

    asyncio.run(main())


def test_journal_that_becomes_another_one_is_told_anew(store: SqlStore, tmp_path: Path) -> None:
    async def main() -> None:
        desk = Desk(store)
        trade(desk, 2)
        async with running(a_feed(store, HandSource())) as feed:
            listener = await listen(feed, Channel.ORDERS)
            with store.database.writing.begin() as connection:
                connection.exec_driver_sql("UPDATE journal SET hash = x'00'")
            await asyncio.to_thread(desk.tell, KillSet(KillLevel.STOP_NEW, "kim: fire", NOON))
            await until_async(lambda: listener.of("ORDERS", "RESYNC"))
            await until_async(lambda: len(listener.of("ORDERS", "SNAPSHOT")) == 2)

    asyncio.run(main())


def test_database_that_is_away_for_a_while_costs_nothing(store: SqlStore) -> None:
    async def main() -> None:
        desk, source = Desk(store), HandSource()
        desk.tell(*opening())
        async with running(a_feed(store, source)) as feed:
            listener = await listen(feed, Channel.ORDERS)
            with store.database.writing.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE lease RENAME TO elsewhere")
                connection.exec_driver_sql("ALTER TABLE alert_changes RENAME TO away")
            late = asyncio.create_task(listen(feed, Channel.EXECUTIONS))
            source.beat(1)
            await asyncio.sleep(0.7)
            assert not late.done()
            with store.database.writing.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO lease")
                connection.exec_driver_sql("ALTER TABLE away RENAME TO alert_changes")
            await asyncio.to_thread(trade, desk, 1)
            await listener.until_told("ORDERS", desk.seq)
            await (await late).until_told("EXECUTIONS", desk.seq)

    asyncio.run(main())
