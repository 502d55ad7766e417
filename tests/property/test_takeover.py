"""
Whoever sells an account's shares meanwhile, and however the lists lag, every fill counts once.

The emergency lane, or a person, sells while orders of ours are in doubt. The broker's lists show
the account as it was up to a quiet period ago, each by its own lag, and a reading takes long
enough for all of them to move.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from enum import Enum, auto
from typing import Final
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from maemae.core.actions import AlarmCode
from maemae.domain.ids import AccountId
from maemae.domain.instant import SECOND
from maemae.domain.order import Order
from maemae.domain.statement import (
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
    StatedStatus,
)
from maemae.domain.terms import Side
from maemae.trading import reconciler
from maemae.trading.links import exec_id_of
from maemae.trading.reconciler import Noted, Reconciler
from tests.builders import ACCOUNT, CASH, DAY_1, FREE, NOON, SAMSUNG, a_fill, an_instrument
from tests.builders import an_order as order_of
from tests.reconciler_rig import ListedBroker, Rig
from tests.stated_rows import executed, stated
from tests.timed_outside import QUIET, LeapingVenue
from tests.virtual_time import run

PX: Final = 9_900
LONGEST_LAG: Final = QUIET // SECOND
ENDS: Final = 150  # s: by then every list has shown everything twice


class Fate(Enum):
    """What the executor knows of a buy that was filled before anything else happened."""

    BOOKED = auto()
    WORKING = auto()
    LOST = auto()


class Exit(Enum):
    """What became of our own sale of what a buy brought; nothing is known of it."""

    NONE = auto()
    FILLED = auto()
    DROPPED = auto()


class Trip(msgspec.Struct, frozen=True):
    """
    Shares that were bought, and are sold.

    Attributes:
        exit: Of ours, if every buy is booked; unless it is filled, another hand sells them.
        sold_at: When that sale is entered [s].
        fills_after: How long it works before it is filled [s].
    """

    buy: Fate
    exit: Exit
    sold_at: int
    fills_after: int


class Case(msgspec.Struct, frozen=True):
    """
    What happens, and how it is seen.

    Attributes:
        lags: Of the lists of orders, of holdings and cash, and of executions [s].
        takes: How long each query takes [s].
        pause: Between two readings [s].
    """

    trips: tuple[Trip, ...]
    lags: tuple[int, int, int]
    takes: int
    pause: int


LAG: Final = st.integers(0, LONGEST_LAG)
MISTAKES: Final = frozenset({AlarmCode.OVERSOLD, AlarmCode.OVERDRAWN, AlarmCode.MISMATCH})
HAS_LASTED: Final = Reconciler._has_lasted
CASES: Final = st.builds(
    Case,
    st.lists(
        st.builds(
            Trip,
            st.sampled_from(Fate),
            st.sampled_from(Exit),
            st.integers(0, 40),
            st.integers(0, 10),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
    st.tuples(LAG, LAG, LAG),
    st.integers(0, 4),
    st.integers(1, 9),
)


class Truth(msgspec.Struct, frozen=True):
    """One order at the broker: entered and filled whole at these moments [s]."""

    row: StatedOrder
    entered: int
    filled: int

    def row_at(self, secs: float) -> StatedOrder:
        """Return the row as it is then."""
        if secs < self.filled:
            return self.row
        qty = self.row.order_qty
        return replace(self.row, cum_qty=qty, leaves_qty=0, status=StatedStatus.FILLED)

    @property
    def fill(self) -> StatedExecution:
        """The one fill."""
        row, at = self.row, NOON + self.filled * SECOND
        of = order_of(row.order_qty, row.price, row.side)
        return executed(row.order_qty, f"F{row.order_id}", row.order_id, order=of, px=PX, at=at)

    @property
    def shares(self) -> int:
        """What the fill brings; below 0 what it takes."""
        return self.row.order_qty if self.row.side is Side.BUY else -self.row.order_qty

    @property
    def money(self) -> int:
        """What it pays; below 0 what it costs [won]."""
        notional = self.row.order_qty * PX
        if self.row.side is Side.BUY:
            return -notional
        return notional - FREE.tax(notional, an_instrument(), DAY_1)


class LaggingBroker(ListedBroker):
    """A broker whose lists show what was so many seconds ago."""

    def __init__(self, venue: LeapingVenue) -> None:
        super().__init__(venue)
        self.truths: list[Truth] = []
        self.lags = (0, 0, 0)

    async def orders(self, account_id: AccountId, day: date) -> tuple[StatedOrder, ...]:
        then = await self._then(0)
        return tuple(truth.row_at(then) for truth in self.truths if truth.entered <= then)

    async def holdings(self, account_id: AccountId) -> tuple[StatedHolding, ...]:
        qty = sum(truth.shares for truth in self._filled(await self._then(1)))
        return (StatedHolding(ACCOUNT, SAMSUNG, qty, qty, qty * PX),) if qty else ()

    async def cash(self, account_id: AccountId) -> StatedCash:
        money = CASH + sum(truth.money for truth in self._filled(await self._then(1)))
        return StatedCash(ACCOUNT, money, money)

    async def executions(self, account_id: AccountId, day: date) -> tuple[StatedExecution, ...]:
        return tuple(truth.fill for truth in self._filled(await self._then(2)))

    async def _then(self, place: int) -> float:
        await asyncio.sleep(self.takes)
        return asyncio.get_running_loop().time() - self.lags[place]

    def _filled(self, then: float) -> list[Truth]:
        return [truth for truth in self.truths if truth.filled <= then]


class World(Rig):
    """An executor that starts again in the midst of it."""

    def __init__(self) -> None:
        self.market: list[LaggingBroker] = []
        super().__init__(broker=self._make)

    def _make(self, venue: LeapingVenue) -> LaggingBroker:
        self.market.append(LaggingBroker(venue))
        return self.market[0]

    def enter(self, order: Order, entered: int, filled: int) -> StatedOrder:
        """Let the broker have an order."""
        (broker,) = self.market
        number = f"{len(broker.truths) + 1:07d}"
        row = stated(number, order=order, at=NOON + entered * SECOND)
        broker.truths.append(Truth(row, entered, filled))
        return row

    def begin(self, trips: Sequence[Trip]) -> None:
        """Have shares bought, and sold sooner or later; call it while time runs."""
        buys = [self.wish(PX, 10 * place) for place, _ in enumerate(trips, 1)]
        for order, trip in zip(buys, trips, strict=True):
            self._buy(order, trip.buy)
        exits = [trip.exit for trip in trips]
        if any(trip.buy is not Fate.BOOKED for trip in trips):
            exits = [Exit.NONE] * len(trips)  # a sale does not leave beside a buy at work
        ours = [
            None if fate is Exit.NONE else self.wish(None, order.order_qty, Side.SELL)
            for order, fate in zip(buys, exits, strict=True)
        ]
        for sale in ours:
            if sale is not None:
                self.lose_answer(sale)
        for order, trip, sale, fate in zip(buys, trips, ours, exits, strict=True):
            if sale is not None and fate is Exit.FILLED:
                self.enter(sale, 0, 1)
            else:
                theirs = order_of(order.order_qty, None, Side.SELL)
                self.enter(theirs, trip.sold_at, trip.sold_at + trip.fills_after)

    def _buy(self, order: Order, fate: Fate) -> None:
        """Have a buy filled at once."""
        row = self.enter(order, 0, 0)
        if fate is Fate.LOST:
            self.lose_answer(order)
            return
        self.acknowledge(order, row.order_id)
        if fate is Fate.BOOKED:
            told = self.market[0].truths[-1].fill
            exec_id = exec_id_of(ACCOUNT, order.cl_ord_id, told.exec_id, told.at)
            self.core.handle(a_fill(order.order_qty, PX, exec_id, order.cl_ord_id, told.at))


def faults(case: Case) -> list[str]:
    """Let it happen; return what must never be and was."""

    async def main() -> list[str]:
        world = World()
        (broker,) = world.market
        broker.lags, broker.takes = case.lags, case.takes
        world.begin(case.trips)
        while asyncio.get_running_loop().time() < ENDS:
            done = await world.reconciler.run_round(ACCOUNT, DAY_1)
            await asyncio.sleep(case.pause)
        found = [f"{code}" for code in world.alarms if code in MISTAKES]
        if done.in_doubt or not done.is_compared:
            found.append(f"not at rest: {done}")
        held = [
            f"{sleeve.sleeve_id} holds {position.qty}"
            for sleeve in world.core.state.account(ACCOUNT)
            for position in sleeve.positions.values()
        ]
        return found + held

    return run(main())


@given(CASES)
def test_sale_by_another_hand_is_booked_once_and_of_what_is_held(case: Case) -> None:
    assert faults(case) == []


def by_when_it_was_asked(self: Reconciler, account: AccountId, seen: Noted, asked_at: int) -> bool:
    """Believe a difference a quiet period after the reading began that showed it first."""
    return HAS_LASTED(self, account, replace(seen, by=asked_at), asked_at)


SOLD_BEFORE_THE_BUY_IS_FOUND: Final = Case(
    (Trip(Fate.LOST, Exit.NONE, 1, 0),), lags=(0, 0, 0), takes=0, pause=3
)
ORDERS_LAG_BEHIND_HOLDINGS: Final = Case(
    (Trip(Fate.BOOKED, Exit.NONE, 3, 0),), lags=(10, 0, 0), takes=2, pause=2
)
MUTANTS: Final[dict[str, tuple[AbstractContextManager[object], Case, str]]] = {
    "adopts every sale at once": (
        patch.object(reconciler, "sales_too_early", lambda *_: []),
        SOLD_BEFORE_THE_BUY_IS_FOUND,
        "OVERSOLD",
    ),
    "counts from when it asked": (
        patch.object(Reconciler, "_has_lasted", by_when_it_was_asked),
        ORDERS_LAG_BEHIND_HOLDINGS,
        "MISMATCH",
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_checker_when_the_reconciler_is_hasty_finds_a_fault(name: str) -> None:
    mutant, case, fault = MUTANTS[name]
    assert faults(case) == []
    with mutant:
        assert fault in faults(case)
