"""
Tick sizes (호가가격단위): which prices an order may name.

Trades may lie between ticks since mid-price orders exist (2025-03-04), so market data is
never judged by these tables; orders are.

Source: KRX business regulations and enforcement rules, English text in force April 2026,
for the tables of 2023; the tables of 2010 were recomputed from official daily rows of
2018-11 to 2023-01, their first day is from the press (medium confidence). ETF and ETN:
the single tick of 5 won was recomputed from 2020 on, its first day is assumed to be that
of the stock table. Gold: a broker's refusal of everything else, May 2026 (high); that it
was so from the market's first day on is from the press of that day (medium).
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.terms import Market, Product


class TickTable(msgspec.Struct, frozen=True):
    """
    The valid prices of one product on one day.

    A price belongs to the band whose first price is the highest one not above it. Every
    first price is a multiple of the tick below it and of its own, so rounding never jumps
    over an edge.

    Attributes:
        starts: First price of each band [won]; the first entry is the lowest valid price.
        ticks: Tick of each band [won].
        ranks: Number of valid prices below each band's first price.
    """

    starts: tuple[int, ...]
    ticks: tuple[int, ...]
    ranks: tuple[int, ...]

    @property
    def lowest(self) -> int:
        """The lowest valid price [won]."""
        return self.starts[0]

    def tick(self, price: int) -> int:
        """
        Return the tick at a price [won].

        Raises:
            InvalidValueError: The price is not positive.
        """
        if price < 1:
            raise _not_a_price(price)
        return self.ticks[bisect_right(self.starts, price, 1) - 1]

    def is_on_grid(self, price: int) -> bool:
        """Return whether an order may name this price; any integer may be asked."""
        return price > 0 and price % self.ticks[bisect_right(self.starts, price, 1) - 1] == 0

    def floor(self, price: int) -> int:
        """
        Return the highest valid price that is not above `price` [won].

        Raises:
            InvalidValueError: No valid price is that low.
        """
        if price < self.starts[0]:
            raise _too_low(price, self.starts[0])
        return price - price % self.tick(price)

    def ceil(self, price: int) -> int:
        """
        Return the lowest valid price that is not below `price` [won].

        Raises:
            InvalidValueError: The price is not positive.
        """
        return price + -price % self.tick(price)

    def step(self, price: int, ticks: int) -> int:
        """
        Return the price that lies a number of ticks higher, or lower if negative [won].

        From a price between ticks the first step reaches the neighbor on the grid.

        Args:
            price: Where to start [won].
            ticks: How many valid prices to move; 0 returns `price` as it is.

        Raises:
            InvalidValueError: The way leads below the lowest valid price.
        """
        if ticks == 0:
            return price
        start = self.floor(price) if ticks > 0 else self.ceil(price)
        band = bisect_right(self.starts, start, 1) - 1
        rank = self.ranks[band] + (start - self.starts[band]) // self.ticks[band] + ticks
        if rank < 0:
            raise _too_low(price + ticks, self.starts[0])
        band = bisect_right(self.ranks, rank, 1) - 1
        return self.starts[band] + (rank - self.ranks[band]) * self.ticks[band]


@lru_cache(maxsize=4_096)
def tick_table(market: Market, product: Product, day: date) -> TickTable:
    """
    Return the tick table of a product on a day; the same object for the same rule.

    Raises:
        UnknownRuleError: The day lies before the first known table.
    """
    first_day = _FIRST_KNOWN
    for first_day, table in _history(market, product):
        if day >= first_day:
            return table
    raise UnknownRuleError(
        f"{day} 의 호가가격단위를 알지 못합니다. {first_day} 이후 날짜를 쓰세요.",
        f"The tick sizes of {day} are not known. Use days from {first_day} on.",
    )


def _table(*bands: tuple[int, int]) -> TickTable:
    """Build a table from (first price, tick) pairs; the lowest price is the first tick."""
    starts = (bands[0][1], *(start for start, _ in bands[1:]))
    ticks = tuple(tick for _, tick in bands)
    ranks = [0]
    for start, end, tick in zip(starts, starts[1:], ticks, strict=False):
        ranks.append(ranks[-1] + (end - start) // tick)
    return TickTable(starts, ticks, tuple(ranks))


def _history(market: Market, product: Product) -> tuple[tuple[date, TickTable], ...]:
    """Return (first day, table), the newest first."""
    if product is Product.GOLD:
        return _GOLD
    if product is not Product.STOCK:
        return _FUNDS
    return _STOCKS_KOSPI if market is Market.KOSPI else _STOCKS_KOSDAQ


def _not_a_price(price: int) -> InvalidValueError:
    return InvalidValueError(
        f"가격이 양수가 아닙니다: {price}. 1원 이상을 쓰세요.",
        f"{price} is not a price. Use 1 won or more.",
    )


def _too_low(price: int, lowest: int) -> InvalidValueError:
    return InvalidValueError(
        f"{price}원 이하에는 유효한 호가가 없습니다. {lowest}원 이상을 쓰세요.",
        f"There is no valid price at or below {price} won. Use {lowest} won or more.",
    )


GOLD_SINCE: Final = date(2014, 3, 24)
"""First day of KRX's gold market. Source: press of that day."""

_FIRST_KNOWN: Final = date(2010, 10, 4)

_STOCKS_2023: Final = _table(
    (0, 1), (2_000, 5), (5_000, 10), (20_000, 50), (50_000, 100), (200_000, 500), (500_000, 1_000)
)
_KOSPI_2010: Final = _table(
    (0, 1), (1_000, 5), (5_000, 10), (10_000, 50), (50_000, 100), (100_000, 500), (500_000, 1_000)
)
# KOSDAQ and KONEX knew no tick above 100 won.
_KOSDAQ_2010: Final = _table((0, 1), (1_000, 5), (5_000, 10), (10_000, 50), (50_000, 100))

_STOCKS_KOSPI: Final = ((date(2023, 1, 25), _STOCKS_2023), (_FIRST_KNOWN, _KOSPI_2010))
_STOCKS_KOSDAQ: Final = ((date(2023, 1, 25), _STOCKS_2023), (_FIRST_KNOWN, _KOSDAQ_2010))
_FUNDS: Final = (
    (date(2023, 12, 11), _table((0, 1), (2_000, 5))),
    (_FIRST_KNOWN, _table((0, 5))),
)
_GOLD: Final = ((GOLD_SINCE, _table((0, 10))),)
