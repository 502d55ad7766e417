"""One day in the backtester, begun with what the strategies held that morning."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import time

import numpy as np

from maemae.analytics.traded_day import TradedDay
from maemae.app.parity_request import ParityRequest
from maemae.app.trade_request import StrategyRequest, core_config
from maemae.core.actions import Action, HoldingAdjusted, ProtectionSet, SleeveAdded
from maemae.core.config import CoreConfig
from maemae.core.events import Event, TradingStateSet
from maemae.core.machine import TradingCore
from maemae.core.state import Sleeve
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.intent import Intent
from maemae.domain.terms import Market, Mode, PriceBasis, Product, TradingState
from maemae.krx.instrument import Instrument
from maemae.simulation.book import SleeveBook
from maemae.simulation.recorder import Recorder
from maemae.simulation.simulation import Simulation
from maemae.strategies.call_limit import watchdog
from maemae.strategies.loading import load_strategy
from maemae.strategy.host import StrategyHost
from maemae.strategy.news import Filled
from maemae.strategy.panel import FIELDS, Ints, Panel
from maemae.trading.day_trace import DayTrace
from maemae.venue.assumptions import RELAXED_ADJUSTED, STRICT_KRX
from maemae.venue.house import House


class DayBacktest:
    """
    The day's strategies in the backtester.

    Args:
        request: What to run.
        panel: Bars up to the end of the day.
        first: Index of the day's first bar; the ones before are warm-up.
        sleeves: As they began the day.
        instruments: Master data.
    """

    def __init__(
        self,
        request: ParityRequest,
        panel: Panel,
        first: int,
        sleeves: Mapping[SleeveId, Sleeve],
        instruments: Mapping[Symbol, Instrument],
    ) -> None:
        self._panel = panel
        self._before = panel.dates.index(panel.dates[first - 1])  # where the session before begins
        self._first = first
        self._seats = [
            (asked, sleeves[asked.sleeve_id])
            for asked in request.strategies
            if asked.sleeve_id in sleeves
        ]
        self._instruments = instruments
        self._account_id = request.account_id
        self._begin = kst_nanos(request.day, time())
        schedule = core_config(request.mode, request.account_id).schedules[request.account_id]
        self._core = TradingCore(CoreConfig(Mode.SIM, {request.account_id: schedule}))
        is_raw = panel.basis is PriceBasis.RAW
        self._house = House(schedule, STRICT_KRX if is_raw else RELAXED_ADJUSTED)
        self._trace = DayTrace(panel.known[first:].tolist())

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        """Note what came in and what followed (`maemae.simulation.recorder.Journal`)."""
        self._trace.take(event, actions, self._core)

    def commit(self) -> None:
        """Do nothing: nothing is kept."""

    def run(self) -> TradedDay:
        """Run the day and return it."""
        for _, sleeve in self._seats:
            self._core.restore([_added(sleeve)])
        market = _since(self._panel, self._before)
        books = {
            sleeve.sleeve_id: SleeveBook(
                self._core.state.get_sleeve(self._account_id, sleeve.sleeve_id), self._core.market
            )
            for _, sleeve in self._seats
        }
        hosts = [self._host(asked, books[asked.sleeve_id]) for asked, _ in self._seats]
        offset, count = self._before, len(market)
        seats = [_DayHost(host, offset, self._first, offset + count) for host in hosts]
        opening = _Opening(self._account_id, self._first - offset - 1, self._open)
        simulation = Simulation(
            market,
            self._instruments,
            self._core,
            self._house,
            [opening, *seats],
            Recorder(self),
        )
        for book in books.values():
            book.mark = simulation.mark
        with watchdog(hosts):
            simulation.run(dense=True)
        return self._trace.finished(self._core)

    def _host(self, asked: StrategyRequest, book: SleeveBook) -> StrategyHost:
        strategy = load_strategy(asked.spec)(**asked.values)
        return StrategyHost(strategy, self._panel, self._account_id, asked.sleeve_id, book)

    def _open(self) -> None:
        """Bring in what the day began with, once the session before it is over."""
        sleeves = [sleeve for _, sleeve in self._seats]
        holdings: dict[Symbol, tuple[int, int]] = {}
        for sleeve in sleeves:
            self._core.restore(_brought(sleeve, self._begin))
            for symbol, position in sleeve.positions.items():
                qty, cost = holdings.get(symbol, (0, 0))
                holdings[symbol] = (qty + position.qty, cost + position.cost)
        cash = sum(sleeve.cash for sleeve in sleeves)
        held = [(symbol, qty, cost) for symbol, (qty, cost) in holdings.items()]
        for symbol in holdings:  # the day's rules follow; until then it is only listed
            known = self._instruments.get(symbol)
            instrument = known or Instrument(symbol, symbol, Market.KOSPI, Product.STOCK)
            self._house.set_instrument(instrument, self._panel.dates[self._before], None, None)
        self._house.open_account(self._account_id, cash, held)
        self._core.handle(TradingStateSet(TradingState.ACTIVE, "backtest", self._begin))
        self._trace.begin(sleeves, 0)


def _added(sleeve: Sleeve) -> SleeveAdded:
    return SleeveAdded(sleeve.account_id, sleeve.sleeve_id, sleeve.cash, sleeve.limits)


def _brought(sleeve: Sleeve, at: int) -> Iterator[Action]:
    """Yield the facts that give a sleeve what it held."""
    account_id, sleeve_id = sleeve.account_id, sleeve.sleeve_id
    for symbol, position in sleeve.positions.items():
        yield HoldingAdjusted(account_id, sleeve_id, symbol, position.qty, position.cost, at)
    for symbol, guard in sleeve.protections.items():
        yield ProtectionSet(
            account_id,
            sleeve_id,
            symbol,
            guard.stop_px,
            guard.take_px,
            guard.trail,
            guard.leave_at,
            guard.cooldown,
        )


def _since(panel: Panel, first: int) -> Panel:
    """Return the bars from an index on."""
    fields = {name: getattr(panel, name)[:, first:] for name in FIELDS}
    return Panel(panel.symbols, panel.opened[first:], panel.known[first:], fields, panel.basis)


class _Opening:
    """Stands among the strategies, to open the book after the session before the day."""

    hears_fills = False

    def __init__(self, account_id: AccountId, index: int, do: Callable[[], None]) -> None:
        self.account_id = account_id
        self.sleeve_id = SleeveId("")
        self.wakes: Ints = np.array([index])
        self._do = do

    def run(self, k: int) -> Sequence[Intent]:
        """Open the book."""
        self._do()
        return ()

    def fill(self, fill: Filled) -> Sequence[Intent]:
        """Wish nothing."""
        return ()


class _DayHost:
    """
    A strategy that acts on the day alone, however long its warm-up is.

    Args:
        host: Over all bars.
        offset: Index of the first bar that the simulation has.
        first, end: Indexes of the day.
    """

    def __init__(self, host: StrategyHost, offset: int, first: int, end: int) -> None:
        self.account_id = host.account_id
        self.sleeve_id = host.sleeve_id
        self.hears_fills = host.hears_fills
        self.wakes: Ints = np.arange(first - offset, end - offset)
        self._host = host
        self._offset = offset

    def run(self, k: int) -> Sequence[Intent]:
        """Return what is wished at a barrier."""
        return self._host.run(k + self._offset)

    def fill(self, fill: Filled) -> Sequence[Intent]:
        """Return what is wished upon a fill."""
        return self._host.fill(fill)
