"""Which bar must be visited next: nothing can happen in the ones between."""

from __future__ import annotations

from maemae.domain.ids import Symbol
from maemae.simulation.levels import next_at_or_above, next_at_or_below, next_traded
from maemae.simulation.wire import Core
from maemae.strategy.panel import Panel
from maemae.venue.house import House


class Wakes:
    """
    Next index at which each instrument with a resting order or a guard can act.

    An index is proved, not guessed: no bar before it reaches a resting limit or a guard.
    """

    def __init__(self, panel: Panel, core: Core, house: House) -> None:
        self._panel = panel
        self._core = core
        self._house = house
        self._end = len(panel)
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
        due = [symbol for symbol, found in self._next.items() if found <= index]
        return sorted(due) if len(due) > 1 else due

    def _find(self, symbol: Symbol, start: int) -> int | None:
        stop_px, take_px = self._core.guards(symbol)
        rests = symbol in self._house.resting_symbols
        if not rests and not stop_px and not take_px:
            return None
        panel, end = self._panel, len(self._panel)
        row = panel.row(symbol)
        traded = panel.traded[row]
        below, above = stop_px, take_px
        if rests:
            wake = self._house.wakes(symbol)
            if wake.any_next_bar:
                return next_traded(traded, start, end)
            below = max(below, wake.buy_at)
            if wake.sell_at:
                above = min(above, wake.sell_at) if above else wake.sell_at
        found = end
        if below:
            found = next_at_or_below(panel.low[row], traded, below, start, found)
        if above:
            found = next_at_or_above(panel.high[row], traded, above, start, found)
        return found
