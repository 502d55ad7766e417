"""Which bar must be visited next: nothing can happen in the ones between."""

from __future__ import annotations

from maemae.domain.ids import Symbol
from maemae.simulation.bars import BarReader
from maemae.simulation.levels import next_at_or_above, next_at_or_below, next_traded
from maemae.simulation.wire import Core
from maemae.venue.house import House


class Wakes:
    """
    Next index at which each instrument with a resting order or a guard can act.

    An index is proved, not guessed: no bar before it reaches a resting limit or a guard.
    """

    def __init__(self, bars: BarReader, core: Core, house: House) -> None:
        self._bars = bars
        self._panel = bars.panel
        self._core = core
        self._house = house
        self._guarded = core.state.guarded
        self._trailing = core.state.trailing
        self._crossings = core.state.crossings
        self._resting = house.resting_symbols
        self._end = len(bars.panel)
        self._next: dict[Symbol, int] = {}

    @property
    def symbols(self) -> list[Symbol]:
        """Instruments that wait for a price, in a fixed order."""
        return sorted(self._next)

    def refresh(self, symbol: Symbol, index: int) -> None:
        """Find an instrument's next index after `index`, or forget it if nothing waits."""
        found = self._find(symbol, index + 1)
        if found is None:
            self._next.pop(symbol, None)
        else:
            self._next[symbol] = found

    def next(self) -> int:
        """Return the earliest of all; the panel's length if nothing waits."""
        return min(self._next.values()) if self._next else self._end

    def due(self, index: int) -> list[Symbol]:
        """Return the instruments that act at an index, in a fixed order."""
        return sorted([symbol for symbol, found in self._next.items() if found <= index])

    def _find(self, symbol: Symbol, start: int) -> int | None:
        guarded, rests = symbol in self._guarded, symbol in self._resting
        if self._crossings and symbol in self._crossings:
            guarded = True
        if not rests and not guarded:
            return None
        panel, end = self._panel, self._end
        row = panel.rows[symbol]
        below, above = self._core.guards(symbol) if guarded else (0, 0)
        if guarded and self._is_reached(symbol, below, above):
            return min(start, end)
        if self._trailing:
            above = self._lower(above, self._core.lifts_at(symbol))
        if rests:
            wake = self._house.wakes(symbol)
            if wake.any_next_bar:
                return self._next_trade(row, start)
            below = max(below, wake.buy_at)
            above = self._lower(above, wake.sell_at)
        if not below and not above:
            return end if rests else None
        found, traded = end, self._bars.traded(row)
        if below:
            found = next_at_or_below(panel.low[row], traded, below, start, found)
        if above:
            found = next_at_or_above(panel.high[row], traded, above, start, found)
        return found

    def _next_trade(self, row: int, start: int) -> int:
        if start < self._end and self._bars.trades(row, start):
            return start
        return next_traded(self._bars.traded(row), start, self._end)

    @staticmethod
    def _lower(one: int, other: int) -> int:
        """Return the lower of two prices, of which 0 is none."""
        return min(one, other) if one and other else one or other

    def _is_reached(self, symbol: Symbol, stop_px: int, take_px: int) -> bool:
        """Return whether a guard stands at the last price: it acts as soon as it may."""
        price = self._core.market.prices.get(symbol)
        return price is not None and (price <= stop_px or 0 < take_px <= price)
