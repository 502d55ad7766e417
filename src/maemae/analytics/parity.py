"""
A live day beside the same day in a backtest, order by order.

Orders are matched by the number of their wish, which both sides make alike; what is left by
sleeve, instrument, side and bar. Whatever differs carries its reasons.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from maemae.analytics.parity_reasons import (
    Reason,
    Why,
    reasons_of_backtest,
    reasons_of_live,
    reasons_of_pair,
)
from maemae.analytics.traded_day import OrderSeen, Surroundings, TradedDay
from maemae.domain.ids import SleeveId


class Item(msgspec.Struct, frozen=True):
    """
    One order on both sides, or on one.

    Attributes:
        order: The live one, or else the backtest's.
        live, backtest: The order there; None if there is none.
        reasons: Why they differ; empty if they do not.
    """

    order: OrderSeen
    live: OrderSeen | None
    backtest: OrderSeen | None
    reasons: tuple[Reason, ...]

    @property
    def is_decided_alike(self) -> bool:
        """Whether both have it, for the same cause and upon the same bar."""
        live, backtest = self.live, self.backtest
        if live is None or backtest is None:
            return False
        return (live.cause, live.bar) == (backtest.cause, backtest.bar)

    @property
    def is_equal(self) -> bool:
        """Whether instrument, side, bar and quantity are equal, whatever the fills cost."""
        live, backtest = self.live, self.backtest
        if live is None or backtest is None or not self.is_decided_alike:
            return False
        return (live.qty, live.filled) == (backtest.qty, backtest.filled)

    @property
    def shares(self) -> int:
        """By how many filled shares live and backtest differ."""
        live = 0 if self.live is None else self.live.filled
        return abs(live - (0 if self.backtest is None else self.backtest.filled))

    @property
    def won(self) -> int:
        """What the live fills brought more than the backtest's, after charges [won]."""
        live = 0 if self.live is None else self.live.cash_flow
        return live - (0 if self.backtest is None else self.backtest.cash_flow)


class ParityReport(msgspec.Struct, frozen=True):
    """
    A live day beside its backtest.

    Attributes:
        items: Orders, oldest first.
        equities: Of each sleeve at the end, live and in the backtest [won].
        bars_equal, bars_apart: Bars that the strategies saw as they are in the dataset, or not.
    """

    items: tuple[Item, ...]
    equities: dict[SleeveId, tuple[int | None, int | None]] = {}
    bars_equal: int = 0
    bars_apart: int = 0

    @property
    def decided_alike(self) -> int:
        """Orders that both sides have, for the same cause and upon the same bar."""
        return sum(item.is_decided_alike for item in self.items)

    @property
    def equal(self) -> int:
        """Orders that are equal in instrument, side, bar and quantity."""
        return sum(item.is_equal for item in self.items)

    @property
    def shares(self) -> int:
        """Filled shares by which the two differ, over all orders."""
        return sum(item.shares for item in self.items)

    @property
    def won(self) -> int:
        """By how much the live sleeves ended above those of the backtest [won]."""
        pairs = [pair for pair in self.equities.values() if None not in pair]
        return sum((live or 0) - (backtest or 0) for live, backtest in pairs)

    @property
    def unexplained(self) -> tuple[Item, ...]:
        """Items with a difference that nothing recorded explains."""
        return tuple(
            item
            for item in self.items
            if any(reason.why is Why.UNEXPLAINED for reason in item.reasons)
        )


def compare(live: TradedDay, backtest: TradedDay, around: Surroundings) -> ParityReport:
    """
    Match the orders of a live day with a backtest's.

    Args:
        live: What the executor did.
        backtest: What the backtest of the same strategies did, over the same day.
        around: What else is known of the live day.
    """
    days = (live, backtest)
    pairs, only_live, only_backtest = _matched(live.orders, backtest.orders)
    items = [Item(mine, mine, other, reasons_of_pair(mine, other, days)) for mine, other in pairs]
    items += [Item(mine, mine, None, reasons_of_live(mine, days, around)) for mine in only_live]
    items += [
        Item(other, None, other, reasons_of_backtest(other, days, around))
        for other in only_backtest
    ]
    items.sort(key=lambda item: (item.order.bar, item.order.sent_at, item.order.symbol))
    names = dict.fromkeys([*live.equities, *backtest.equities])
    equities = {name: (live.equities.get(name), backtest.equities.get(name)) for name in names}
    return ParityReport(tuple(items), equities, around.bars_equal, len(around.bars))


def _matched(
    live: Sequence[OrderSeen], backtest: Sequence[OrderSeen]
) -> tuple[list[tuple[OrderSeen, OrderSeen]], list[OrderSeen], list[OrderSeen]]:
    """Return the orders that belong together, and those that are alone."""
    mine, others = list(live), list(backtest)
    pairs: list[tuple[OrderSeen, OrderSeen]] = []
    for same in (_name, _place):
        waiting: dict[tuple[object, ...], list[OrderSeen]] = {}
        for order in mine:
            waiting.setdefault(same(order), []).append(order)
        left: list[OrderSeen] = []
        for other in others:
            found = waiting.get(same(other))
            if found:
                pairs.append((found.pop(0), other))
            else:
                left.append(other)
        mine, others = [order for orders in waiting.values() for order in orders], left
    return pairs, mine, others


def _name(order: OrderSeen) -> tuple[object, ...]:
    return order.sleeve_id, order.symbol, order.side, order.key


def _place(order: OrderSeen) -> tuple[object, ...]:
    return order.sleeve_id, order.symbol, order.side, order.bar
