"""
The biggest single order the exchange accepts (호가수량 제한).

Source: KRX business regulations and enforcement rules, English text in force April 2026.
The day they began is not known; they are applied to every day.
"""

from __future__ import annotations

from typing import Final

from maemae.domain.errors import InvalidValueError


def max_order_qty(base_price: int, listed_shares: int) -> int:
    """
    Return the biggest quantity of one order [shares]; a larger wish must be split.

    Args:
        base_price: Base price of the day [won].
        listed_shares: Shares outstanding [shares]; where they are unknown do not ask.

    Raises:
        InvalidValueError: The price or the number of shares is not positive.
    """
    if base_price < 1 or listed_shares < 1:
        raise InvalidValueError(
            f"기준가 {base_price}원, 상장주식수 {listed_shares}주로는 최대 주문수량을 알 수 "
            "없습니다. 둘 다 양수로 주세요.",
            f"No order size follows from a base of {base_price} won and {listed_shares} "
            "listed shares. Give both as positive numbers.",
        )
    capitalization = base_price * listed_shares
    if capitalization >= _TEN_TRILLION:
        return max(1, _HUNDRED_BILLION // base_price)
    if capitalization >= _HUNDRED_BILLION:
        return max(1, listed_shares // 100)
    if capitalization >= _TWENTY_BILLION:
        return max(1, _ONE_BILLION // base_price)
    return max(1, listed_shares * 5 // 100)


_ONE_BILLION: Final = 10**9
_TWENTY_BILLION: Final = 20 * _ONE_BILLION
_HUNDRED_BILLION: Final = 100 * _ONE_BILLION
_TEN_TRILLION: Final = 10_000 * _ONE_BILLION
