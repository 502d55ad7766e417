"""The emulated Kiwoom server: put together, on the loopback, until it is stopped."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import uvicorn

from maemae.clocks import SystemWallClock
from maemae.domain.instant import kst_date
from maemae.emulators.exchange import Exchange, Listeners
from maemae.emulators.kiwoom_rest.admin import Admin
from maemae.emulators.kiwoom_rest.application import Application
from maemae.emulators.kiwoom_rest.config import KiwoomConfig, Tls
from maemae.emulators.kiwoom_rest.counter import Counter
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.faults import FaultSwitch
from maemae.emulators.kiwoom_rest.gold_market import gold_desk
from maemae.emulators.kiwoom_rest.hub import Hub
from maemae.emulators.kiwoom_rest.market_news import phase_codes
from maemae.emulators.kiwoom_rest.order_news import OrderEntry
from maemae.emulators.kiwoom_rest.teller import Teller
from maemae.emulators.kiwoom_rest.tokens import Tokens
from maemae.emulators.ledger import read_ledger
from maemae.emulators.lifetime import run_market, stopped_by_signal
from maemae.emulators.market_source import MarketData, load_market

OnReady = Callable[[int], None]
"""Called with the port once the server can be asked."""


class KiwoomServer:
    """
    One emulated server.

    Args:
        config: What it is started with.
        data: Its market.

    Attributes:
        desk, gold: What it knows, and what it knows of gold, for tests.
        sessions: Every connection of its socket, for tests; live.
        stopped: Set when it must end.

    Raises:
        ConfigError: The ledger belongs to another broker.
        JournalCorruptError: The ledger is damaged or does not repeat.
    """

    def __init__(self, config: KiwoomConfig, data: MarketData) -> None:
        wall = SystemWallClock()
        self.stopped = asyncio.Event()
        self._config = config
        faults = FaultSwitch[OrderEntry](config.faults, config.seed)
        late = _Late()
        self.gold = gold_desk(config, data, wall)
        exchange = Exchange(config, data, wall, late.listeners)
        self.desk = Desk(config, exchange, wall)
        tokens = Tokens(config.mode, config.credentials, wall)
        self._hub = Hub(self.desk, tokens, faults)
        self.sessions = self._hub.sessions
        self._teller = late.teller = Teller(self.desk, self._hub, faults)
        counter = Counter(self.desk, self.gold, tokens, faults, wall)
        admin = Admin(
            self.desk,
            counter,
            self._hub,
            self._teller,
            tokens,
            faults,
            self.stopped.set,
            lambda: read_ledger(Path(config.ledger)),
        )
        self._application = Application(
            counter, self._hub, self._teller, admin, faults, config.doubts, wall
        )
        self._phases: list[tuple[int, str, int]] = []
        exchange.begin()
        self.gold.exchange.begin()
        self._plan_phases()

    async def run(self, on_ready: OnReady) -> None:
        """
        Serve until stopped.

        Raises:
            OSError: The port is taken.
            MaemaeError: The ledger could not be written, or the market broke a rule.
        """
        sockets = [_listening(self._config.port)]
        if self._config.socket_port is not None:
            sockets.append(_listening(self._config.socket_port))
        port: int = sockets[0].getsockname()[1]
        servers = [self._server(None)]
        serving = [asyncio.create_task(servers[0].serve(sockets))]
        if (tls := self._config.tls) is not None:
            servers.append(self._server(tls))
            secured = [_listening(each) for each in tls.ports]
            serving.append(asyncio.create_task(servers[1].serve(secured)))
        markets = [asyncio.create_task(run) for run in (self._run_market(), self._run_gold())]
        ends = [
            asyncio.create_task(self.stopped.wait()),
            asyncio.create_task(self._application.failed.wait()),
        ]
        try:
            for server in servers:
                await server.is_listening.wait()
            on_ready(port)
            await _first_end([*ends, *serving], markets)
        finally:
            self._teller.end()
            self._hub.drop_all()
            for server in servers:
                server.should_exit = True
            for task in (*ends, *markets):
                task.cancel()
            await asyncio.gather(*ends, *markets, *serving, return_exceptions=True)
            self.desk.exchange.close()
            self.gold.exchange.close()
        if self._application.failure is not None:
            raise self._application.failure

    def _server(self, tls: Tls | None) -> _Server:
        return _Server(
            uvicorn.Config(
                self._application,
                log_config=None,
                log_level="critical",
                access_log=False,
                lifespan="off",
                ws="websockets-sansio",
                ws_ping_interval=None,
                timeout_graceful_shutdown=1,
                ssl_certfile=None if tls is None else tls.certificate,
                ssl_keyfile=None if tls is None else tls.key,
            )
        )

    async def _run_market(self) -> None:
        await run_market(
            self.desk.exchange,
            skips_nights=self._config.skips_nights,
            before_session=self.desk.forget_hidden,
            after_step=self._after_step,
        )

    async def _run_gold(self) -> None:
        await run_market(
            self.gold.exchange,
            skips_nights=self._config.skips_nights,
            before_session=self.gold.forget_hidden,
            after_step=lambda: None,
        )

    def _after_step(self) -> int | None:
        """Send what the market did and phases that have begun; return when the next one does."""
        now = self.desk.now
        if self._phases and kst_date(self._phases[-1][0]) != self.desk.today:
            self._plan_phases()
        while self._phases and self._phases[0][0] <= now:
            at, code, left = self._phases.pop(0)
            self._teller.tell_phase(code, at, left)
        self._teller.flush()
        return self._phases[0][0] if self._phases else None

    def _plan_phases(self) -> None:
        """Have the phases of the day that are still to come; those that are past are not told."""
        told = phase_codes(self.desk.today, is_paper=self._config.is_paper)
        self._phases = [each for each in told if each[0] > self.desk.now]


class _Late:
    """Listeners of an exchange that is made before those who listen."""

    def __init__(self) -> None:
        self.teller: Teller | None = None
        self.listeners = Listeners(
            lambda notice: self._told.tell_notice(notice),
            lambda trade: self._told.tell_trade(trade),
            lambda update: self._told.tell_rules(update),
            lambda _: None,
        )

    @property
    def _told(self) -> Teller:
        if self.teller is None:
            raise RuntimeError("nobody listens yet")
        return self.teller


class _Server(uvicorn.Server):
    """
    uvicorn that leaves signals to whoever runs it.

    Attributes:
        is_listening: Set once clients can connect.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self.is_listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


