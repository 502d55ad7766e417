"""
What an executor, or a backtest, did on a day, and what it knew when it did it.

Two of these are compared by `maemae.analytics.parity`. A key names the same wish on both sides:
instant, instrument and leg of a strategy's wish; for what the core sends by itself, the buy
whose shares it leaves.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from maemae.domain.ids import SleeveId, Symbol
from maemae.domain.refusal import Refusal
from maemae.domain.terms import Cause, OrdType, Side
from maemae.domain.text import Text


class Knowledge(msgspec.Struct, frozen=True):
    """
    What an order was sized by.

    Attributes:
        px: Last price [won]; 0 for none.
        px_at: When that traded [ns, UTC].
        equity: Of the sleeve at last prices [won]; None if one is missing.
        cash: That the sleeve could order with [won].
        held: Shares of the instrument in the sleeve.
    """

    px: int
    px_at: int
    equity: int | None
    cash: int
    held: int


class OrderSeen(msgspec.Struct, frozen=True):
    """
    An order and what came of it; of an exit in several tries, all of them together.

    Attributes:
        bar: Instant at which the bar was complete that it was decided upon [ns, UTC].
        sent_at: When it was sent first [ns, UTC].
        ways: Type of each order that was sent, in order.
        qty: Asked for by the first [shares].
        filled: By all of them [shares].
        notional, charges: Of the fills [won].
        filled_at: Of the first fill [ns, UTC]; -1 without one.
        print_px, print_at: The last print that was seen when the first fill came.
        known: What it was sized by.
        unsent_at: When it was said that it would not leave any more [ns, UTC]; -1 if never.
    """

    key: str
    sleeve_id: SleeveId
    symbol: Symbol
    side: Side
    cause: Cause
    bar: int
    sent_at: int
    ways: tuple[OrdType, ...]
    qty: int
    filled: int
    notional: int
    charges: int
    filled_at: int
    print_px: int
    print_at: int
    known: Knowledge
    unsent_at: int = -1

    @property
    def px(self) -> float:
        """Average price of its fills [won]; 0 without one."""
        return self.notional / self.filled if self.filled else 0.0

    @property
    def cash_flow(self) -> int:
        """What its fills brought (> 0) or cost, after charges [won]."""
        return (-self.notional if self.side is Side.BUY else self.notional) - self.charges


class RefusalSeen(msgspec.Struct, frozen=True):
    """A wish that the gate refused, with every reason."""

    key: str
    sleeve_id: SleeveId
    symbol: Symbol
    refusals: tuple[Refusal, ...]
    at: int


class HoldingSeen(msgspec.Struct, frozen=True):
    """Shares of an instrument in a sleeve, from an instant on [ns, UTC]."""

    sleeve_id: SleeveId
    symbol: Symbol
    at: int
    qty: int


class GuardSeen(msgspec.Struct, frozen=True):
    """Prices at which a position is left, from an instant on; 0 for none [won]."""

    sleeve_id: SleeveId
    symbol: Symbol
    at: int
    stop_px: int
    take_px: int


class DoubtSeen(msgspec.Struct, frozen=True):
    """
    A guarded instrument whose price was not known for sure.

    Attributes:
        px: The print that was doubted [won]; 0 where there was none for too long.
    """

    symbol: Symbol
    at: int
    px: int


class TradedDay(msgspec.Struct, frozen=True):
    """
    One side's day, everything oldest first.

    Attributes:
        heard: Keys of wishes that reached the core.
        parked: Keys of those that wait for the market to open.
        equities: Of each sleeve, when its day ended [won].
    """

    orders: Sequence[OrderSeen] = ()
    refused: Sequence[RefusalSeen] = ()
    heard: frozenset[str] = frozenset()
    parked: frozenset[str] = frozenset()
    held: Sequence[HoldingSeen] = ()
    guards: Sequence[GuardSeen] = ()
    doubts: Sequence[DoubtSeen] = ()
    equities: dict[SleeveId, int] = {}

    def has_heard(self, key: str) -> bool:
        """Return whether a wish reached the core, or the rebalancing that it is a leg of."""
        return key in self.heard or key.rsplit(":", 2)[0] in self.heard

    def shares_before(self, sleeve_id: SleeveId, symbol: Symbol, at: int) -> int:
        """Return what a sleeve held of an instrument just before an instant [shares]."""
        qty = 0
        for each in self.held:
            if each.at < at and (each.sleeve_id, each.symbol) == (sleeve_id, symbol):
                qty = each.qty
        return qty

    def under_way(self, sleeve_id: SleeveId, symbol: Symbol, at: int) -> OrderSeen | None:
        """Return an order decided upon before an instant and sent or filled after it, if any."""
        for each in self.orders:
            is_of = (each.sleeve_id, each.symbol) == (sleeve_id, symbol)
            if is_of and each.bar < at < max(each.sent_at, each.filled_at):
                return each
        return None

    def held_within(self, sleeve_id: SleeveId, symbol: Symbol, since: int, until: int) -> list[int]:
        """Return the first instants after each change of a holding in a span [ns, UTC]."""
        return [
            each.at + 1
            for each in self.held
            if since <= each.at < until and (each.sleeve_id, each.symbol) == (sleeve_id, symbol)
        ]

    def guard_before(self, sleeve_id: SleeveId, symbol: Symbol, at: int) -> GuardSeen | None:
        """Return the guard of a position as it stood just before an instant; None without one."""
        found = None
        for each in self.guards:
            if each.at < at and (each.sleeve_id, each.symbol) == (sleeve_id, symbol):
                found = each if each.stop_px or each.take_px else None
        return found


class Outage(msgspec.Struct, frozen=True):
    """The executor took nothing in between these instants [ns, UTC]."""

    since: int
    until: int


class DroppedSeen(msgspec.Struct, frozen=True):
    """
    What a strategy wished at a bar or fill, and nobody acted upon.

    Attributes:
        at: Of the bar or fill [ns, UTC].
        heard_at: When it arrived [ns, UTC].
        is_paused: Whether a person had paused the strategy; otherwise it came too late.
    """

    sleeve_id: SleeveId
    at: int
    heard_at: int
    is_paused: bool


class BarSeen(msgspec.Struct, frozen=True):
    """
    A bar that the strategies saw otherwise than it is in the dataset.

    Attributes:
        known: When it was complete [ns, UTC].
        live, backtest: Open, high, low, close [won] and volume [shares]; None for no bar.
    """

    symbol: Symbol
    known: int
    live: tuple[int, ...] | None
    backtest: tuple[int, ...] | None


class Surroundings(msgspec.Struct, frozen=True):
    """
    What is known of the live day beside its orders.

    Attributes:
        failures: What was alerted of strategies that failed; when, is not told in the
            exchange's time.
        bars: Those that differ.
        bars_equal: How many were the same.
        path: Open, high, low and close [won] of each bar of the dataset, by instrument and the
            instant at which it was complete.
    """

    outages: Sequence[Outage] = ()
    dropped: Sequence[DroppedSeen] = ()
    failures: dict[SleeveId, Text] = {}
    bars: Sequence[BarSeen] = ()
    bars_equal: int = 0
    path: dict[tuple[Symbol, int], tuple[int, int, int, int]] = {}
