"""What a strategy may see of its sleeve."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from maemae.core.market import MarketView
from maemae.core.state import Sleeve
from maemae.domain.ids import Symbol
from maemae.domain.position import Position

_EMPTY = Position()


class SleeveBook:
    """
    A read-only window on one sleeve of the core; satisfies `maemae.strategy.book.Book`.

    Attributes:
        mark: Tells the core the newest prices of what is held, before equity is read: most
            strategies never ask, and a run pays for it only when one does.
    """

    def __init__(self, sleeve: Sleeve, market: MarketView) -> None:
        self.mark: Callable[[], None] | None = None
        self._sleeve = sleeve
        self._market = market

    def position(self, symbol: Symbol) -> Position:
        """Return the position, an empty one if nothing is held."""
        return self._sleeve.positions.get(symbol, _EMPTY)

    @property
    def positions(self) -> Mapping[Symbol, Position]:
        """Everything held."""
        return self._sleeve.positions

    @property
    def cash(self) -> int:
        """Cash that new orders may use [won]."""
        return self._sleeve.orderable

    @property
    def equity(self) -> int:
        """Cash and holdings at the last prices [won]; holdings without a price count at cost."""
        if self.mark is not None:
            self.mark()
        equity = self._market.equity(self._sleeve)
        if equity is not None:
            return equity
        return self._sleeve.cash + sum(held.cost for held in self._sleeve.positions.values())

    def is_buying(self, symbol: Symbol) -> bool:
        """Whether a buy of the instrument is on its way."""
        return symbol in self._sleeve.buying
