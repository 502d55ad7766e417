"""Kiwoom's adapter on the emulated server: whatever the stream loses, the books agree."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.broker import KiwoomBroker
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG, Quotas, Rate
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.emulated_clock import EmulatedClock
from maemae.brokers.kiwoom_rest.hosts import emulator_host
from maemae.brokers.kiwoom_rest.market_data import KiwoomMarketData
from maemae.clocks import SystemWallClock
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import BrokerUnavailableError, NotAcceptedError, OutcomeUnknownError
from maemae.domain.ids import ClOrdId, ExecId, Symbol
from maemae.domain.instant import SECOND, kst_date
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice, StatedExecution, StatedStatus
from maemae.domain.terms import Mode, Side
from maemae.emulators.market_source import MarketData, SyntheticSource, load_market
from tests.builders import an_order
from tests.kiwoom_emulator import ACCOUNT, KEYS, Client, emulator

SOURCE = SyntheticSource(7, date(2026, 11, 2), date(2026, 11, 3))
QUICK = msgspec.structs.replace(
    PAPER_CONFIG,
    quotas=Quotas(Rate(1_000, SECOND), rate_pause=SECOND // 20),
    patience=msgspec.structs.replace(PAPER_CONFIG.patience, reply_within=SECOND),
)
DISTORTED = {
    "duplicate_ppm": 300_000,
    "reorder": 3,
    "drop_ppm": 300_000,
    "late_by": SECOND // 50,
    "lose_next": 2,
    "frames_first": True,
}


@pytest.fixture(scope="module")
def data() -> MarketData:
    return load_market(SOURCE)


class Trader:
    """An account that is traded on, and what its stream told."""

    def __init__(self, client: Client, folder: Path) -> None:
        address = f"127.0.0.1:{client.port}"
        host = emulator_host(Mode.PAPER, f"http://{address}", f"ws://{address}/api/dostk/websocket")
        wall = SystemWallClock()
        self.clock = EmulatedClock(host)
        key = AppKey(Mode.PAPER, KEYS.app_key, KEYS.secret_key)
        clocks = (self.clock, wall)
        self.connection = KiwoomConnection(host, key, QUICK, folder, clocks, lambda *_: None)
        self.broker = KiwoomBroker(self.connection, ACCOUNT)
        self.market = KiwoomMarketData(self.connection.http)
        self.told: dict[ExecId, Notice] = {}

    async def listen(self) -> None:
        async for notice in self.broker.notices():
            if isinstance(notice, Notice) and notice.exec_type is ExecType.TRADE:
                assert notice.exec_id not in self.told
                self.told[notice.exec_id] = notice

    async def trade(self, number: int, symbol: Symbol) -> None:
        """Buy across the book or beside it; change or cancel some of it."""
        book = await self.market.book(symbol)
        prices = (None, book.asks[0][0], book.asks[2][0], book.bids[0][0])
        order = an_order(2 + 37 * (number % 7), prices[number % 4], symbol=symbol)
        order = msgspec.structs.replace(order, account_id=ACCOUNT, cl_ord_id=ClOrdId(number))
        try:
            number_at_broker = await self.broker.submit(order)
            if order.price is not None:
                order = msgspec.structs.replace(order, order_ids=(number_at_broker,))
                await self._follow(order, book.asks[0][0], is_cancel=number % 2 == 0)
        except (NotAcceptedError, OutcomeUnknownError):
            return  # the lists tell what became of it

    async def come_to_rest(self, client: Client) -> None:
        """Take back what works, so that nothing can fill any more."""
        day = kst_date(self.clock.now())
        while working := [
            order
            for order in await self.broker.orders(ACCOUNT, day)
            if order.status is StatedStatus.WORKING
        ]:
            for order in working:
                await client.manage("cancels", order_id=order.order_id)

    async def _follow(self, order: Order, price: int, *, is_cancel: bool) -> None:
        request = ClOrdId(1_000 + order.cl_ord_id)
        if is_cancel:
            await self.broker.cancel(order, CancelOrder(request, order.cl_ord_id, None, 0))
        else:
            change = ReplaceOrder(request, order.cl_ord_id, None, price, order.order_qty, 0)
            await self.broker.replace(order, change)


@asynccontextmanager
async def trader(
    folder: Path, data: MarketData, **settings: object
) -> AsyncIterator[tuple[Trader, Client]]:
    async with emulator(folder, data, speed=30, **settings) as client:
        found = Trader(client, folder / "adapter")
        await found.broker.connect(1)
        listening = asyncio.create_task(found.listen())
        try:
            yield found, client
        finally:
            await found.broker.close()
            await listening
            await found.connection.close()


def sums(executions: tuple[StatedExecution, ...]) -> dict[str, tuple[int, int]]:
    shares, won = Counter[str](), Counter[str]()
    for row in executions:
        shares[row.order_id] += row.qty
        won[row.order_id] += row.qty * row.px
    return {number: (shares[number], won[number]) for number in shares}


def true_sums(truth: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {
        order["order_id"]: (
            sum(fill["qty"] for fill in order["fills"]),
            sum(fill["qty"] * fill["px"] for fill in order["fills"]),
        )
        for order in truth["orders"]
        if order["fills"]
    }


def totals(of: dict[str, tuple[int, int]]) -> tuple[int, int]:
    return sum(shares for shares, _ in of.values()), sum(won for _, won in of.values())


def test_fills_add_up_to_the_truth_though_the_stream_is_torn(
    tmp_path: Path, data: MarketData
) -> None:
    async def play() -> None:
        async with trader(tmp_path, data) as (found, client):
            symbols = list(data.instruments)[:4]
            await client.manage("faults", **DISTORTED)
            for number in range(1, 25):
                await found.trade(number, symbols[number % 4])
                if number == 12:
                    await client.manage("drop-connections")
            await client.manage("faults")
            day = kst_date(found.clock.now())
            told = dict(found.told)
            stated = await found.broker.executions(ACCOUNT, day)
            await found.come_to_rest(client)
            again = await found.broker.executions(ACCOUNT, day)
            truth = await client.truth()
            account = truth["accounts"][ACCOUNT]
            cash = await found.broker.cash(ACCOUNT)
            holdings = await found.broker.holdings(ACCOUNT)
            by_number = {row.exec_id: row for row in again}

        assert totals(sums(stated))[0] > 100
        assert totals(sums(again)) == totals(true_sums(truth))
        assert {row.exec_id for row in stated} <= by_number.keys()
        assert told.keys() <= {row.exec_id for row in stated}
        assert all(
            (by_number[number].qty, by_number[number].px) == (notice.last_qty, notice.last_px)
            for number, notice in found.told.items()
        )
        assert cash.cash == account["cash"]
        assert {row.symbol: [row.qty, row.sellable, row.cost] for row in holdings} == account[
            "holdings"
        ]

    asyncio.run(play())


@pytest.mark.parametrize("page", [1, 2])
def test_list_that_stops_before_its_end_is_never_believed(
    tmp_path: Path, data: MarketData, page: int
) -> None:
    async def play() -> None:
        size = dict.fromkeys(("kt00007", "ka10076", "kt00018"), 2)
        async with trader(tmp_path, data, page_rows=size) as (found, client):
            for number, symbol in enumerate(list(data.instruments)[:5], start=1):
                await found.trade(4 * number, symbol)
            await client.filled(1)
            day = kst_date(found.clock.now())
            await client.manage("faults", stuck_page=page)
            for asked in (
                lambda: found.broker.executions(ACCOUNT, day),
                lambda: found.broker.orders(ACCOUNT, day),
                lambda: found.broker.holdings(ACCOUNT),
            ):
                with pytest.raises(BrokerUnavailableError, match="said to go on, but does not"):
                    await asked()
            await client.manage("faults")
            assert len(await found.broker.holdings(ACCOUNT)) == 5
            assert len(await found.broker.orders(ACCOUNT, day)) == 5

    asyncio.run(play())


def test_fills_have_the_same_numbers_after_a_restart(tmp_path: Path, data: MarketData) -> None:
    async def play() -> None:
        async with trader(tmp_path, data) as (found, client):
            for number in range(1, 9):
                await found.trade(number, next(iter(data.instruments)))
            day = kst_date(found.clock.now())
            await client.filled(1)
            before = await found.broker.executions(ACCOUNT, day)
            restarted = KiwoomBroker(found.connection, ACCOUNT, has_stream=False)
            await restarted.connect(2)
            after = await restarted.executions(ACCOUNT, day)

        assert before
        assert {row.exec_id for row in before} <= {row.exec_id for row in after}
        assert all(row.side is Side.BUY for row in after)

    asyncio.run(play())
