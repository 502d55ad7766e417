"""
Older prices and volumes told in the shares of a later day, by what was known on that day.

A split moves no money, but the price of a share. Whoever compares a price of today with one of
before the split must tell the old one in new shares; before the ex-date nobody does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

import msgspec

from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    Delisting,
    RightsIssue,
    ShareChange,
)
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol

Ratio = tuple[int, int]
"""What is multiplied by, and divided by."""


class Restatement(msgspec.Struct, frozen=True, gc=False):
    """
    What one corporate action makes of everything before it.

    A cash dividend makes nothing of it: Korean exchanges do not lower the base price for one,
    and the cash is booked. A merger or delisting ends a series.

    Attributes:
        start: Time index of the first bar that is told in new shares already.
        price: By which an older price is multiplied.
        shares: By which an older volume is multiplied.
    """

    start: int
    price: Ratio
    shares: Ratio


Steps = tuple[Restatement, ...]
"""Of one instrument, by time."""


def restatements(
    actions: Iterable[CorporateAction],
    rows: Mapping[Symbol, int],
    first_index: Callable[[date], int],
    close_before: Callable[[int, int], int],
) -> dict[int, Steps]:
    """
    Return what actions make of older bars, by row; rows without any are absent.

    Args:
        actions: By ex-date.
        rows: Row of each instrument.
        first_index: Time index of the first bar on or after a day; 0 for none before it.
        close_before: The last close of a row before a time index [won]; 0 for none.

    Raises:
        InvalidValueError: Rights are said to be worth as much as the share.
    """
    found: dict[int, list[Restatement]] = {}
    for action in actions:
        start = first_index(action.ex_date)
        row = rows.get(action.symbol)
        if row is None or start == 0:
            continue
        if isinstance(action, ShareChange):
            up, down = action.numerator, action.denominator
            found.setdefault(row, []).append(Restatement(start, (down, up), (up, down)))
        elif isinstance(action, RightsIssue) and action.right_price:
            close = close_before(row, start)
            if close:
                price = _without_rights(action, close)
                found.setdefault(row, []).append(Restatement(start, price, _SAME))
    return {row: tuple(steps) for row, steps in found.items()}


def require_distinct(actions: Iterable[CorporateAction]) -> None:
    """
    See that nothing is told of twice; two different dividends of one day are two.

    Raises:
        InvalidValueError: An instrument does the same twice on one day.
    """
    seen: set[tuple[object, ...]] = set()
    for action in actions:
        key: tuple[object, ...] = type(action), action.symbol, action.ex_date
        if isinstance(action, CashDividend):
            key = *key, action.pay_date, action.amount
        if key in seen:
            raise InvalidValueError(
                f"{action.symbol} 의 {action.ex_date} 권리가 같은 종류로 두 번 있습니다. 하나로 "
                "합치거나 한 줄을 지우세요.",
                f"{action.symbol} does the same twice on {action.ex_date}. Make one action of the "
                "two, or remove one.",
            )
        seen.add(key)


def require_news(actions: Iterable[CorporateAction]) -> None:
    """
    See that actions can be told of adjusted prices, which tell of most themselves.

    Raises:
        InvalidValueError: One is no delisting.
    """
    for action in actions:
        if not isinstance(action, Delisting):
            raise InvalidValueError(
                f"{action.symbol} 의 {action.ex_date} 권리는 수정주가에 이미 들어 있습니다. "
                "수정주가 데이터에는 상장폐지만, 나머지는 원주가 데이터에 넣으세요.",
                f"Adjusted prices tell of what {action.symbol} did on {action.ex_date} already. "
                "Give them delistings only, and everything else to raw prices.",
            )


def restated(number: int, steps: Steps, since: int, until: int, *, volume: bool = False) -> int:
    """
    Return a price [won] or volume [shares] of one bar as it is told at another, cut down.

    Args:
        number: Of the bar at `since`; 0 stays 0, any other price is at least 1 won.
        steps: Of its row.
        since: Time index of the bar.
        until: Time index of the bar at which it is told.
        volume: Whether it is a volume.
    """
    up, down = factor(steps, since, until, volume=volume)
    return max(min(number, 1), number * up // down)


def factor(steps: Steps, since: int, until: int, *, volume: bool = False) -> Ratio:
    """Return by what a number of one bar is told at another; (1, 1) where nothing lies between."""
    up = down = 1
    for step in steps:
        if since < step.start <= until:
            ratio = step.shares if volume else step.price
            up, down = up * ratio[0], down * ratio[1]
    return up, down


def _without_rights(action: RightsIssue, close: int) -> Ratio:
    whole = close * action.denominator
    rest = whole - action.right_price * action.numerator
    if rest < 1:
        raise InvalidValueError(
            f"{action.symbol} 의 신주인수권 값({action.right_price:,}원 × {action.numerator}/"
            f"{action.denominator})이 전날 종가 {close:,}원보다 작지 않습니다. 권리 표를 고치세요.",
            f"The rights of {action.symbol} ({action.right_price:,} won × {action.numerator}/"
            f"{action.denominator}) are worth its close of {close:,} won. Correct the table.",
        )
    return rest, whole


_SAME: Final = (1, 1)
