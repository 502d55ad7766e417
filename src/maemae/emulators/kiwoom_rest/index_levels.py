"""The value of an index (업종): its stocks, weighted by listed shares."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import sign_code
from maemae.emulators.kiwoom_rest.history import Bar, bars_of_trades, grouped, minutes
from maemae.krx.band import PriceBand


class Index(msgspec.Struct, frozen=True):
    """
    One index.

    Attributes:
        name: In Korean.
        market_code: Of the list of indices: 0 KOSPI, 1 KOSDAQ, 2 KOSPI200.
        market: Board of its stocks.
        start: Value at the close of the first session of the market [hundredths].
    """

    name: str
    market_code: str
    market: Market
    start: int


INDICES: Final = {
    "001": Index("종합(KOSPI)", "0", Market.KOSPI, 250_000),
    "101": Index("종합(KOSDAQ)", "1", Market.KOSDAQ, 80_000),
    "201": Index("KOSPI200", "2", Market.KOSPI, 33_000),
}


class IndexValue(msgspec.Struct, frozen=True):
    """
    An index now, in hundredths, and what its stocks did.

    Attributes:
        base: At the close of the session before.
        last: At the newest prices; the base before the first print.
        at: Of the newest print [ns, UTC], 0 before the first.
        volume, value: Shares, and what they traded for [won].
        up, level, down, at_upper, at_lower: Stocks by direction; those at a limit are in `up` and
            `down` too.
        traded: Stocks with a print.
        listed: All of them.
    """

    base: int
    last: int
    at: int
    volume: int
    value: int
    up: int
    level: int
    down: int
    at_upper: int
    at_lower: int
    traded: int
    listed: int


class IndexLevels:
    """
    Every index, now and before.

    Args:
        desk: What they are computed from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def value(self, code: str) -> IndexValue:
        """
        Return an index as it stands now.

        Raises:
            RefusalError: There is none.
        """
        lines = self.lines(code)
        start = self._start(code)
        base = self._level(code, ((line, line.base) for line in lines), start)
        last = self._level(code, ((line, line.price) for line in lines), start)
        bands = [(line, line.band) for line in lines]
        return IndexValue(
            base,
            last,
            max((line.at for line in lines), default=0),
            sum(line.volume for line in lines),
            sum(line.value for line in lines),
            sum(line.price > line.base for line in lines),
            sum(line.price == line.base for line in lines),
            sum(line.price < line.base for line in lines),
            sum(_is_at(line, band, "1") for line, band in bands),
            sum(_is_at(line, band, "4") for line, band in bands),
            sum(bool(line.last) for line in lines),
            len(lines),
        )

    def codes_of(self, symbol: Symbol) -> list[str]:
        """Return the indices that a stock belongs to."""
        instrument = self._desk.books.rules[symbol].instrument
        if instrument.product is not Product.STOCK:
            return []
        return [code for code, index in INDICES.items() if index.market is instrument.market]

    def days(self, code: str) -> list[Bar]:
        """
        Return the index by day, today's unfinished one too.

        Of earlier days only opening and close are known; they stand for high and low as well.
        """
        by_day: dict[date, list[tuple[Line, Bar]]] = {}
        lines = self.lines(code)
        for line in lines:
            for bar in self._desk.history.days(line.symbol):
                by_day.setdefault(bar.day, []).append((line, bar))
        closes = {line.symbol: 0 for line in lines}
        start, days = self._start(code), list[Bar]()
        for day in sorted(by_day):
            traded = by_day[day]
            opens = closes | {line.symbol: bar.open for line, bar in traded}
            closes |= {line.symbol: bar.close for line, bar in traded}
            opened, closed = (
                self._level(code, ((line, prices[line.symbol]) for line in lines), start)
                for prices in (opens, closes)
            )
            volume = sum(bar.volume for _, bar in traded)
            value = sum(bar.value for _, bar in traded)
            high, low = max(opened, closed), min(opened, closed)
            days.append(Bar(traded[0][1].at, opened, high, low, closed, volume, value))
        return [*days, *grouped(self.today(code), lambda bar: bar.day)]

    def today(self, code: str) -> list[Bar]:
        """Return the index by minute of today."""
        return minutes(self.prints(code), 1)

    def prints(self, code: str) -> list[Bar]:
        """Return the index at every print of its stocks today."""
        lines, start = self.lines(code), self._start(code)
        trades = [
            (line, bar)
            for line in lines
            for bar in bars_of_trades(self._desk.exchange.prints.get(line.symbol, []))
        ]
        trades.sort(key=lambda pair: pair[1].at)
        prices = {line.symbol: line.base for line in lines}
        total = sum(line.base * _weight(line) for line in lines)
        levels = []
        for line, bar in trades:
            total += (bar.close - prices[line.symbol]) * _weight(line)
            prices[line.symbol] = bar.close
            level = INDICES[code].start * total // start if start else INDICES[code].start
            levels.append(Bar(bar.at, level, level, level, level, bar.volume, bar.value))
        return levels

    def _level(self, code: str, prices: Iterable[tuple[Line, int]], start: int) -> int:
        total = sum(px * _weight(line) for line, px in prices)
        return INDICES[code].start * total // start if start else INDICES[code].start

    def _start(self, code: str) -> int:
        """Return what all stocks were worth at the close of the first session [won]."""
        total = 0
        for line in self.lines(code):
            days = self._desk.history.days(line.symbol)
            total += (days[0].close if days else line.base) * _weight(line)
        return total

    def lines(self, code: str) -> list[Line]:
        """Return the stocks of an index, by code; raises as `index`."""
        market = self.index(code).market
        rules = self._desk.books.rules
        return [
            line
            for line in self._desk.board.lines()
            if rules[line.symbol].instrument.market is market
            and rules[line.symbol].instrument.product is Product.STOCK
        ]

    def index(self, code: str) -> Index:
        """
        Return an index by its code.

        Raises:
            RefusalError: There is none.
        """
        index = INDICES.get(code)
        if index is None:
            raise codes.bad_field("inds_cd", code)
        return index


def _weight(line: Line) -> int:
    return line.listed_shares or 1


def _is_at(line: Line, band: PriceBand | None, code: str) -> bool:
    return sign_code(line.price, line.base, band) == code
