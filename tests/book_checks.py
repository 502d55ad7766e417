"""What must hold of a book and its waits, whatever has happened."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from maemae.core.actions import ExitRefused, IntentRefused
from maemae.core.events import KillLevel, TimePassed
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.domain.ids import EXTERNAL_SLEEVE, ClOrdId, Symbol
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.terms import Side, TradingState
from tests.builders import ACCOUNT

REFUSALS = ExitRefused | IntentRefused
STOPPED = {KillLevel.CANCEL_ALL, KillLevel.LIQUIDATE}


def check_books(state: CoreState) -> None:
    """Check cash to the won, and every index against what it indexes."""
    open_orders = [order for order in state.orders.values() if not order.is_closed]
    for key, sleeve in state.sleeves.items():
        cost = sum(position.cost for position in sleeve.positions.values())
        assert (
            sleeve.cash + sum(sleeve.receivable.values()) == sleeve.flows + sleeve.realized - cost
        )
        mine = [order for order in open_orders if f"{ACCOUNT}\t{order.sleeve_id}" == key]
        buys = [order for order in mine if order.side is Side.BUY]
        assert sleeve.reserved == sum(order.reserved_cash for order in buys) >= 0
        assert sleeve.buying == counted((order.symbol, 1) for order in buys)
        sells = [order for order in mine if order.side is Side.SELL]
        assert sleeve.selling == counted((order.symbol, order.reserved_qty) for order in sells)
        assert all(position.cost >= 0 for position in sleeve.positions.values())
        assert all(position.qty for position in sleeve.positions.values())
        empty = sleeve.protections.keys() - sleeve.positions.keys()
        assert all(sleeve.protections[symbol].leaving for symbol in empty)
        assert empty <= sleeve.buying.keys()
        guards = {symbol for symbol, keys in state.guarded.items() if key in keys}
        assert guards == sleeve.protections.keys()
        timed = {
            f"{key}\t{s}" for s, g in sleeve.protections.items() if g.leave_at and not g.leaving
        }
        assert timed == {name for name in state.due if name.startswith(f"{key}\t")}
    trails = (
        (symbol, 1)
        for sleeve in state.sleeves.values()
        for symbol, guard in sleeve.protections.items()
        if guard.trail is not None
    )
    assert state.trailing == counted(trails)
    working = {symbol: sorted(numbers) for symbol, numbers in state.working.items()}
    expected: dict[Symbol, list[ClOrdId]] = {}
    for order in open_orders:
        expected.setdefault(order.symbol, []).append(order.cl_ord_id)
    assert working == {symbol: sorted(numbers) for symbol, numbers in expected.items()}
    assert all(won >= 0 for won in state.turnover.values())


def check_cancels(core: TradingCore, unsent: set[ClOrdId]) -> None:
    """
    Check that what a person wants gone is being canceled, or is asked for within a second.

    An order of an earlier day works no more: its number may mean another one today.
    """
    state, due = core.state, core.wakes_at()
    is_soon = due is not None and due <= core.now + SECOND
    for order in state.orders.values():
        asked = {request.cl_ord_id for request in order.requests}
        assert not (order.order_ids and asked & unsent)
        is_ours = order.sleeve_id != EXTERNAL_SLEEVE and order.side is Side.BUY
        is_stopped = state.wanted_state is not TradingState.ACTIVE or state.kill in STOPPED
        if is_ours and is_stopped and not (order.is_closed or state.is_of_before(order)):
            assert order.is_cancel_pending or is_soon


def check_waits(core: TradingCore) -> None:
    """
    Check that passing time does nothing before the instant that is told, and something then.

    An exit that the gate refuses may be refused for other reasons meanwhile, and that is said.
    """
    due = core.wakes_at()
    idle = core.now + 10 * MINUTE if due is None else due - 1
    if idle >= core.now:
        done = copy.deepcopy(core).handle(TimePassed(idle))
        assert [action for action in done if not isinstance(action, REFUSALS)] == []
    if due is not None:
        assert due >= core.now
        later = copy.deepcopy(core)
        assert later.handle(TimePassed(due)) or later.market.interrupted != core.market.interrupted


def counted(pairs: Iterable[tuple[Symbol, int]]) -> dict[Symbol, int]:
    counts: dict[Symbol, int] = {}
    for symbol, count in pairs:
        counts[symbol] = counts.get(symbol, 0) + count
    return {symbol: count for symbol, count in counts.items() if count}
