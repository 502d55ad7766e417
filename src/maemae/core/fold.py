"""
How each action changes the state: the only code that does.

Recovery is a snapshot and `fold` over the actions since; nothing is decided again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec.structs import replace

from maemae.core.actions import (
    Action,
    AlarmRaised,
    ArmingChanged,
    CancelOrder,
    CashAdjusted,
    CashMoved,
    CeilingChanged,
    CorporateActionTaken,
    DividendEarned,
    FillBooked,
    FillShared,
    HoldingAdjusted,
    HoldingChanged,
    IntentParked,
    IntentRefused,
    IntentReleased,
    KillChanged,
    OrderAdopted,
    OrderReported,
    PriceDoubted,
    RebalanceEnded,
    RebalanceStarted,
    ReplaceOrder,
    SessionOpened,
    SharesFreed,
    SleeveAdded,
    SleeveLimited,
    SleeveStateChanged,
    SubmitOrder,
    TradingStateChanged,
)
from maemae.core.guard_fold import GUARD_FOLDS
from maemae.core.parent_fold import PARENT_FOLDS, count_session
from maemae.core.quarantine_fold import QUARANTINE_FOLDS
from maemae.core.state import CoreState, Rebalance, Repetition, Sleeve, shift, sleeve_key
from maemae.domain.cash_flow import RETURNS
from maemae.domain.ids import IntentId
from maemae.domain.instant import SECOND
from maemae.domain.order import Order, Request, RequestKind
from maemae.domain.order_status import CLOSED, ExecType
from maemae.domain.position import Position
from maemae.domain.terms import Side


def fold(state: CoreState, action: Action) -> None:
    """Change the state by one action."""
    FOLDS[type(action)](state, action)


def _submit(state: CoreState, action: SubmitOrder) -> None:
    order = action.order
    sleeve = _enter(state, order)
    if order.side is not _BUY:
        sleeve.exit_refusals.pop(order.symbol, None)
        guard = sleeve.protections.get(order.symbol)
        if guard is not None and guard.leaving is order.cause and guard.rung_at < 0:
            sleeve.protections[order.symbol] = replace(guard, rung_at=order.at)
    _count(sleeve, order.at)
    _count_repetition(sleeve, order)


def _enter(state: CoreState, order: Order) -> Sleeve:
    """Put an open order on the book, with all that it reserves."""
    state.last_cl_ord_id = order.cl_ord_id
    state.orders[order.cl_ord_id] = order
    state.taken[order.intent_id] = True
    state.working.setdefault(order.symbol, []).append(order.cl_ord_id)
    sleeve = state.get_sleeve(order.account_id, order.sleeve_id)
    if order.side is _BUY:
        sleeve.reserved += order.reserved_cash
        sleeve.buying[order.symbol] = sleeve.buying.get(order.symbol, 0) + 1
    else:
        sleeve.selling[order.symbol] = sleeve.selling.get(order.symbol, 0) + order.order_qty
    return sleeve


def _adopted(state: CoreState, action: OrderAdopted) -> None:
    order = action.order
    if order.is_closed:
        state.last_cl_ord_id = order.cl_ord_id
        state.orders[order.cl_ord_id] = order
        state.taken[order.intent_id] = True
    else:
        _enter(state, order)


def _freed(state: CoreState, action: SharesFreed) -> None:
    order = state.orders[action.cl_ord_id]
    _swap(state, order, replace(order, freed_qty=action.qty, was_freed=True))


def _count(sleeve: Sleeve, at: int) -> None:
    """Count a request towards the limits of rate."""
    sleeve.orders_today += 1
    sent_at = sleeve.sent_at
    sent_at.append(at)
    if len(sent_at) > sleeve.limits.max_orders_per_sec:
        del sent_at[0]


def _count_repetition(sleeve: Sleeve, order: Order) -> None:
    """Count how often the same order came in a row."""
    last = sleeve.repetitions.get(order.symbol)
    if (
        last is not None
        and order.at - last.first_at < SECOND
        and (last.side, last.order_qty, last.price) == (order.side, order.order_qty, order.price)
    ):
        first_at, count = last.first_at, last.count + 1
    else:
        first_at, count = order.at, 1
    sleeve.repetitions[order.symbol] = Repetition(
        order.side, order.order_qty, order.price, first_at, count
    )


def _cancel(state: CoreState, action: CancelOrder) -> None:
    state.last_cl_ord_id = action.cl_ord_id
    order = state.orders[action.orig_cl_ord_id]
    asked = order.request(Request(action.cl_ord_id, RequestKind.CANCEL))
    _swap(state, order, replace(asked, cancel_at=action.at))


def _replace(state: CoreState, action: ReplaceOrder) -> None:
    state.last_cl_ord_id = action.cl_ord_id
    order = state.orders[action.orig_cl_ord_id]
    request = Request(action.cl_ord_id, RequestKind.REPLACE, action.price, action.order_qty)
    _swap(state, order, order.request(request))
    _count(state.get_sleeve(order.account_id, order.sleeve_id), action.at)


def _reported(state: CoreState, action: OrderReported) -> None:
    report = action.report
    before = state.orders[report.cl_ord_id]
    after = before.apply(report)
    is_plain = after.requests is before.requests and not before.freed_qty
    if report.exec_type is _ACKNOWLEDGED and is_plain:
        state.orders[after.cl_ord_id] = after  # it works on as it did: nothing is moved
    else:
        _swap(state, before, after)
    if report.exec_type is _REJECTED:
        sleeve = state.get_sleeve(after.account_id, after.sleeve_id)
        sleeve.rejections_today += 1
        if after.side is not _BUY:
            sleeve.rejected_at[after.symbol] = action.at


def _swap(state: CoreState, before: Order, after: Order) -> None:
    """Put the next value of an order in place, and move what it reserves."""
    state.orders[after.cl_ord_id] = after
    sleeve = state.get_sleeve(after.account_id, after.sleeve_id)
    symbol = after.symbol
    is_buy = after.side is _BUY
    if is_buy:
        sleeve.reserved += after.reserved_cash - before.reserved_cash
    else:
        shift(sleeve.selling, symbol, after.reserved_qty - before.reserved_qty)
    closed_now = after.status in CLOSED
    if (before.status in CLOSED) == closed_now:
        return
    if closed_now:
        numbers = state.working[symbol]
        numbers.remove(after.cl_ord_id)
        if not numbers:
            del state.working[symbol]
    else:  # a fill was taken back: the order works again
        state.working.setdefault(symbol, []).append(after.cl_ord_id)
    if is_buy:
        shift(sleeve.buying, symbol, -1 if closed_now else 1)


def _booked(state: CoreState, action: FillBooked) -> None:
    sleeve = state.get_sleeve(action.account_id, action.sleeve_id)
    symbol, qty, px = action.symbol, action.qty, action.px
    state.marks[symbol] = px
    cash = -qty * px - action.commission - action.tax
    sleeve.cash += cash
    shift(sleeve.unsettled, action.settles, cash)
    sleeve.commission += action.commission
    sleeve.tax += action.tax
    sleeve.realized += action.realized
    positions = sleeve.positions
    held = positions.get(symbol)
    if held is None:
        positions[symbol] = Position(qty, action.cost, action.at)
    elif held.qty + qty:
        positions[symbol] = Position(held.qty + qty, held.cost + action.cost, held.opened_at)
    else:
        del positions[symbol]
    # By the side of the order: a buy taken back is less bought, not more sold.
    key = turnover_key(action.account_id, symbol, action.side)
    notional = (qty if action.side is _BUY else -qty) * px
    state.turnover[key] = max(0, state.turnover.get(key, 0) + notional)


def _shared(state: CoreState, action: FillShared) -> None:
    fills = state.shared_fills.setdefault(action.cl_ord_id, {})
    if action.parts:
        fills[action.exec_id] = action.parts
    else:
        del fills[action.exec_id]
    if not fills:
        del state.shared_fills[action.cl_ord_id]


def turnover_key(account_id: str, symbol: str, side: Side) -> str:
    """Return the key of `CoreState.turnover`."""
    return "\t".join((account_id, symbol, side))


def _refused(state: CoreState, action: IntentRefused) -> None:
    state.taken[action.intent_id] = True


def _parked(state: CoreState, action: IntentParked) -> None:
    state.taken[action.intent.intent_id] = True
    state.parked.append(action.intent)


def _released(state: CoreState, action: IntentReleased) -> None:
    for place, parked in enumerate(state.parked):
        if parked.intent_id == action.intent_id:
            del state.parked[place]
            return


def _rebalance_started(state: CoreState, action: RebalanceStarted) -> None:
    intent = action.intent
    state.taken[intent.intent_id] = True
    key = sleeve_key(intent.account_id, intent.sleeve_id)
    state.rebalances[key] = Rebalance(intent, action.waits_for)


def _rebalance_ended(state: CoreState, action: RebalanceEnded) -> None:
    del state.rebalances[sleeve_key(action.account_id, action.sleeve_id)]


def _session_opened(state: CoreState, action: SessionOpened) -> None:
    today = action.session_date
    state.session_date = today
    state.orders = {number: order for number, order in state.orders.items() if not order.is_closed}
    state.shared_fills = {
        number: fills for number, fills in state.shared_fills.items() if number in state.orders
    }
    state.taken_before = state.taken
    state.taken = dict.fromkeys(_unfinished(state), True)
    count_session(state)
    state.marks = dict(action.marks)
    state.base_doubts = {
        symbol: doubt
        for symbol, doubt in state.base_doubts.items()
        if doubt.accounts or doubt.session_date >= today
    }
    state.turnover = {}
    for account_id, sleeve_id, equity in action.equities:
        sleeve = state.get_sleeve(account_id, sleeve_id)
        sleeve.opening_equity = equity
        sleeve.opening_flows = sleeve.flows
        sleeve.orders_today = sleeve.stops_today = sleeve.rejections_today = 0
        sleeve.best_profit = max(sleeve.best_profit, equity - sleeve.flows)
        sleeve.cooling = {symbol: day for symbol, day in sleeve.cooling.items() if day > today}
        sleeve.sent_at = []
        sleeve.repetitions = {}
        sleeve.rejected_at = {}
        sleeve.unsettled = {day: won for day, won in sleeve.unsettled.items() if day > today}
        sleeve.cash += sum(won for day, won in sleeve.receivable.items() if day <= today)
        sleeve.receivable = {day: won for day, won in sleeve.receivable.items() if day > today}


def _unfinished(state: CoreState) -> Iterator[IntentId]:
    """Yield the wishes that are still at work: told again, they must not count again."""
    for wish in state.parked:
        yield wish.intent_id
    for order in state.orders.values():
        yield order.intent_id
    for rebalance in state.rebalances.values():
        yield rebalance.intent.intent_id
    yield from state.parents


def _sleeve_added(state: CoreState, action: SleeveAdded) -> None:
    state.sleeves[sleeve_key(action.account_id, action.sleeve_id)] = Sleeve(
        action.account_id,
        action.sleeve_id,
        action.limits,
        cash=action.cash,
        opening_equity=action.cash,
        flows=action.cash,
        opening_flows=action.cash,
    )


def _sleeve_limited(state: CoreState, action: SleeveLimited) -> None:
    sleeve = state.get_sleeve(action.account_id, action.sleeve_id)
    sleeve.limits = action.limits
    sleeve.pending_limits = action.pending


def _sleeve_state_changed(state: CoreState, action: SleeveStateChanged) -> None:
    state.get_sleeve(action.account_id, action.sleeve_id).halted = action.halted


def _trading_state_changed(state: CoreState, action: TradingStateChanged) -> None:
    state.trading_state = action.state
    state.wanted_state = action.wanted
    state.trading_reason = action.reason


def _ceiling_changed(state: CoreState, action: CeilingChanged) -> None:
    state.ceiling = action.ceiling


def _kill_changed(state: CoreState, action: KillChanged) -> None:
    state.kill = action.level
    state.kill_reason = action.reason


def _arming_changed(state: CoreState, action: ArmingChanged) -> None:
    state.armed[action.account_id] = action.until


def _cash_moved(state: CoreState, action: CashMoved) -> None:
    flow = action.flow
    sleeve = state.get_sleeve(flow.account_id, flow.sleeve_id)
    if flow.to_sleeve_id is not None:
        _pour(sleeve, -flow.amount)
        _pour(state.get_sleeve(flow.account_id, flow.to_sleeve_id), flow.amount)
    elif flow.kind in RETURNS:
        sleeve.cash += flow.amount
        sleeve.realized += flow.amount
    else:
        _pour(sleeve, flow.amount)


def _pour(sleeve: Sleeve, amount: int) -> None:
    sleeve.cash += amount
    sleeve.flows += amount


def _cash_adjusted(state: CoreState, action: CashAdjusted) -> None:
    _pour(state.get_sleeve(action.account_id, action.sleeve_id), action.amount)


def _holding_adjusted(state: CoreState, action: HoldingAdjusted) -> None:
    sleeve, symbol = state.get_sleeve(action.account_id, action.sleeve_id), action.symbol
    held = sleeve.positions.get(symbol)
    if held is None:
        sleeve.positions[symbol] = Position(action.qty, action.cost, action.at)
    elif held.qty + action.qty:
        sleeve.positions[symbol] = Position(
            held.qty + action.qty, held.cost + action.cost, held.opened_at
        )
    else:
        del sleeve.positions[symbol]
    sleeve.flows += action.cost


def _corporate_action_taken(state: CoreState, action: CorporateActionTaken) -> None:
    state.corporate_actions[action.key] = True


def _holding_changed(state: CoreState, action: HoldingChanged) -> None:
    sleeve = state.get_sleeve(action.account_id, action.sleeve_id)
    held = sleeve.positions.pop(action.symbol)
    if (action.new_symbol, action.new_qty) != (action.symbol, held.qty):
        state.marks.pop(action.symbol, None)  # it was a price of the old shares
    other = sleeve.positions.get(action.new_symbol, Position())
    qty, cost = other.qty + action.new_qty, action.new_cost
    if other.qty < 0:  # shares that were lacking take what they cost with them
        cost = cost * max(0, qty) // max(1, action.new_qty)
    if qty:
        sleeve.positions[action.new_symbol] = Position(qty, other.cost + cost, held.opened_at)
    else:
        sleeve.positions.pop(action.new_symbol, None)
    sleeve.cash += action.cash
    sleeve.realized += action.cash + cost - held.cost


def _dividend_earned(state: CoreState, action: DividendEarned) -> None:
    sleeve = state.get_sleeve(action.account_id, action.sleeve_id)
    day = state.session_date
    if day is not None and action.pay_date <= day:
        sleeve.cash += action.amount
    else:
        shift(sleeve.receivable, action.pay_date, action.amount)
    sleeve.realized += action.amount
    sleeve.tax += action.tax


def _told(state: CoreState, action: AlarmRaised | PriceDoubted) -> None:
    """Change nothing: it is for people, and for those who ask a second source."""


FOLDS: Final[dict[type, Callable[[CoreState, Any], None]]] = {
    SubmitOrder: _submit,
    OrderAdopted: _adopted,
    SharesFreed: _freed,
    CancelOrder: _cancel,
    ReplaceOrder: _replace,
    OrderReported: _reported,
    FillBooked: _booked,
    FillShared: _shared,
    IntentRefused: _refused,
    IntentParked: _parked,
    IntentReleased: _released,
    RebalanceStarted: _rebalance_started,
    RebalanceEnded: _rebalance_ended,
    CorporateActionTaken: _corporate_action_taken,
    SessionOpened: _session_opened,
    SleeveAdded: _sleeve_added,
    SleeveLimited: _sleeve_limited,
    SleeveStateChanged: _sleeve_state_changed,
    TradingStateChanged: _trading_state_changed,
    CeilingChanged: _ceiling_changed,
    KillChanged: _kill_changed,
    ArmingChanged: _arming_changed,
    CashMoved: _cash_moved,
    CashAdjusted: _cash_adjusted,
    HoldingAdjusted: _holding_adjusted,
    HoldingChanged: _holding_changed,
    DividendEarned: _dividend_earned,
    AlarmRaised: _told,
    PriceDoubted: _told,
    **GUARD_FOLDS,
    **PARENT_FOLDS,
    **QUARANTINE_FOLDS,
}

_BUY: Final = Side.BUY
_ACKNOWLEDGED: Final = ExecType.NEW
_REJECTED: Final = ExecType.REJECTED
