"""Each check of honesty by itself: its figures, its rule, and what it does with too little."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest

from maemae import Strategy, Symbol
from maemae.analytics.costs import costs_of
from maemae.analytics.summary import Curve
from maemae.domain.refusal import Reason
from maemae.domain.text import Text
from maemae.research.backtest import DEFAULT_PLAN, BacktestPlan, BacktestResult, backtest
from maemae.research.honesty.bootstrap import entry_test
from maemae.research.honesty.critique import check_critique, critique
from maemae.research.honesty.remark import Remark, Weight
from maemae.research.honesty.stress import Scenario, check_stress, stress
from maemae.research.honesty.trials import Trial, TrialBook, check_deflated, code_hash
from maemae.research.honesty.walk_forward import (
    check_walk_forward,
    neighbours,
    walk_forward,
)
from maemae.research.reporting import parts_of
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategies.momentum import Momentum
from maemae.strategies.pairs import Pairs
from maemae.strategy.panel import Panel
from tests.strategy_runs import A, B, a_panel
from tests.unit.research.honesty.markets import AfterSpike, AtRandom, a_market

pytestmark = pytest.mark.thorough

PANEL = a_market(1, edge=0.008)


@pytest.fixture(scope="module")
def planted() -> BacktestResult:
    return backtest(AfterSpike(), PANEL)


def a_curve(returns: list[float]) -> Curve:
    equity = (1e9 * np.cumprod(1 + np.array(returns))).astype(np.int64)
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(len(returns))]
    nothing = np.zeros(len(returns), np.int64)
    return Curve(1_000_000_000, days, equity, nothing, nothing)


def test_entries_upon_an_edge_are_rarely_as_good_by_chance(planted: BacktestResult) -> None:
    found = entry_test(PANEL, planted.trips, worlds=200)

    assert found is not None
    assert found.edge > found.by_chance + 0.01
    assert found.probability == pytest.approx(1 / 201)


def test_entries_at_random_have_an_even_probability() -> None:
    """Over many random strategies the probability is spread over 0 to 1, as a p-value must be."""
    found = []
    for seed in range(8):
        panel = a_market(100 + seed).until(400)
        test = entry_test(panel, backtest(AtRandom(), panel).trips, worlds=100)
        assert test is not None
        found.append(test.probability)

    assert sum(each < 0.05 for each in found) <= 2
    assert 0.2 < np.mean(found) < 0.8


def test_entries_that_are_sold_bit_by_bit_count_once(planted: BacktestResult) -> None:
    halves = [msgspec.structs.replace(trip, closed_at=trip.opened_at) for trip in planted.trips]

    whole, split = (
        entry_test(PANEL, trips, 50) for trips in (planted.trips, [*halves, *planted.trips])
    )

    assert whole == split


def test_entries_when_few_are_not_judged(planted: BacktestResult) -> None:
    assert entry_test(PANEL, planted.trips[:10]) is None


def test_neighbours_begin_with_the_values_themselves_and_stay_in_range() -> None:
    sets = neighbours(GoldenCross, {"fast": 10, "slow": 30})

    assert sets[0] == {"fast": 10, "slow": 30}
    assert len(sets) == 9
    assert {each["fast"] for each in sets} == {7, 10, 14}
    assert all(type(value) is int for each in sets for value in each.values())
    assert {each["hold"] for each in neighbours(Momentum, {"hold": 50})} == {35, 50}


def test_neighbours_of_many_parameters_change_one_at_a_time() -> None:
    sets = neighbours(Pairs, {})

    assert len(sets) == 7
    assert all(sum(each[name] != sets[0][name] for name in each) == 1 for each in sets[1:])


def test_walk_forward_chooses_by_the_past_alone() -> None:
    """One set is good in the first half and bad afterwards; the other the other way round."""
    wave = (np.sin(np.arange(200) * 1.9) / 200).tolist()
    good, bad = [each + 0.002 for each in wave], [each - 0.002 for each in wave]
    curves = {1: a_curve(good[:100] + bad[:100]), 2: a_curve(bad[:100] + good[:100])}

    found = walk_forward(lambda values: curves[int(values["x"])], [{"x": 1}, {"x": 2}], 2)

    assert found is not None
    first, second = found.folds
    assert (first.chosen, second.chosen) == ({"x": 1}, {"x": 1})
    assert first.total_return < 0
    assert check_walk_forward(found).passed is False


def test_walk_forward_of_a_steady_rule_passes() -> None:
    steady = a_curve([0.001 + np.sin(n * 1.9) / 300 for n in range(300)])

    found = walk_forward(lambda _values: steady, [{}])

    assert found is not None
    assert len(found.folds) == 4
    assert found.returns.size == 150
    assert check_walk_forward(found).passed


def test_walk_forward_when_folds_are_short_is_not_judged() -> None:
    assert (
        check_walk_forward(walk_forward(lambda _values: a_curve([0.01] * 100), [{}])).passed is None
    )


def test_stress_makes_every_world_worse(planted: BacktestResult) -> None:
    plans: list[BacktestPlan] = []

    def run(plan: BacktestPlan) -> BacktestResult:
        plans.append(plan)
        return backtest(AfterSpike(), PANEL, plan)

    scenarios = stress(run, planted, DEFAULT_PLAN, PANEL.basis)

    base = planted.summary.total_return
    assert base is not None
    assert all(one.total_return is not None and one.total_return < base for one in scenarios[:2])
    assert plans[2].cash == 10 * DEFAULT_PLAN.cash
    costs, traded = costs_of(planted.executions), planted.summary.traded
    charged = [plan.schedule.commission(traded) for plan in plans]
    own = DEFAULT_PLAN.schedule.commission(traded)
    assert charged[0] - own == pytest.approx(costs.total, rel=0.001)
    assert charged[1] - own == pytest.approx(traded / 1_000, rel=0.001)
    assert check_stress(scenarios).passed


@pytest.mark.parametrize(
    ("required", "ratio", "passed"), [(True, -0.1, False), (False, -0.1, True), (True, None, False)]
)
def test_stress_judges_what_must_earn(*, required: bool, ratio: float | None, passed: bool) -> None:
    scenario = Scenario(Text("나쁜 세상", "a worse world"), ratio, required)

    assert check_stress([scenario]).passed is passed


def test_trials_count_each_variant_once(tmp_path: Path) -> None:
    book = TrialBook(tmp_path / "research" / "trials.jsonl")
    one = Trial("S", "c", "m", {"fast": 5}, 0.5)
    other = msgspec.structs.replace(one, parameters={"fast": 6})
    edited = msgspec.structs.replace(one, code="d")
    elsewhere = msgspec.structs.replace(one, market="n")

    book.add([one, other])
    book.add([one, edited, elsewhere])

    assert book.of("S", "m") == [one, other, edited]
    assert book.of("S", "n") == [elsewhere]
    assert book.of("T", "m") == []


def test_trials_when_a_line_is_cut_off_leave_it_out(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    book = TrialBook(path)
    one = Trial("S", "c", "m", {}, None)
    book.add([one])
    with path.open("ab") as file:
        file.write(b'{"strategy":"S","co')

    assert book.of("S", "m") == [one]


def test_code_hash_changes_with_the_source() -> None:
    assert code_hash(GoldenCross) == code_hash(GoldenCross)
    assert code_hash(GoldenCross) != code_hash(Momentum)


def test_deflated_ratio_falls_with_every_trial() -> None:
    returns = np.random.default_rng(1).normal(0.0012, 0.01, 500)

    alone, among = (
        check_deflated(returns, [1.5]),
        check_deflated(returns, [0.1 * n for n in range(40)]),
    )

    assert (alone.passed, among.passed) == (True, False)
    assert "40" in among.text.en
    assert check_deflated(returns[:30], [1.5]).passed is None


def codes(result: BacktestResult) -> dict[str, Weight]:
    return {each.code: each.weight for each in critique(result, PANEL, parts_of(result))}


def test_critique_of_a_sound_run_finds_nothing_serious(planted: BacktestResult) -> None:
    remarks = critique(planted, PANEL, parts_of(planted))

    assert not [each for each in remarks if each.weight is Weight.SERIOUS]
    assert check_critique(remarks).passed


def changed(result: BacktestResult, **figures: object) -> BacktestResult:
    return msgspec.structs.replace(
        result, summary=msgspec.structs.replace(result.summary, **figures)
    )


def test_critique_names_few_trades_and_short_runs(planted: BacktestResult) -> None:
    few = msgspec.structs.replace(planted.summary.trades, count=12)
    some = msgspec.structs.replace(planted.summary.trades, count=60)

    assert codes(changed(planted, trades=few))["FEW_TRADES"] is Weight.SERIOUS
    assert codes(changed(planted, trades=some))["FEW_TRADES"] is Weight.MIND
    assert codes(changed(planted, sessions=100))["SHORT_RUN"] is Weight.SERIOUS
    assert "FEW_TRADES" not in codes(planted)


def test_critique_names_one_trade_that_earned_half(planted: BacktestResult) -> None:
    lucky = msgspec.structs.replace(planted.summary.trades, best=planted.summary.profit // 2 + 1)

    assert codes(changed(planted, trades=lucky))["ONE_TRADE"] is Weight.SERIOUS


def test_critique_names_costs_that_eat_the_edge(planted: BacktestResult) -> None:
    assert codes(changed(planted, profit=1_000))["COSTS"] is Weight.SERIOUS
    assert codes(changed(planted, profit=-5))["LOSES"] is Weight.SERIOUS


def test_critique_names_what_is_too_good_too_deep_and_refused(planted: BacktestResult) -> None:
    result = changed(planted, sharpe=4.2, max_drawdown=-0.5)
    result = msgspec.structs.replace(result, refusals=Counter({Reason.NO_PRICE: 10_000}))

    assert {"TOO_GOOD", "DEEP", "REFUSALS"} <= set(codes(result))


def test_critique_names_little_capacity(planted: BacktestResult) -> None:
    thin = [msgspec.structs.replace(one, volume=one.qty * 2) for one in planted.executions]

    assert codes(msgspec.structs.replace(planted, executions=thin))["CAPACITY"] is Weight.SERIOUS


class Keeping(Strategy):
    """Buys what there is in its first month, and never sells."""

    wanted: tuple[Symbol, ...] = (A, B)

    def setup(self) -> None:
        self.every("month", self.act)

    def act(self) -> None:
        for symbol in self.wanted:
            if not self.position(symbol).qty:
                self.buy(symbol, weight=0.4)


class KeepingOne(Keeping):
    wanted = (B,)


def critique_of(strategy: Strategy, panel: Panel) -> dict[str, Remark]:
    result = backtest(strategy, panel, BacktestPlan(cash=20_000))
    return {each.code: each for each in critique(result, panel, parts_of(result))}


def test_critique_names_what_is_held_and_has_no_bars_any_more() -> None:
    ended = a_panel({A: [1_000] * 60, B: [1_000] * 30 + [0] * 30})
    whole = a_panel({A: [1_000] * 60, B: [1_000] * 60})

    remark = critique_of(Keeping(), ended)["STRANDED"]

    assert remark.weight is Weight.SERIOUS
    assert remark.text.en.startswith("Held, and without bars any more: 1.")
    assert "(30% of the equity)" in remark.text.en
    assert "STRANDED" not in critique_of(Keeping(), whole)


def test_critique_of_a_run_without_an_order_says_where_to_look() -> None:
    remarks = critique_of(Strategy(), a_panel({A: [1_000] * 60}))

    assert remarks["NO_ORDERS"].weight is Weight.SERIOUS
    assert "FEW_TRADES" not in remarks


def test_critique_writes_a_true_minus() -> None:
    rising = a_panel({A: [*range(1_000, 1_060)], B: [*range(2_000, 1_880, -2)]})

    remark = critique_of(KeepingOne(), rising)["WORSE_THAN_HOLDING"]

    assert "this run \N{MINUS SIGN}" in remark.text.en
    assert "-" not in remark.text.ko


def test_critique_says_both_languages_and_the_serious_first(planted: BacktestResult) -> None:
    few = msgspec.structs.replace(planted.summary.trades, count=12)
    remarks = critique(changed(planted, trades=few, max_drawdown=-0.5), PANEL, parts_of(planted))

    assert remarks[0].weight is Weight.SERIOUS
    assert remarks[-1].weight is Weight.MIND
    assert all(max(remark.text.ko) >= "가" and remark.text.en.isascii() for remark in remarks)
