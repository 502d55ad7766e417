"""
Daily price limits (가격제한폭): the prices an order may name today.

How the exact prices come out: the amount is the limit rate of the base, cut down to the
tick of the base and at least one tick; the upper limit is cut down to its own grid, the
lower one is raised to its own.

Source: KRX business regulations and enforcement rules, English text in force April 2026;
checked on 1,173 of 1,175 limit-up closes of 2021 to 2026. Before 2015-06-15 the rate was
15 %, and twice that for a doubly leveraged fund (press of 2015-06, medium confidence for
funds). Gold moves by 10 % (press of 2014-03, 2019 and 2020; limits in a sample of the broker's
list of 2025-08-27: 136,520 to 166,840 won around 151,680).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

import msgspec

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.terms import Market, Product
from maemae.krx.instrument import Instrument
from maemae.krx.tick import tick_table

NO_UPPER_LIMIT: Final = 10**12
"""Stands for "no upper limit" [won]; higher than any price that ever traded."""


class PriceBand(msgspec.Struct, frozen=True):
    """The lowest and the highest price an order may name [won], both valid."""

    lower: int
    upper: int

    def __contains__(self, price: int) -> bool:
        """Return whether a price lies inside the band; the limits do."""
        return self.lower <= price <= self.upper


NO_BAND: Final = PriceBand(1, NO_UPPER_LIMIT)
"""Delisting week (정리매매) knows no price limit."""


def price_band(base_price: int, instrument: Instrument, day: date) -> PriceBand:
    """
    Return the price limits of an ordinary day.

    Args:
        base_price: Base price of the day [won]; take it from the broker where there is one.
        instrument: Its market, product and multiple decide the rate.
        day: Trading day.

    Raises:
        InvalidValueError: The base price is not positive.
        UnknownRuleError: The day lies before the first known rule.
    """
    return _band(base_price, instrument.market, instrument.product, instrument.leverage, day)


def listing_day_band(offer_price: int, instrument: Instrument, day: date) -> PriceBand:
    """
    Return the price limits of a stock's first day on KOSPI or KOSDAQ.

    Since 2023-06-26 they hold for the whole day. Before, they held for the opening auction
    only, and its price became the base of an ordinary band (`price_band`). A fund starts
    with an ordinary band around its net asset value.

    Args:
        offer_price: Price of the public offer, or the fund's base [won].
        instrument: The newly listed instrument.
        day: Its first trading day.

    Raises:
        InvalidValueError: The offer price is not positive.
        UnknownRuleError: KONEX, or a day before the first known rule.

    Source:
        KRX press of 2023-06; 457550 (5,300 to 21,200 won) and 373160 (13,000, low 7,800)
        agree. The range before 2023-06-26 is general knowledge, not re-checked.
    """
    if instrument.product is not Product.STOCK:
        return price_band(offer_price, instrument, day)
    if instrument.market is Market.KONEX:
        raise UnknownRuleError(
            "코넥스 신규상장일의 가격 범위를 알지 못합니다. 그날은 주문하지 마세요.",
            "The price range of a KONEX listing day is not known. Do not trade on that day.",
        )
    low, high = (60, 400) if day >= _WIDE_LISTING_DAY else (90, 200)
    table = tick_table(instrument.market, instrument.product, day)
    return PriceBand(
        lower=table.ceil(max(1, -(-offer_price * low // 100))),
        upper=table.floor(_positive(offer_price) * high // 100),
    )


@lru_cache(maxsize=16_384)
def _band(base_price: int, market: Market, product: Product, leverage: int, day: date) -> PriceBand:
    table = tick_table(market, product, day)
    tick = table.tick(_positive(base_price))
    percent = limit_percent(market, product, day) * max(1, abs(leverage))
    amount = max(tick, base_price * percent // 100 // tick * tick)
    # A fund with a multiple of 4 could fall by more than everything.
    lowest = max(table.lowest, base_price - amount)
    return PriceBand(lower=table.ceil(lowest), upper=table.floor(base_price + amount))


def limit_percent(market: Market, product: Product, day: date) -> int:
    """Return how far a price may move from its base on a day [percent], multiples left aside."""
    if product is Product.GOLD:
        return 10
    if market is Market.KONEX or day < _THIRTY_PERCENT:
        return 15
    return 30


def _positive(price: int) -> int:
    if price < 1:
        raise InvalidValueError(
            f"기준가격이 양수가 아닙니다: {price}. 증권사가 주는 기준가를 쓰세요.",
            f"{price} is not a base price. Use the one the broker gives.",
        )
    return price


_THIRTY_PERCENT: Final = date(2015, 6, 15)
_WIDE_LISTING_DAY: Final = date(2023, 6, 26)
