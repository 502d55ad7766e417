"""Claims on cash and shares while orders are open, and the booking of what they trade."""

from __future__ import annotations

from datetime import date
from typing import Final

from maemae.domain.ids import Symbol
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.krx.costs import CostSchedule, Rounding, sell_tax
from maemae.venue.account import Account
from maemae.venue.entry import cash_refusal, shares_refusal
from maemae.venue.tally import Tally
from maemae.venue.working_order import Match, WorkingOrder


class Bookkeeper:
    """
    Keeps the accounts of one broker by one schedule of costs, at 100 % margin.

    A buy claims its worst price and the commission on all that is filled and open under its
    rounding, less what is charged; so no fill ever costs more than was held for it, however
    the notional is cut into fills. A sell claims its shares.
    """

    def __init__(self, schedule: CostSchedule) -> None:
        self._commission = schedule.commission
        self._by_day = schedule.rounding is Rounding.PER_DAY
        self._adds_up = schedule.rounding is not Rounding.PER_FILL

    def tally(self, account: Account, symbol: Symbol, side: Side) -> Tally:
        """Return the tally that a new order counts in."""
        if not self._by_day:
            return Tally()
        tally = account.tallies.get((symbol, side))
        if tally is None:
            tally = account.tallies[symbol, side] = Tally()
        return tally

    def claim(self, order: WorkingOrder, qty: int, notional: int) -> Text | None:
        """
        Claim more for an order, or return why that cannot be; a negative claim always can.

        Args:
            order: Old or new.
            qty: More shares that it can fill.
            notional: More that they can cost, for a buy [won].
        """
        account = order.account
        if order.side is _SELL:
            holding = account.holdings.get(order.symbol)
            if holding is None or qty > holding.sellable:
                return shares_refusal(qty, 0 if holding is None else holding.sellable)
            holding.selling += qty
            return None
        tally = order.tally
        open_notional = tally.open_notional + notional
        held = 0
        if open_notional:
            held = self._commission(tally.filled + open_notional) - tally.commission
        needed = notional + held - tally.held
        if needed > 0 and needed > account.cash - account.reserved:
            return cash_refusal(needed, account.orderable)
        account.reserved += needed
        tally.open_notional = open_notional
        tally.held = held
        return None

    def release(self, order: WorkingOrder) -> None:
        """Release whatever an order still claims."""
        self.claim(order, -order.leaves_qty, -order.leaves_qty * order.limit)

    def book(self, match: Match, day: date, due: date) -> None:
        """
        Book a fill: shares, cash and charges by trade date, settled on `due`.

        Raises:
            UnknownRuleError: The tax of that day is not known.
        """
        order = match.order
        account, tally = order.account, order.tally
        notional = match.qty * match.px
        commission = self._charge(tally, notional)
        account.commission += commission
        if order.side is _BUY:
            account.book_buy(order.symbol, match.qty, notional, commission, due)
            self.claim(order, -match.qty, -match.qty * order.limit)
            return
        tax = self._tax(order, notional, day)
        account.tax += tax
        account.book_sell(order.symbol, match.qty, notional, commission + tax, due)

    def _charge(self, tally: Tally, notional: int) -> int:
        """Return the commission on one more fill [won] and count it."""
        if not self._adds_up:
            return self._commission(notional)
        tally.filled += notional
        charge = self._commission(tally.filled) - tally.commission
        tally.commission += charge
        return charge

    def _tax(self, order: WorkingOrder, notional: int, day: date) -> int:
        """Return the tax on a fill that `_charge` has counted [won]."""
        rates = sell_tax(order.instrument.market, order.instrument.product, day)
        if not self._adds_up:
            return rates.on(notional)
        tally = order.tally
        charge = rates.on(tally.filled) - tally.tax
        tally.tax += charge
        return charge


_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
