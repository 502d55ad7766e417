"""What waits inside the core: when it is due, and doing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from maemae.core import (
    cancels,
    doubt,
    escalation,
    exits,
    intents,
    kill,
    parents,
    price_guard,
    protection,
    rebalance,
)
from maemae.core.desk import Desk
from maemae.core.events import TimePassed
from maemae.core.sizing import exit_size
from maemae.core.state import Sleeve
from maemae.domain.ids import Symbol
from maemae.domain.intent import OrderIntent, TargetWeights
from maemae.domain.order import Order
from maemae.domain.terms import Side, TradingState
from maemae.krx.halt import VI_OVER_AFTER
from maemae.krx.session import is_regular


def wake(desk: Desk) -> None:
    """
    Do what waited for the market or for leave to trade: exits first, then wishes by age.

    Wishes wait on while trading is not ACTIVE.
    """
    if not is_regular(desk.market.phase):
        return
    kill.liquidate(desk)
    for symbol in tuple(desk.state.guarded):
        protection.retry(desk, symbol)
    _expire(desk)
    _release(desk)


def pass_time(desk: Desk, _event: TimePassed) -> None:
    """Do what is due, whatever prices do: the same, but no guard is set off."""
    cancels.ask_again(desk)  # in any phase: some brokers take cancels while nothing trades
    if not is_regular(desk.market.phase):
        return
    desk.market.end_interruptions(desk.now)
    kill.liquidate(desk)
    for symbol in tuple(desk.state.guarded):
        protection.go_on(desk, symbol)
    _expire(desk)
    price_guard.check_sight(desk)
    _release(desk)


def _expire(desk: Desk) -> None:
    """Do what waited for the clock alone."""
    for due in tuple(desk.state.due.values()):
        if due.at <= desk.now:
            protection.expire(desk, due.symbol)


def _release(desk: Desk) -> None:
    if desk.state.trading_state is TradingState.ACTIVE:
        for intent in tuple(desk.state.parked):
            _release_one(desk, intent)
    rebalance.advance(desk)
    if desk.state.parents:
        parents.advance_all(desk)


def _release_one(desk: Desk, intent: OrderIntent | TargetWeights) -> None:
    if isinstance(intent, TargetWeights):
        rebalance.release(desk, intent)
    else:
        intents.release(desk, intent)


def next_wake(desk: Desk) -> int | None:
    """Return the earliest instant at which passing time alone does anything [ns]."""
    return min((max(instant, desk.now) for instant in _instants(desk)), default=None)


def _instants(desk: Desk) -> Iterator[int]:
    """Yield when each thing that waits is due; what is due already has an instant gone by."""
    yield from _of_cancels(cancels.unwanted(desk))
    if not is_regular(desk.market.phase):
        return
    for began in desk.market.interrupted.values():
        yield began + VI_OVER_AFTER
    for symbol, keys in desk.state.guarded.items():
        yield from _of_guards(desk, symbol, keys)
    yield from _of_kill(desk)
    yield from parents.instants(desk)
    if rebalance.may_advance(desk):
        yield from _of_wishes(desk)


def _of_wishes(desk: Desk) -> Iterator[int]:
    """Yield the present for wishes that may go: as after a restart into an open market."""
    if desk.state.parked:
        yield desk.now
    for waiting in desk.state.rebalances.values():
        if not rebalance.is_selling(desk, waiting):
            yield desk.now


def _of_kill(desk: Desk) -> Iterator[int]:
    for sleeve, symbol in kill.to_sell(desk):
        if doubt.untold(desk, sleeve, symbol):
            yield desk.now
        orders = kill.in_the_way(desk, sleeve, symbol)
        yield from _of_cancels(order for order in orders if kill.is_to_cancel(order))
        if not orders:
            yield from _of_sending(desk, sleeve, symbol)


def _of_guards(desk: Desk, symbol: Symbol, keys: Iterable[str]) -> Iterator[int]:
    blind_at = price_guard.goes_blind_at(desk, symbol)
    if blind_at is not None:
        yield blind_at
    for key in keys:
        sleeve = desk.state.sleeves[key]
        guard = sleeve.protections[symbol]
        if guard.leaving is not None:
            yield from _of_guard(desk, sleeve, symbol)
        elif guard.leave_at:
            yield guard.leave_at


def _of_guard(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> Iterator[int]:
    if not exits.may_go(desk, symbol):
        return
    if doubt.untold(desk, sleeve, symbol):
        yield desk.now
    orders: list[Order] = []
    if desk.state.trading_state is not TradingState.HALTED:
        guard = sleeve.protections[symbol]
        due = escalation.due_at(desk, guard)
        if due is not None:
            yield due
        orders = protection.in_the_way(desk, sleeve, symbol, guard)
        yield from _of_cancels(orders)
    if all(order.side is Side.SELL for order in orders):
        yield from _of_sending(desk, sleeve, symbol)


def _of_cancels(orders: Iterable[Order]) -> Iterator[int]:
    for order in orders:
        again = exits.ask_again_at(order)
        if again is not None:
            yield again


def _of_sending(desk: Desk, sleeve: Sleeve, symbol: Symbol) -> Iterator[int]:
    if exit_size(desk, sleeve, symbol) > 0:
        due = exits.send_at(desk, sleeve, symbol)
        if due is not None:
            yield due
