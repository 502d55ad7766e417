"""What the simulated exchange fills, and how a guarded position is left."""

from __future__ import annotations

from maemae.research.sweep.kernel.booking import stop_under, trade
from maemae.research.sweep.kernel.compiled import compiled, inlined
from maemae.research.sweep.kernel.layout import (
    ASKED_HOLD,
    ASKED_STOP,
    ASKED_TAKE,
    ASKED_TRAIL,
    BEYOND,
    BUY,
    BUYS,
    CAP,
    COUNT,
    FOLLOWS,
    GUARDED,
    HOLD,
    IS_RAW,
    LEAVES,
    LEAVING,
    LOCKED,
    LOW,
    LOWER,
    MILLION,
    MOST_ORDERS,
    NOTIONAL,
    ORDERS,
    ORDERS_A_SESSION,
    PRICE,
    QTY,
    RESULT,
    SEEN,
    SELL,
    SIDE,
    SLIP,
    SLIPS_BY_TICK,
    SOLD,
    STATUS,
    STOP,
    STOPPED,
    TAKE,
    TAKEN,
    TODAY,
    TOUCHED,
    Market,
    State,
)
from maemae.strategy.panel import Ints


@inlined
def open_order(terms: Ints, state: State, row: int, side: int, qty: int) -> int:
    """Put a new order on the book and return its slot."""
    mine, sums = state.book[row], state.sums
    slot = mine[COUNT]
    if slot == ORDERS_A_SESSION or sums[TODAY] >= terms[MOST_ORDERS]:
        sums[STATUS] = BEYOND
        slot = 0
    if slot == 0:
        state.touched[sums[TOUCHED]] = row
        sums[TOUCHED] += 1
    order = state.orders[row, slot]
    order[SIDE], order[LEAVES] = side, qty
    order[NOTIONAL] = order[SOLD] = order[RESULT] = 0
    order[ASKED_STOP] = order[ASKED_TAKE] = order[ASKED_TRAIL] = order[ASKED_HOLD] = 0
    mine[COUNT] = slot + 1
    mine[BUYS] += side == BUY
    sums[ORDERS] += 1
    sums[TODAY] += 1
    return int(slot)


@inlined
def sellable(state: State, row: int) -> int:
    """Return the shares that no open sell claims."""
    qty = state.book[row, QTY]
    for slot in range(state.book[row, COUNT]):
        if state.orders[row, slot, SIDE] == SELL:
            qty -= state.orders[row, slot, LEAVES]
    return int(qty)


@inlined
def has_open(state: State, row: int, side: int) -> bool:
    """Return whether an order of that side can still fill."""
    for slot in range(state.book[row, COUNT]):
        order = state.orders[row, slot]
        if order[SIDE] == side and order[LEAVES] > 0:
            return True
    return False


@inlined
def fill_resting(
    market: Market, terms: Ints, state: State, row: int, time: int, price: int
) -> None:
    """Fill what rests at a price on the way of the bar: sells, then buys up to their hold."""
    mine = state.book[row]
    for side in (SELL, BUY):
        if mine[LOCKED] == side or (side == BUY and price > mine[HOLD]):
            continue
        for slot in range(mine[COUNT]):
            order = state.orders[row, slot]
            if order[SIDE] != side or order[LEAVES] == 0:
                continue
            trade(market, terms, state, row, time, slot, price)
            if side == BUY and order[LEAVES] == 0 and mine[GUARDED]:
                watch(market, terms, state, row, time)


@inlined
def watch(market: Market, terms: Ints, state: State, row: int, time: int) -> None:
    """Leave what is guarded if the last price seen has reached its stop or its target."""
    mine = state.book[row]
    if not mine[LEAVING]:
        if mine[SEEN] <= mine[STOP]:
            mine[LEAVING] = STOPPED
        elif 0 < mine[TAKE] <= mine[SEEN]:
            mine[LEAVING] = TAKEN
        else:
            if mine[FOLLOWS]:
                mine[STOP] = max(mine[STOP], stop_under(mine[FOLLOWS], mine[SEEN]))
            return
    leave(market, terms, state, row, time)


@compiled
def leave(market: Market, terms: Ints, state: State, row: int, time: int) -> None:
    """Cancel what still buys and sell all that is sellable, inside a bar at once."""
    mine, bar = state.book[row], market.bars[row, time]
    if bar[LOWER] < 0:
        return
    for slot in range(mine[COUNT]):
        if state.orders[row, slot, SIDE] == BUY:
            state.orders[row, slot, LEAVES] = 0
    qty = sellable(state, row)
    if qty <= 0:
        return
    if 0 < bar[CAP] < qty:
        state.sums[STATUS] = BEYOND
        return
    slot = open_order(terms, state, row, SELL, qty)
    if mine[PRICE] > 0 and mine[LOCKED] != SELL:
        trade(market, terms, state, row, time, slot, _slipped(market, terms, state, row, time))


@inlined
def _slipped(market: Market, terms: Ints, state: State, row: int, time: int) -> int:
    """Return the price of a sale inside a bar: moved against us, inside bar and band [won]."""
    bar, price = market.bars[row, time], state.book[row, PRICE]
    table = market.tables[market.table_of[market.kinds[row], time]]
    if terms[SLIPS_BY_TICK]:
        slipped = _ticks_below(terms, table, price)
    else:
        slipped = max(1, price + (-price * terms[SLIP] // MILLION))
        if terms[IS_RAW]:
            slipped = max(table[0, 0], slipped)
            slipped -= slipped % table[1, _band(table[0], slipped)]
    lowest = bar[LOW]
    if terms[IS_RAW]:
        lowest = max(lowest, bar[LOWER])
    return int(min(price, max(slipped, lowest)))


@inlined
def _ticks_below(terms: Ints, table: Ints, price: int) -> int:
    ticks = terms[SLIP]
    if not terms[IS_RAW]:
        return int(max(1, price - ticks))
    starts, steps, ranks = table[0], table[1], table[2]
    step = steps[_band(starts, price)]
    if price - ticks * step < starts[0]:
        return int(starts[0])
    if ticks == 0:
        return price
    start = price + -price % step
    band = _band(starts, start)
    rank = ranks[band] + (start - starts[band]) // steps[band] - ticks
    band = _band(ranks, rank)
    return int(starts[band] + (rank - ranks[band]) * steps[band])


@inlined
def _band(firsts: Ints, value: int) -> int:
    """Return the last band that begins at or below a value; the first one if none does."""
    band = 0
    while band + 1 < len(firsts) and firsts[band + 1] <= value:
        band += 1
    return band
