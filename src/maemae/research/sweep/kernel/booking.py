"""Fills as the ledger books them: charges, cash, average cost, closed trades, guards."""

from __future__ import annotations

from maemae.research.sweep.kernel.compiled import inlined
from maemae.research.sweep.kernel.layout import (
    ALLOWANCE,
    ASKED_HOLD,
    ASKED_STOP,
    ASKED_TAKE,
    ASKED_TRAIL,
    BEYOND,
    BUY,
    CASH,
    CHARGE,
    COMMISSION,
    COST,
    CUT,
    ENDS,
    F_COMMISSION,
    F_INSIDE,
    F_PX,
    F_QTY,
    F_ROW,
    F_TAX,
    F_TIME,
    FEES,
    FILLS,
    FOLLOWS,
    FULL,
    GUARD_AT,
    GUARDED,
    GUARDS,
    HELD_AT,
    HOLDINGS,
    INSIDE,
    LEAVES,
    LEAVING,
    MILLION,
    MOST_MONEY,
    NOTIONAL,
    PER_DAY,
    PER_ORDER,
    QTY,
    RATE,
    RATE_UNIT,
    RESULT,
    ROUNDING,
    SIDE,
    SOLD,
    STATUS,
    STOP,
    TAKE,
    TAX,
    TAX_UNIT,
    TRADED,
    TURN_BUY,
    Market,
    State,
)
from maemae.strategy.panel import Ints


@inlined
def commission_on(terms: Ints, notional: int) -> int:
    """Return the commission on a notional [won]."""
    charge = notional * terms[RATE] // terms[RATE_UNIT]
    return int(charge - charge % terms[CUT])


