"""
A book of ten levels around the newest price.

The market that is played knows trades and no book, so the levels are drawn: prices follow from
the newest print, sizes from a checksum of code, price and minute. Our customers' own orders are
added to them. Market orders trade one tick away at worst, so the best levels are what they meet.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE
from maemae.domain.terms import Side
from maemae.emulators.books import Row
from maemae.emulators.kiwoom_rest.board import Line
from maemae.krx.tick import TickTable


class Level(msgspec.Struct, frozen=True, gc=False):
    """A price [won] and the shares that wait at it; both 0 for no level."""

    px: int
    qty: int


class Depth(msgspec.Struct, frozen=True):
    """Ten levels of each side, the best first."""

    asks: tuple[Level, ...]
    bids: tuple[Level, ...]

    @property
    def ask(self) -> int:
        """Best ask [won], 0 if there is none."""
        return self.asks[0].px

    @property
    def bid(self) -> int:
        """Best bid [won], 0 if there is none."""
        return self.bids[0].px

    @property
    def asked(self) -> int:
        """Shares of all asks."""
        return sum(level.qty for level in self.asks)

    @property
    def bidden(self) -> int:
        """Shares of all bids."""
        return sum(level.qty for level in self.bids)


def depth_of(line: Line, table: TickTable | None, at: int, own: Iterable[Row]) -> Depth:
    """Return the book of an instrument; `own` are working orders of our customers in it."""
    waiting: dict[tuple[Side, int], int] = {}
    for row in own:
        if row.price is not None:
            key = row.side, row.price
            waiting[key] = waiting.get(key, 0) + row.leaves_qty
    px = line.price
    if px < 1:
        return _EMPTY
    ask = px if line.is_bought else _step(px, 1, table)
    bid = _step(ask, -1, table)
    return Depth(
        tuple(_levels(line, ask, 1, table, at, waiting)),
        tuple(_levels(line, bid, -1, table, at, waiting)),
    )


def _levels(
    line: Line,
    best: int,
    direction: int,
    table: TickTable | None,
    at: int,
    waiting: dict[tuple[Side, int], int],
) -> list[Level]:
    side = Side.SELL if direction > 0 else Side.BUY
    levels, px = [], best
    for _ in range(LEVELS):
        is_inside = px > 0 and (line.band is None or px in line.band)
        qty = _drawn(line.symbol, px, at) + waiting.get((side, px), 0) if is_inside else 0
        levels.append(Level(px, qty) if is_inside else _NONE)
        px = _step(px, direction, table)
    return levels


def _drawn(symbol: Symbol, px: int, at: int) -> int:
    return 100 + zlib.crc32(f"{symbol}{px}{at // MINUTE}".encode()) % 9_900


def _step(px: int, ticks: int, table: TickTable | None) -> int:
    if table is None:
        return max(0, px + ticks)
    if ticks < 0 and px - table.tick(max(px, 1)) < table.lowest:
        return 0
    return table.step(px, ticks) if px > 0 else 0


LEVELS: Final = 10
_NONE: Final = Level(0, 0)
_EMPTY: Final = Depth((_NONE,) * LEVELS, (_NONE,) * LEVELS)
