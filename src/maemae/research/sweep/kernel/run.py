"""One run: every session's opening, the way of each price through its bar, and what is wished."""

from __future__ import annotations

from maemae.research.sweep.kernel.compiled import entry, inlined
from maemae.research.sweep.kernel.gate import open_session
from maemae.research.sweep.kernel.layout import (
    ALLOWANCE,
    BUY,
    BUYS,
    BUYS_WISHED,
    CASH,
    CLOSE,
    COUNT,
    DONE,
    DUE,
    ENDS,
    ENTER,
    FLAT_ONLY,
    FOLLOWS,
    GUARDED,
    GUARDS,
    HIGH,
    HOLDINGS,
    INSIDE,
    IS_RAW,
    KIND,
    LEAVES,
    LEAVING,
    LOCKED,
    LOW,
    LOWER,
    MILLION,
    NEITHER,
    OPEN,
    PRICE,
    QTY,
    RESULT,
    SEEN,
    SELL,
    SELLS,
    SHARE,
    SHOWN,
    SINCE,
    SOLD,
    START,
    STATUS,
    STOP,
    TAKE,
    TODAY,
    TOUCHED,
    TRIPS,
    TURN_BUY,
    TURN_SELL,
    UPPER,
    VOLUME,
    WINS,
    Market,
    Signals,
    State,
)
from maemae.research.sweep.kernel.matching import fill_resting, watch
from maemae.strategy.panel import Ints


@entry
def run(market: Market, terms: Ints, signals: Signals, state: State) -> int:
    """
    Run a strategy over all sessions and return whether the outcome is the engine's.

    Args:
        market: Bars and rules.
        terms: Cash, costs, assumptions and limits.
        signals: What is wished after each session.
        state: A new one; afterwards the outcome.

    Returns:
        DONE, or why the outcome says nothing: BEYOND or FULL.
    """
    sums, sessions = state.sums, market.bars.shape[1]
    sums[CASH] = terms[START]
    for time in range(sessions):
        if sums[SELLS] or sums[BUYS_WISHED] or sums[GUARDS]:
            sums[TODAY] = 0
            open_session(market, terms, signals, state, time)
            count = _find_due(state, time)
            if count:
                _trade_session(market, terms, state, time, count)
                _close_session(market, state, time, count)
        if sums[STATUS] != DONE:
            return int(sums[STATUS])
        state.curve[0, time] = sums[CASH]
        _wish(signals, state, time)
    for place in range(sums[HOLDINGS]):
        _show(market, state, state.held[place], sessions)
    return DONE


@inlined
def _find_due(state: State, time: int) -> int:
    """List the instruments with an order, or with a guard that this session may reach."""
    sums, due = state.sums, state.due
    count = sums[TOUCHED]
    for place in range(count):
        due[place] = state.touched[place]
    for place in range(sums[GUARDS]):
        row = state.guards[place]
        if state.book[row, DUE] <= time and state.book[row, COUNT] == 0:
            due[count] = row
            count += 1
    _sort(due, count)
    return int(count)


