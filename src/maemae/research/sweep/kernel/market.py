"""The rules of the market for every bar of a panel at once, as the kernel reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np

from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market as Board
from maemae.domain.terms import PriceBasis, Product
from maemae.krx.band import limit_percent
from maemae.krx.base_price import rounds_up
from maemae.krx.calendar import add_sessions, is_session, sessions
from maemae.krx.costs import sell_tax
from maemae.krx.instrument import Instrument
from maemae.krx.session import regular_close, regular_open
from maemae.krx.size_cap import max_order_qty
from maemae.krx.tick import TickTable, tick_table
from maemae.research.sweep.kernel.layout import (
    BAR,
    CAP,
    CLOSE,
    HIGH,
    LOW,
    LOWER,
    OPEN,
    UPPER,
    VOLUME,
    Market,
)
from maemae.strategy.panel import Ints, Panel

_BANDS: Final = 8
_NEVER: Final = 2**62
_MOST_PRICE: Final = 100_000_000
_MOST_VOLUME: Final = 10**12


class _Rule(NamedTuple):
    """What decides the band on some days: ticks, furthest move, whether closes are rounded up."""

    table: TickTable
    percent: int
    rounds_up: bool


def market_of(panel: Panel, instruments: Mapping[Symbol, Instrument]) -> Market:
    """
    Return the market of a panel of daily bars.

    Args:
        panel: Instruments in ascending order, a bar a session.
        instruments: Master data; what is missing counts as a KOSPI stock.

    Raises:
        InvalidValueError: The kernel cannot tell these bars as the engine does.
        UnknownRuleError: No known rule covers a day.
    """
    _require_daily(panel)
    listed = [instruments.get(symbol) or _stock(symbol) for symbol in panel.symbols]
    kinds = sorted({(each.market, each.product) for each in listed})
    bars = _bars(panel)
    tables, table_of = np.zeros((1, 3, _BANDS), np.int64), np.zeros((len(kinds), len(panel)), int)
    if panel.basis is PriceBasis.RAW:
        tables, table_of = _ticks(kinds, panel.dates)
        for row, instrument in enumerate(listed):
            _add_bands(bars[row], panel.traded[row], instrument, panel.dates)
    market = Market(
        bars,
        _closes(panel),
        np.array([kinds.index((each.market, each.product)) for each in listed], np.int64),
        tables,
        table_of,
        _taxes(kinds, panel.dates),
        _numbers(panel.dates),
        _stale(panel.dates),
    )
    for array in market:  # read-only like what other processes map: compiled once for both
        array.flags.writeable = False
    return market


def _bars(panel: Panel) -> Ints:
    """Return the bars, one instrument after the other: what is written then is still at hand."""
    bars = np.zeros((*panel.close.shape, BAR), np.int64)
    for row, of_one in enumerate(bars):
        of_one[:, OPEN], of_one[:, HIGH] = panel.open[row], panel.high[row]
        of_one[:, LOW], of_one[:, CLOSE] = panel.low[row], panel.close[row]
        of_one[:, VOLUME] = panel.volume[row]
    return bars


def _closes(panel: Panel) -> Ints:
    """Return the last close up to each session; 0 before the first [S, T]."""
    places = np.where(panel.traded, np.arange(len(panel)), -1)
    last = np.maximum.accumulate(places, axis=1)
    closes = np.take_along_axis(panel.close, np.maximum(last, 0), axis=1)
    return np.where(last < 0, 0, closes)


def _stock(symbol: Symbol) -> Instrument:
    return Instrument(symbol, symbol, Board.KOSPI, Product.STOCK)


def _require_daily(panel: Panel) -> None:
    """Refuse what is not one bar of the regular session a day, or no price the kernel can hold."""
    if panel.actions or list(panel.symbols) != sorted(panel.symbols):
        raise InvalidValueError(
            "주식 수를 바꾸는 기업행동이 있습니다. 커널은 그것을 모릅니다.",
            "Companies change their shares meanwhile, of which the kernel knows nothing.",
        )
    days = panel.dates
    is_daily = len(set(days)) == len(days) and all(
        is_session(day) and (opened, known) == (regular_open(day), regular_close(day))
        for day, opened, known in zip(
            days, panel.opened.tolist(), panel.known.tolist(), strict=True
        )
    )
    if not is_daily:
        raise InvalidValueError(
            "일봉이 아닙니다: 커널은 정규장 하루에 봉 하나만 압니다.",
            "These are no daily bars: the kernel knows one bar a regular session.",
        )
    traded = panel.traded
    fields = (panel.open, panel.high, panel.low, panel.close)
    is_sane = (
        all(bool((field[traded] > 0).all()) for field in fields)
        and all(int(field.max(initial=0)) <= _MOST_PRICE for field in fields)
        and int(panel.volume.max(initial=0)) <= _MOST_VOLUME
    )
    if not is_sane:
        raise InvalidValueError(
            "봉의 값이 커널이 다루는 범위를 벗어납니다: 0 이하이거나 1억 원을 넘는 가격입니다.",
            "A bar lies outside of what the kernel holds: a price of 0 or above 100 million won.",
        )


def _ticks(kinds: Sequence[tuple[Board, Product]], days: Sequence[date]) -> tuple[Ints, Ints]:
    """Return the tick tables, and which one holds by kind and session."""
    known: list[TickTable] = []
    table_of = np.zeros((len(kinds), len(days)), np.int64)
    for number, (board, product) in enumerate(kinds):
        for time, day in enumerate(days):
            table = tick_table(board, product, day)
            if table not in known:
                known.append(table)
            table_of[number, time] = known.index(table)
    return np.array([_packed(table) for table in known], np.int64), table_of


def _packed(table: TickTable) -> list[list[int]]:
    unused = _BANDS - len(table.starts)
    return [
        [*table.starts, *[_NEVER] * unused],
        [*table.ticks, *[1] * unused],
        [*table.ranks, *[_NEVER] * unused],
    ]


def _taxes(kinds: Sequence[tuple[Board, Product]], days: Sequence[date]) -> Ints:
    rates = [[sell_tax(board, product, day) for day in days] for board, product in kinds]
    return np.array([[(each.transaction, each.rural) for each in row] for row in rates], np.int64)


def _numbers(days: Sequence[date]) -> Ints:
    """Return the number of each session among all that the exchange holds, from 1 on."""
    if not days:
        return np.empty(0, np.int64)
    known = {day: number for number, day in enumerate(sessions(days[0], days[-1]), 1)}
    return np.array([known[day] for day in days], np.int64)


def _stale(days: Sequence[date]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return whether a wish of the session before has grown too old over sessions without bars."""
    flags = np.zeros(len(days), np.bool_)
    for time in range(1, len(days)):
        flags[time] = days[time - 1] < add_sessions(days[time], -1)
    return flags


