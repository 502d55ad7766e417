"""From parked wishes to orders: sizes, the gate's checks, and the cash that is set aside."""

from __future__ import annotations

from maemae.research.sweep.kernel.booking import reserved_cash
from maemae.research.sweep.kernel.compiled import compiled, inlined
from maemae.research.sweep.kernel.layout import (
    ASKED_HOLD,
    ASKED_STOP,
    ASKED_TAKE,
    ASKED_TRAIL,
    BEYOND,
    BUY,
    BUYS,
    BUYS_WISHED,
    CAP,
    CASH,
    CASH_WORTH,
    CHARGE,
    ENDS,
    EQUITY,
    GUARDS,
    HOLD,
    HOLD_FOR,
    HOLDINGS,
    IS_RAW,
    LEAVING,
    LOWER,
    MILLION,
    MOST_HELD,
    MOST_MONEY,
    MOST_WEIGHT,
    MOST_WORTH,
    QTY,
    RESERVE,
    RESERVED,
    SELL,
    SELLS,
    SHARES,
    SIZE,
    SIZE_KIND,
    SPARE,
    STATUS,
    STOP_LOSS,
    TAKE_PROFIT,
    TIMED,
    TOUCHED,
    TRAIL,
    UPPER,
    Market,
    Signals,
    State,
)
from maemae.research.sweep.kernel.matching import has_open, leave, open_order, sellable
from maemae.strategy.panel import Ints


@inlined
def open_session(market: Market, terms: Ints, signals: Signals, state: State, time: int) -> None:
    """
    Send exits that could not go before, what was wished after the last session, and what ends.

    The first two go as orders are taken, the last as trading opens.
    """
    sums = state.sums
    for place in range(sums[GUARDS]):
        row = state.guards[place]
        if state.book[row, LEAVING]:
            leave(market, terms, state, row, time)
    if not market.stale[time]:
        for number in range(sums[SELLS]):
            _sell_all(market, terms, state, state.wishes[0, number, 1], time)
        sums[EQUITY] = -1
        for number in range(sums[BUYS_WISHED]):
            rule, row = state.wishes[1, number]
            _buy(market, terms, signals.rules[rule], state, row, time)
    sums[SELLS] = sums[BUYS_WISHED] = sums[RESERVED] = 0
    for place in range(sums[GUARDS]):
        row = state.guards[place]
        mine = state.book[row]
        if not mine[LEAVING] and 0 < mine[ENDS] <= market.numbers[time]:
            mine[LEAVING] = TIMED
            leave(market, terms, state, row, time)


@inlined
def _sell_all(market: Market, terms: Ints, state: State, row: int, time: int) -> None:
    bar = market.bars[row, time]
    qty = sellable(state, row)
    if qty < 1 or bar[LOWER] < 0 or 0 < bar[CAP] < qty or has_open(state, row, BUY):
        return
    open_order(terms, state, row, SELL, qty)


@inlined
def _buy(market: Market, terms: Ints, rule: Ints, state: State, row: int, time: int) -> None:
    bar, mine, sums = market.bars[row, time], state.book[row], state.sums
    if mine[BUYS]:
        sums[STATUS] = BEYOND
        return
    price = market.closes[row, time - 1]
    worst = hold = bar[UPPER]
    if not terms[IS_RAW]:
        worst, hold = -(-price * terms[RESERVE] // MILLION), price * 130 // 100
    if worst == 0:  # a day without a band takes no new risk
        return
    qty = _size(market, terms, rule, state, price, worst, time)
    if _is_refused(market, terms, state, row, time, qty, worst):
        return
    sums[RESERVED] += reserved_cash(terms, qty * worst)
    slot = open_order(terms, state, row, BUY, qty)
    mine[HOLD] = hold
    order = state.orders[row, slot]
    order[ASKED_STOP], order[ASKED_TAKE] = rule[STOP_LOSS], rule[TAKE_PROFIT]
    order[ASKED_TRAIL], order[ASKED_HOLD] = rule[TRAIL], rule[HOLD_FOR]


@inlined
def _size(
    market: Market, terms: Ints, rule: Ints, state: State, price: int, worst: int, time: int
) -> int:
    """Return the shares that a rule asks for, cut down to what cash allows unless it names them."""
    size = rule[SIZE]
    if rule[SIZE_KIND] == SHARES:
        return int(size)
    worth = size
    if rule[SIZE_KIND] != CASH_WORTH:
        worth = equity(market, state, time) * size // MILLION
    spare = state.sums[CASH] - state.sums[RESERVED] - terms[SPARE]
    affordable = 0
    if spare > 0:
        affordable = spare * MILLION // (worst * (MILLION + terms[CHARGE]))
    return int(min(max(0, worth // price), affordable))


@inlined
def equity(market: Market, state: State, time: int) -> int:
    """Return cash and holdings at the prices before a session [won]."""
    if state.sums[EQUITY] < 0:
        _value(market.closes, state.book, state.held, state.sums, time)
    return int(state.sums[EQUITY])


@compiled
def _value(closes: Ints, book: Ints, held: Ints, sums: Ints, time: int) -> None:
    total = sums[CASH]
    for place in range(sums[HOLDINGS]):
        row = held[place]
        total += book[row, QTY] * closes[row, time - 1]
    if total > MOST_MONEY:
        sums[STATUS] = BEYOND
    sums[EQUITY] = total


@inlined
def _is_refused(
    market: Market, terms: Ints, state: State, row: int, time: int, qty: int, worst: int
) -> bool:
    bar, mine, sums = market.bars[row, time], state.book[row], state.sums
    if qty < 1 or qty * worst > terms[MOST_WORTH] or 0 < bar[CAP] < qty:
        return True
    if has_open(state, row, SELL):
        return True
    if reserved_cash(terms, qty * worst) > sums[CASH] - sums[RESERVED] - terms[SPARE]:
        return True
    if mine[QTY] == 0 and _names(state) >= terms[MOST_HELD]:
        return True
    if terms[MOST_WEIGHT] >= MILLION:
        return False
    worth = (mine[QTY] + qty) * market.closes[row, time - 1]
    return bool(worth * MILLION > terms[MOST_WEIGHT] * equity(market, state, time))


@inlined
def _names(state: State) -> int:
    """Return how many instruments are held or being bought."""
    count = state.sums[HOLDINGS]
    for place in range(state.sums[TOUCHED]):
        mine = state.book[state.touched[place]]
        if mine[QTY] == 0 and mine[BUYS]:
            count += 1
    return int(count)
