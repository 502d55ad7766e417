"""What waits while a company changes its shares, told in new shares and their prices."""

from __future__ import annotations

from msgspec.structs import replace

from maemae.core.actions import IntentParked, IntentReleased, ProtectionSet
from maemae.core.desk import Desk
from maemae.core.state import Sleeve
from maemae.domain.corporate_action import RightsIssue, ShareChange
from maemae.domain.exit_terms import ExitTerms, Trail
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.terms import Side


def restate_parked(desk: Desk, action: ShareChange) -> None:
    """
    Tell wishes that wait for the market in new shares; they keep their order.

    A limit moves away from the market to the next valid price.
    """
    parked = tuple(desk.state.parked)
    if not any(isinstance(each, OrderIntent) and each.symbol == action.symbol for each in parked):
        return
    for intent in parked:
        desk.do(IntentReleased(intent.intent_id))
        if isinstance(intent, OrderIntent) and intent.symbol == action.symbol:
            desk.do(IntentParked(_restated(desk, intent, action)))
        else:
            desk.do(IntentParked(intent))


def restated_trail(trail: Trail | None, up: int, down: int) -> Trail | None:
    """Return a trailing stop's distance in prices of `up / down` of what they were."""
    if trail is None or not trail.won:
        return trail
    return Trail(won=max(1, trail.won * up // down))


def lower_guard(desk: Desk, sleeve: Sleeve, action: RightsIssue) -> None:
    """Let a guard follow the price down by what the rights are worth, once it has followed."""
    guard = sleeve.protections.get(action.symbol)
    price = desk.market.prices.get(action.symbol)
    worth = worth_of_right(action)
    if guard is None or price is None or not worth:
        return
    desk.do(
        ProtectionSet(
            sleeve.account_id,
            sleeve.sleeve_id,
            action.symbol,
            guard.stop_px * price // (price + worth),
            -(-guard.take_px * price // (price + worth)),
            restated_trail(guard.trail, price, price + worth),
            guard.leave_at,
            guard.cooldown,
        )
    )


def worth_of_right(action: RightsIssue) -> int:
    """Return what the rights of one share are worth, cut down [won]."""
    return action.right_price * action.numerator // action.denominator


def _restated(desk: Desk, intent: OrderIntent, action: ShareChange) -> OrderIntent:
    up, down = action.denominator, action.numerator
    size, price = intent.size, intent.price
    if isinstance(size, Shares):
        size = Shares(size.qty * down // up)
    if price is not None:
        price = max(1, price * up // down)
        table = desk.market.ticks.get(intent.symbol)
        if table is not None:
            price = table.floor(price) if intent.side is Side.BUY else table.ceil(price)
    return replace(intent, size=size, price=price, exits=_exits(intent.exits, up, down))


def _exits(exits: ExitTerms | None, up: int, down: int) -> ExitTerms | None:
    if exits is None:
        return None
    stop_won, take_won = (
        None if won is None else max(1, won * up // down)
        for won in (exits.stop_won, exits.take_won)
    )
    trail = restated_trail(exits.trail, up, down)
    return replace(exits, stop_won=stop_won, take_won=take_won, trail=trail)
