"""
Strategies, trading core and simulated house on one time axis.

At each time: the phases that came, the opening prints, the way of each price through its bar,
then, once all bars of that time are known, the strategies. A sparse run visits only bars at
which something can happen; a dense one visits all and gives the same orders.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from maemae.core.actions import FillBooked
from maemae.core.events import PriceUpdated
from maemae.domain.ids import Symbol
from maemae.domain.intent import Intent, OrderIntent, TargetWeights
from maemae.domain.terms import Side
from maemae.krx.instrument import Instrument
from maemae.simulation.bars import BarReader
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.simulation.host_cursor import HostCursor
from maemae.simulation.recorder import Recorder
from maemae.simulation.reference import Reference
from maemae.simulation.session_clock import SessionClock
from maemae.simulation.wakes import Wakes
from maemae.simulation.wire import Core, Wire
from maemae.strategy.host import StrategyHost
from maemae.strategy.news import Filled
from maemae.strategy.panel import Panel
from maemae.venue.house import House

Watcher = Callable[[int], None]
"""Called with the index of each visited bar, after everything of that time is done."""


class Simulation:
    """
    One run.

    Args:
        panel: Bars of every instrument.
        instruments: Master data; what is missing counts as a KOSPI stock.
        core: Trading core with its sleeves opened and ACTIVE.
        house: Simulated broker with the same accounts and cash.
        hosts: Strategies, run in this order at each time.
        recorder: Takes every event and action.
    """

    def __init__(
        self,
        panel: Panel,
        instruments: Mapping[Symbol, Instrument],
        core: Core,
        house: House,
        hosts: Sequence[StrategyHost],
        recorder: Recorder,
    ) -> None:
        self._panel = panel
        self._core = core
        self._house = house
        self._cursors = [HostCursor(host, len(panel)) for host in hosts]
        self._bars = BarReader(panel)
        self._axis = CalendarAxis(panel)
        self._reference = Reference(panel, self._axis, instruments)
        self._wire = Wire(core, house, recorder)
        self._clock = SessionClock(self._axis, self._wire)
        self._wakes = Wakes(panel, core, house)
        self._told: set[Symbol] = set()  # instruments whose rules of the session are known
        self._marked: dict[Symbol, int] = {}  # index of the last close told
        self._inside: dict[Symbol, None] = {}  # instruments whose bar has begun, in order
        self._dense = False
        self.index = -1

    def run(self, *, dense: bool = False, watch: Watcher | None = None) -> None:
        """Visit every bar, or only those at which something can happen."""
        end = len(self._panel)
        self._dense = dense
        while True:
            event = self.index + 1 if dense else self._next_event()
            wake = min((cursor.next for cursor in self._cursors), default=end)
            index = min(event, wake)
            if index >= end:
                break
            self.index = index
            if event <= index or index >= self._clock.ends:
                self._visit(index)
            else:
                self._run_strategies(index)
            if watch is not None:
                watch(index)
        self._clock.finish()

    def mark(self) -> None:
        """Tell the core the last price of everything that concerns it, as of the present bar."""
        self._mark(self.index)

    def _next_event(self) -> int:
        """Return the next index at which core or house can act, strategies left aside."""
        found = self._wakes.next()
        state = self._core.state
        if state.working:  # day orders end with the session
            found = min(found, self._clock.ends - 1)
        if state.parked or any(sleeve.rebalance for sleeve in state.sleeves.values()):
            change = bisect_left(self._bars.known, self._clock.next_change)
            found = min(found, self._clock.ends, change)
        return max(found, self.index + 1)

    def _visit(self, index: int) -> None:
        if index >= self._clock.ends:
            self._enter_session(index)
        self._mark(index - 1)
        self._clock.advance(self._bars.opened[index])
        self._find_wakes(index - 1)  # what was parked rests now, and meets this bar's opening
        self._walk(index)
        self._run_strategies(index)

    def _enter_session(self, index: int) -> None:
        self._clock.finish()
        session = self._axis.session(index)
        self._mark(self._axis.first(session) - 1)
        self._clock.start(session)
        self._told.clear()
        for symbol in self._concerned():
            self._tell_rules(symbol)

    def _concerned(self) -> list[Symbol]:
        """Return what is held, works or waits, in a fixed order."""
        state = self._core.state
        symbols: set[Symbol] = set(state.working)
        for sleeve in state.sleeves.values():
            symbols.update(sleeve.positions)
            if sleeve.rebalance is not None:
                symbols.update(_symbols(sleeve.rebalance.intent))
        for intent in state.parked:
            symbols.update(_symbols(intent))
        return sorted(symbols) if len(symbols) > 1 else list(symbols)

    def _tell_rules(self, symbol: Symbol) -> None:
        """Tell core and house the session's rules of an instrument, once."""
        if symbol in self._told:
            return
        self._told.add(symbol)
        rules = self._reference.of_session(symbol, self._clock.session, self._core.now)
        self._wire.tell(rules)
        self._house.set_instrument(
            rules.instrument, rules.session_date, rules.base_price, rules.band, rules.states
        )

    def _mark(self, index: int) -> None:
        if index >= 0:
            for symbol in self._concerned():
                self._tell_close(symbol, index)

    def _tell_close(self, symbol: Symbol, index: int) -> None:
        """Tell the last close at or before an index, if it was not told yet."""
        row = self._panel.row(symbol)
        last = self._bars.last_traded(row, index)
        if last < 0 or self._marked.get(symbol, -1) >= last:
            return
        self._marked[symbol] = last
        close = self._bars.bar(row, last)[3]
        self._house.set_last_price(symbol, close)
        self._wire.tell(PriceUpdated(symbol, close, self._bars.known[last]))

    def _walk(self, index: int) -> None:
        """Print the opening of every instrument that waits for a price, then walk its bar."""
        due = self._due(index)
        if not due:
            return
        wire = self._wire
        for symbol in due:
            self._see_opening(symbol, index)
        wire.opening = partial(self._join, index=index)
        for symbol in tuple(self._inside):
            self._print_opening(symbol, index)
        wire.opening = None
        for symbol in sorted(self._inside):
            wire.walking = symbol
            self._walk_bar(symbol, index)
        self._inside.clear()
        wire.release()

    def _due(self, index: int) -> list[Symbol]:
        """Return what waits for a price at a bar, and what a rebalancing is about to buy."""
        due = self._wakes.symbols if self._dense else self._wakes.due(index)
        for sleeve in self._core.state.sleeves.values():
            if sleeve.rebalance is not None:
                due = sorted({*due, *_symbols(sleeve.rebalance.intent)})
        return due

    def _see_opening(self, symbol: Symbol, index: int) -> None:
        """Let the core see the opening price before anything follows from any opening."""
        row = self._panel.row(symbol)
        self._wire.touched.add(symbol)
        if not self._bars.trades(row, index):
            return
        self._tell_rules(symbol)
        self._inside[symbol] = None
        opened = self._bars.opened[index]
        self._core.observe(PriceUpdated(symbol, self._bars.bar(row, index)[0], opened))

    def _print_opening(self, symbol: Symbol, index: int) -> None:
        bar = self._bars.bar(self._panel.row(symbol), index)
        opened = self._bars.opened[index]
        self._wire.take(self._house.begin_bar(symbol, *bar, opened))
        self._wire.tell(PriceUpdated(symbol, bar[0], opened))

    def _join(self, symbol: Symbol, index: int) -> None:
        """Begin the bar of an instrument that an order of this opening brought in."""
        if symbol not in self._inside:
            self._see_opening(symbol, index)
            if symbol in self._inside:
                self._print_opening(symbol, index)

    def _walk_bar(self, symbol: Symbol, index: int) -> None:
        """Go from the open to the low, the high and the close, stopping at every guard."""
        price, high, low, close, _ = self._bars.bar(self._panel.row(symbol), index)
        at = self._bars.known[index] - 1
        for target in (low, high, close):
            while price != target:
                price = self._next_stop(symbol, price, target)
                self._wire.take(self._house.move(symbol, price, at))
                self._wire.tell(PriceUpdated(symbol, price, at))
        self._wire.take(self._house.end_bar(symbol, at))

    def _next_stop(self, symbol: Symbol, price: int, target: int) -> int:
        """Return the nearest guard on the way to a price, or that price."""
        stop_px, take_px = self._core.guards(symbol)
        if target <= stop_px < price:
            return stop_px
        if price < take_px <= target:
            return take_px
        return target

    def _run_strategies(self, index: int) -> None:
        """Run what is due now that every bar of this time is known."""
        known = self._bars.known[index]
        if known >= self._clock.next_change:
            self._clock.advance(known)
        filled = self._wire.filled
        if filled:
            self._wire.filled = []
            self._tell_fills(filled)
        for cursor in self._cursors:
            if cursor.next == index:
                cursor.advance()
                intents = cursor.host.run(index)
                if intents:
                    self._take_intents(intents)
        self._find_wakes(index)

    def _find_wakes(self, index: int) -> None:
        """Look anew, from an index on, where anything can happen to what was touched."""
        if self._wire.touched:
            for symbol in self._wire.touched:
                self._wakes.refresh(symbol, index)
            self._wire.touched.clear()

    def _tell_fills(self, filled: Sequence[FillBooked]) -> None:
        for cursor in self._cursors:
            host = cursor.host
            for booked in filled:
                if (booked.account_id, booked.sleeve_id) == (host.account_id, host.sleeve_id):
                    self._take_intents(host.fill(_news(booked)))

    def _take_intents(self, intents: Sequence[Intent]) -> None:
        self._mark(self.index)
        for intent in intents:
            for symbol in _symbols(intent):
                self._tell_rules(symbol)
                self._tell_close(symbol, self.index)
            self._wire.tell(intent)


def _symbols(intent: Intent) -> list[Symbol]:
    """Return the instruments that an intent names."""
    if isinstance(intent, OrderIntent):
        return [intent.symbol]
    if isinstance(intent, TargetWeights):
        return [symbol for symbol, _ in intent.weights]
    return []


def _news(booked: FillBooked) -> Filled:
    """Return a booking as a strategy is told of it."""
    side = Side.BUY if booked.qty > 0 else Side.SELL
    return Filled(
        booked.symbol, side, abs(booked.qty), booked.px, booked.at, booked.cl_ord_id
    )
