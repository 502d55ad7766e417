"""An explanation shows what was seen, wished, sent and refused, and what the gate would say."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pytest

from maemae import Hold, Strategy, start
from maemae.cli.explain_view import explanation_view
from maemae.cli.screen import Screen
from maemae.core.limits import Limits
from maemae.core.preview import Outlook
from maemae.domain.errors import MissingDataError, UnknownSymbolError
from maemae.domain.exit_terms import Trail
from maemae.domain.ids import Symbol
from maemae.domain.intent import Everything, Weight
from maemae.domain.parent import Crossing
from maemae.domain.refusal import Reason
from maemae.domain.terms import Cause, Side
from maemae.domain.text import Language
from maemae.research.backtest import DEFAULT_PLAN, BacktestPlan
from maemae.research.explain import Explanation, explain
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategies.momentum import Momentum
from maemae.strategy.panel import Panel
from tests.strategy_runs import A, B, a_panel

FALL_RISE = [*range(2_000, 1_000, -50), *range(1_000, 2_000, 50)]
PANEL = a_panel({A: FALL_RISE, B: [1_000] * 25 + [0] * 15})


def day_of(k: int, panel: Panel = PANEL) -> date:
    return panel.dates[k]


def crossing() -> int:
    """Return the bar on which the averages of A cross upwards."""
    return next(k for k in range(20, 40) if a_day(k).seen.signals[0].fires)


def a_day(k: int, symbol: Symbol = A, plan: BacktestPlan = DEFAULT_PLAN) -> Explanation:
    return explain(GoldenCross(fast=2, slow=10), PANEL, plan, symbol, day_of(k))


def test_day_of_a_signal_shows_the_trigger_the_wish_and_the_order() -> None:
    found = a_day(crossing())

    signal = found.seen.signals[0]
    assert (signal.label, signal.method) == ("sma(2) crosses above sma(10)", "enter")
    (outcome,) = found.outcomes
    assert (outcome.side, outcome.size) == (Side.BUY, Weight(100_000))
    assert outcome.order is not None
    assert outcome.order.symbol == A
    assert not outcome.refusals


def test_day_outside_of_the_universe_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    k = crossing()
    nobody = np.zeros(PANEL.close.shape, np.bool_)
    limited = PANEL.until(len(PANEL)).among(nobody)

    found = explain(GoldenCross(fast=2, slow=10), limited, DEFAULT_PLAN, A, day_of(k))
    explanation_view(Screen(Language.EN), found, limited, "")

    assert found.is_outside
    assert not found.outcomes
    assert "Outside of the universe" in capsys.readouterr().out


def test_day_without_a_signal_shows_what_was_false() -> None:
    found = a_day(crossing() - 1)

    assert not found.outcomes
    assert not any(signal.fires for signal in found.seen.signals)
    assert [reading.label for reading in found.seen.readings] == ["sma(2)", "sma(10)"]
    assert found.seen.readings[1].value == pytest.approx(
        sum(FALL_RISE[crossing() - 10 : crossing()]) / 10
    )


def test_day_before_the_warm_up_says_how_many_bars_are_missing() -> None:
    slow = a_day(3).seen.readings[1]

    assert (slow.value, slow.bars, slow.warmup) == (None, 4, 10)
    assert not a_day(3).seen.signals[0].is_ready


def test_refused_wish_shows_its_reason() -> None:
    poor = BacktestPlan(cash=5_000)

    (outcome,) = a_day(crossing(), plan=poor).outcomes

    assert outcome.order is None
    assert [refusal.reason for refusal in outcome.refusals] == [Reason.QTY_NOT_POSITIVE]


def test_day_on_which_nothing_traded_says_so() -> None:
    found = a_day(30, B)

    assert found.bar is None
    assert not found.seen.has_traded


def test_gate_shows_every_check_with_its_number() -> None:
    gate = a_day(20).gate

    assert gate.outlook in {Outlook.PARKED, Outlook.SENT}
    assert {"CASH", "QUANTITY", "FRESH_PRICE"} <= {checked.check for checked in gate.checks}
    assert not [
        checked.check
        for checked in gate.checks
        if checked.refusal is not None and checked.check != "PHASE"
    ]
    assert gate.order_qty > 0


def test_rebalancing_shows_the_schedule_and_the_target() -> None:
    panel = a_panel({A: [*range(1_000, 2_000, 20)], B: [*range(2_000, 1_000, -20)]})
    firsts = [k for k in range(21, 50) if panel.dates[k].month != panel.dates[k - 1].month]

    first = explain(Momentum(lookback=20, hold=5), panel, DEFAULT_PLAN, A, panel.dates[firsts[0]])
    after = explain(
        Momentum(lookback=20, hold=5), panel, DEFAULT_PLAN, A, panel.dates[firsts[0] + 1]
    )

    assert [(due.period, due.is_due) for due in first.seen.dues] == [("month", True)]
    assert first.outcomes[0].size == Weight(200_000)
    assert first.outcomes[0].order is not None
    assert [(due.is_due, due.next is not None) for due in after.seen.dues] == [
        (False, len(firsts) > 1)
    ]
    assert after.held > 0


def test_sale_shows_everything() -> None:
    panel = a_panel({A: [*FALL_RISE, *range(2_000, 1_000, -50)]})
    found = [
        outcome
        for k in range(40, 60)
        for outcome in explain(
            GoldenCross(fast=2, slow=10), panel, DEFAULT_PLAN, A, panel.dates[k]
        ).outcomes
    ]

    assert {outcome.side for outcome in found} <= {Side.SELL}
    assert all(outcome.size == Everything() for outcome in found)


def test_day_that_is_no_session_is_refused() -> None:
    with pytest.raises(MissingDataError, match="no session"):
        explain(GoldenCross(), PANEL, DEFAULT_PLAN, A, date(2024, 1, 6))


def test_symbol_that_is_not_in_the_run_is_refused() -> None:
    with pytest.raises(UnknownSymbolError):
        explain(GoldenCross(), PANEL, DEFAULT_PLAN, Symbol("999990"), day_of(0))


class Waiting(Strategy):
    """Buys once with a trailing stop, and waits for a price far above to buy more."""

    def setup(self) -> None:
        self.every("month", self.act)

    def act(self) -> None:
        if not self.position(A).qty:
            self.buy(A, shares=10, trail=0.5, hold=Hold(sessions=30))
            self.buy(A, shares=5, start=start.above(9_000_000), sessions=200)


def test_day_of_a_holding_shows_its_guard_and_what_waits() -> None:
    found = explain(Waiting(), PANEL, DEFAULT_PLAN, A, day_of(3))

    assert found.guard is not None
    assert found.guard.trail == Trail(ppm=500_000)
    assert found.guard.stop_px == 980  # half of the highest price since
    assert found.guard.leave_at > 0
    (parent,) = found.waiting
    assert parent.intent.crossing == Crossing(9_000_000, above=True)


class Brief(Strategy):
    """Buys once, to hold it for three sessions."""

    def setup(self) -> None:
        self.every("month", self.act)

    def act(self) -> None:
        if not self.position(A).qty:
            self.buy(A, shares=10, hold=Hold(sessions=3))


def test_day_on_which_a_guard_sells_shows_why(capsys: pytest.CaptureFixture[str]) -> None:
    found = explain(Brief(), PANEL, DEFAULT_PLAN, A, day_of(4))  # bought at the opening of 1

    explanation_view(Screen(Language.EN), found, PANEL, "")

    (order,) = found.exits
    assert (order.side, order.order_qty, order.cause) == (Side.SELL, 10, Cause.TIME)
    assert not found.outcomes
    told = capsys.readouterr().out
    assert f"Held for as long as planned → order to sell 10 {A}" in told
    assert "It wished nothing" not in told


def test_day_on_which_no_guard_sells_shows_no_exit() -> None:
    assert not explain(Brief(), PANEL, DEFAULT_PLAN, A, day_of(3)).exits


@pytest.mark.parametrize("language", Language)
def test_view_of_a_holding_tells_its_guard_and_what_waits(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    found = explain(Waiting(), PANEL, DEFAULT_PLAN, A, day_of(3))

    explanation_view(Screen(language), found, PANEL, "")

    told = capsys.readouterr().out
    said = {
        Language.KO: ("(추적)", "9,000,000원 이상"),
        Language.EN: ("(trailing)", "at or above ₩9,000,000"),
    }
    assert all(words in told for words in said[language])


@pytest.mark.parametrize("limit", [None, 1_000_000])
def test_view_tells_the_number_of_each_check_and_its_limit(
    limit: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = Limits(max_daily_loss=limit, max_positions=7, max_orders_per_day=300)
    plan = BacktestPlan(limits=limits)
    found = explain(Brief(), PANEL, plan, A, day_of(2))

    explanation_view(Screen(Language.EN), found, PANEL, "")

    told = capsys.readouterr().out
    assert "✔ Number of positions: 1 of 7" in told
    assert "✔ Orders of the session: 0 of 300" in told
    assert "✔ Orders within a second: 0 of 100" in told
    assert " of 100.0%" in told
    loss = "no limit" if limit is None else "of ₩1,000,000"
    assert re.search(rf"✔ Loss of the session: ₩[\d,]+,? {loss}", told)
