"""
Random bars and random orders: no exit sells what is not held, and no part of an order is lost.

A day that is cut off in the midst of them and goes on from its journal sends the same orders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae import Hold, Strategy, Symbol, param, split, start, won
from maemae.core.actions import Action, FillBooked, ProtectionTriggered, SubmitOrder
from maemae.core.events import Event
from maemae.core.limits import Limits
from maemae.core.parent_facts import ParentEnded, ParentStarted, SliceSent
from maemae.domain.ids import IntentId, SleeveId
from maemae.domain.terms import Cause, PriceBasis, Side
from maemae.research.backtest import BacktestPlan, set_stage
from maemae.strategy.panel import Panel
from maemae.trading.simulated_day.day import DayPlan, DayResult, StrategyPlan
from tests.journals import tamper
from tests.market import LISTED, daily_panel, long_day_panel, minute_panel
from tests.trading_days import SYMBOLS, a_morning, make_market, run_day

CASH = 50_000_000


class Busy(Strategy):
    """Orders in every way there is, by a number that follows from the bar alone."""

    near = param(1.0, low=0.01, high=1.0)
    """How near to the price its exits stand."""

    def setup(self) -> None:
        self.every("bar", self.act)

    def act(self) -> None:
        for symbol in self.symbols:
            if self.has_traded(symbol):
                self.order(symbol, self.bar(symbol).close)

    def order(self, symbol: Symbol, close: int) -> None:
        way, held = close // 10 % 13, self.position(symbol).qty
        if way == 0:
            stop, target = won(close * self.near / 50), won(close * self.near / 50)
            self.buy(symbol, weight=0.1, stop_loss=stop, take_profit=target, cooldown=1)
        elif way == 1:
            self.buy(symbol, weight=0.1, trail=0.04 * self.near, hold=Hold(bars=3))
        elif way == 2:
            self.buy(symbol, weight=0.1, split=split.ladder(0.003, 0.006, weights=(1, 2)))
        elif way == 3:
            self.buy(
                symbol, cash=700_000, split=split.twap(3, minutes=3), stop_loss=0.02 * self.near
            )
        elif way == 4:
            level = start.below(close - close // 200)
            self.buy(symbol, risk=0.005, stop_loss=0.03 * self.near, start=level, sessions=2)
        elif held:
            self.leave(symbol, close, way, held)

    def leave(self, symbol: Symbol, close: int, way: int, held: int) -> None:
        if way == 5:
            self.sell(symbol, split=split.equal(3))
        elif way == 6:
            self.sell(symbol, start=start.above(close + close // 200))
        elif way == 7:
            self.sell(symbol, shares=(held + 1) // 2, split=split.twap(2, minutes=2))
        elif way == 8:
            self.sell(symbol, limit=close - close % 1_000 + 1_000)
        elif way == 9:
            self.close(symbol)
        elif way == 10:
            self.withdraw(symbol)


class Ledger:
    """A journal that counts shares, and what became of each part of each parent."""

    def __init__(self) -> None:
        self.held: Counter[Symbol] = Counter()
        self.working: Counter[Symbol] = Counter()
        self.parts: dict[IntentId, int] = {}
        self.sent: Counter[IntentId] = Counter()
        self.causes: Counter[Cause] = Counter()
        self.ended: list[ParentEnded] = []

    def append(self, _event: Event, actions: Sequence[Action]) -> None:
        """Count, and check that no sale is of more than is held."""
        for action in actions:
            if isinstance(action, FillBooked):
                self.held[action.symbol] += action.qty
                assert self.held[action.symbol] >= 0
            elif isinstance(action, SubmitOrder) and action.order.side is Side.SELL:
                assert action.order.order_qty <= self.held[action.order.symbol]
            elif isinstance(action, ParentStarted):
                self.parts[action.intent_id] = sum(part.qty for part in action.parts)
            elif isinstance(action, SliceSent):
                self.sent[action.intent_id] += action.qty
            elif isinstance(action, ProtectionTriggered):
                self.causes[action.cause] += 1
            elif isinstance(action, ParentEnded):
                self._end(action)

    def _end(self, ended: ParentEnded) -> None:
        assert ended.qty == self.parts.get(ended.intent_id, 0)
        assert ended.filled + ended.working <= self.sent[ended.intent_id]
        assert ended.missed >= 0
        self.ended.append(ended)

    def commit(self) -> None:
        """Keep nothing durable."""


PANELS = st.builds(
    lambda kind, seed, basis, count: kind(seed, basis, count),
    st.sampled_from([daily_panel, minute_panel, long_day_panel]),
    st.integers(0, 10_000),
    st.sampled_from(PriceBasis),
    st.integers(1, 3),
)


def ledger_of(panel: Panel) -> Ledger:
    ledger = Ledger()
    stage = set_stage(Busy(), panel, BacktestPlan(cash=CASH, instruments=LISTED), ledger)
    stage.simulation.run()
    (sleeve,) = stage.core.state.sleeves.values()
    assert {symbol: qty for symbol, qty in ledger.held.items() if qty} == {
        symbol: position.qty for symbol, position in sleeve.positions.items()
    }
    assert all(sleeve.sellable(symbol) >= 0 for symbol in sleeve.positions)
    return ledger


@given(PANELS)
def test_no_exit_sells_what_is_not_held_and_no_part_is_lost(panel: Panel) -> None:
    ledger_of(panel)


def test_random_orders_reach_every_kind_of_exit_and_end() -> None:
    """What is drawn must meet what is promised, or the property says nothing."""
    ledgers = [ledger_of(minute_panel(seed, PriceBasis.RAW, 3)) for seed in range(4)]
    causes = sum((ledger.causes for ledger in ledgers), Counter())
    ends = {(ended.end.value, ended.missed > 0) for ledger in ledgers for ended in ledger.ended}

    assert set(causes) == {Cause.STOP, Cause.TAKE, Cause.TIME}
    assert {("DONE", False), ("DONE", True), ("LEFT", False)} <= ends


def a_busy_day(plan_of: DayPlan, path: Path) -> DayResult:
    return run_day(plan_of, path, snapshot_every=20)


@pytest.mark.thorough
def test_day_when_cut_off_in_the_midst_sends_the_same_orders(tmp_path: Path) -> None:
    market = a_morning(make_market(tmp_path / "market", SYMBOLS[:3]))

    def plan() -> DayPlan:
        limits = Limits(max_orders_per_sec=1_000)
        seat = StrategyPlan(SleeveId("busy"), Busy(near=0.1), CASH, limits)
        return DayPlan(market.panel, [seat], market.instruments)

    whole = a_busy_day(plan(), tmp_path / "whole.db")
    again = a_busy_day(plan(), tmp_path / "whole.db")
    assert again.order_hash == whole.order_hash
    assert whole.orders > 20
    assert {fill.cause for fill in whole.fills} > {Cause.SIGNAL}

    for share in (0.2, 0.5, 0.8):
        cut = tmp_path / f"cut-{share}"
        cut.mkdir()
        (cut / "journal.db").write_bytes((tmp_path / "whole.db").read_bytes())
        last = round(share * again.repeated)
        tamper(cut, "DELETE FROM record WHERE seq > ?", last)
        tamper(cut, "DELETE FROM snapshot WHERE seq > ?", last)

        result = a_busy_day(plan(), cut / "journal.db")

        assert result.repeated == last
        assert (result.order_hash, result.book_hash) == (whole.order_hash, whole.book_hash)
