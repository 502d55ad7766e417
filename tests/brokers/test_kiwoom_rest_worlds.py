"""Card 35: real money and paper, each on an emulator of its own; in no combination do they mix."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.broker import ArmedUntil, KiwoomBroker, never_armed
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.emulated_clock import EmulatedClock
from maemae.brokers.kiwoom_rest.hosts import Host, emulator_host
from maemae.brokers.kiwoom_rest.market_data import KiwoomMarketData
from maemae.brokers.kiwoom_rest.token_file import Token, TokenFile
from maemae.clocks import SystemWallClock
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import BrokerUnavailableError, ConfigError, NotAcceptedError
from maemae.domain.ids import ClOrdId, Symbol
from maemae.domain.instant import MINUTE
from maemae.domain.order import Order
from maemae.domain.terms import Mode, OrdType, Purpose
from maemae.emulators.market_source import MarketData, SyntheticSource, load_market
from tests.brokers.test_kiwoom_rest_fills import QUICK
from tests.builders import an_order
from tests.kiwoom_emulator import ACCOUNT, KEYS, REAL_KEYS, Client, emulator

SOURCE = SyntheticSource(7, date(2026, 11, 2), date(2026, 11, 3))
SECRETS = {Mode.PAPER: KEYS, Mode.REAL: REAL_KEYS}
FAR = 100 * MINUTE


@pytest.fixture(scope="module")
def data() -> MarketData:
    return load_market(SOURCE)


class Worlds:
    """A server of paper, a server of real money, and whoever trades on them."""

    def __init__(self, paper: Client, real: Client, folder: Path, symbol: Symbol) -> None:
        self.clients = {Mode.PAPER: paper, Mode.REAL: real}
        self.symbol = symbol
        self._folder = folder
        self._open: list[KiwoomConnection] = []

    def host(self, mode: Mode) -> Host:
        address = f"127.0.0.1:{self.clients[mode].port}"
        return emulator_host(mode, f"http://{address}", f"ws://{address}/api/dostk/websocket")

    def connection(self, mode: Mode, key: AppKey) -> KiwoomConnection:
        wall, host = SystemWallClock(), self.host(mode)
        clocks = (EmulatedClock(host), wall)
        found = KiwoomConnection(host, key, QUICK, self._folder, clocks, lambda *_: None)
        self._open.append(found)
        return found

    def broker(self, connection: KiwoomConnection, armed: ArmedUntil = never_armed) -> KiwoomBroker:
        return KiwoomBroker(connection, ACCOUNT, has_stream=False, armed_until=armed)

    def tokens(self, mode: Mode, key: AppKey) -> TokenFile:
        return TokenFile(self._folder / "tokens", mode, key.app_key, SystemWallClock())

    def order(self, purpose: Purpose = Purpose.NEW) -> Order:
        order = an_order(1, None, symbol=self.symbol)
        return msgspec.structs.replace(order, account_id=ACCOUNT, purpose=purpose)

    async def taken(self) -> dict[Mode, int]:
        """Return how many orders each server has taken."""
        truths = {mode: await client.truth() for mode, client in self.clients.items()}
        return {mode: len(truth["orders"]) for mode, truth in truths.items()}

    async def close(self) -> None:
        for connection in self._open:
            await connection.close()


def key_of(mode: Mode, secrets: Mode | None = None) -> AppKey:
    """Return a key that is said to be of a mode, with the secrets of that one or of another."""
    keys = SECRETS[secrets or mode]
    return AppKey(mode, keys.app_key, keys.secret_key)


@asynccontextmanager
async def worlds(folder: Path, data: MarketData) -> AsyncIterator[Worlds]:
    for name in ("paper", "real"):
        (folder / name).mkdir()
    async with (
        emulator(folder / "paper", data) as paper,
        emulator(folder / "real", data, mode=Mode.REAL) as real,
    ):
        found = Worlds(paper, real, folder / "adapter", next(iter(data.instruments)))
        try:
            yield found
        finally:
            await found.close()


def play(
    folder: Path, data: MarketData, act: Callable[[Worlds], Awaitable[Any]]
) -> dict[Mode, int]:
    """Act in both worlds; return how many orders each has taken."""

    async def run() -> dict[Mode, int]:
        async with worlds(folder, data) as both:
            await act(both)
            return await both.taken()

    return asyncio.run(run())


NOTHING = {Mode.PAPER: 0, Mode.REAL: 0}


@pytest.mark.parametrize(("host", "key"), [(Mode.PAPER, Mode.REAL), (Mode.REAL, Mode.PAPER)])
def test_key_of_one_world_is_refused_at_the_server_of_the_other(
    tmp_path: Path, data: MarketData, host: Mode, key: Mode
) -> None:
    async def act(both: Worlds) -> None:
        with pytest.raises(ConfigError, match="cannot be used at the server for"):
            both.connection(host, key_of(key))

    assert play(tmp_path, data, act) == NOTHING


@pytest.mark.parametrize(("mode", "secrets"), [(Mode.PAPER, Mode.REAL), (Mode.REAL, Mode.PAPER)])
def test_key_that_was_entered_for_the_wrong_world_gets_no_token_and_sends_no_order(
    tmp_path: Path, data: MarketData, mode: Mode, secrets: Mode
) -> None:
    async def act(both: Worlds) -> None:
        broker = both.broker(both.connection(mode, key_of(mode, secrets)), lambda _: 2**62)
        with pytest.raises(BrokerUnavailableError, match="of the other world"):
            await broker.connect(1)
        with pytest.raises(NotAcceptedError, match="nothing was sent"):
            await broker.submit(both.order())

    assert play(tmp_path, data, act) == NOTHING


@pytest.mark.parametrize(("mode", "other"), [(Mode.PAPER, Mode.REAL), (Mode.REAL, Mode.PAPER)])
def test_token_of_the_other_world_is_not_shown_and_is_of_no_use(
    tmp_path: Path, data: MarketData, mode: Mode, other: Mode
) -> None:
    async def act(both: Worlds) -> None:
        key = key_of(mode)
        connection = both.connection(mode, key)
        broker = both.broker(connection, lambda _: 2**62)
        foreign = both.clients[other].token
        host = both.host(mode)
        file = both.tokens(mode, key)
        async with file.locked(MINUTE):  # kept as it came, and then with its origin forged
            file.write(Token(foreign, 2**62, both.host(other).rest, other))
        await broker.connect(1)
        kept = file.read()
        assert kept is not None
        assert kept.value != foreign
        file.write(Token(foreign, 2**62, host.rest, mode))
        again = both.broker(both.connection(mode, key), lambda _: 2**62)
        await again.submit(both.order())
        kept = file.read()
        assert kept is not None
        assert kept.value != foreign

    assert play(tmp_path, data, act) == NOTHING | {mode: 1}


def test_new_risk_with_real_money_leaves_only_as_long_as_it_is_armed(
    tmp_path: Path, data: MarketData
) -> None:
    async def act(both: Worlds) -> None:
        connection = both.connection(Mode.REAL, key_of(Mode.REAL))
        arming = {ACCOUNT: 0}
        broker = both.broker(connection, arming.__getitem__)
        await broker.connect(1)
        now = connection.venue.now()
        for arming[ACCOUNT] in (0, 1, now - 1, now):
            with pytest.raises(NotAcceptedError, match="is not armed"):
                await broker.submit(both.order())
        assert await both.taken() == NOTHING
        arming[ACCOUNT] = now + FAR
        book = await KiwoomMarketData(connection.http).book(both.symbol)
        order = msgspec.structs.replace(both.order(), ord_type=OrdType.LIMIT, price=book.bids[4][0])
        order = msgspec.structs.replace(order, order_ids=(await broker.submit(order),))
        arming[ACCOUNT] = 0
        change = ReplaceOrder(ClOrdId(2), ClOrdId(1), None, book.bids[3][0], 1, 0)
        with pytest.raises(NotAcceptedError, match="is not armed"):
            await broker.replace(order, change)
        assert await broker.cancel(order, CancelOrder(ClOrdId(3), ClOrdId(1), None, 0))

    assert play(tmp_path, data, act) == NOTHING | {Mode.REAL: 1}


@pytest.mark.parametrize("purpose", [Purpose.REDUCE, Purpose.LIQUIDATE])
def test_what_takes_risk_away_needs_no_arming(
    tmp_path: Path, data: MarketData, purpose: Purpose
) -> None:
    async def act(both: Worlds) -> None:
        broker = both.broker(both.connection(Mode.REAL, key_of(Mode.REAL)))
        await broker.connect(1)
        await broker.submit(both.order(purpose))

    assert play(tmp_path, data, act) == NOTHING | {Mode.REAL: 1}


def test_paper_order_needs_no_arming_and_stays_on_paper(tmp_path: Path, data: MarketData) -> None:
    async def act(both: Worlds) -> None:
        broker = both.broker(both.connection(Mode.PAPER, key_of(Mode.PAPER)))
        await broker.connect(1)
        await broker.submit(both.order())

    assert play(tmp_path, data, act) == NOTHING | {Mode.PAPER: 1}
