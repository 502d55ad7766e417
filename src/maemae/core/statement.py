"""
The broker's account against the sum of the sleeves; the broker is right.

What differs is booked into EXTERNAL, so that the sum is the broker's to the won afterwards.
It is a flow: nobody earned it here. Shares that EXTERNAL lacks then are gone from the sleeves
that believed in them.
"""

from __future__ import annotations

from collections import Counter

from maemae.core import protection
from maemae.core.actions import (
    AlarmCode,
    AlarmRaised,
    CashAdjusted,
    HoldingAdjusted,
    QuarantineLifted,
    SymbolQuarantined,
)
from maemae.core.base_doubt import restate_guards
from maemae.core.desk import Desk
from maemae.core.events import AccountStated, SymbolReleased
from maemae.core.external import external_sleeve, require_account
from maemae.core.kill import liquidate
from maemae.core.sharing import Parts, describe_lost, shrink, take_from_holders
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId, Symbol
from maemae.domain.position import Position
from maemae.domain.statement import StatedHolding
from maemae.domain.terms import Side


def take_account(desk: Desk, event: AccountStated) -> None:
    """
    Book what the broker has more or less than the sleeves; say so unless it is the first word.

    Raises:
        InvalidValueError: The account is not one of the executor's.
    """
    require_account(desk, event.account_id)
    sleeves = desk.state.account(event.account_id)
    is_first = not desk.state.is_stated(event.account_id)
    ours: Counter[Symbol] = Counter()
    for sleeve in sleeves:
        for symbol, position in sleeve.positions.items():
            ours[symbol] += position.qty
    amount = event.cash - sum(sleeve.cash for sleeve in sleeves)
    if amount or not sleeves:
        _adjust_cash(desk, event.account_id, amount, is_first=is_first)
    stated: Counter[Symbol] = Counter()
    costs: Counter[Symbol] = Counter()
    for holding in event.holdings:
        stated[holding.symbol] += holding.qty
        costs[holding.symbol] += holding.cost
    for symbol in sorted(stated.keys() | ours.keys()):
        qty = stated[symbol] - ours[symbol]
        if qty:
            whole = StatedHolding(event.account_id, symbol, stated[symbol], 0, costs[symbol])
            _adjust_holding(desk, whole, qty, is_first=is_first)
    _settle_missing(desk, event.account_id)
    liquidate(desk)


def _settle_missing(desk: Desk, account_id: AccountId) -> None:
    """
    Book shares that EXTERNAL lacks out of the sleeves that hold some: they are not there.

    They go at their cost, as a flow; their proceeds, if any, are EXTERNAL's until a person
    allots them anew. What fills of adopted sales may still explain waits for those.
    """
    external = desk.state.find_sleeve(account_id, EXTERNAL_SLEEVE)
    lacking = {} if external is None else external.positions
    for symbol in sorted(symbol for symbol, held in lacking.items() if held.qty < 0):
        missing = -lacking[symbol].qty - _unreported(desk, account_id, symbol, Side.SELL)
        lost = take_from_holders(desk.state, account_id, symbol, max(0, missing))
        if lost:
            _take(desk, account_id, symbol, lost)


def _take(desk: Desk, account_id: AccountId, symbol: Symbol, lost: Parts) -> None:
    """Move what is missing from EXTERNAL to the sleeves that lose it, and tell."""
    for sleeve_id, qty in lost:
        held = desk.state.get_sleeve(account_id, sleeve_id).positions[symbol]
        cost, _ = held.sold(qty, 0)
        desk.do(HoldingAdjusted(account_id, sleeve_id, symbol, -qty, cost, desk.now))
    total = sum(qty for _, qty in lost)
    desk.do(HoldingAdjusted(account_id, EXTERNAL_SLEEVE, symbol, total, 0, desk.now))
    desk.do(
        AlarmRaised(
            AlarmCode.SOLD_ELSEWHERE,
            describe_lost(symbol, lost),
            desk.now,
            symbol=symbol,
            account_id=account_id,
        )
    )
    shrink(desk, account_id, symbol, lost)


def _adjust_cash(desk: Desk, account_id: AccountId, amount: int, *, is_first: bool) -> None:
    sleeve = external_sleeve(desk, account_id)
    if amount:
        desk.do(CashAdjusted(account_id, sleeve.sleeve_id, amount, desk.now))
    if not is_first:
        _alarm(desk, account_id, None, amount)


def _adjust_holding(desk: Desk, stated: StatedHolding, qty: int, *, is_first: bool) -> None:
    account_id, symbol = stated.account_id, stated.symbol
    sleeve = external_sleeve(desk, account_id)
    held = sleeve.positions.get(symbol, Position())
    cost = _cost(held, stated, qty)
    is_explained = is_first or _is_explained(desk, account_id, symbol, qty)
    desk.do(HoldingAdjusted(account_id, sleeve.sleeve_id, symbol, qty, cost, desk.now))
    if not is_first:
        _alarm(desk, account_id, symbol, qty)
    if not is_explained and not desk.state.is_quarantined(account_id, symbol):
        desk.do(SymbolQuarantined(account_id, symbol, qty, desk.now))
    protection.end_if_empty(desk, sleeve, symbol)
    protection.retry(desk, symbol)


def _cost(held: Position, stated: StatedHolding, qty: int) -> int:
    """Return how the cost changes [won]: shares come at the broker's average, and go at ours."""
    if qty < 0:
        cost, _ = held.sold(-qty, 0) if held.qty > 0 else (0, 0)
        return cost
    came = max(0, qty - max(0, -held.qty))
    return stated.cost * came // stated.qty if stated.qty > 0 else 0


def _is_explained(desk: Desk, account_id: AccountId, symbol: Symbol, qty: int) -> bool:
    """Whether adopted orders can have brought or taken so many shares without a report yet."""
    side = Side.BUY if qty > 0 else Side.SELL
    return _unreported(desk, account_id, symbol, side) >= abs(qty)


def _unreported(desk: Desk, account_id: AccountId, symbol: Symbol, side: Side) -> int:
    """Return how many shares adopted orders may have traded without a report yet."""
    return sum(
        max(0, order.order_qty - order.cum_qty)
        for order in desk.state.orders.values()
        if (order.account_id, order.sleeve_id) == (account_id, EXTERNAL_SLEEVE)
        and (order.symbol, order.side) == (symbol, side)
    )


def _alarm(desk: Desk, account_id: AccountId, symbol: Symbol | None, difference: int) -> None:
    """Raise an alarm about cash [won], or shares of an instrument."""
    desk.do(
        AlarmRaised(
            AlarmCode.MISMATCH, f"{difference:+d}", desk.now, symbol=symbol, account_id=account_id
        )
    )


def take_release(desk: Desk, event: SymbolReleased) -> None:
    """Let new risk be taken in an instrument again, and its guards go on."""
    if desk.state.is_quarantined(event.account_id, event.symbol):
        restate_guards(desk, event.account_id, event.symbol)
        desk.do(QuarantineLifted(event.account_id, event.symbol, event.reason))
