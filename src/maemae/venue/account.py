"""One customer's account in the broker's own books."""

from __future__ import annotations

from datetime import date

import msgspec

from maemae.domain.ids import AccountId, Symbol
from maemae.domain.terms import Side
from maemae.venue.tally import Tally


class Holding(msgspec.Struct):
    """
    Shares held of one instrument, at average cost.

    Attributes:
        qty: Shares held by trade date [> 0].
        cost: What they cost without charges [won].
        selling: Shares that open sells can still take.
    """

    qty: int
    cost: int
    selling: int = 0

    @property
    def sellable(self) -> int:
        """Shares that no open sell claims."""
        return self.qty - self.selling


class Dividend(msgspec.Struct, frozen=True):
    """Cash that the account is entitled to and will receive on `pay_date` [won, net]."""

    pay_date: date
    amount: int


class Account(msgspec.Struct):
    """
    Cash and shares by trade date, at 100 % margin.

    Attributes:
        cash: Cash as if every trade had settled [won].
        reserved: Set aside for open buys, commission included [won].
        commission: Charged since the account was opened [won].
        tax: Transaction tax since then [won]; what is withheld from dividends is not in it.
        unsettled: Net cash of trades still to settle, by settlement date [won].
        holdings: What is held.
        tallies: Today's notional by instrument and side, where charges are cut by the day.
        dividends: Entitlements not yet paid.
    """

    account_id: AccountId
    cash: int
    reserved: int = 0
    commission: int = 0
    tax: int = 0
    unsettled: dict[date, int] = {}
    holdings: dict[Symbol, Holding] = {}
    tallies: dict[tuple[Symbol, Side], Tally] = {}
    dividends: list[Dividend] = []

    @property
    def orderable(self) -> int:
        """Cash that a new buy may use [won]; proceeds of sales count at once."""
        return max(0, self.cash - self.reserved)

    @property
    def withdrawable(self) -> int:
        """Cash that may leave: settled, and needed by no trade or open buy [won]."""
        incoming = sum(amount for amount in self.unsettled.values() if amount > 0)
        return max(0, self.cash - incoming - self.reserved)

    def book_buy(self, symbol: Symbol, qty: int, notional: int, charges: int, due: date) -> None:
        """Book shares bought [shares, won]; the cash is due on that date."""
        holding = self.holdings.get(symbol)
        if holding is None:
            self.holdings[symbol] = Holding(qty, notional)
        else:
            holding.qty += qty
            holding.cost += notional
        self._move(-notional - charges, due)

    def book_sell(self, symbol: Symbol, qty: int, notional: int, charges: int, due: date) -> None:
        """Book shares sold [shares, won] that an open sell had claimed."""
        holding = self.holdings[symbol]
        holding.cost -= holding.cost * qty // holding.qty
        holding.qty -= qty
        holding.selling -= qty
        if holding.qty == 0:
            del self.holdings[symbol]
        self._move(notional - charges, due)

    def settle(self, day: date) -> None:
        """Settle what is due by a day, pay dividends, forget the day before."""
        for due in [due for due in self.unsettled if due <= day]:
            del self.unsettled[due]
        if self.dividends:
            self.cash += sum(paid.amount for paid in self.dividends if paid.pay_date <= day)
            self.dividends = [owed for owed in self.dividends if owed.pay_date > day]
        self.tallies.clear()

    def _move(self, amount: int, due: date) -> None:
        self.cash += amount
        self.unsettled[due] = self.unsettled.get(due, 0) + amount
