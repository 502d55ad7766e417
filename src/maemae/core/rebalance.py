"""Rebalancing to target weights: sells first, buys once every sell has ended."""

from __future__ import annotations

from typing import Final

from maemae.core import sizing
from maemae.core.actions import (
    IntentParked,
    IntentRefused,
    IntentReleased,
    RebalanceEnded,
    RebalanceStarted,
)
from maemae.core.desk import Desk
from maemae.core.orders import is_known, is_stale, place
from maemae.core.state import Rebalance, Sleeve
from maemae.domain.ids import ClOrdId, IntentId, Symbol
from maemae.domain.intent import MILLION, OrderIntent, Shares, TargetWeights
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import Purpose, Side, TradingState
from maemae.krx.session import is_regular

SESSIONS_TO_END: Final = 3
"""Sessions after the wish in which a rebalancing may still buy: its sells may need some."""


def take_target_weights(desk: Desk, intent: TargetWeights) -> None:
    """Start a rebalancing seen for the first time, or park it until the market opens."""
    if is_known(desk, intent.intent_id):
        return
    if desk.state.find_sleeve(intent.account_id, intent.sleeve_id) is None:
        _refuse(desk, intent, Reason.UNKNOWN_ACCOUNT)
        return
    if is_stale(desk, intent.at):
        _refuse(desk, intent, Reason.INTENT_EXPIRED)
        return
    if is_regular(desk.market.phase):
        _start(desk, intent)
    else:
        desk.do(IntentParked(intent))


def _refuse(desk: Desk, intent: TargetWeights, reason: Reason) -> None:
    """Refuse a whole rebalancing; it names no one instrument."""
    desk.do(
        IntentRefused(
            intent.intent_id,
            intent.account_id,
            intent.sleeve_id,
            Symbol(""),
            (Refusal(reason),),
            desk.now,
        )
    )


def release(desk: Desk, intent: TargetWeights) -> None:
    """Start a rebalancing that waited for the market to open."""
    desk.do(IntentReleased(intent.intent_id))
    if is_stale(desk, intent.at):
        _refuse(desk, intent, Reason.INTENT_EXPIRED)
    else:
        _start(desk, intent)


def advance(desk: Desk) -> None:
    """
    Send the buys of every rebalancing whose sells have all ended, when the market is open.

    While trading is not ACTIVE they wait, as parked wishes do.
    """
    if desk.state.rebalances and may_advance(desk):
        for rebalance in tuple(desk.state.rebalances.values()):
            intent = rebalance.intent
            if is_stale(desk, intent.at, SESSIONS_TO_END):
                _refuse(desk, intent, Reason.INTENT_EXPIRED)
                desk.do(RebalanceEnded(intent.account_id, intent.sleeve_id))
            elif not is_selling(desk, rebalance):
                _buy(desk, desk.state.get_sleeve(intent.account_id, intent.sleeve_id), intent)
                desk.do(RebalanceEnded(intent.account_id, intent.sleeve_id))


def may_advance(desk: Desk) -> bool:
    """Whether wishes that waited may be carried out now."""
    return is_regular(desk.market.phase) and desk.state.trading_state is TradingState.ACTIVE


def is_selling(desk: Desk, rebalance: Rebalance) -> bool:
    """Whether a rebalancing still waits for one of its sells."""
    orders = desk.state.orders
    return any(number in orders and not orders[number].is_closed for number in rebalance.waits_for)


def _start(desk: Desk, intent: TargetWeights) -> None:
    sleeve = desk.state.get_sleeve(intent.account_id, intent.sleeve_id)
    targets = _targets(desk, sleeve, intent)
    sold: list[ClOrdId] = []
    for symbol in sorted(sleeve.positions):
        excess = desk.state.sellable(sleeve, symbol) - targets.get(symbol, 0)
        if excess > 0 and not _is_near(desk, sleeve, intent, symbol, excess):
            number = place(desk, _leg(desk, intent, symbol, Side.SELL, excess))
            if number is not None:
                sold.append(number)
    desk.do(RebalanceStarted(intent, tuple(sold)))
    advance(desk)


def _targets(desk: Desk, sleeve: Sleeve, intent: TargetWeights) -> dict[Symbol, int]:
    """Return the shares to hold at last prices; an instrument without a price stays as it is."""
    equity = desk.market.equity(sleeve)
    targets: dict[Symbol, int] = {}
    for symbol, ppm in intent.weights:
        price = desk.market.prices.get(symbol)
        if equity is None or price is None:
            held = sleeve.positions.get(symbol)
            targets[symbol] = 0 if held is None else held.qty
        else:
            targets[symbol] = max(0, equity * ppm // MILLION // price)
    return targets


def _is_near(
    desk: Desk, sleeve: Sleeve, intent: TargetWeights, symbol: Symbol, shares: int
) -> bool:
    """Whether a holding differs from a target that is named by less than the band."""
    if not intent.band or all(symbol != name for name, ppm in intent.weights if ppm):
        return False
    equity, price = desk.market.equity(sleeve), desk.market.prices.get(symbol)
    if equity is None or price is None:
        return False
    return shares * price * MILLION < intent.band * equity


def _buy(desk: Desk, sleeve: Sleeve, intent: TargetWeights) -> None:
    """Buy what is missing; if cash runs short every buy is cut by the same share."""
    wanted: list[tuple[Symbol, int, int]] = []
    for symbol, target in _targets(desk, sleeve, intent).items():
        held = sleeve.positions.get(symbol)
        missing = target - (0 if held is None else held.qty)
        if held is not None and _is_near(desk, sleeve, intent, symbol, missing):
            continue
        if missing > 0 and symbol not in sleeve.buying:
            leg = _leg(desk, intent, symbol, Side.BUY, missing)
            price = sizing.limit_price(desk, leg)
            wanted.append((symbol, missing, sizing.reserve_price(desk, leg, price)))
    if not wanted:
        return
    ppm = sizing.charge_ppm(desk, _leg(desk, intent, wanted[0][0], Side.BUY, 1))
    needed = sum(qty * px for _, qty, px in wanted) * (MILLION + ppm) // MILLION + len(wanted)
    spare = sleeve.orderable - desk.config.cash_spare
    share = max(0, spare - len(wanted))  # each order's charge is rounded up by itself
    for symbol, missing, _ in wanted:
        qty = missing if needed <= spare else missing * share // needed
        if qty > 0:
            place(desk, _leg(desk, intent, symbol, Side.BUY, qty))


def _leg(desk: Desk, intent: TargetWeights, symbol: Symbol, side: Side, qty: int) -> OrderIntent:
    return OrderIntent(
        IntentId(f"{intent.intent_id}:{symbol}:{side}"),
        intent.account_id,
        intent.sleeve_id,
        symbol,
        side,
        Shares(qty),
        desk.now,
        within=intent.within,
        purpose=Purpose.NEW if side is Side.BUY else Purpose.REDUCE,
    )
