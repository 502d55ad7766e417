"""
The simulated broker behind a socket: who is connected, who is told what, and when.

Only the loopback is served: this is a broker for one's own machine, and asks for no credential.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

import msgspec

from maemae.brokers.sim.messages import (
    Admin,
    Asked,
    CancelByHand,
    ClockPush,
    Done,
    DropConnections,
    EnterByHand,
    ErrorCode,
    Hello,
    InstrumentPush,
    LostReply,
    NoticePush,
    Ping,
    Pong,
    PrintTrade,
    Push,
    Refused,
    Reply,
    Request,
    SetFaults,
    SetStates,
    Stop,
    Subscribe,
    Taken,
    TradePush,
    Welcome,
    decode_asked,
    frame,
    read_frame,
)
from maemae.clocks import SystemWallClock
from maemae.core.events import InstrumentUpdated
from maemae.domain.errors import MaemaeError
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND
from maemae.domain.market_data import Trade
from maemae.domain.statement import Notice
from maemae.domain.terms import OrdType, TimeInForce
from maemae.emulators import requests
from maemae.emulators.exchange import Exchange, Listeners
from maemae.emulators.lifetime import run_market, stopped_by_signal
from maemae.emulators.market_source import MarketData, load_market
from maemae.emulators.sim.config import SimBrokerConfig
from maemae.emulators.sim.faults import FaultSwitch
from maemae.emulators.sim.front import Caller, Front
from maemae.emulators.timers import Timers

OnReady = Callable[[int], None]
"""Called with the port once the broker can be asked."""


class Client:
    """
    One connection.

    Attributes:
        caller: Who asks over it.
        symbols: What it has subscribed to.
    """

    def __init__(self, writer: asyncio.StreamWriter, caller: Caller) -> None:
        self.caller = caller
        self.symbols: frozenset[Symbol] = frozenset()
        self._writer = writer

    def send(self, raw: bytes) -> None:
        """Send a frame; a client that does not read is cut, never waited for."""
        if self._writer.is_closing():
            return
        self._writer.write(raw)
        if self._writer.transport.get_write_buffer_size() > _MOST_UNREAD:
            self._writer.transport.abort()

    def cut(self) -> None:
        """Cut the connection; what was sent may not arrive."""
        self._writer.transport.abort()


class SimServer:
    """
    One simulated broker.

    Args:
        config: What it is started with.
        data: Its market.

    Attributes:
        exchange: Its books and market.
        stopped: Set when it must end.

    Raises:
        ConfigError: The ledger belongs to another broker.
        JournalCorruptError: The ledger is damaged or does not repeat.
    """

    def __init__(self, config: SimBrokerConfig, data: MarketData) -> None:
        wall = SystemWallClock()
        self.stopped = asyncio.Event()
        self._config = config
        self._clients: set[Client] = set()
        self._timers = Timers()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failure: BaseException | None = None
        self._faults = FaultSwitch(config.faults, config.seed)
        listeners = Listeners(self._tell, self._print, self._update, self._set_clock)
        self.exchange = Exchange(config, data, wall, listeners)
        self._front = Front(config, self.exchange, self._faults, wall)
        self.exchange.begin()

    async def run(self, on_ready: OnReady) -> None:
        """
        Serve until stopped.

        Raises:
            MaemaeError: The ledger could not be written, or the market broke a rule.
        """
        server = await asyncio.start_server(self._serve, _LOOPBACK, self._config.port)
        market = asyncio.create_task(
            run_market(
                self.exchange,
                skips_nights=self._config.skips_nights,
                before_session=self._front.start_session,
                after_step=_do_nothing,
            )
        )
        market.add_done_callback(self._market_ended)
        try:
            on_ready(server.sockets[0].getsockname()[1])
            await self.stopped.wait()
        finally:
            server.close()
            await self._end(market)
        if self._failure is not None:
            raise self._failure

    def _fail(self, error: BaseException) -> None:
        """Stop, because the books or the ledger cannot be trusted any more."""
        self._failure = error
        self.stopped.set()

    def _market_ended(self, market: asyncio.Task[None]) -> None:
        """Stop if the market failed; after its last session the books can still be asked."""
        error = None if market.cancelled() else market.exception()
        if error is not None:
            self._fail(error)

    async def _end(self, market: asyncio.Task[None]) -> None:
        market.cancel()
        for client in tuple(self._clients):
            client.cut()
        self._timers.end()
        await asyncio.gather(market, *self._tasks, return_exceptions=True)
        self.exchange.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = Caller(self._config.orders_per_sec, self._config.queries_per_sec)
        client = Client(writer, caller)
        self._clients.add(client)
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            while True:
                self._take(client, decode_asked(await read_frame(reader)))
        except (EOFError, OSError):
            pass
        except msgspec.DecodeError:
            self._send(client, Refused(0, ErrorCode.BAD_MESSAGE, ""))
        except MaemaeError as error:
            self._fail(error)
        finally:
            self._clients.discard(client)
            writer.close()

    def _take(self, client: Client, message: Asked) -> None:
        if isinstance(message, Hello):
            self._send(client, self._hello(client, message))
        elif isinstance(message, Admin):
            self._send(client, self._manage(message))
        elif client.caller.epoch is None:
            self._send(client, Refused(message.seq, ErrorCode.BAD_MESSAGE, "HELLO"))
        elif isinstance(message, Request):
            self._request(client, message)
        elif isinstance(message, Ping):
            self._send(client, Pong(message.seq, self._venue_time()))
        elif isinstance(message, Subscribe):
            client.symbols = frozenset(message.symbols)
            self._send(client, Done(message.seq))
        else:
            self._send(client, self._front.query(message, client.caller))

    def _hello(self, client: Client, hello: Hello) -> Reply:
        if 0 < hello.epoch < self.exchange.epoch:
            return Refused(hello.seq, ErrorCode.FENCED, "")
        client.caller.epoch = hello.epoch
        self.exchange.raise_epoch(hello.epoch)
        accounts, traits = self.exchange.books.account_ids, self._front.traits
        return Welcome(hello.seq, accounts, traits, self._venue_time(), self._config.speed)

    def _request(self, client: Client, request: Request) -> None:
        reply, notices = self._front.request(request, client.caller)
        loss, slow_by = self._faults.take_loss(), self._faults.now.slow_by
        if self._faults.now.fills_first:
            self._send_notices(notices)
            notices = ()
        if slow_by:
            self._timers.call_later(slow_by, partial(self._answer, client, reply, notices, loss))
        else:
            self._answer(client, reply, notices, loss)

    def _answer(
        self, client: Client, reply: Reply, notices: Sequence[Notice], loss: LostReply | None
    ) -> None:
        if loss is None:
            self._send(client, reply)
        elif loss is LostReply.CUT:
            client.cut()
        self._send_notices(notices)

    def _manage(self, message: Admin) -> Reply:
        if isinstance(message, SetFaults):
            self._push_notices(self._faults.release())
            self._faults.set(message.faults)
        elif isinstance(message, EnterByHand | CancelByHand):
            return self._by_hand(message)
        elif isinstance(message, SetStates):
            if message.symbol not in self.exchange.books.rules:
                return Refused(message.seq, ErrorCode.REJECTED, message.symbol)
            self.exchange.set_states(message.symbol, message.states)
        elif isinstance(message, PrintTrade):
            self._print(Trade(message.symbol, message.px, message.qty, self.exchange.now))
        elif isinstance(message, DropConnections):
            for client in tuple(self._clients):
                if client.caller.epoch is not None:
                    client.cut()
        elif isinstance(message, Stop):
            self.stopped.set()
        return Done(message.seq)

    def _by_hand(self, message: EnterByHand | CancelByHand) -> Reply:
        request = self._request_by_hand(message)
        if request is None:
            return Refused(message.seq, ErrorCode.REJECTED, "")
        outcome = self.exchange.handle(request, 0, is_by_hand=True)
        self._send_notices([self._front.veil(notice) for notice in outcome.notices])
        if outcome.order_id is None:
            return Refused(message.seq, ErrorCode.REJECTED, outcome.text)
        return Taken(message.seq, outcome.order_id)

    def _request_by_hand(self, message: EnterByHand | CancelByHand) -> requests.Request | None:
        if isinstance(message, EnterByHand):
            return requests.Submit(
                None,
                message.account_id,
                message.symbol,
                message.side,
                OrdType.MARKET if message.price is None else OrdType.LIMIT,
                TimeInForce.DAY,
                message.price,
                message.order_qty,
            )
        row = self.exchange.books.find_row(message.order_id)
        return None if row is None else requests.Cancel(None, row.account_id, row.order_id)

    def _tell(self, notice: Notice) -> None:
        self._send_notices([self._front.veil(notice)])

    def _send_notices(self, notices: Sequence[Notice]) -> None:
        if not notices:
            return
        self._push_notices(self._faults.distort(notices))
        if self._faults.now.reorder > 1:
            self._timers.call_later(_LONGEST_HOLD, self._release)

    def _release(self) -> None:
        self._push_notices(self._faults.release())

    def _push_notices(self, notices: Iterable[Notice]) -> None:
        pushes = [NoticePush(notice) for notice in notices]
        if pushes and self._faults.now.late_by:
            self._timers.call_later(self._faults.now.late_by, partial(self._push_all, pushes))
        else:
            self._push_all(pushes)

    def _push_all(self, pushes: Iterable[Push]) -> None:
        for push in pushes:
            self._push(push, [client for client in self._clients if client.caller.epoch])

    def _print(self, trade: Trade) -> None:
        if not self._faults.now.frozen:
            self._push(TradePush(trade), self._watching(trade.symbol))

    def _update(self, update: InstrumentUpdated) -> None:
        self._push(InstrumentPush(update), self._watching(update.instrument.symbol))

    def _set_clock(self, venue_time: int) -> None:
        self._push(ClockPush(venue_time), tuple(self._clients))

    def _watching(self, symbol: Symbol) -> list[Client]:
        return [client for client in self._clients if symbol in client.symbols]

    def _push(self, push: Push, clients: Sequence[Client]) -> None:
        if clients and not self._faults.now.silent:
            raw = frame(push)
            for client in clients:
                client.send(raw)

    def _send(self, client: Client, reply: Reply) -> None:
        """Answer a client; a silent broker still answers who never said hello: faults' switch."""
        if not self._faults.now.silent or client.caller.epoch is None:
            client.send(frame(reply))

    def _venue_time(self) -> int:
        return self.exchange.now + self._faults.now.clock_offset