@inlined
def _sort(values: Ints, count: int) -> None:
    """Sort the first values of an array in place; the library's sort needs memory of its own."""
    gap = count
    while gap > 1:
        gap = max(1, gap * 5 // 11)
        for place in range(gap, count):
            value, left = values[place], place - gap
            while left >= 0 and values[left] > value:
                values[left + gap] = values[left]
                left -= gap
            values[left + gap] = value


@inlined
def _trade_session(market: Market, terms: Ints, state: State, time: int, count: int) -> None:
    """Print every opening, then walk each bar from open to low, high and close."""
    state.sums[INSIDE] = 0
    for place in range(count):
        row = state.due[place]
        bar = market.bars[row, time]
        if bar[VOLUME] > 0 and bar[OPEN] > 0:
            _begin(market, terms, state, row, time)
    state.sums[INSIDE] = 1
    for place in range(count):
        row = state.due[place]
        if state.book[row, PRICE] > 0:
            _walk(market, terms, state, row, time)


@inlined
def _begin(market: Market, terms: Ints, state: State, row: int, time: int) -> None:
    bar, mine = market.bars[row, time], state.book[row]
    mine[PRICE] = mine[SEEN] = bar[OPEN]
    mine[ALLOWANCE] = bar[VOLUME] * terms[SHARE] // MILLION
    mine[LOCKED] = NEITHER
    if terms[IS_RAW] and bar[HIGH] == bar[LOW]:
        if bar[HIGH] == bar[UPPER]:
            mine[LOCKED] = BUY
        elif bar[HIGH] == bar[LOWER]:
            mine[LOCKED] = SELL
    fill_resting(market, terms, state, row, time, bar[OPEN])
    if mine[GUARDED]:
        watch(market, terms, state, row, time)


@inlined
def _walk(market: Market, terms: Ints, state: State, row: int, time: int) -> None:
    bar, mine = market.bars[row, time], state.book[row]
    price = bar[OPEN]
    if mine[GUARDED] or _rests(state, row):
        for target in (bar[LOW], bar[HIGH], bar[CLOSE]):
            while price != target:
                price = _next_stop(mine, price, target)
                mine[PRICE] = price
                fill_resting(market, terms, state, row, time, price)
                if mine[GUARDED]:
                    mine[SEEN] = price
                    watch(market, terms, state, row, time)
    mine[PRICE] = 0


@inlined
def _rests(state: State, row: int) -> bool:
    leaves = 0
    for slot in range(state.book[row, COUNT]):
        leaves += state.orders[row, slot, LEAVES]
    return bool(leaves > 0)


@inlined
def _next_stop(mine: Ints, price: int, target: int) -> int:
    """Return the nearest guard on the way to a price, or that price."""
    if mine[GUARDED]:
        if not mine[LEAVING] and target <= mine[STOP] < price:
            return int(mine[STOP])
        if price < mine[TAKE] <= target:
            return int(mine[TAKE])
    return target


@inlined
def _close_session(market: Market, state: State, time: int, count: int) -> None:
    """Let orders expire, count what was closed, and find the next session of each guard."""
    sums = state.sums
    for place in range(count):
        row = state.due[place]
        mine = state.book[row]
        for slot in range(mine[COUNT]):
            order = state.orders[row, slot]
            sums[TRIPS] += order[SOLD] > 0
            sums[WINS] += order[RESULT] > 0
        mine[COUNT] = mine[BUYS] = mine[TURN_BUY] = mine[TURN_SELL] = 0
        if mine[QTY] != mine[SHOWN]:
            _show(market, state, row, time)
            mine[SINCE], mine[SHOWN] = time, mine[QTY]
        if mine[GUARDED]:
            mine[DUE] = _next_due(market, mine, row, time + 1)
    sums[TOUCHED] = 0


@inlined
def _next_due(market: Market, mine: Ints, row: int, time: int) -> int:
    """Return the next session that may reach a guard, lift it, or end what it guards."""
    bars = market.bars[row]
    if mine[LEAVING]:
        return time
    stop, take, ends = mine[STOP], _lowest_change(mine), mine[ENDS]
    while time < len(bars):
        bar = bars[time]
        is_reached = bar[LOW] <= stop or 0 < take <= bar[HIGH]
        if is_reached and bar[VOLUME] > 0 and bar[OPEN] > 0:
            break
        if 0 < ends <= market.numbers[time]:
            break
        time += 1
    return time


@inlined
def _lowest_change(mine: Ints) -> int:
    """Return the lowest price at which a guard takes or lifts its stop [won]; 0 for none."""
    take, follows = mine[TAKE], mine[FOLLOWS]
    if follows == 0 or follows == MILLION:
        return int(take)
    lifts = -(-(mine[STOP] + 1) * MILLION // (MILLION - follows))
    return int(min(take, lifts) if take > 0 else lifts)


@inlined
def _show(market: Market, state: State, row: int, until: int) -> None:
    """Add what was held of an instrument to the curve, up to a session."""
    since, qty = state.book[row, SINCE], state.book[row, SHOWN]
    if qty == 0:
        return
    closes, worth = market.closes[row, since:until], state.curve[1, since:until]
    for place in range(len(closes)):
        worth[place] += qty * closes[place]


@inlined
def _wish(signals: Signals, state: State, time: int) -> None:
    """Park what the rules wish now that the session is over."""
    sums = state.sums
    for number in range(len(signals.rules)):
        rule = signals.rules[number]
        for place in range(signals.begin[number, time], signals.begin[number, time + 1]):
            row = signals.rows[place]
            held = state.book[row, QTY] > 0
            if rule[KIND] == ENTER:
                if not (held and rule[FLAT_ONLY]):
                    state.wishes[1, sums[BUYS_WISHED], 0] = number
                    state.wishes[1, sums[BUYS_WISHED], 1] = row
                    sums[BUYS_WISHED] += 1
            elif held:
                state.wishes[0, sums[SELLS], 0] = number
                state.wishes[0, sums[SELLS], 1] = row
                sums[SELLS] += 1