@inlined
def reserved_cash(terms: Ints, notional: int) -> int:
    """Return what an open buy sets aside, charges included [won]."""
    return int(notional - (-notional * terms[CHARGE] // MILLION))


@inlined
def tax_on(market: Market, row: int, time: int, notional: int) -> int:
    """Return the tax on a sale [won]; each of the two is cut by itself."""
    rates = market.taxes[market.kinds[row], time]
    return int(notional * rates[0] // TAX_UNIT + notional * rates[1] // TAX_UNIT)


@inlined
def part_of(whole: int, part: int, of: int) -> int:
    """Return `whole * part // of` without leaving 64 bits."""
    return whole // of * part + whole % of * part // of


@inlined
def trade(
    market: Market, terms: Ints, state: State, row: int, time: int, slot: int, price: int
) -> None:
    """Fill an order at a price, as far as the bar's allowance goes."""
    mine, order, sums = state.book[row], state.orders[row, slot], state.sums
    qty = min(order[LEAVES], mine[ALLOWANCE])
    if qty == 0:
        return
    mine[ALLOWANCE] -= qty
    order[LEAVES] -= qty
    notional = qty * price
    before = _charged_before(terms, state, row, slot)
    commission = commission_on(terms, before + notional) - commission_on(terms, before)
    tax = 0
    if order[SIDE] == BUY:
        _buy(market, state, row, time, slot, qty, price, commission)
    else:
        tax = tax_on(market, row, time, before + notional) - tax_on(market, row, time, before)
        _sell(state, row, slot, qty, notional, commission + tax)
    order[NOTIONAL] += notional
    mine[TURN_BUY + order[SIDE]] += notional
    sums[FILLS] += 1
    sums[TRADED] += notional
    sums[COMMISSION] += commission
    sums[TAX] += tax
    _note(state, row, time, qty if order[SIDE] == BUY else -qty, price, commission, tax)


@inlined
def _charged_before(terms: Ints, state: State, row: int, slot: int) -> int:
    """Return the notional on which charges were cut already [won]."""
    if terms[ROUNDING] == PER_ORDER:
        return int(state.orders[row, slot, NOTIONAL])
    if terms[ROUNDING] == PER_DAY:
        return int(state.book[row, TURN_BUY + state.orders[row, slot, SIDE]])
    return 0


@inlined
def _buy(
    market: Market, state: State, row: int, time: int, slot: int, qty: int, price: int, charges: int
) -> None:
    mine, sums = state.book[row], state.sums
    if mine[QTY] == 0:
        mine[HELD_AT] = sums[HOLDINGS]
        state.held[sums[HOLDINGS]] = row
        sums[HOLDINGS] += 1
    sums[CASH] -= qty * price + charges
    mine[QTY] += qty
    mine[COST] += qty * price
    mine[FEES] += charges
    if mine[COST] > MOST_MONEY:
        sums[STATUS] = BEYOND
        return
    order = state.orders[row, slot]
    if order[ASKED_STOP] or order[ASKED_TAKE] or order[ASKED_TRAIL] or order[ASKED_HOLD]:
        _guard(mine, order, price, market.numbers[time])
        if not mine[GUARDED]:
            mine[GUARDED] = 1
            mine[GUARD_AT] = sums[GUARDS]
            state.guards[sums[GUARDS]] = row
            sums[GUARDS] += 1


@inlined
def _guard(mine: Ints, order: Ints, price: int, session: int) -> None:
    """Guard as the order asks; a stop that follows is never lowered, the first end holds."""
    before = mine[STOP]
    if order[ASKED_STOP]:
        kept = mine[COST] * (MILLION - order[ASKED_STOP])
        mine[STOP] = kept // (mine[QTY] * MILLION)
    if order[ASKED_TAKE]:
        wanted = mine[COST] * (MILLION + order[ASKED_TAKE])
        mine[TAKE] = -(-wanted // (mine[QTY] * MILLION))
    if order[ASKED_TRAIL]:
        mine[FOLLOWS] = order[ASKED_TRAIL]
    if mine[FOLLOWS]:
        mine[STOP] = max(mine[STOP], before, stop_under(mine[FOLLOWS], price))
    if order[ASKED_HOLD] and not mine[ENDS]:
        mine[ENDS] = session + order[ASKED_HOLD]


@inlined
def stop_under(distance: int, price: int) -> int:
    """Return where a stop that follows stands under a price [won]."""
    return price * (MILLION - distance) // MILLION


@inlined
def _sell(state: State, row: int, slot: int, qty: int, notional: int, charges: int) -> None:
    mine, order, sums = state.book[row], state.orders[row, slot], state.sums
    cost = part_of(mine[COST], qty, mine[QTY])
    fees = part_of(mine[FEES], qty, mine[QTY])
    mine[QTY] -= qty
    mine[COST] -= cost
    mine[FEES] -= fees
    order[SOLD] += qty
    order[RESULT] += notional - cost - fees - charges
    sums[CASH] += notional - charges
    if mine[QTY] == 0:
        last = state.held[sums[HOLDINGS] - 1]
        state.held[mine[HELD_AT]] = last
        state.book[last, HELD_AT] = mine[HELD_AT]
        sums[HOLDINGS] -= 1
        if mine[GUARDED]:
            _end_guard(state, row)


@inlined
def _end_guard(state: State, row: int) -> None:
    mine, sums = state.book[row], state.sums
    last = state.guards[sums[GUARDS] - 1]
    state.guards[mine[GUARD_AT]] = last
    state.book[last, GUARD_AT] = mine[GUARD_AT]
    sums[GUARDS] -= 1
    mine[GUARDED] = mine[STOP] = mine[TAKE] = mine[LEAVING] = mine[FOLLOWS] = mine[ENDS] = 0


@inlined
def _note(
    state: State, row: int, time: int, qty: int, price: int, commission: int, tax: int
) -> None:
    """Keep a fill where fills are kept."""
    most = len(state.fills)
    if most == 0:
        return
    place = state.sums[FILLS] - 1
    if place >= most:
        state.sums[STATUS] = FULL
        return
    fill = state.fills[place]
    fill[F_TIME], fill[F_ROW], fill[F_QTY], fill[F_PX] = time, row, qty, price
    fill[F_COMMISSION], fill[F_TAX] = commission, tax
    fill[F_INSIDE] = state.sums[INSIDE]