def _add_bands(
    bars: Ints,
    traded: np.ndarray[tuple[int], np.dtype[np.bool_]],
    instrument: Instrument,
    days: Sequence[date],
) -> None:
    """Write band and cap of every session that has a base; mark those that break with it."""
    before = np.maximum.accumulate(np.where(traded, np.arange(len(traded)), -1))
    before = np.concatenate(([-1], before[:-1]))
    for rule, first, last in _rules(instrument, days):
        span = np.arange(first, last)
        span = span[before[span] >= 0]
        base = bars[before[span], CLOSE]
        if rule.rounds_up:
            base = _ceil(rule.table, base)
        lower, upper = _bands(rule, base, max(1, abs(instrument.leverage)))
        opened = bars[span, OPEN]
        breaks = traded[span] & ((opened < lower) | (opened > upper))
        bars[span, LOWER] = np.where(breaks, -1, lower)
        bars[span, UPPER] = np.where(breaks, 0, upper)
        if instrument.listed_shares > 0:
            caps = [max_order_qty(price, instrument.listed_shares) for price in base.tolist()]
            bars[span, CAP] = np.where(breaks, 0, np.array(caps, np.int64))


def _rules(instrument: Instrument, days: Sequence[date]) -> Iterator[tuple[_Rule, int, int]]:
    """Yield the rules of an instrument's bands, and the sessions in which each holds."""
    kind, first = (instrument.market, instrument.product), 0
    of_day = [
        _Rule(tick_table(*kind, day), limit_percent(*kind, day), rounds_up(day)) for day in days
    ]
    for rule, alike in groupby(of_day):
        last = first + len(list(alike))
        yield rule, first, last
        first = last


def _bands(rule: _Rule, base: Ints, multiple: int) -> tuple[Ints, Ints]:
    """Return lowest and highest prices; `maemae.krx.band.price_band` of many bases at once."""
    tick = _tick(rule.table, base)
    amount = np.maximum(tick, base * (rule.percent * multiple) // 100 // tick * tick)
    lowest = np.maximum(rule.table.lowest, base - amount)
    highest = base + amount
    return _ceil(rule.table, lowest), highest - highest % _tick(rule.table, highest)


def _tick(table: TickTable, prices: Ints) -> Ints:
    bands = np.searchsorted(np.array(table.starts), prices, "right") - 1
    ticks: Ints = np.array(table.ticks, np.int64)[np.maximum(bands, 0)]
    return ticks


def _ceil(table: TickTable, prices: Ints) -> Ints:
    return prices + -prices % _tick(table, prices)
