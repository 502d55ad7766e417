"""
A second set of books for a simulated broker, kept from its reports alone.

It shares no arithmetic with `maemae.venue`: charges come from the fill-by-fill methods of
the schedule, quantities from the domain's own order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, ExecId, Symbol
from maemae.domain.order import Order
from maemae.domain.order_status import CLOSED, ExecType
from maemae.domain.terms import Side
from maemae.krx.calendar import settlement_date
from maemae.krx.costs import CostSchedule, Rounding
from maemae.krx.instrument import Instrument


class ShadowAccount:
    """What one account must hold [won, shares]."""

    def __init__(self, cash: int) -> None:
        self.cash = cash
        self.unsettled: dict[date, int] = defaultdict(int)
        self.shares: dict[Symbol, int] = defaultdict(int)
        self.owed: list[tuple[date, int]] = []
        self.turnover: dict[object, int] = defaultdict(int)


class Shadow:
    """The books that a broker's reports imply."""

    def __init__(self, schedule: CostSchedule, instruments: Iterable[Instrument]) -> None:
        self.schedule = schedule
        self.instruments = {instrument.symbol: instrument for instrument in instruments}
        self.accounts: dict[AccountId, ShadowAccount] = {}
        self.orders: dict[ClOrdId, Order] = {}
        self.seen: set[ExecId] = set()
        self.day = date.min

    def start_session(self, day: date) -> None:
        """Settle what is due and pay dividends."""
        self.day = day
        for account in self.accounts.values():
            account.turnover.clear()
            for due in [due for due in account.unsettled if due <= day]:
                del account.unsettled[due]
            account.cash += sum(amount for pay_date, amount in account.owed if pay_date <= day)
            account.owed = [owed for owed in account.owed if owed[0] > day]

    def take(self, reports: Iterable[ExecutionReport]) -> None:
        """Book what the reports say; each has a number of its own."""
        for report in reports:
            assert report.exec_id not in self.seen
            self.seen.add(report.exec_id)
            order = self.orders[report.cl_ord_id].apply(report)
            assert not order.is_overfilled
            self.orders[report.cl_ord_id] = order
            if report.exec_type is ExecType.TRADE:
                self._book(order, report.last_qty, report.last_px)

    def working(self, account_id: AccountId) -> list[Order]:
        """Return the open orders of an account."""
        return [
            order
            for order in self.orders.values()
            if order.account_id == account_id and order.status not in CLOSED
        ]

    def apply(self, action: CorporateAction) -> None:
        """Change every holding of the instrument, by the sentence of the action."""
        for account in self.accounts.values():
            held = account.shares[action.symbol]
            if isinstance(action, ShareChange | Merger):
                new = held * action.numerator
                whole = new // action.denominator
                fraction = new - whole * action.denominator
                heir = action.successor if isinstance(action, Merger) else action.symbol
                account.shares[action.symbol] = 0
                account.shares[heir] += whole
                account.cash += fraction * action.cash_per_share // action.denominator
            elif isinstance(action, CashDividend):
                gross = held * action.amount
                account.owed.append((action.pay_date, gross - gross * action.tax_ppm // 10**6))
            elif isinstance(action, RightsIssue):
                rights = held * action.numerator // action.denominator
                account.cash += rights * action.right_price
            elif isinstance(action, Delisting):
                account.shares[action.symbol] = 0
                account.cash += held * action.cash_per_share

    def _book(self, order: Order, qty: int, px: int) -> None:
        account = self.accounts[order.account_id]
        by_day = self.schedule.rounding is Rounding.PER_DAY
        key = (order.symbol, order.side) if by_day else order.cl_ord_id
        before, notional = account.turnover[key], qty * px
        account.turnover[key] += notional
        charges = self.schedule.charge_for_fill(before, notional)
        if order.side is Side.BUY:
            moved = -notional - charges
            account.shares[order.symbol] += qty
        else:
            instrument = self.instruments[order.symbol]
            tax = self.schedule.tax_for_fill(before, notional, instrument, self.day)
            moved = notional - charges - tax
            account.shares[order.symbol] -= qty
        account.cash += moved
        account.unsettled[settlement_date(self.day)] += moved
