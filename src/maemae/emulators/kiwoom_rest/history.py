"""Bars of the sessions before today, and how bars become longer ones."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE, kst_date
from maemae.domain.market_data import Trade
from maemae.emulators.exchange import Exchange


class Bar(msgspec.Struct, frozen=True, gc=False):
    """
    A bar of any length.

    Attributes:
        at: When it begins [ns, UTC].
        open, high, low, close: Prices [won].
        volume: Shares traded.
        value: What they traded for, as nearly as bars tell [won].
    """

    at: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    value: int

    @property
    def day(self) -> date:
        """Its trading day."""
        return kst_date(self.at)


def merged(bars: Sequence[Bar]) -> Bar:
    """Return the bar of consecutive bars, one or more."""
    return Bar(
        bars[0].at,
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        sum(bar.volume for bar in bars),
        sum(bar.value for bar in bars),
    )


def growing(bars: Iterable[Bar]) -> list[Bar]:
    """Return the bar so far at the end of each of consecutive bars."""
    return list(accumulate(bars, lambda so_far, bar: merged((so_far, bar))))


def grouped(bars: Iterable[Bar], key: Callable[[Bar], object]) -> list[Bar]:
    """Return longer bars, of those with equal keys, in the order they came."""
    groups: dict[object, list[Bar]] = {}
    for bar in bars:
        groups.setdefault(key(bar), []).append(bar)
    return [merged(group) for group in groups.values()]


def minutes(bars: Iterable[Bar], length: int) -> list[Bar]:
    """Return bars of so many minutes, labelled with their beginning."""
    span = length * MINUTE
    return [
        msgspec.structs.replace(bar, at=bar.at - bar.at % span)
        for bar in grouped(bars, lambda bar: bar.at // span)
    ]


def week_of(bar: Bar) -> date:
    """Return the Monday of a bar's week."""
    return bar.day - timedelta(days=bar.day.weekday())


def bars_of_trades(trades: Sequence[Trade], size: int = 1) -> list[Bar]:
    """Return a bar of every so many trades, the unfinished one too."""
    return [
        merged([_bar_of_trade(trade) for trade in trades[start : start + size]])
        for start in range(0, len(trades), size)
    ]


class History:
    """
    What was traded in the sessions before today.

    Args:
        exchange: Whose market it is.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._session = -1
        self._minutes: dict[Symbol, list[Bar]] = {}
        self._days: dict[Symbol, list[Bar]] = {}
        self._sums: dict[Symbol, tuple[list[int], list[int]]] = {}

    def days(self, symbol: Symbol) -> list[Bar]:
        """Return a bar of each earlier session in which it traded, oldest first."""
        self._forget_yesterday()
        if symbol not in self._days:
            self._days[symbol] = grouped(self._bars(symbol), lambda bar: bar.day)
        return self._days[symbol]

    def minutes(self, symbol: Symbol) -> list[Bar]:
        """Return the bars within earlier sessions, oldest first; none where only days are known."""
        bars = self._bars(symbol)
        return bars if self._is_intraday() else []

    def previous(self, symbol: Symbol) -> Bar | None:
        """Return the bar of the last session in which it traded, None before the first."""
        days = self.days(symbol)
        return days[-1] if days else None

    def volume_until(self, symbol: Symbol, at: int) -> int:
        """Return the shares of the session before, up to the same time of its day."""
        previous = self.previous(symbol)
        if previous is None:
            return 0
        if symbol not in self._sums:
            bars = [bar for bar in self._bars(symbol) if bar.day == previous.day]
            total, sums = 0, []
            for bar in bars:
                total += bar.volume
                sums.append(total)
            self._sums[symbol] = [bar.at for bar in bars], sums
        ats, sums = self._sums[symbol]
        shift = (kst_date(at) - previous.day).days * _DAY
        place = bisect_right(ats, at - shift)
        return sums[place - 1] if place else 0

    def _is_intraday(self) -> bool:
        bars = self._exchange.bars
        return bars.known[0] - bars.opened[0] <= _LONGEST_INTRADAY

    def _bars(self, symbol: Symbol) -> list[Bar]:
        self._forget_yesterday()
        if symbol not in self._minutes:
            self._minutes[symbol] = self._read(symbol)
        return self._minutes[symbol]

    def _read(self, symbol: Symbol) -> list[Bar]:
        bars, axis = self._exchange.bars, self._exchange.axis
        row = bars.panel.row(symbol)
        found = []
        for index in range(axis.first(max(0, self._session))):
            if bars.trades(row, index):
                prices = bars.bar(row, index)
                found.append(Bar(bars.opened[index], *prices, prices[3] * prices[4]))
        return found

    def _forget_yesterday(self) -> None:
        if self._session != self._exchange.session:
            self._session = self._exchange.session
            self._minutes.clear()
            self._days.clear()
            self._sums.clear()


def _bar_of_trade(trade: Trade) -> Bar:
    px, qty = trade.px, trade.qty
    return Bar(trade.at, px, px, px, px, qty, px * qty)


_DAY: Final = 1_440 * MINUTE
_LONGEST_INTRADAY: Final = 120 * MINUTE
