"""The books balance to the won: at every bar with the broker's, and at the end with the trades."""

from __future__ import annotations

import pytest

from maemae.core.config import CoreConfig
from maemae.core.events import SleeveOpened, TradingStateSet
from maemae.core.machine import TradingCore
from maemae.domain.ids import SleeveId
from maemae.domain.terms import Mode, PriceBasis, TradingState
from maemae.research.backtest import ACCOUNT, BACKTEST_LIMITS, BacktestPlan
from maemae.simulation.book import SleeveBook
from maemae.simulation.recorder import Recorder
from maemae.simulation.simulation import Simulation
from maemae.strategies.loading import load_strategy
from maemae.strategy.host import StrategyHost
from maemae.trading.simulated_day.agreement import differences
from maemae.venue.assumptions import RELAXED_ADJUSTED, STRICT_KRX
from maemae.venue.house import House
from tests.golden.runs import CASES, Bars, bars, sparse


class AuditedRun:
    """A backtest of two sleeves with one strategy whose books are compared at every bar."""

    def __init__(self, strategy: str, given: Bars) -> None:
        panel, plan = given.panel, BacktestPlan(instruments=given.instruments)
        begin = int(panel.opened[0]) - 1
        raw = panel.basis is PriceBasis.RAW
        self.core = TradingCore(CoreConfig(Mode.SIM, {ACCOUNT: plan.schedule}))
        self.house = House(plan.schedule, STRICT_KRX if raw else RELAXED_ADJUSTED)
        sleeves = [(SleeveId("ONE"), 10_000_000), (SleeveId("TWO"), 3_000_000)]
        for sleeve_id, cash in sleeves:
            self.core.handle(SleeveOpened(ACCOUNT, sleeve_id, cash, BACKTEST_LIMITS, begin))
        self.house.open_account(ACCOUNT, sum(cash for _, cash in sleeves))
        self.core.handle(TradingStateSet(TradingState.ACTIVE, "audit", begin))
        kind = load_strategy(strategy)
        books = [
            SleeveBook(self.core.state.get_sleeve(ACCOUNT, sleeve_id), self.core.market)
            for sleeve_id, _ in sleeves
        ]
        hosts = [
            StrategyHost(kind(), panel, ACCOUNT, sleeve_id, book)
            for (sleeve_id, _), book in zip(sleeves, books, strict=True)
        ]
        self.recorder = Recorder()
        self.simulation = Simulation(
            panel, plan.instruments, self.core, self.house, hosts, self.recorder
        )
        for book in books:
            book.mark = self.simulation.mark
        self.visited = 0

    def run(self) -> None:
        self.simulation.run(watch=self._compare)

    def _compare(self, _index: int) -> None:
        self.visited += 1
        assert not differences(self.core.state, self.house.account(ACCOUNT))


@pytest.mark.parametrize(("strategy", "dataset"), CASES)
def test_sleeves_add_up_to_the_broker_at_every_bar(strategy: str, dataset: str) -> None:
    audited = AuditedRun(strategy, bars(dataset))

    audited.run()

    assert audited.visited > 0
    assert {fill.sleeve_id for fill in audited.recorder.fills} == {"ONE", "TWO"}


@pytest.mark.parametrize(("strategy", "dataset"), CASES)
def test_closed_trades_tie_to_the_realized_profit_of_the_ledger(
    strategy: str, dataset: str
) -> None:
    result = sparse(strategy, dataset)
    (sleeve,) = result.state.sleeves.values()

    closed = sum(trip.pnl for trip in result.trips)
    charged = sum(fill.commission + fill.tax for fill in result.fills)
    of_open = charged - sum(trip.commission + trip.tax for trip in result.trips)

    assert closed - of_open == sleeve.realized


@pytest.mark.parametrize(("strategy", "dataset"), CASES)
def test_money_is_neither_made_nor_lost(strategy: str, dataset: str) -> None:
    result = sparse(strategy, dataset)
    (sleeve,) = result.state.sleeves.values()
    account = result.house.account(sleeve.account_id)

    paid = sum(fill.qty * fill.px + fill.commission + fill.tax for fill in result.fills)

    assert sleeve.cash == account.cash == result.curve.start - paid
    assert sleeve.cash + sum(held.cost for held in sleeve.positions.values()) == (
        result.curve.start + sleeve.realized
    )
