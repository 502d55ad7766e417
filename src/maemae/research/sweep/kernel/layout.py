"""
Where each number of the kernel lies.

All of it is int64, in won, shares, parts per million and indexes of sessions, so that every
figure is the engine's. What belongs to one bar or one instrument lies side by side: the kernel
looks at few of them, and at all that is there.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from maemae.strategy.panel import Flags, Ints

# One bar: prices, the band of the day, the most shares of one order.
OPEN, HIGH, LOW, CLOSE, VOLUME, LOWER, UPPER, CAP = range(8)
"""LOWER is -1 on a day whose first print breaks with the close before. UPPER is 0 where no band
is known, CAP where no cap is."""
BAR: Final = 8

# The terms of a run.
(
    IS_RAW, START, SPARE, RESERVE, RATE, RATE_UNIT, CUT, ROUNDING, CHARGE, SHARE,
    SLIPS_BY_TICK, SLIP, MOST_WORTH, MOST_HELD, MOST_WEIGHT, MOST_ORDERS,
) = range(16)  # fmt: skip
TERMS: Final = 16

PER_FILL, PER_ORDER, PER_DAY = range(3)

# One rule of the strategy.
KIND, SIZE_KIND, SIZE, STOP_LOSS, TAKE_PROFIT, TRAIL, HOLD_FOR, FLAT_ONLY = range(8)
RULE: Final = 8

LEAVE, ENTER = range(2)
SHARES, CASH_WORTH, WEIGHT = range(3)

# One instrument in the book.
(
    QTY, COST, FEES, STOP, TAKE, LEAVING, GUARDED, GUARD_AT, HELD_AT, DUE, SEEN, PRICE,
    ALLOWANCE, LOCKED, HOLD, COUNT, BUYS, TURN_BUY, TURN_SELL, SINCE, SHOWN, FOLLOWS, ENDS,
) = range(23)  # fmt: skip
BOOK: Final = 23

"""STOP and TAKE are prices; FOLLOWS is how far below the price the stop is drawn [ppm], and ENDS
the number of the session at whose opening the holding is left; 0 is none of each."""

STOPPED, TAKEN, TIMED = 1, 2, 3  # LEAVING; 0 while nothing was reached

# One order of the session.
(
    SIDE, LEAVES, NOTIONAL, ASKED_STOP, ASKED_TAKE, ASKED_TRAIL, ASKED_HOLD, SOLD, RESULT,
) = range(9)  # fmt: skip
ORDER: Final = 9

BUY, SELL, NEITHER = 0, 1, -1
ORDERS_A_SESSION: Final = 4
"""Most orders in one instrument and session; the kernel gives up at more."""

# The sums of the run.
(
    CASH, RESERVED, ORDERS, FILLS, TRADED, COMMISSION, TAX, TRIPS, WINS, TODAY,
    GUARDS, HOLDINGS, TOUCHED, SELLS, BUYS_WISHED, EQUITY, INSIDE, STATUS,
) = range(18)  # fmt: skip
SUMS: Final = 18

DONE, BEYOND, FULL = range(3)
"""STATUS: it is right; something came up that only the engine knows; the fills did not fit."""

# One fill.
F_TIME, F_INSIDE, F_ROW, F_QTY, F_PX, F_COMMISSION, F_TAX = range(7)
FILL: Final = 7

MILLION: Final = 1_000_000
TAX_UNIT: Final = 100_000
MOST_MONEY: Final = 4_000_000_000_000
"""Up to here no product of the kernel leaves 64 bits [won]."""


class Market(NamedTuple):
    """
    What is known of the market, the same for every run.

    Attributes:
        bars: [S instruments, T sessions, BAR].
        closes: Last close up to each session; 0 before the first [S, T].
        kinds: Number of the kind of each instrument: its market and product [S].
        tables: Tick tables: first prices, ticks, ranks [n, 3, 8]; unused bands have no end.
        table_of: Number of the tick table by kind and session [kinds, T].
        taxes: Transaction and rural tax by kind and session [kinds, T, 2].
        numbers: Of each session among all that the exchange holds, from 1 on [T].
        stale: Whether a wish of the session before is too old, by session [T].
    """

    bars: Ints
    closes: Ints
    kinds: Ints
    tables: Ints
    table_of: Ints
    taxes: Ints
    numbers: Ints
    stale: Flags


class Signals(NamedTuple):
    """
    What a strategy wishes, by rule and session.

    Attributes:
        rules: [R rules, RULE].
        begin: Where the rows of a rule and a session begin [R, T + 1].
        rows: Instruments, ascending within a session.
    """

    rules: Ints
    begin: Ints
    rows: Ints


class State(NamedTuple):
    """
    Everything that changes in a run.

    Attributes:
        book: [S, BOOK].
        orders: Of the session [S, ORDERS_A_SESSION, ORDER].
        sums: [SUMS].
        guards, held, touched, due: Lists of instruments; how long they are is among the sums.
        wishes: Parked sells and buys: rule and instrument [2, R * S, 2].
        fills: [most fills, FILL]; none are kept where there is no room at all.
        curve: Cash and holdings at each close [2, T].
    """

    book: Ints
    orders: Ints
    sums: Ints
    guards: Ints
    held: Ints
    touched: Ints
    due: Ints
    wishes: Ints
    fills: Ints
    curve: Ints


def new_state(instruments: int, sessions: int, rules: int, fills: int = 0) -> State:
    """Return an empty book for so many instruments, sessions, rules and kept fills."""

    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, np.int64)

    return State(
        zeros(instruments, BOOK),
        zeros(instruments, ORDERS_A_SESSION, ORDER),
        zeros(SUMS),
        zeros(instruments),
        zeros(instruments),
        zeros(instruments),
        zeros(instruments),
        zeros(2, max(1, rules * instruments), 2),
        zeros(fills, FILL),
        zeros(2, sessions),
    )
