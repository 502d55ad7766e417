"""
Base price (기준가격): what today's price limits are measured from.

A broker's own figure comes first; this module makes the simulated market's, and tells a
live base that follows from yesterday's close from one that hides a corporate action. Cash
dividends on shares do not move it. It never follows from a close where the first trade sets
it: relisting, capital reduction with an appraised price, a very long halt.

Source: KRX business regulations and enforcement rules, English text in force April 2026.
300,255 official rows of 2021 to 2024 have the previous close as base; splits, bonus issues
and reverse splits of those years are rounded up as written here.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from maemae.domain.errors import InvalidValueError
from maemae.domain.terms import Product
from maemae.krx.instrument import Instrument
from maemae.krx.tick import tick_table


def next_base_price(base_price: int, close: int | None, instrument: Instrument, day: date) -> int:
    """
    Return the base price of an ordinary day [won].

    A close off the grid is rounded up since mid-price orders exist (2025-03-04). Before,
    closes were off the grid only on the day the ticks changed, and stayed as they were:
    357780 had a base of 224,900 with a tick of 500 on 2023-01-25.

    Args:
        base_price: Base price of the session before [won].
        close: Close of that session's regular trading (15:30) [won]; None if nothing traded.
        instrument: Its market and product decide the grid.
        day: The session the base is for.

    Raises:
        InvalidValueError: A price is not positive.
        UnknownRuleError: The day lies before the first known tick table.
    """
    last = _positive(base_price if close is None else close)
    if not rounds_up(day):
        return last
    return tick_table(instrument.market, instrument.product, day).ceil(last)


def rounds_up(day: date) -> bool:
    """Return whether a close off the grid gives a base on it; before, it stayed as it was."""
    return day >= _MID_PRICE_ORDERS


def split_base(
    close: int, shares_before: int, shares_after: int, instrument: Instrument, day: date
) -> int:
    """
    Return the base price after a split or a reverse split [won].

    Args:
        close: Last close before the action [won].
        shares_before: Shares that one holder had, as a ratio to `shares_after`: 1 to 5 for
            a split into five, 10 to 1 for a reverse split of ten into one [shares].
        shares_after: Shares the same holder has afterwards [shares].
        instrument: Its market and product decide the grid.
        day: First session after the action.

    Raises:
        InvalidValueError: A price or a number of shares is not positive.
        UnknownRuleError: The day lies before the first known tick table.
    """
    before, after = _positive(shares_before), _positive(shares_after)
    return _up_to_grid(_positive(close) * before // after, instrument, day)


def ex_rights_base(
    close: int,
    held: int,
    issued: int,
    subscription_price: int,
    instrument: Instrument,
    day: date,
) -> int:
    """
    Return the theoretical price without the right to new shares [won].

    Bonus issues and stock dividends are issues at 0 won. Shares that get nothing (treasury
    stock) belong to neither number, so the ratio of all listed shares gives a base slightly
    too low. An issue at or above the close moves nothing.

    Args:
        close: Last close with the right [won].
        held: Shares that carry the right [shares].
        issued: New shares for them [shares].
        subscription_price: What a new share costs; 0 for bonus and stock dividend [won].
        instrument: Its market and product decide the grid.
        day: Ex-date.

    Raises:
        InvalidValueError: A number is negative, or the close or `held` is 0.
        UnknownRuleError: The day lies before the first known tick table.
    """
    if issued < 0 or subscription_price < 0:
        raise InvalidValueError(
            f"신주 {issued}주, 발행가 {subscription_price}원: 음수일 수 없습니다. "
            "공시의 값을 쓰세요.",
            f"{issued} new shares at {subscription_price} won: neither can be negative. "
            "Use the figures of the filing.",
        )
    if subscription_price >= _positive(close):
        return _up_to_grid(close, instrument, day)
    value = close * _positive(held) + subscription_price * issued
    return _up_to_grid(value // (held + issued), instrument, day)


def ex_distribution_base(close: int, amount: int, instrument: Instrument, day: date) -> int:
    """
    Return the base price of a fund on the ex-date of a distribution [won].

    Args:
        close: Last close with the distribution [won].
        amount: Distribution of one unit [won].
        instrument: An ETF or ETN; a cash dividend on a share does not move its base.
        day: Ex-date.

    Raises:
        InvalidValueError: The instrument is a share, or nothing would be left.
        UnknownRuleError: The day lies before the first known tick table.
    """
    if instrument.product is Product.STOCK:
        raise InvalidValueError(
            f"{instrument.symbol}: 주식의 현금배당은 기준가격을 바꾸지 않습니다. "
            "next_base_price 를 쓰세요.",
            f"{instrument.symbol}: a cash dividend does not move the base of a share. "
            "Use next_base_price.",
        )
    return _up_to_grid(_positive(close - amount), instrument, day)


def _up_to_grid(price: int, instrument: Instrument, day: date) -> int:
    """Round a theoretical price, already cut below 1 won, up to the next valid price."""
    return tick_table(instrument.market, instrument.product, day).ceil(max(1, price))


def _positive(number: int) -> int:
    if number < 1:
        raise InvalidValueError(
            f"기준가격 계산에 {number} 은(는) 쓸 수 없습니다. 1 이상의 가격과 주식수를 주세요.",
            f"No base price follows from {number}. Give prices and numbers of shares from 1 on.",
        )
    return number


_MID_PRICE_ORDERS: Final = date(2025, 3, 4)
