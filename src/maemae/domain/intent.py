"""
What a strategy or a person wishes, before anything was checked.

Ratios are whole parts per million, so that no float ever reaches an order: 0.1 is 100,000.
"""

from __future__ import annotations

from typing import Final

import msgspec

from maemae.domain.exit_terms import ExitTerms
from maemae.domain.ids import AccountId, ClOrdId, IntentId, SleeveId, Symbol
from maemae.domain.parent import Crossing, Slice
from maemae.domain.terms import Cause, OrdType, Purpose, Side, TimeInForce

MILLION: Final = 1_000_000
"""Parts per million in one whole."""


class Shares(msgspec.Struct, frozen=True, tag="SHARES", gc=False):
    """That many shares [> 0]."""

    qty: int


class Cash(msgspec.Struct, frozen=True, tag="CASH", gc=False):
    """As many shares as that much buys at the last price [won, > 0]."""

    won: int


class Weight(msgspec.Struct, frozen=True, tag="WEIGHT", gc=False):
    """As many shares as that share of the sleeve's equity buys at the last price [ppm, > 0]."""

    ppm: int


class Everything(msgspec.Struct, frozen=True, tag="EVERYTHING", gc=False):
    """All sellable shares of the position."""


class Risk(msgspec.Struct, frozen=True, tag="RISK", omit_defaults=True, gc=False):
    """
    As many shares as lose so much if the price goes from the entry to the order's stop.

    Attributes:
        ppm: Of the sleeve's equity [parts per million]; 0 if in won.
        won: The same [won]; 0 if a share of the equity.
    """

    ppm: int = 0
    won: int = 0


Size = Shares | Cash | Weight | Risk | Everything


class OrderIntent(msgspec.Struct, frozen=True, tag="ORDER", omit_defaults=True, gc=False):
    """
    A wish to buy or sell one instrument.

    Attributes:
        intent_id: The same wish always carries the same number; a second one is ignored.
        price: Limit price [won, on the tick]; None for a market order.
        within: Buy or sell at most this far beyond the last price [ppm]: a limit order at
            the last price plus or minus it. Not together with price.
        stop_loss, take_profit: Distance from the entry price at which to leave [ppm].
        at: When it was wished [ns, UTC].
        cause: Who or what wished it.
        exits: What else is said of how to leave; None if nothing is.
    """

    intent_id: IntentId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    side: Side
    size: Size
    at: int
    price: int | None = None
    within: int | None = None
    stop_loss: int | None = None
    take_profit: int | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    purpose: Purpose = Purpose.NEW
    cause: Cause = Cause.SIGNAL
    exits: ExitTerms | None = None

    @property
    def ord_type(self) -> OrdType:
        """LIMIT if a price is named or bounded, otherwise MARKET."""
        return _MARKET if self.price is None and self.within is None else _LIMIT


class TargetWeights(msgspec.Struct, frozen=True, tag="TARGET_WEIGHTS", omit_defaults=True):
    """
    A wish to hold these instruments in these shares of the sleeve's equity, and no others.

    Sells go first; buys wait until every sell has ended, and are scaled down together if
    cash runs short.

    Attributes:
        weights: Instrument and share of equity [ppm]; what is not named is sold.
        within: Bound of the orders' price beyond the last price [ppm]; None sends market orders.
        band: What is held of a named instrument is left as it is while it differs from its
            target by less than that share of the equity [ppm].
    """

    intent_id: IntentId
    account_id: AccountId
    sleeve_id: SleeveId
    weights: tuple[tuple[Symbol, int], ...]
    at: int
    within: int | None = None
    band: int = 0


class ParentIntent(msgspec.Struct, frozen=True, tag="PARENT", omit_defaults=True):
    """
    A wish whose orders the core sends by itself, one after the other.

    Attributes:
        order: The whole; its number is the parent's, its size is taken when it begins.
        starts_at: Not before that instant [ns, UTC]; 0 for at once.
        crossing: Not before the price was there; not together with `starts_at`.
        slices: Its parts, in the order in which they leave.
        sessions: Sessions in which it may send; what is left then expires.
    """

    order: OrderIntent
    starts_at: int = 0
    crossing: Crossing | None = None
    slices: tuple[Slice, ...] = (Slice(),)
    sessions: int = 1

    @property
    def intent_id(self) -> IntentId:
        """Number of the wish."""
        return self.order.intent_id

    @property
    def account_id(self) -> AccountId:
        """Account of its orders."""
        return self.order.account_id

    @property
    def sleeve_id(self) -> SleeveId:
        """Sleeve of its orders."""
        return self.order.sleeve_id

    @property
    def symbol(self) -> Symbol:
        """What is traded."""
        return self.order.symbol

    @property
    def at(self) -> int:
        """When it was wished [ns, UTC]."""
        return self.order.at

    @property
    def opens(self) -> bool:
        """Whether it takes new risk."""
        return self.order.side is Side.BUY


class WithdrawIntent(msgspec.Struct, frozen=True, tag="WITHDRAW"):
    """A wish to take back every parent order of an instrument, with what of them works."""

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    at: int


class CancelIntent(msgspec.Struct, frozen=True, tag="CANCEL"):
    """A wish to cancel what is left of an order."""

    cl_ord_id: ClOrdId
    at: int


class ReplaceIntent(msgspec.Struct, frozen=True, tag="REPLACE"):
    """
    A wish to change a working order.

    Attributes:
        price: The new limit price [won, on the tick].
        order_qty: The new quantity, what is filled already included [shares].
    """

    cl_ord_id: ClOrdId
    price: int
    order_qty: int
    at: int


_MARKET: Final = OrdType.MARKET
_LIMIT: Final = OrdType.LIMIT

Intent = OrderIntent | TargetWeights | ParentIntent | CancelIntent | ReplaceIntent | WithdrawIntent
