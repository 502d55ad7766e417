"""What a strategy's own code raised is told with its line, and with what may be meant."""

from __future__ import annotations

from inspect import currentframe
from typing import Any

import pytest

from maemae import Strategy, Symbol, ta, won
from maemae.domain.errors import StrategyError, StrategyRaisedError
from tests.strategy_runs import A, a_host, a_panel, run_all

PANEL = a_panel({A: [1_000, 1_010, 1_020, 1_030]})


def line_before() -> int:
    """Return the line before the one that calls."""
    frame = currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno - 1


class Failing(Strategy):
    def setup(self) -> None:
        indicator: Any = self.indicator(ta.sma, 2)
        self.when(indicator.cross_below(5), self.close)

    LINE = line_before() - 1  # an empty line lies between


def test_attribute_that_is_mistyped_is_told_with_its_line_and_the_nearest() -> None:
    with pytest.raises(StrategyRaisedError) as caught:
        a_host(Failing(), PANEL)

    assert f"has no attribute 'cross_below'. (line {Failing.LINE})" in caught.value.text.en
    assert f"({Failing.LINE}번째 줄)" in caught.value.text.ko
    assert "Did you mean crosses_below" in caught.value.text.en


class Greedy(Strategy):
    def setup(self) -> None:
        raise MemoryError

    LINE = line_before() - 1


def test_error_without_words_is_told_by_its_name() -> None:
    with pytest.raises(StrategyRaisedError, match=rf"failed: MemoryError\. \(line {Greedy.LINE}\)"):
        a_host(Greedy(), PANEL)


class Cold(Strategy):
    def setup(self) -> None:
        self.range = self.indicator(ta.atr, 3)
        self.every("day", self.act)

    def act(self) -> None:
        self.buy(A, shares=1, stop_loss=won(2 * self.range[A]))

    LINE = line_before() - 1


def test_distance_of_an_indicator_that_is_cold_says_what_to_ask_first() -> None:
    with pytest.raises(StrategyRaisedError) as caught:
        run_all(a_host(Cold(), PANEL), PANEL)

    assert "has not warmed up is nan: ask first" in caught.value.text.en
    assert caught.value.text.en.endswith(f"(line {Cold.LINE})")


class Comparing(Strategy):
    def setup(self) -> None:
        fast: Any = self.indicator(ta.sma, 2)
        self.when(fast > 5, self.buy_it)

    def buy_it(self, symbol: Symbol) -> None:
        self.buy(symbol, shares=1)


class ComparingBack(Comparing):
    def setup(self) -> None:
        fast: Any = self.indicator(ta.sma, 2)
        self.when(fast <= 5, self.buy_it)


@pytest.mark.parametrize("kind", [Comparing, ComparingBack])
def test_indicator_that_is_compared_by_a_sign_says_how_to_do_it(kind: type[Strategy]) -> None:
    with pytest.raises(StrategyError) as caught:
        a_host(kind(), PANEL)

    assert ".above(…)" in caught.value.text.en
    assert "sma(2)" in caught.value.text.ko
