"""The order pad: turns an author's words into numbered, checked intents."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, SupportsFloat, SupportsIndex

from maemae.domain.errors import InvalidValueError, StrategyError
from maemae.domain.exit_terms import ExitTerms
from maemae.domain.ids import AccountId, ClOrdId, IntentId, SleeveId, Symbol
from maemae.domain.intent import (
    MILLION,
    CancelIntent,
    Cash,
    Intent,
    OrderIntent,
    ParentIntent,
    Risk,
    Shares,
    Size,
    TargetWeights,
    Weight,
    WithdrawIntent,
)
from maemae.domain.parent import Crossing, Slice
from maemae.domain.terms import Purpose, Side

_BUY: Final = Side.BUY
_NEW: Final = Purpose.NEW
_REDUCE: Final = Purpose.REDUCE

_TARGET = "TARGET"  # stands for the instrument in the number of a rebalancing
_SUM_SLACK = 1e-9  # what adding up floats may lose
_MOST: Final = 10**15  # shares or won; with a price beside it, still a number that can be written
_MOST_PRICE: Final = 10**9  # won


class Parenting(NamedTuple):
    """What an order waits for, and the parts it goes in; the fields of a `ParentIntent`."""

    starts_at: int
    crossing: Crossing | None
    slices: tuple[Slice, ...]
    sessions: int


class OrderPad:
    """
    Intents of one strategy, numbered so that the same run always numbers them alike.

    The number is account, sleeve, instant, instrument, and how many of that instrument came before
    at that instant.

    Attributes:
        page: What was written since it was taken last.
    """

    def __init__(self, account_id: AccountId, sleeve_id: SleeveId) -> None:
        self._account_id = account_id
        self._sleeve_id = sleeve_id
        self._owner = f"{account_id}:{sleeve_id}"
        self._at = -1
        self._legs: dict[tuple[int, str], int] = {}
        self.page: list[Intent] = []

    def order(
        self,
        at: int,
        symbol: Symbol,
        side: Side,
        size: Size,
        *,
        limit: SupportsIndex | None = None,
        within: SupportsFloat | None = None,
        leaving: tuple[int | None, int | None, ExitTerms | None] = (None, None, None),
        parenting: Parenting | None = None,
    ) -> None:
        """
        Write down an order.

        Args:
            at: The present instant [ns, UTC].
            symbol: What to trade.
            side: Whether to buy or sell it.
            size: How much.
            limit: Limit price [won].
            within: Furthest distance beyond the last price [ratio].
            leaving: Stop-loss and take-profit [ppm], and what else is said of how to leave.
            parenting: What it waits for and the parts it goes in; None for at once and whole.

        Raises:
            StrategyError: Both limit and within are given.
            InvalidValueError: One of them is out of range.
        """
        if limit is not None and within is not None:
            raise StrategyError(
                f"{symbol} 주문에 limit 과 within 을 함께 쓸 수 없습니다. 하나만 고르세요.",
                f"An order for {symbol} takes limit or within, not both.",
            )
        price = None if limit is None else whole("limit", limit, _MOST_PRICE)
        bound = None if within is None else ppm("within", within)
        stop_loss, take_profit, exits = leaving
        order = OrderIntent(
            self._number(at, symbol),
            self._account_id,
            self._sleeve_id,
            symbol,
            side,
            size,
            at,
            price,
            bound,
            stop_loss,
            take_profit,
            purpose=_NEW if side is _BUY else _REDUCE,
            exits=exits,
        )
        self.page.append(order if parenting is None else ParentIntent(order, *parenting))

    def target(
        self,
        at: int,
        weights: tuple[tuple[Symbol, int], ...],
        within: int | None,
        band: int = 0,
    ) -> None:
        """Write down a rebalancing; weights, bound and band in parts per million."""
        number = self._number(at, _TARGET)
        self.page.append(
            TargetWeights(number, self._account_id, self._sleeve_id, weights, at, within, band)
        )

    def withdraw(self, at: int, symbol: Symbol) -> None:
        """Write down that parent orders are taken back."""
        self.page.append(WithdrawIntent(self._account_id, self._sleeve_id, symbol, at))

    def cancel(self, at: int, cl_ord_id: ClOrdId) -> None:
        """Write down a cancel."""
        self.page.append(CancelIntent(cl_ord_id, at))

    def repeat(self, intents: Iterable[Intent]) -> None:
        """Number on from wishes that were made before a restart."""
        for intent in intents:
            if isinstance(intent, OrderIntent | ParentIntent):
                self._number(intent.at, intent.symbol)
            elif isinstance(intent, TargetWeights):
                self._number(intent.at, _TARGET)

    def take(self) -> list[Intent]:
        """Return what was written since the last time, buys last, and begin a new page."""
        if not self.page:
            return []
        taken, self.page = self.page, []
        if len(taken) > 1:
            taken.sort(key=_is_buy)
        return taken

    def _number(self, at: int, subject: str) -> IntentId:
        if at > self._at:  # a fill may be told before the barrier that it came after
            self._at = at
            self._legs.clear()
        leg = self._legs.get((at, subject), 0)
        self._legs[at, subject] = leg + 1
        return IntentId(f"{self._owner}:{at}:{subject}:{leg}")


def _is_buy(intent: Intent) -> bool:
    if isinstance(intent, ParentIntent):
        return intent.opens
    return isinstance(intent, OrderIntent) and intent.side is _BUY


def size_of_buy(
    weight: SupportsFloat | None,
    shares: SupportsIndex | None,
    cash: SupportsIndex | None,
    risk: SupportsFloat | None = None,
) -> Size:
    """
    Return how much to buy.

    Raises:
        StrategyError: Not exactly one of them is given.
        InvalidValueError: It is out of range.
    """
    if (weight, shares, cash, risk).count(None) != 3:
        raise StrategyError(
            "buy() 에는 weight, shares, cash, risk 가운데 정확히 하나를 주세요.",
            "buy() takes exactly one of weight, shares, cash and risk.",
        )
    if weight is not None:
        return Weight(ppm("weight", weight))
    if risk is not None:
        return Risk(ppm("risk", risk))
    if shares is not None:
        return Shares(whole("shares", shares))
    return Cash(whole("cash", cash))


def target_ppm(weights: Mapping[Symbol, SupportsFloat]) -> tuple[tuple[Symbol, int], ...]:
    """
    Return weights by symbol [ppm]; a weight of 0 is left out.

    If rounding half up would lift the sum above one, what was rounded up is cut down instead.

    Raises:
        InvalidValueError: A weight is out of range, or they add up to more than one.
    """
    ratios = {symbol: _ratio("weight", weights[symbol], lowest=0.0) for symbol in sorted(weights)}
    total = math.fsum(ratios.values())
    if total > 1 + _SUM_SLACK:
        raise InvalidValueError(
            f"목표 비중의 합이 {total:.6f} 입니다. 1 이하로 나누세요.",
            f"The target weights add up to {total:.6f}. They may not exceed 1.",
        )
    rounded = {symbol: math.floor(ratio * MILLION + 0.5) for symbol, ratio in ratios.items()}
    if sum(rounded.values()) > MILLION:
        rounded = {symbol: math.floor(ratio * MILLION) for symbol, ratio in ratios.items()}
    return tuple((symbol, parts) for symbol, parts in rounded.items() if parts)


def ppm(name: str, value: SupportsFloat) -> int:
    """
    Return a ratio in parts per million, rounded half up.

    Raises:
        InvalidValueError: It is no number above 0 and up to 1.
    """
    return math.floor(_ratio(name, value, lowest=0.5 / MILLION) * MILLION + 0.5)


def whole(name: str, value: SupportsIndex | None, most: int = _MOST) -> int:
    """
    Return a number of shares or won.

    Raises:
        InvalidValueError: It is not a whole number above 0, or larger than any that can be meant.
    """
    try:
        number = 0 if value is None or isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = 0
    if number <= 0:
        raise InvalidValueError(
            f"{name} 은(는) 0보다 큰 정수여야 합니다: {value!r}.",
            f"{name} must be a whole number above 0, not {value!r}.",
        )
    if number > most:
        raise InvalidValueError(
            f"{name} 은(는) {most:,} 이하여야 합니다: {number:,}.",
            f"{name} must be at most {most:,}, not {number:,}.",
        )
    return number


def _ratio(name: str, value: SupportsFloat, lowest: float) -> float:
    try:
        ratio = math.nan if isinstance(value, str | bool) else float(value)
    except (TypeError, ValueError):
        ratio = math.nan
    if not lowest <= ratio <= 1:
        raise InvalidValueError(
            f"{name} 은(는) 0과 1 사이의 비율이어야 합니다(10 % 는 0.1): {value!r}.",
            f"{name} must be a ratio between 0 and 1 (10 % is 0.1), not {value!r}.",
        )
    return ratio
