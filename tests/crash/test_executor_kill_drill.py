"""The kill switch against the clock: a full account at a broker that takes five a second."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec
import pytest

from maemae.clocks import SystemWallClock
from maemae.core.events import KillLevel
from maemae.core.limits import Limits
from maemae.domain.ids import MANUAL_SLEEVE, Symbol
from maemae.domain.instant import SECOND
from maemae.trading.control.commands import SetLimits
from maemae.trading.control.replies import Accepted
from maemae.trading.emergency.kill_switch import KillSwitch
from tests.brokers.sim_rig import ACCOUNT, PRICE
from tests.crash.executor_faults import full_disk
from tests.crash.executor_rig import ExecutorRig
from tests.crash.executor_street import FAR, Street, a_street, an_order, bars, place
from tests.waiting import until

WORKING: Final = 40
POSITIONS: Final = 60
PER_SEC: Final = 5
FLAT_WITHIN_SECS: Final = 30.0
_BUSY: Final = 4.0  # processes that want a core
SYMBOLS: Final = tuple(Symbol(f"{100_000 + 10 * number}") for number in range(POSITIONS))
ROOMY: Final = Limits(max_positions=2 * POSITIONS, max_orders_per_sec=1_000, max_repeats=1_000)
TRIPPED: Final = Limits(
    max_order_value=1,
    max_positions=1,
    max_position_weight=1,
    max_daily_loss=0,
    max_orders_per_sec=1,
    max_orders_per_day=1,
    max_repeats=1,
)


def prepare(street: Street, executor: ExecutorRig) -> None:
    """Fill an account with working orders and positions, then slow the broker down."""
    street.open(executor, prints=dict.fromkeys(SYMBOLS, PRICE))
    place(executor, *(an_order(symbol) for symbol in SYMBOLS))
    place(executor, *(an_order(SYMBOLS[0], price=FAR + 10 * n) for n in range(WORKING)))
    until(lambda: list(street.holdings().values()) == [1] * POSITIONS, said=lambda: street.orders)
    assert executor.settles(), executor.said[-4_000:]
    assert executor.stop() == 0
    street.broker.kill()
    street.broker.config = msgspec.structs.replace(
        street.broker.config, orders_per_sec=PER_SEC, queries_per_sec=PER_SEC
    )
    street.broker.start()
    executor.start()
    assert executor.settles(), executor.said[-4_000:]
    reply = executor.ask(SetLimits("limits", "test", ACCOUNT, MANUAL_SLEEVE, TRIPPED))
    assert isinstance(reply, Accepted), executor.said[-4_000:]


def is_flat(street: Street) -> bool:
    """Whether every order is canceled and every position sold, by the broker's ledger."""
    is_sold = all(held == 0 for held in street.holdings().values())
    return is_sold and len(street.cancels) >= WORKING


def test_kill_when_every_limit_is_tripped_empties_a_full_account_in_time(tmp_path: Path) -> None:
    market = bars(tmp_path / "catalogue", {symbol: lambda _: PRICE for symbol in SYMBOLS})
    with a_street(tmp_path, market, speed=1) as street:
        executor = street.executor(limits=ROOMY)
        prepare(street, executor)
        drill(street, executor)


@pytest.mark.soak
def test_kill_when_the_database_is_down_as_well_empties_a_full_account_in_time(
    tmp_path: Path,
) -> None:
    market = bars(tmp_path / "catalogue", {symbol: lambda _: PRICE for symbol in SYMBOLS})
    with a_street(tmp_path, market, speed=1) as street:
        executor = street.executor(limits=ROOMY)
        prepare(street, executor)
        with full_disk(executor):
            until(lambda: executor.ask(an_order()) is None, said=lambda: executor.said[-4_000:])
            drill(street, executor)
            until(lambda: "ALERT EMERGENCY_LANE" in executor.said, said=lambda: executor.said)


def slowness() -> float:
    """Return how much longer everything takes where many processes want each core; 1 or more."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1) / _BUSY)


def drill(street: Street, executor: ExecutorRig) -> None:
    """Press, and hold the broker's ledger against what a kill has to do."""
    before = len(street.requests)
    pressed_at = time.time_ns()
    KillSwitch(executor.home, SystemWallClock()).press(KillLevel.LIQUIDATE, "test", "drill")
    until(lambda: is_flat(street), 4 * FLAT_WITHIN_SECS, said=lambda: executor.said[-4_000:])
    asked = street.requests[before:]
    took = (asked[-1].wall - pressed_at) / SECOND
    codes = Counter(each.code for each in asked)

    assert took < FLAT_WITHIN_SECS * slowness(), f"flat after {took:.1f} s, {codes}"
    assert codes == {None: WORKING + POSITIONS}
