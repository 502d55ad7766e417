"""What each fill cost and earned: charges as the House cuts them down, profit at average cost."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import date

import msgspec

from maemae.domain.ids import AccountId, Symbol
from maemae.domain.statement import StatedExecution
from maemae.domain.terms import Side
from maemae.emulators.books import Books, Row
from maemae.krx.costs import CostSchedule, Rounding


class Deal(msgspec.Struct, frozen=True):
    """
    One fill.

    Attributes:
        row: The order it belongs to.
        fee, tax: Charged for it [won].
        cost: What the shares had cost, for a sale [won]; without charges.
    """

    day: date
    row: Row
    fill: StatedExecution
    fee: int
    tax: int
    cost: int

    @property
    def symbol(self) -> Symbol:
        """What was traded."""
        return self.row.symbol

    @property
    def is_sale(self) -> bool:
        """Whether shares were sold."""
        return self.row.side is Side.SELL

    @property
    def notional(self) -> int:
        """Price times quantity [won]."""
        return self.fill.px * self.fill.qty

    @property
    def profit(self) -> int:
        """What a sale earned after its charges [won]; 0 for a purchase."""
        return self.notional - self.cost - self.fee - self.tax if self.is_sale else 0

    @property
    def flow(self) -> int:
        """What it brings in cash after its charges, negative for what it costs [won]."""
        return self.notional - self.fee - self.tax if self.is_sale else -self.notional - self.fee


class _Held(msgspec.Struct):
    qty: int = 0
    cost: int = 0


class DealBook:
    """
    The deals of every account, kept up with the broker's lists.

    Args:
        books: The lists.
        schedule: What the broker charges.
    """

    def __init__(self, books: Books, schedule: CostSchedule) -> None:
        self._books = books
        self._schedule = schedule
        self._deals: dict[AccountId, list[Deal]] = {}
        self._taken: dict[tuple[AccountId, date], int] = {}
        self._by_day = schedule.rounding is Rounding.PER_DAY
        self._filled: dict[Hashable, int] = {}
        self._held: dict[tuple[AccountId, Symbol], _Held] = {}

    def deals(self, account_id: AccountId) -> list[Deal]:
        """Return every deal of an account, oldest first."""
        deals = self._deals.setdefault(account_id, [])
        for day in self._books.days():
            key = account_id, day
            fills = self._books.executions(account_id, day)
            taken = self._taken.get(key, 0)
            if taken < len(fills):
                rows = {row.order_id: row for row in self._books.rows(account_id, day)}
                deals += [self._deal(day, rows[fill.order_id], fill) for fill in fills[taken:]]
                self._taken[key] = len(fills)
        return deals

    def of_day(self, account_id: AccountId, day: date) -> list[Deal]:
        """Return the deals of one day, oldest first."""
        return [deal for deal in self.deals(account_id) if deal.day == day]

    def charges(
        self, account_id: AccountId, day: date, fills: Sequence[StatedExecution]
    ) -> tuple[int, int]:
        """Return commission and tax of some fills of a day [won]."""
        if not fills:
            return 0, 0
        known = {fill.exec_id for fill in fills}
        own = [deal for deal in self.of_day(account_id, day) if deal.fill.exec_id in known]
        return sum(deal.fee for deal in own), sum(deal.tax for deal in own)

    def _deal(self, day: date, row: Row, fill: StatedExecution) -> Deal:
        notional = fill.px * fill.qty
        key: Hashable = (day, row.tag)
        if self._by_day:
            key = (day, row.account_id, row.symbol, row.side)
        before = self._filled.get(key, 0)
        self._filled[key] = before + notional
        fee = self._schedule.charge_for_fill(before, notional)
        held = self._held.setdefault((row.account_id, row.symbol), _Held())
        if row.side is Side.BUY:
            held.qty += fill.qty
            held.cost += notional
            return Deal(day, row, fill, fee, 0, 0)
        instrument = self._books.rules[row.symbol].instrument
        tax = self._schedule.tax_for_fill(before, notional, instrument, day)
        cost = held.cost * fill.qty // held.qty if held.qty else notional
        held.cost -= cost
        held.qty -= fill.qty
        return Deal(day, row, fill, fee, tax, cost)
