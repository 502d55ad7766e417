"""Stops of a living executor: in a falling market, and in one that lies, is silent or forgets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from maemae.app.executors import open_executor_store
from maemae.app.trade_request import StrategyRequest
from maemae.brokers.sim.messages import LostReply
from maemae.core.actions import PriceDoubted
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode, Side
from maemae.emulators.ledger import Requested
from tests.brokers.sim_rig import DAY
from tests.crash.executor_judge import judge
from tests.crash.executor_rig import ExecutorRig
from tests.crash.executor_street import Street, a_street, an_order, bars, place
from tests.waiting import until

FALLING: Final = Symbol("000660")
HIGH: Final = 10_000
LOW: Final = 7_100
STEP: Final = 100
OPENS: Final = 60
"""Minute of the session at which the broker is entered: 10:00."""

FALLS: Final = OPENS + 20
RISES: Final = OPENS + 200
QTY: Final = 10
STOP: Final = 50_000
QUIET: Final = 2 * SECOND


def falling(minute: int) -> int:
    """Return the price of a market that stands still, then falls nearly to the limit [won]."""
    if minute > RISES:
        return HIGH  # the next day's limits begin where this one did
    return max(LOW, HIGH - STEP * max(0, minute - FALLS))


def standing(_minute: int) -> int:
    """Return the price of a market in which nothing happens [won]."""
    return HIGH


@contextmanager
def a_position(
    folder: Path, *, falls: bool, failpoints: str = "", strategies: tuple[StrategyRequest, ...] = ()
) -> Iterator[tuple[Street, ExecutorRig]]:
    """Give an executor that holds shares with a stop."""
    path = falling if falls else standing
    market = bars(folder / "home" / "catalogue", {FALLING: path})
    with a_street(folder, market, speed=100, quiet_period=QUIET) as street:
        executor = street.executor(strategies=strategies)
        street.open(executor, failpoints=failpoints)
        place(executor, an_order(FALLING, QTY, stop_loss=STOP))
        until(lambda: street.held(FALLING) == QTY, said=lambda: executor.said[-4_000:])
        yield street, executor


def sales(street: Street) -> list[Requested]:
    """Return the sales that were asked for."""
    return street.submits_of(Side.SELL)


def doubted_prices(executor: ExecutorRig) -> list[int]:
    """Return the prints that were not believed [won]."""
    with open_executor_store(executor.database, Mode.SIM) as store:
        return [
            action.price
            for entry in store.records(DAY)
            for action in entry.actions
            if isinstance(action, PriceDoubted)
        ]


def end_flat(street: Street, executor: ExecutorRig) -> None:
    """Wait until everything is sold, let the executor end, and judge it."""
    until(lambda: street.held(FALLING) == 0, said=lambda: executor.said[-4_000:])
    assert executor.settles(), executor.said[-4_000:]
    assert executor.stop() == 0
    sold = [order for order in street.orders if order.side is Side.SELL]
    assert sum(fill.qty for order in sold for fill in order.fills) == QTY
    assert judge(executor.database, Path(street.broker.config.ledger)).faults == []


def test_stop_when_the_market_falls_sells_everything_once(tmp_path: Path) -> None:
    with a_position(tmp_path, falls=True) as (street, executor):
        end_flat(street, executor)


def test_stop_when_one_print_is_insane_does_not_sell(tmp_path: Path) -> None:
    with a_position(tmp_path, falls=False) as (street, executor):
        assert executor.settles()
        street.print_trade(FALLING, LOW)
        time.sleep(1.0)
        assert executor.settles(), executor.said[-4_000:]
        assert executor.stop() == 0

        assert LOW in doubted_prices(executor)
        assert sales(street) == []
        assert judge(executor.database, Path(street.broker.config.ledger)).naked == ()


def test_stop_when_the_feed_is_frozen_pages_and_fires_by_the_broker_s_own_price(
    tmp_path: Path,
) -> None:
    with a_position(tmp_path, falls=True) as (street, executor):
        street.set_faults(frozen=True)
        end_flat(street, executor)
        assert "ALERT BLIND" in executor.said


def test_stop_when_the_answer_to_its_exit_is_lost_is_neither_naked_nor_oversold(
    tmp_path: Path,
) -> None:
    with a_position(tmp_path, falls=True) as (street, executor):
        street.set_faults(lose_next=1, lost_reply=LostReply.SILENT, tail=3 * SECOND // 2)
        end_flat(street, executor)
        assert "ALERT OUTCOME_UNKNOWN" in executor.said


def test_stop_when_killed_between_trigger_and_send_sends_its_exit_exactly_once(
    tmp_path: Path,
) -> None:
    with a_position(tmp_path, falls=True, failpoints="send.before=exit@2") as (street, executor):
        until(lambda: executor.is_dead, said=lambda: executor.said[-4_000:])
        assert sales(street) == []
        executor.start()
        end_flat(street, executor)
        assert [asked.code for asked in sales(street)].count(None) == len(sales(street))


HANGS: Final = """
from maemae import Strategy


class Hangs(Strategy):
    def on_bar(self, symbol):
        while True:
            pass
"""


def test_stop_when_a_strategy_hangs_fires_all_the_same(tmp_path: Path) -> None:
    source = tmp_path / "hangs.py"
    source.write_text(HANGS)
    strategies = (StrategyRequest(f"{source}:Hangs", {}, 1_000_000),)
    with a_position(tmp_path, falls=True, strategies=strategies) as (street, executor):
        until(lambda: "ALERT STRATEGY_FAILED" in executor.said, said=lambda: executor.said[-4_000:])
        end_flat(street, executor)
