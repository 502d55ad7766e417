"""An account as its broker keeps it: orders and fills, and nothing of sleeves."""

from __future__ import annotations

from datetime import date

import msgspec

from maemae.core.state import CoreState
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_date
from maemae.domain.order import Order
from maemae.domain.terms import Side
from maemae.krx.costs import CostSchedule, Rounding
from tests.builders import ACCOUNT, an_instrument


class Totals(msgspec.Struct, frozen=True):
    """What all sleeves of an account have together [won, shares]."""

    cash: int
    commission: int
    tax: int
    shares: dict[Symbol, int]


def totals_of(state: CoreState) -> Totals:
    """Add the sleeves up."""
    shares: dict[Symbol, int] = {}
    sleeves = state.account(ACCOUNT)
    for sleeve in sleeves:
        for symbol, position in sleeve.positions.items():
            shares[symbol] = shares.get(symbol, 0) + position.qty
    return Totals(
        sum(sleeve.cash for sleeve in sleeves),
        sum(sleeve.commission for sleeve in sleeves),
        sum(sleeve.tax for sleeve in sleeves),
        {symbol: qty for symbol, qty in shares.items() if qty},
    )


class BrokerAccount:
    """
    Tells what a report does to the whole account.

    Args:
        schedule: What the broker charges.
    """

    def __init__(self, schedule: CostSchedule) -> None:
        self._schedule = schedule
        self._turnover: dict[tuple[Symbol, Side], int] = {}
        self._day: date | None = None

    def after(self, totals: Totals, before: Order, after: Order, day: date, at: int) -> Totals:
        """Return what the account has once the fills of an order changed."""
        if day != self._day:
            self._day, self._turnover = day, {}
        olds = {fill.exec_id: fill for fill in before.fills}
        order_notional = before.notional
        for fill in after.fills:
            old = olds.get(fill.exec_id)
            if old is not None and (old.qty, old.px) == (fill.qty, fill.px):
                continue
            if old is not None and old.qty:
                totals = self._trade(totals, after, order_notional, -old.qty, old.px, at)
                order_notional -= old.qty * old.px
            if fill.qty:
                totals = self._trade(totals, after, order_notional, fill.qty, fill.px, at)
        return totals

    def _trade(
        self, totals: Totals, order: Order, order_notional: int, qty: int, px: int, at: int
    ) -> Totals:
        """Add a fill, or take one back (qty < 0)."""
        notional, key = qty * px, (order.symbol, order.side)
        charged = {
            Rounding.PER_FILL: 0 if qty > 0 else -notional,
            Rounding.PER_ORDER: order_notional,
            Rounding.PER_DAY: self._turnover.get(key, 0),
        }[self._schedule.rounding]
        if charged + notional < 0:
            charged = -notional
        commission = self._commission(charged + notional) - self._commission(charged)
        tax = 0
        if order.side is Side.SELL:
            tax = self._tax(charged + notional, at) - self._tax(charged, at)
        self._turnover[key] = max(0, self._turnover.get(key, 0) + notional)
        is_buy = order.side is Side.BUY
        shares = dict(totals.shares)
        shares[order.symbol] = shares.get(order.symbol, 0) + (qty if is_buy else -qty)
        return Totals(
            totals.cash - (notional if is_buy else -notional) - commission - tax,
            totals.commission + commission,
            totals.tax + tax,
            {symbol: count for symbol, count in shares.items() if count},
        )

    def _commission(self, notional: int) -> int:
        return self._schedule.commission(notional)

    def _tax(self, notional: int, at: int) -> int:
        return self._schedule.tax(notional, an_instrument(), kst_date(at))