def serve(config: KiwoomConfig, on_ready: OnReady) -> None:
    """
    Run an emulated server until SIGTERM, SIGINT or its admin stops it; call in the main thread.

    Args:
        config: What it is started with.
        on_ready: Told the port.

    Raises:
        ConfigError: The ledger belongs to another broker.
        JournalCorruptError: The ledger is damaged or does not repeat.
        DataError: The market cannot be read.
        OSError: The port is taken.
    """
    asyncio.run(_serve_until_signal(config, on_ready))


async def _serve_until_signal(config: KiwoomConfig, on_ready: OnReady) -> None:
    with stopped_by_signal() as stopped:
        server = KiwoomServer(config, load_market(config.market))
        waiting = asyncio.create_task(stopped.wait())
        waiting.add_done_callback(lambda _: server.stopped.set())
        try:
            await server.run(on_ready)
        finally:
            waiting.cancel()


async def _first_end(
    ends: Sequence[asyncio.Task[bool] | asyncio.Task[None]], markets: Sequence[asyncio.Task[None]]
) -> None:
    """Return once anything ends; a market that is over does not end the server."""
    tasks = {*ends, *markets}
    while True:
        done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for market in done.intersection(markets):
            market.result()
        if done.difference(markets):
            return


def _listening(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((LOOPBACK, port))
    except OSError:
        found.close()
        raise
    return found


LOOPBACK: Final = "127.0.0.1"
