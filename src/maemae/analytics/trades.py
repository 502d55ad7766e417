"""Closed trades out of fills, at the average cost of the ledger, and their figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import ClOrdId, SleeveId, Symbol
from maemae.domain.instant import DAY
from maemae.domain.terms import Side


class TradeFill(msgspec.Struct, frozen=True, gc=False):
    """
    One fill with its costs.

    A holding that disappears for cash (merger, delisting) is a sale at what was paid for it.

    Attributes:
        qty: Filled [shares, > 0].
        px: Price [won per share].
        commission: Charged for this fill [won].
        tax: Charged for this fill [won].
        at: When it happened [ns, UTC].
        reason: Code of why the order was sent; kept for sales.
    """

    sleeve_id: SleeveId
    symbol: Symbol
    cl_ord_id: ClOrdId
    side: Side
    qty: int
    px: int
    commission: int
    tax: int
    at: int
    reason: str = ""


class Restated(msgspec.Struct, frozen=True):
    """
    A holding as a corporate action left it (split, reverse split, bonus, rights).

    Attributes:
        qty: Held afterwards [shares]; 0 when the holding became one of another symbol.
        cost: Paid for it, without commission [won].
        at: When it took effect [ns, UTC].
    """

    sleeve_id: SleeveId
    symbol: Symbol
    qty: int
    cost: int
    at: int


class RoundTrip(msgspec.Struct, frozen=True, gc=False):
    """
    What one selling order closed, against the average cost of the holding.

    `pnl = proceeds - cost - commission - tax`; every part is whole won, and over a holding that
    was sold out the parts add up to the fills exactly.

    Attributes:
        opened_at: First purchase since the holding was last empty [ns, UTC].
        closed_at: Last fill of the selling order [ns, UTC].
        qty: Sold [shares].
        cost: Share of the purchase price, without commission [won].
        proceeds: Sale price [won].
        commission: Of the sale and the share of the purchases' [won].
        tax: Of the sale and the share of the purchases' [won].
        pnl: Realized profit after all costs [won].
        reason: Code of why it was sold.
    """

    sleeve_id: SleeveId
    symbol: Symbol
    opened_at: int
    closed_at: int
    qty: int
    cost: int
    proceeds: int
    commission: int
    tax: int
    pnl: int
    reason: str

    @property
    def return_ratio(self) -> float | None:
        """`pnl / cost` [ratio]; None for a holding that cost nothing."""
        return None if self.cost <= 0 else self.pnl / self.cost

    @property
    def entry_avg(self) -> float:
        """Average purchase price [won per share]."""
        return self.cost / self.qty

    @property
    def exit_avg(self) -> float:
        """Average sale price [won per share]."""
        return self.proceeds / self.qty


class TradeStats(msgspec.Struct, frozen=True):
    """
    Figures of closed trades; what cannot be said of no trade at all is None.

    Attributes:
        count: Closed trades.
        wins: Trades with `pnl > 0`; one that breaks even is neither a win nor a loss.
        losses: Trades with `pnl < 0`.
        win_rate: `wins / count` [ratio].
        profit_factor: `sum of gains / abs(sum of losses)`; None without a loss.
        expectancy: `sum of pnl / count` [won per trade].
        average_win: `sum of gains / wins` [won]; None without a win.
        average_loss: `sum of losses / losses` [won, < 0]; None without a loss.
        holding_days: Mean of `closed_at - opened_at` [calendar days].
        best: Largest pnl [won].
        worst: Smallest pnl [won].
    """

    count: int
    wins: int
    losses: int
    win_rate: float | None
    profit_factor: float | None
    expectancy: float | None
    average_win: float | None
    average_loss: float | None
    holding_days: float | None
    best: int | None
    worst: int | None


class _Holding(msgspec.Struct, gc=False):
    """A position at average cost, and the charges of its purchases [won]."""

    qty: int = 0
    cost: int = 0
    commission: int = 0
    tax: int = 0
    opened_at: int = 0

    def restate(self, qty: int, cost: int, at: int) -> None:
        if self.qty == 0:
            self.opened_at = at
        self.qty, self.cost = qty, cost

    def add(self, fill: TradeFill) -> None:
        self.restate(self.qty + fill.qty, self.cost + fill.qty * fill.px, fill.at)
        self.commission += fill.commission
        self.tax += fill.tax

    def take(self, fill: TradeFill) -> RoundTrip:
        """Remove the sold part; shares of won are cut down, as the ledger does."""
        if fill.qty > self.qty:
            raise InvalidValueError(
                f"{fill.symbol} 보유 {self.qty}주보다 많은 {fill.qty}주의 매도 체결입니다. "
                "빠진 매수 체결이나 기업 행위를 확인하세요.",
                f"A fill sells {fill.qty} of {fill.symbol}, but only {self.qty} are held. "
                "Look for a missing purchase or corporate action.",
            )
        cost = self.cost * fill.qty // self.qty
        commission = self.commission * fill.qty // self.qty
        tax = self.tax * fill.qty // self.qty
        self.qty -= fill.qty
        self.cost -= cost
        self.commission -= commission
        self.tax -= tax
        proceeds = fill.qty * fill.px
        commission += fill.commission
        tax += fill.tax
        return RoundTrip(
            fill.sleeve_id,
            fill.symbol,
            self.opened_at,
            fill.at,
            fill.qty,
            cost,
            proceeds,
            commission,
            tax,
            proceeds - cost - commission - tax,
            fill.reason,
        )


def round_trips(events: Iterable[TradeFill | Restated]) -> list[RoundTrip]:
    """
    Return the closed trades, one for each selling order, in the order of its first fill.

    Args:
        events: Fills and restated holdings in the order they were booked.

    Raises:
        InvalidValueError: A fill sells more than is held.
    """
    holdings: dict[tuple[SleeveId, Symbol], _Holding] = {}
    trips: dict[tuple[SleeveId, Symbol, ClOrdId], RoundTrip] = {}
    buy = Side.BUY
    for event in events:
        place = event.sleeve_id, event.symbol
        holding = holdings.get(place)
        if holding is None:
            holding = holdings[place] = _Holding()
        if isinstance(event, Restated):
            holding.restate(event.qty, event.cost, event.at)
        elif event.side is buy:
            holding.add(event)
        else:
            order = (event.sleeve_id, event.symbol, event.cl_ord_id)
            part = holding.take(event)
            trips[order] = _joined(trips[order], part) if order in trips else part
    return list(trips.values())


def trade_stats(trips: Sequence[RoundTrip]) -> TradeStats:
    """Return the figures of closed trades; see `TradeStats` for each formula."""
    pnls = [trip.pnl for trip in trips]
    gains = [pnl for pnl in pnls if pnl > 0]
    losses = [pnl for pnl in pnls if pnl < 0]
    held = [float(trip.closed_at - trip.opened_at) for trip in trips]
    return TradeStats(
        count=len(pnls),
        wins=len(gains),
        losses=len(losses),
        win_rate=len(gains) / len(pnls) if pnls else None,
        profit_factor=sum(gains) / -sum(losses) if losses else None,
        expectancy=_mean(pnls),
        average_win=_mean(gains),
        average_loss=_mean(losses),
        holding_days=sum(held) / len(held) / DAY if held else None,
        best=max(pnls, default=None),
        worst=min(pnls, default=None),
    )


def _joined(one: RoundTrip, two: RoundTrip) -> RoundTrip:
    return msgspec.structs.replace(
        one,
        closed_at=two.closed_at,
        qty=one.qty + two.qty,
        cost=one.cost + two.cost,
        proceeds=one.proceeds + two.proceeds,
        commission=one.commission + two.commission,
        tax=one.tax + two.tax,
        pnl=one.pnl + two.pnl,
    )


def _mean(values: Sequence[int]) -> float | None:
    return sum(values) / len(values) if values else None
