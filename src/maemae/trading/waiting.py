"""What waits inside the core and sends its orders by itself, as people look at it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import unique

import msgspec

from maemae.core.state import CoreState, Parent, Rebalance
from maemae.domain.ids import AccountId, IntentId, SleeveId, Symbol
from maemae.domain.intent import OrderIntent, TargetWeights
from maemae.domain.parent import Crossing
from maemae.domain.terms import Side, Term


@unique
class WaitsFor(Term):
    """What must come before a wish goes on."""

    PRICE = "PRICE"  # the instrument reaches a level
    TIME = "TIME"  # its hour
    PART = "PART"  # the turn of its next part
    FILLS = "FILLS"  # its orders at the broker end
    MARKET = "MARKET"  # the market, or trading, takes it again


class Waiting(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A wish that is not done with; by its number it is taken back.

    Attributes:
        symbol, side: None for a rebalancing, which names several.
        filled, qty: Shares it got by orders that have ended or work, and the whole; 0 of 0
            until it was sized.
        sent, parts: Parts that have had their turn, and all of them; 0 of 0 likewise.
        at: From when on it goes on [ns, UTC]; None where the clock does not say.
        crossing: The level it waits for.
    """

    intent_id: IntentId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol | None
    side: Side | None
    waits_for: WaitsFor
    filled: int = 0
    qty: int = 0
    sent: int = 0
    parts: int = 0
    at: int | None = None
    crossing: Crossing | None = None


def waiting(state: CoreState, now: int) -> tuple[Waiting, ...]:
    """Return every wish that waits at an instant [ns, UTC], oldest first of each kind."""
    return tuple(_all(state, now))


def _all(state: CoreState, now: int) -> Iterator[Waiting]:
    for parent in state.parents.values():
        yield _of_parent(state, parent, now)
    for rebalance in state.rebalances.values():
        yield _of_rebalance(state, rebalance)
    for intent in state.parked:
        yield _of_parked(intent)


def _of_parent(state: CoreState, parent: Parent, now: int) -> Waiting:
    intent, at = parent.intent, parent.next_at
    is_timed = at is not None and at > now
    crossing = None if parent.parts else intent.crossing
    return Waiting(
        intent.intent_id,
        intent.account_id,
        intent.sleeve_id,
        intent.symbol,
        intent.order.side,
        WaitsFor.PRICE if crossing is not None else _turn(parent, is_timed=is_timed),
        parent.filled + sum(state.orders[number].cum_qty for number in parent.working),
        parent.qty,
        parent.sent,
        len(parent.parts),
        at if is_timed else None,
        crossing,
    )


def _turn(parent: Parent, *, is_timed: bool) -> WaitsFor:
    if is_timed:
        return WaitsFor.PART if parent.parts else WaitsFor.TIME
    return WaitsFor.FILLS if parent.working and parent.next_at is None else WaitsFor.MARKET


def _of_rebalance(state: CoreState, rebalance: Rebalance) -> Waiting:
    orders = [state.orders[each] for each in rebalance.waits_for if each in state.orders]
    is_selling = any(not order.is_closed for order in orders)
    intent = rebalance.intent
    return Waiting(
        intent.intent_id,
        intent.account_id,
        intent.sleeve_id,
        None,
        None,
        WaitsFor.FILLS if is_selling else WaitsFor.MARKET,
    )


def _of_parked(intent: OrderIntent | TargetWeights) -> Waiting:
    order = intent if isinstance(intent, OrderIntent) else None
    return Waiting(
        intent.intent_id,
        intent.account_id,
        intent.sleeve_id,
        None if order is None else order.symbol,
        None if order is None else order.side,
        WaitsFor.MARKET,
    )
