"""What an author reads from an indicator: the present, the past, never the future."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from maemae.domain.errors import InvalidValueError, StrategyError, UnknownSymbolError
from maemae.domain.ids import Symbol
from maemae.strategy import ta
from maemae.strategy.author import Strategy
from maemae.strategy.indicator import Indicator, Latest
from tests.strategy_runs import A, B, C, a_host, a_panel, raises

NAN = math.nan
last = ta.kernel(warmup=lambda: 1)(lambda close: close)
PANEL = a_panel({B: [10, 20, 0, 40, 0, 60], A: [0, 0, 30, 30, 50, 10]})


class Recorder(Strategy):
    """Ask an indicator something at every bar and keep the answers."""

    ask: Callable[[Indicator], object]

    def setup(self) -> None:
        self.value = self.indicator(last)
        self.mean = self.indicator(ta.sma, 2)
        self.answers: list[object] = []
        self.every("bar", self.note)

    def note(self) -> None:
        self.answers.append(type(self).ask(self.value))


def answers(question: Callable[[Indicator], object]) -> list[object]:
    strategy = type("Asks", (Recorder,), {"ask": staticmethod(question)})()
    host = a_host(strategy, PANEL)
    for k in range(len(PANEL)):
        host.run(k)
    noted: list[object] = strategy.answers
    return noted


def test_value_is_carried_over_bars_without_trade() -> None:
    assert answers(lambda value: value[B]) == [10, 20, 20, 40, 40, 60]


def test_value_before_the_first_trade_is_nan() -> None:
    assert answers(lambda value: math.isnan(value[A])) == [True, True, *[False] * 4]


def test_previous_counts_bars_that_traded() -> None:
    found = answers(lambda value: value.previous(B))

    np.testing.assert_equal(found, [NAN, 10, 10, 20, 20, 40])
    np.testing.assert_equal(
        answers(lambda value: value.previous(B, 2)), [NAN, NAN, NAN, 10, 10, 20]
    )


def test_previous_does_not_run_into_another_instrument() -> None:
    np.testing.assert_equal(answers(lambda value: value.previous(A)), [NAN, NAN, NAN, 30, 30, 50])


def test_previous_of_zero_is_the_present() -> None:
    assert answers(lambda value: value.previous(B, 0)) == answers(lambda value: value[B])


def test_previous_when_negative_is_refused() -> None:
    def ask(value: Indicator) -> object:
        with raises(InvalidValueError, "n >= 0", "future"):
            value.previous(B, -1)
        return None

    answers(ask)


def test_value_of_an_unknown_symbol_says_so() -> None:
    def ask(value: Indicator) -> object:
        with raises(UnknownSymbolError, C):
            _ = value[C]
        return None

    answers(ask)


def test_value_inside_setup_is_nan() -> None:
    class Early(Recorder):
        def setup(self) -> None:
            super().setup()
            self.early = (self.value[B], self.value.previous(B), dict(self.value.latest()))

    strategy = Early()
    a_host(strategy, PANEL)

    np.testing.assert_equal(strategy.early, (NAN, NAN, {}))


def test_latest_leaves_out_what_did_not_trade_now() -> None:
    found = answers(lambda value: dict(value.latest()))

    assert found == [{B: 10}, {B: 20}, {A: 30}, {A: 30, B: 40}, {A: 50}, {A: 10, B: 60}]


def test_crossed_above_is_true_in_the_bar_of_the_crossing() -> None:
    found = answers(lambda value: value.crossed_above(35, B))

    # the fifth bar did not trade: the crossing is still that of the instrument's last bar
    assert found == [False, False, False, True, True, False]


def test_crossed_below_is_true_in_the_bar_of_the_crossing() -> None:
    assert answers(lambda value: value.crossed_below(30, A)) == [*[False] * 5, True]


def test_crossed_above_when_asked_for_another_indicator_compares_both() -> None:
    class Both(Recorder):
        def note(self) -> None:
            self.answers.append(self.value.crossed_above(self.mean, A))

    strategy = Both()
    host = a_host(strategy, PANEL)
    for k in range(len(PANEL)):
        host.run(k)

    # closes 30, 30, 50, 10 against means -, 30, 40, 30
    assert strategy.answers == [False, False, False, False, True, False]


@pytest.mark.parametrize("other", [NAN, math.inf, "30", None])
def test_indicator_when_compared_with_no_number_is_refused(other: float) -> None:
    class Compares(Recorder):
        def setup(self) -> None:
            super().setup()
            self.value.above(other)

    with raises(StrategyError, "finite number"):
        a_host(Compares(), PANEL)


def test_latest_ranks_by_value_and_then_by_symbol() -> None:
    symbols = [Symbol(each) for each in ("1", "2", "3", "4", "5")]
    latest = Latest(symbols, np.array([5.0, 9.0, NAN, 9.0, -1.0]))

    assert latest.nlargest(3) == ["2", "4", "1"]
    assert latest.nsmallest(2) == ["5", "1"]
    assert latest.nlargest(99) == ["2", "4", "1", "5"]
    assert latest.nlargest(0) == []
    assert list(latest) == ["1", "2", "4", "5"]
    assert Symbol("3") not in latest


def test_latest_when_asked_for_fewer_than_none_is_refused() -> None:
    with raises(InvalidValueError, ">= 0"):
        Latest([], np.empty(0)).nlargest(-1)
