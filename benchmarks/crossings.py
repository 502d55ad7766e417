"""The measured strategy, SMA 10/30 of the close with ten shares an entry, in four forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from maemae import Strategy, Symbol, ta
from maemae.strategy.indicator import Indicator

FAST: Final = 10  # bars
SLOW: Final = 30  # bars
SHARES: Final = 10  # an entry
_UNREACHED: Final = 1e12  # won; no price comes near


class _Averages(Strategy):
    """Has the two averages."""

    fast: Indicator
    slow: Indicator

    def setup(self) -> None:
        """Declare both."""
        self.fast, self.slow = self.indicator(ta.sma, FAST), self.indicator(ta.sma, SLOW)


class Quiet(_Averages):
    """Its triggers never fire: what a bar costs at which nothing happens."""

    def setup(self) -> None:
        """Wait for what never comes."""
        super().setup()
        self.when(self.fast.crosses_above(_UNREACHED), self.close)
        self.when(self.slow.crosses_below(0.0), self.close)


class Mute(_Averages):
    """Its triggers fire and it wishes nothing: what the calls of a strategy cost."""

    def setup(self) -> None:
        """Watch both crossings."""
        super().setup()
        self.when(self.fast.crosses_above(self.slow), self.look)
        self.when(self.fast.crosses_below(self.slow), self.look)

    def look(self, symbol: Symbol) -> None:
        """Wish nothing."""


def by_trigger() -> Strategy:
    """Make the form that is called at crossings only."""

    class Crossing(_Averages):
        def setup(self) -> None:
            super().setup()
            self.when(self.fast.crosses_above(self.slow), self.enter)
            self.when(self.fast.crosses_below(self.slow), self.close)

        def enter(self, symbol: Symbol) -> None:
            self.buy(symbol, shares=SHARES)

    return Crossing()


def by_bar() -> Strategy:
    """Make the form that is called at every bar; its name is the same, and so are its orders."""

    class Crossing(_Averages):
        def on_bar(self, symbol: Symbol) -> None:
            if self.fast.crossed_above(self.slow, symbol):
                self.buy(symbol, shares=SHARES)
            elif self.fast.crossed_below(self.slow, symbol):
                self.close(symbol)

    return Crossing()


FORMS: Final[dict[str, Callable[[], Strategy]]] = {
    "quiet": Quiet,
    "mute": Mute,
    "trigger": by_trigger,
    "on_bar": by_bar,
}
