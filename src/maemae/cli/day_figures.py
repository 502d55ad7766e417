"""What of a trading day a person looks at, read from the book between two bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from maemae.core.actions import FillBooked
from maemae.domain.ids import Symbol
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.krx.session import Phase
from maemae.trading.simulated_day.day import DayResult, TradingDay


class HeldRow(msgspec.Struct, frozen=True):
    """A position: shares, prices [won a share], unrealized profit [won] and its ratio."""

    name: str
    sleeve: str
    qty: int
    avg_px: int
    last_px: int
    profit: int
    ratio: float | None


class FillRow(msgspec.Struct, frozen=True):
    """A fill: when [ns, UTC], what, how much [shares], at what price [won]."""

    at: int
    name: str
    side: Side
    qty: int
    px: int


class DayFigures(msgspec.Struct, frozen=True):
    """
    A trading day as of one bar.

    Attributes:
        at: When the bar was complete [ns, UTC].
        phase: Kind of trading that goes on, in words.
        equity: Of all sleeves [won].
        profit: Equity less what the day began with [won].
        cash: Of all sleeves [won].
        held: Positions, the most valuable first.
        last_fills: Newest first.
        sent, filled, refused: Orders sent, fills booked, orders refused.
        result: The same day as its hashes and counts.
    """

    at: int
    phase: Text
    equity: int
    profit: int
    cash: int
    held: Sequence[HeldRow]
    last_fills: Sequence[FillRow]
    sent: int
    filled: int
    refused: int
    result: DayResult


def figures_of(day: TradingDay) -> DayFigures:
    """Return the figures of a day as it stands."""
    result, prices = day.result(), day.market.prices
    sleeves = list(day.state.sleeves.values())
    cash = sum(sleeve.cash for sleeve in sleeves)
    held: list[tuple[int, HeldRow]] = []
    for sleeve in sleeves:
        for symbol, position in sleeve.positions.items():
            last_px = prices.get(symbol, position.avg_px)
            worth = position.qty * last_px
            profit = worth - position.cost
            ratio = profit / position.cost if position.cost else None
            row = HeldRow(
                _name(day, symbol),
                sleeve.sleeve_id,
                position.qty,
                position.avg_px,
                last_px,
                profit,
                ratio,
            )
            held.append((worth, row))
    held.sort(key=lambda pair: (-pair[0], pair[1].name))
    equity = cash + sum(worth for worth, _ in held)
    began = sum(seat.cash for seat in day.plan.seats)
    return DayFigures(
        at=int(day.plan.panel.known[day.index]),
        phase=PHASES[day.market.phase],
        equity=equity,
        profit=equity - began,
        cash=cash,
        held=[row for _, row in held],
        last_fills=[_fill_row(day, fill) for fill in result.fills[:-_NEWEST:-1]],
        sent=result.orders,
        filled=len(result.fills),
        refused=sum(result.refusals.values()),
        result=result,
    )


def _fill_row(day: TradingDay, fill: FillBooked) -> FillRow:
    side = Side.BUY if fill.qty > 0 else Side.SELL
    return FillRow(fill.at, _name(day, fill.symbol), side, abs(fill.qty), fill.px)


def _name(day: TradingDay, symbol: Symbol) -> str:
    instrument = day.plan.instruments.get(symbol)
    return symbol if instrument is None else instrument.name


_NEWEST: Final = 9

PHASES: Final[dict[Phase, Text]] = {
    Phase.CLOSED: Text("장 마감", "closed"),
    Phase.PRE_MARKET: Text("프리마켓", "pre-market"),
    Phase.PRE_OPEN_AUCTION: Text("시가 동시호가", "opening auction"),
    Phase.CONTINUOUS: Text("정규장", "continuous"),
    Phase.CLOSING_AUCTION: Text("종가 동시호가", "closing auction"),
    Phase.PAUSE: Text("휴지", "pause"),
    Phase.AFTER_HOURS_CLOSE: Text("장후 종가", "after-hours close"),
    Phase.AFTER_HOURS_SINGLE: Text("시간외 단일가", "after-hours single price"),
    Phase.AFTER_MARKET: Text("애프터마켓", "after-market"),
    Phase.INTRADAY_AUCTION: Text("단일가 매매", "intraday auction"),
    Phase.HALTED: Text("거래 정지", "halted"),
}
"""Phases in words."""
