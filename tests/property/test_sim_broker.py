"""
The simulated broker over its socket: whatever is asked of it and whatever fails, its lists, its
ledger and its House agree to the won, and a broker that repeats the ledger says the same.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import defaultdict
from contextlib import suppress
from datetime import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maemae.brokers.sim.broker import SimBroker
from maemae.brokers.sim.messages import (
    Admin,
    CancelByHand,
    DropConnections,
    EnterByHand,
    Faults,
    LostReply,
    SetFaults,
    SetStates,
    decode_told,
    frame,
    read_frame,
)
from maemae.brokers.sim.stream import SimAddress
from maemae.clocks import SystemWallClock
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import BrokerError
from maemae.domain.ids import ClOrdId, OrderId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.order import Order
from maemae.domain.statement import StatedExecution, StatedHolding, StatedOrder, StatedStatus
from maemae.domain.terms import Market, Product, Side, TimeInForce
from maemae.emulators.books import Books
from maemae.emulators.exchange import Exchange, Listeners
from maemae.emulators.ledger import LedgerOrder, ledger_orders, read_ledger
from maemae.emulators.market_source import CatalogueSource, MarketData, load_market
from maemae.emulators.sim.config import SimBrokerConfig
from maemae.emulators.sim.server import SimServer
from maemae.krx.costs import KIWOOM_REAL, sell_tax
from maemae.krx.status import InstrumentState
from tests.brokers.sim_rig import (
    ACCOUNT,
    CASH,
    DAY,
    OTHER_ACCOUNT,
    PRICE,
    RISING,
    STILL,
    make_market,
)
from tests.house_builder import an_order

ACCOUNTS = (ACCOUNT, OTHER_ACCOUNT)
SYMBOLS = st.sampled_from([STILL, RISING])
PRICES = st.one_of(st.none(), st.just(PRICE), st.integers(-9, 99).map(lambda n: PRICE + 10 * n))
PLACES = st.integers(0, 9)
QTYS = st.one_of(st.integers(1, 40), st.integers(1, 400))
FAULTS = st.one_of(
    st.builds(Faults, lose_next=st.integers(1, 2), lost_reply=st.sampled_from(LostReply)),
    st.builds(Faults, refuse_next=st.integers(1, 2)),
    st.builds(Faults, slow_by=st.integers(0, 5_000_000), fills_first=st.booleans()),
    st.builds(Faults, duplicate_ppm=st.just(500_000), reorder=st.integers(0, 3)),
    st.builds(Faults, wrong_next=st.just(1), late_by=st.integers(0, 1_000_000)),
    st.just(Faults(ghosts=True)),
    st.just(Faults()),
)
SUBMITS = st.tuples(
    st.just("submit"),
    SYMBOLS,
    st.sampled_from(Side),
    QTYS,
    PRICES,
    st.sampled_from(TimeInForce),
    st.integers(0, 1),
)
STEPS = st.one_of(
    *[SUBMITS] * 8,
    st.tuples(st.just("cancel"), PLACES),
    st.tuples(st.just("replace"), PLACES, PRICES, QTYS),
    st.tuples(st.just("by_hand"), SYMBOLS, QTYS, PRICES, st.integers(0, 1)),
    st.tuples(st.just("cancel_by_hand"), PLACES),
    st.tuples(st.just("faults"), FAULTS),
    st.tuples(st.just("states"), SYMBOLS, st.sampled_from(["", "", "HALTED", "VI"])),
    st.tuples(st.just("drop")),
    st.tuples(st.just("restart")),
    st.tuples(st.just("wait"), st.integers(1, 20)),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MarketData:
    return load_market(make_market(tmp_path_factory.mktemp("market")))


class Standing(SystemWallClock):
    """A wall clock at which no time passed while a broker was away."""

    def now(self) -> int:
        return 0


class Run:
    """A broker, a client, and what was asked."""

    def __init__(self, folder: Path, data: MarketData) -> None:
        self.config = SimBrokerConfig(
            ledger=str(folder / "broker.ledger"),
            accounts=dict.fromkeys(ACCOUNTS, CASH),
            market=CatalogueSource("", ""),  # not read: the data are given
            speed=2_000,
            opens_at=time(10),
            page_size=7,
            orders_per_sec=30,
            queries_per_sec=1_000,
        )
        self.data = data
        self.port = 0
        self.sent: list[tuple[Order, OrderId]] = []
        self.number = 0

    async def start(self) -> None:
        self.server = SimServer(msgspec.structs.replace(self.config, port=self.port), self.data)
        ready = asyncio.get_running_loop().create_future()
        self.serving = asyncio.create_task(self.server.run(ready.set_result))
        self.port = await ready

    async def stop(self) -> None:
        self.server.stopped.set()
        await self.serving

    async def play(self, steps: list[tuple[Any, ...]]) -> None:
        await self.start()
        address = SimAddress(
            self.port, reply_within=SECOND // 10, pause=SECOND // 100, longest_pause=SECOND // 100
        )
        self.broker = SimBroker(address, SystemWallClock())
        await self.broker.connect(1)
        for account_id in ACCOUNTS:  # so that there is something to sell
            await self.manage(EnterByHand(1, account_id, STILL, Side.BUY, None, 50))
        for name, *arguments in steps:
            with suppress(BrokerError):
                await getattr(self, name)(*arguments)
        await self.broker.close()
        await self.check()
        await self.stop()

    async def submit(
        self,
        symbol: Symbol,
        side: Side,
        qty: int,
        price: int | None,
        life: TimeInForce,
        account: int,
    ) -> None:
        self.number += 1
        order = an_order(self.number, side, qty, price, life, ACCOUNTS[account], symbol)
        self.sent.append((order, await self.broker.submit(order)))

    async def cancel(self, place: int) -> None:
        if self.sent:
            order, order_id = self.sent[place % len(self.sent)]
            await self.broker.cancel(order, CancelOrder(ClOrdId(0), order.cl_ord_id, order_id, 0))

    async def replace(self, place: int, price: int | None, qty: int) -> None:
        if self.sent:
            index = place % len(self.sent)
            order, order_id = self.sent[index]
            request = ReplaceOrder(ClOrdId(0), order.cl_ord_id, order_id, price or PRICE, qty, 0)
            self.sent[index] = order, await self.broker.replace(order, request)

    async def by_hand(self, symbol: Symbol, qty: int, price: int | None, account: int) -> None:
        await self.manage(EnterByHand(1, ACCOUNTS[account], symbol, Side.BUY, price, qty))

    async def cancel_by_hand(self, place: int) -> None:
        if self.sent:
            await self.manage(CancelByHand(1, self.sent[place % len(self.sent)][1]))

    async def faults(self, faults: Faults) -> None:
        await self.manage(SetFaults(1, faults))

    async def states(self, symbol: Symbol, state: str) -> None:
        states = (InstrumentState(state),) if state else ()
        await self.manage(SetStates(1, symbol, states))

    async def drop(self) -> None:
        await self.manage(DropConnections(1))
        await asyncio.sleep(0.05)  # back again, as a rule

    async def restart(self) -> None:
        await self.stop()
        await self.start()
        await asyncio.sleep(0.05)  # connected again, as a rule

    async def wait(self, hundredths: int) -> None:
        await asyncio.sleep(hundredths / 100)

    async def manage(self, message: Admin) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(frame(message))
        decode_told(await read_frame(reader))
        writer.close()

    async def check(self) -> None:
        """Compare what a patient client is told with the ledger and with the House."""
        await self.manage(SetFaults(1, Faults()))
        patient = SimBroker(SimAddress(self.port), SystemWallClock())
        await patient.connect(1)
        for symbol in (STILL, RISING):  # nothing trades any more, so that all is of one time
            await self.manage(SetStates(1, symbol, (InstrumentState.HALTED,)))
        ledger = ledger_orders(read_ledger(Path(self.config.ledger)))
        repeated = self.repeated()
        for account_id in ACCOUNTS:
            rows = await patient.orders(account_id, DAY)
            fills = await patient.executions(account_id, DAY)
            held = await patient.holdings(account_id)
            cash = await patient.cash(account_id)
            own = [order for order in ledger if order.account_id == account_id]
            check_rows(rows, own)
            check_fills(fills, own)
            check_money(held, cash.cash, own)
            books = self.server.exchange.books
            account = books.house.account(account_id)
            assert (cash.cash, cash.orderable) == (account.cash, account.orderable)
            assert held == tuple(books.holdings(account_id))
            assert rows == tuple(map(_unnamed, repeated.orders(account_id, DAY)))
            assert fills == tuple(repeated.executions(account_id, DAY))
            assert held == tuple(repeated.holdings(account_id))
            assert cash == repeated.cash(account_id)
        await patient.close()

    def repeated(self) -> Books:
        """Return the books of another broker that goes on from the same ledger."""
        copy = self.config.ledger + ".copy"
        shutil.copy(self.config.ledger, copy)
        config = msgspec.structs.replace(self.config, ledger=copy)
        silent = Listeners(_ignore, _ignore, _ignore, _ignore)
        exchange = Exchange(config, self.data, Standing(), silent)
        exchange.begin()
        exchange.close()
        return exchange.books


def check_rows(rows: tuple[StatedOrder, ...], orders: list[LedgerOrder]) -> None:
    """The list has each order of the ledger under its first number, and its fills."""
    firsts = {row.order_id: row for row in rows if row.orig_order_id is None}
    assert list(firsts) == [order.order_id for order in orders]
    followers = {row.orig_order_id: row for row in rows if row.orig_order_id is not None}
    assert len(rows) == len(firsts) + len(followers)
    for order in orders:
        last = firsts[order.order_id]
        while last.order_id in followers:
            assert (last.status, last.leaves_qty) == (StatedStatus.REPLACED, 0)
            last = followers[last.order_id]
        assert last.cum_qty == sum(fill.qty for fill in order.fills) <= last.order_qty
        if last.status is StatedStatus.WORKING:
            assert last.cum_qty + last.leaves_qty == last.order_qty


def check_fills(fills: tuple[StatedExecution, ...], orders: list[LedgerOrder]) -> None:
    """The list has each fill of the ledger once."""
    assert len({fill.exec_id for fill in fills}) == len(fills)
    assert {(fill.exec_id, fill.order_id, fill.qty, fill.px, fill.at) for fill in fills} == {
        (fill.exec_id, fill.order_id, fill.qty, fill.px, fill.at)
        for order in orders
        for fill in order.fills
    }


def check_money(held: tuple[StatedHolding, ...], cash: int, orders: list[LedgerOrder]) -> None:
    """Cash and shares follow from the ledger's fills alone, charges cut down by the order."""
    shares: dict[str, int] = defaultdict(int)
    for order in orders:
        notional = sum(fill.qty * fill.px for fill in order.fills)
        qty = sum(fill.qty for fill in order.fills)
        cash += KIWOOM_REAL.commission(notional)
        if order.side is Side.BUY:
            cash += notional
            shares[order.symbol] += qty
        else:
            cash += sell_tax(Market.KOSPI, Product.STOCK, DAY).on(notional) - notional
            shares[order.symbol] -= qty
    assert cash == CASH
    assert {each.symbol: each.qty for each in held} == {s: n for s, n in shares.items() if n}


def _ignore(_: object) -> None:
    pass


def _unnamed(row: StatedOrder) -> StatedOrder:
    return msgspec.structs.replace(row, cl_ord_id=None)


@settings(max_examples=25)
@given(st.lists(STEPS, min_size=12, max_size=30))
def test_lists_ledger_and_house_agree(data: MarketData, steps: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(Run(Path(folder), data).play(steps))