async def run_sim_broker(
    config: SimBrokerConfig, data: MarketData, on_ready: OnReady, stopped: asyncio.Event
) -> None:
    """
    Run a simulated broker until it is stopped.

    Args:
        config: What it is started with.
        data: Its market; `config.market` is not read.
        on_ready: Told the port.
        stopped: Set by whoever wants it to end.
    """
    server = SimServer(config, data)
    waiting = asyncio.create_task(stopped.wait())
    waiting.add_done_callback(lambda _: server.stopped.set())
    try:
        await server.run(on_ready)
    finally:
        waiting.cancel()


def serve(config: SimBrokerConfig, on_ready: OnReady) -> None:
    """
    Run a simulated broker until SIGTERM, SIGINT or a message stops it; call in the main thread.

    Args:
        config: What it is started with.
        on_ready: Told the port.

    Raises:
        ConfigError: The ledger belongs to another broker.
        JournalCorruptError: The ledger is damaged or does not repeat.
        DataError: The market cannot be read.
    """
    asyncio.run(_serve_until_signal(config, on_ready))


async def _serve_until_signal(config: SimBrokerConfig, on_ready: OnReady) -> None:
    with stopped_by_signal() as stopped:
        await run_sim_broker(config, load_market(config.market), on_ready, stopped)


def _do_nothing() -> None:
    """Do nothing: clients are told by the exchange's listeners."""


_LOOPBACK: Final = "127.0.0.1"
_MOST_UNREAD: Final = 8 << 20
_LONGEST_HOLD: Final = SECOND // 5
