"""Trades to bars, on the time axis that the catalogue gives to bars of the same interval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from maemae.catalogue.interval import Interval
from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE, SECOND, kst_date
from maemae.domain.market_data import Trade
from maemae.krx.calendar import is_session
from maemae.krx.session import regular_close, regular_open

ONE_MINUTE: Final = Interval(1)
"""Bars of a minute."""

_CLOSING_PRINT: Final = MINUTE
"""How long after the scheduled close the closing auction may print: 30 s by rule, and a margin."""


class BarRow(msgspec.Struct, frozen=True):
    """
    The bars of one time, an entry a symbol each.

    Attributes:
        opened: First instant of the bars [ns, UTC].
        known: Instant at which they were complete [ns, UTC].
        open, high, low, close: Prices [won]; 0 where nothing traded.
        volume: Shares traded [shares]; 0 where nothing traded.
    """

    opened: int
    known: int
    open: tuple[int, ...]
    high: tuple[int, ...]
    low: tuple[int, ...]
    close: tuple[int, ...]
    volume: tuple[int, ...]


class TradeBars:
    """
    Builds the bars of some instruments from their trades, in the regular session at KRX.

    A bar lies where the catalogue puts it: from the opening on, one after the other, the last
    cut short by the close. The opening print belongs to the first bar. The closing print comes
    at the close or some seconds later: with minutes it is a bar of its own that opens at the
    close, with days it belongs to the day. A time at which nothing at all traded has no row,
    as it has none in a file of bars.

    A row is handed out once the exchange's time has passed its end by `patience`, because
    trades arrive later than they happen. Open and close are the first and last by the
    exchange's time, and among equals by arrival.

    Args:
        symbols: The instruments, in the order of the rows; trades of others are passed over.
        interval: Length of a bar.
        patience: How long to wait for the trades of a bar [ns, exchange's time].

    Attributes:
        late: Trades that came after their bar had been handed out, and are in none.
        outside: Trades outside the regular session, in no bar.
    """

    def __init__(
        self,
        symbols: Sequence[Symbol],
        interval: Interval = ONE_MINUTE,
        patience: int = SECOND,
    ) -> None:
        self.late = 0
        self.outside = 0
        self._places = {symbol: place for place, symbol in enumerate(symbols)}
        self._interval = interval
        self._patience = patience
        self._now = -1
        self._ahead: dict[int, _Row] = {}  # by opening
        self._present: _Row | None = None  # the row of the last trade

    def add(self, trade: Trade) -> None:
        """
        Take a trade.

        Raises:
            UnknownRuleError: The trading hours of its day are not known.
        """
        place = self._places.get(trade.symbol)
        if place is None:
            return
        row = self._present
        if row is None or not row.begins <= trade.at < row.ends:
            row = self._row(trade.at)
        if row is not None:
            row.add(place, trade)

    def advance(self, now: int) -> list[BarRow]:
        """Return the rows that are complete at an instant of the exchange [ns, UTC], in order."""
        self._now = max(self._now, now)
        due = sorted(opened for opened, row in self._ahead.items() if self._is_over(row))
        if due:
            self._present = None
        return [self._ahead.pop(opened).finished() for opened in due]

    def _is_over(self, row: _Row) -> bool:
        return row.due + self._patience <= self._now

    def _row(self, at: int) -> _Row | None:
        """Return the row of an instant; None, and count it, if there can be none."""
        span = _span(at, self._interval)
        if span is None:
            self.outside += 1
            return None
        row = self._ahead.get(span[0]) or _Row(span, len(self._places))
        if self._is_over(row):
            self.late += 1
            return None
        self._ahead[span[0]] = self._present = row
        return row


_Span = tuple[int, int, int]
"""First instant of a bar, the one at which it is known, and the end of its trades [ns]."""


class _Row:
    """A row that still grows."""

    def __init__(self, span: _Span, width: int) -> None:
        self.begins, self._known, self.ends = span
        self.due = max(self._known, self.ends)
        self._open, self._high, self._low = [0] * width, [0] * width, [0] * width
        self._close, self._volume = [0] * width, [0] * width
        self._first, self._last = [0] * width, [0] * width

    def add(self, place: int, trade: Trade) -> None:
        px, at = trade.px, trade.at
        if self._volume[place] == 0:
            self._open[place] = self._high[place] = self._low[place] = self._close[place] = px
            self._first[place] = self._last[place] = at
        else:
            self._high[place] = max(self._high[place], px)
            self._low[place] = min(self._low[place], px)
            if at < self._first[place]:
                self._open[place], self._first[place] = px, at
            if at >= self._last[place]:
                self._close[place], self._last[place] = px, at
        self._volume[place] += trade.qty

    def finished(self) -> BarRow:
        return BarRow(
            self.begins,
            self._known,
            tuple(self._open),
            tuple(self._high),
            tuple(self._low),
            tuple(self._close),
            tuple(self._volume),
        )


def _span(at: int, interval: Interval) -> _Span | None:
    """Return where the bar of a trade lies; None outside the regular session."""
    hours = _hours(kst_date(at))
    if hours is None or not hours[0] <= at < hours[1] + _CLOSING_PRINT:
        return None
    opens, closes = hours
    if interval.is_daily:
        return opens, closes, closes + _CLOSING_PRINT
    if at >= closes:
        return closes, closes + interval.nanos, closes + _CLOSING_PRINT
    opened = at - (at - opens) % interval.nanos
    ends = min(opened + interval.nanos, closes)
    return opened, ends, ends


@lru_cache(maxsize=64)
def _hours(day: date) -> tuple[int, int] | None:
    """Return opening and close of the regular session [ns]; None without a session."""
    return (regular_open(day), regular_close(day)) if is_session(day) else None
