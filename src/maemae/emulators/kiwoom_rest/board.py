"""The board of the day: what each instrument has traded, told by its prints alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.market_data import Trade
from maemae.emulators.exchange import Exchange
from maemae.emulators.kiwoom_rest.history import Bar, History
from maemae.krx.band import PriceBand


class Line(msgspec.Struct):
    """
    One instrument today.

    Attributes:
        base: Base price of the day [won]; the last close where none is set, 0 if none is known.
        previous: Bar of the session before, None if there is none.
        open, high, low, last: Prices [won], 0 before the first print.
        opened_at, high_at, low_at, at: When [ns, UTC], 0 before.
        volume, value: Shares, and what they traded for [won].
        bought, sold: Shares that a buyer and that a seller began.
        buys, sells: Prints of each.
        qty: Shares of the newest print.
        is_bought: Whether a buyer began it: by the tick rule, no book being kept.
        taken: Prints that are counted.
    """

    symbol: Symbol
    name: str
    base: int
    band: PriceBand | None
    previous: Bar | None
    listed_shares: int
    open: int = 0
    high: int = 0
    low: int = 0
    last: int = 0
    opened_at: int = 0
    high_at: int = 0
    low_at: int = 0
    at: int = 0
    volume: int = 0
    value: int = 0
    bought: int = 0
    sold: int = 0
    buys: int = 0
    sells: int = 0
    qty: int = 0
    is_bought: bool = True
    taken: int = 0

    @property
    def price(self) -> int:
        """The newest price [won]; the base price before the first print."""
        return self.last or self.base

    @property
    def change(self) -> int:
        """Distance from the base price [won]."""
        return self.price - self.base

    @property
    def previous_volume(self) -> int:
        """Shares of the session before."""
        return 0 if self.previous is None else self.previous.volume

    @property
    def bar(self) -> Bar | None:
        """The day so far, None before the first print."""
        if not self.last:
            return None
        return Bar(
            self.opened_at, self.open, self.high, self.low, self.last, self.volume, self.value
        )

    def take(self, trade: Trade) -> None:
        """Count one more print."""
        px, qty, at = trade.px, trade.qty, trade.at
        before = self.price
        if px != before:
            self.is_bought = px > before
        if not self.last:
            self.open = self.high = self.low = px
            self.opened_at = self.high_at = self.low_at = at
        if px > self.high:
            self.high, self.high_at = px, at
        if px < self.low:
            self.low, self.low_at = px, at
        self.last, self.qty, self.at = px, qty, at
        self.volume += qty
        self.value += px * qty
        self.taken += 1
        if self.is_bought:
            self.bought += qty
            self.buys += 1
        else:
            self.sold += qty
            self.sells += 1


def prints_until(prints: Sequence[Trade], at: int) -> int:
    """Return how many of some prints there were until a time [ns, UTC]."""
    return bisect_right(prints, at, key=lambda trade: trade.at)


class Board:
    """
    Every instrument today.

    Args:
        exchange: Whose market it is.
        history: Of the sessions before.
    """

    def __init__(self, exchange: Exchange, history: History) -> None:
        self._exchange = exchange
        self._history = history
        self._session = -1
        self._lines: dict[Symbol, Line] = {}

    @property
    def symbols(self) -> list[Symbol]:
        """What is listed today, sorted."""
        return sorted(self._exchange.books.rules)

    def find(self, symbol: Symbol) -> Line | None:
        """Return an instrument with all its prints counted, None if it is not listed."""
        line = self._line(symbol)
        if line is not None:
            for trade in self._exchange.prints.get(symbol, [])[line.taken :]:
                line.take(trade)
        return line

    def count(self, trade: Trade) -> Line | None:
        """Count prints up to this one; return its instrument as of then."""
        line = self._line(trade.symbol)
        if line is not None:
            for each in self._exchange.prints.get(trade.symbol, [])[line.taken :]:
                line.take(each)
                if each is trade:
                    break
        return line

    def lines(self) -> list[Line]:
        """Return every instrument, by code."""
        found = [self.find(symbol) for symbol in self.symbols]
        return [line for line in found if line is not None]

    def _line(self, symbol: Symbol) -> Line | None:
        if self._session != self._exchange.session:
            self._session = self._exchange.session
            self._lines.clear()
        line = self._lines.get(symbol)
        if line is None:
            rules = self._exchange.books.rules.get(symbol)
            if rules is None:
                return None
            previous = self._history.previous(symbol)
            base = rules.base_price or (previous.close if previous else 0)
            instrument = rules.instrument
            line = self._lines[symbol] = Line(
                symbol, instrument.name, base, rules.band, previous, instrument.listed_shares
            )
        return line
