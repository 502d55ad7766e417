"""What trading cost: commission, tax, and what was paid beyond the price that was seen."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from maemae.domain.ids import SleeveId, Symbol
from maemae.domain.terms import Side


class Execution(msgspec.Struct, frozen=True, gc=False):
    """
    One fill beside the price that was known when its order left.

    Attributes:
        qty: Filled [shares, > 0].
        px: Price of the fill [won].
        seen: Last price known when the order left [won].
        opening: Price of the bar's opening, if the order waited for it and filled there [won];
            0 if it filled inside a bar.
        commission, tax: Charged for this fill [won].
        volume: Shares that traded in the bar of the fill.
        at: When it filled [ns, UTC].
    """

    sleeve_id: SleeveId
    symbol: Symbol
    side: Side
    qty: int
    px: int
    seen: int
    opening: int
    commission: int
    tax: int
    volume: int
    at: int

    @property
    def slippage(self) -> int:
        """
        What it cost more than the price that it met [won]; below 0 it was better.

        An order that waited for an opening met the opening's price, any other one the last
        price before it left.
        """
        return self._against(self.px, self.opening or self.seen)

    @property
    def gap(self) -> int:
        """What the price moved against it from the decision to the opening [won]."""
        return self._against(self.opening, self.seen) if self.opening else 0

    def _against(self, paid: int, reference: int) -> int:
        difference = (paid - reference) * self.qty
        return difference if self.side is Side.BUY else -difference


class Costs(msgspec.Struct, frozen=True):
    """
    Costs of several fills; with the profit before costs they add up to the profit.

    Attributes:
        commission, tax: Charged [won].
        slippage: Paid beyond the price that each order met [won]; below 0 it was a gain.
        gap: What prices moved against the orders from decision to opening [won]. It is no
            cost of trading but of deciding a bar earlier, and is not in the total.
    """

    commission: int
    tax: int
    slippage: int
    gap: int

    @property
    def total(self) -> int:
        """Commission, tax and slippage [won]."""
        return self.commission + self.tax + self.slippage


def costs_of(executions: Iterable[Execution]) -> Costs:
    """Return the costs of fills."""
    commission = tax = slippage = gap = 0
    for one in executions:
        commission += one.commission
        tax += one.tax
        slippage += one.slippage
        gap += one.gap
    return Costs(commission, tax, slippage, gap)
