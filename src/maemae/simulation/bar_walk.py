"""One time step of the market: openings first, then each price on its way through its bar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from maemae.core.events import PriceUpdated, TimePassed
from maemae.domain.ids import Symbol
from maemae.simulation.bars import BarReader
from maemae.simulation.marks import Marks
from maemae.simulation.wire import Wire

_Bar = tuple[int, int, int, int, int]  # open, high, low, close, volume


class BarWalk:
    """
    Walks the bars of instruments with a resting order or a guard.

    The way is open, low, high, close: where a bar holds both a stop and a target, the stop
    comes first. A trailing stop is lifted by the high only after the low was passed; that the
    close came after the high is certain. An instant within a bar is acted upon at its close,
    the first price that is known to be later.
    """

    def __init__(self, bars: BarReader, marks: Marks, wire: Wire) -> None:
        self._bars = bars
        self._rows = bars.panel.rows
        self._marks = marks
        self._wire = wire
        self._core = wire.core
        self._house = wire.house
        self._guarded = wire.core.state.guarded
        self._crossings = wire.core.state.crossings
        self._due = wire.core.state.due
        self._late: list[Symbol] = []  # bars in which an instant came that was waited for
        self._inside: dict[Symbol, _Bar] = {}  # bars that have begun, in order
        self._index = 0

    def walk(self, symbols: Iterable[Symbol], index: int) -> None:
        """Walk the bars of these instruments, and of those that their openings bring in."""
        self._index = index
        inside, wire = self._inside, self._wire
        for symbol in symbols:
            self._begin_bar(symbol)
        self._see_openings(inside)
        wire.opening = self._join
        for symbol, bar in tuple(inside.items()):
            self._print_opening(symbol, bar)
        wire.opening = None
        if self._due:
            self._pass_time(self._bars.opened[index])
        for symbol in sorted(inside):
            wire.walking = symbol
            self._walk_bar(symbol)
        if self._late:
            self._end_late_bars()
        inside.clear()
        wire.release()

    def _begin_bar(self, symbol: Symbol) -> None:
        row, index = self._rows[symbol], self._index
        self._wire.touched.add(symbol)
        if self._bars.last_traded(row, index) == index:
            self._marks.tell_rules(symbol)
            self._inside[symbol] = self._bars.bar(row, index)

    def _see_openings(self, bars: Mapping[Symbol, _Bar]) -> None:
        """Let the core see opening prices before anything follows from any opening."""
        prices = {symbol: bar[0] for symbol, bar in bars.items()}
        self._core.observe_prices(prices, self._bars.opened[self._index])

    def _print_opening(self, symbol: Symbol, bar: _Bar) -> None:
        opened = self._bars.opened[self._index]
        reports = self._house.begin_bar(symbol, *bar, opened)
        if reports:
            self._wire.take(reports)
        crossings = self._crossings
        if symbol in self._guarded or (crossings and symbol in crossings):
            self._wire.tell(PriceUpdated(symbol, bar[0], opened))

    def _join(self, symbol: Symbol) -> None:
        """Begin the bar of an instrument that an order of this opening brought in."""
        if symbol not in self._inside:
            self._begin_bar(symbol)
            bar = self._inside.get(symbol)
            if bar is not None:
                self._see_openings({symbol: bar})
                self._print_opening(symbol, bar)

    def _walk_bar(self, symbol: Symbol) -> None:
        """Go from the open to the low, the high and the close, stopping at every guard."""
        house, guarded, crossings = self._house, self._guarded, self._crossings
        at = self._bars.known[self._index] - 1
        is_late = self._is_due(symbol, at) if self._due else False
        waits = is_late or (crossings and symbol in crossings)
        if symbol in guarded or symbol in house.resting_symbols or waits:
            price, high, low, close, _ = self._inside[symbol]
            for target in (low, high, close):
                while price != target:
                    price = self._next_stop(symbol, price, target)
                    self._wire.take(house.move(symbol, price, at))
                    if symbol in guarded or (crossings and symbol in crossings):
                        self._wire.tell(PriceUpdated(symbol, price, at))
        if self._due and self._is_due(symbol, at):
            self._late.append(symbol)
        else:
            self._house.end_bar(symbol)

    def _is_due(self, symbol: Symbol, at: int) -> bool:
        return any(due.symbol == symbol and due.at <= at for due in self._due.values())

    def _pass_time(self, at: int) -> None:
        """Let what waited for an instant happen, at the first price known to be later."""
        if any(due.at <= at for due in self._due.values()):
            self._wire.tell(TimePassed(at))

    def _end_late_bars(self) -> None:
        """Let what waited for an instant within these bars meet their closes, then end them."""
        at = self._bars.known[self._index] - 1
        self._wire.release()
        for symbol in self._late:
            self._core.observe(PriceUpdated(symbol, self._inside[symbol][3], at))
        self._pass_time(at)
        for symbol in self._late:
            self._house.end_bar(symbol)
        self._late.clear()

    def _next_stop(self, symbol: Symbol, price: int, target: int) -> int:
        """Return the nearest guard on the way to a price, or that price."""
        stop_px, take_px = self._core.guards(symbol)
        if target <= stop_px < price:
            return stop_px
        if price < take_px <= target:
            return take_px
        return target
