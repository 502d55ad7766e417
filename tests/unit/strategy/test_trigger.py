"""When a trigger fires: on the bar on which it becomes true, and on no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from maemae.domain.errors import StrategyError
from maemae.domain.ids import Symbol
from maemae.strategy import ta
from maemae.strategy.author import Strategy
from maemae.strategy.indicator import Indicator
from maemae.strategy.trigger import Trigger
from tests.strategy_runs import A, B, a_host, a_panel, raises, run_all

last = ta.kernel(warmup=lambda: 1)(lambda close: close)
WAVE = [10, 20, 30, 20, 10, 20, 30, 30, 10]


class Watching(Strategy):
    make: Callable[[Indicator], Trigger]

    def setup(self) -> None:
        self.fired: list[tuple[int, Symbol]] = []
        self.k = -1
        self.every("bar", self.count)
        self.when(type(self).make(self.indicator(last)), self.note)

    def count(self) -> None:
        self.k += 1

    def note(self, symbol: Symbol) -> None:
        self.fired.append((self.k, symbol))


def firings(
    make: Callable[[Indicator], Trigger], *closes: Sequence[int]
) -> list[tuple[int, Symbol]]:
    panel = a_panel(dict(zip([A, B], closes, strict=False)))
    strategy = type("Watches", (Watching,), {"make": staticmethod(make)})()
    run_all(a_host(strategy, panel), panel)
    fired: list[tuple[int, Symbol]] = strategy.fired
    return fired


def bars(make: Callable[[Indicator], Trigger], closes: Sequence[int] = WAVE) -> list[int]:
    return [k for k, _ in firings(make, closes)]


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda x: x.crosses_above(15), [1, 5]),
        (lambda x: x.crosses_above(20), [2, 6]),  # from equal to above is a crossing
        (lambda x: x.crosses_below(20), [4, 8]),
        (lambda x: x.above(15), [1, 5]),
        (lambda x: x.above(5), [0]),  # true from the first bar
        (lambda x: x.below(15), [0, 4, 8]),
        (lambda x: ~x.above(15), [0, 4, 8]),
        (lambda x: x.above(15) & x.below(25), [1, 3, 5]),
        (lambda x: x.crosses_above(15) & x.below(25), [1, 5]),
        (lambda x: x.crosses_above(15) & x.above(25), []),
        (lambda x: x.crosses_above(15) | x.crosses_above(25), [1, 2, 5, 6]),
        (lambda x: x.above(15) | x.above(25), [1, 2, 5, 6]),
        (lambda x: x.above(15) & ~x.above(25), [1, 3, 5]),
        (lambda x: ~(x.above(15) | x.below(5)), [0, 4, 8]),
    ],
)
def test_trigger_fires_when_it_becomes_true(
    make: Callable[[Indicator], Trigger], expected: list[int]
) -> None:
    assert bars(make) == expected


def test_crossing_when_bars_did_not_trade_compares_with_the_last_that_did() -> None:
    assert bars(lambda x: x.crosses_above(15), [10, 0, 0, 20, 0, 20]) == [3]


def test_level_when_bars_did_not_trade_does_not_fire_again() -> None:
    assert bars(lambda x: x.above(15), [20, 0, 20, 0, 10, 0, 20]) == [0, 6]


def test_negated_crossing_when_the_next_bar_did_not_trade_waits_for_one_that_does() -> None:
    assert bars(lambda x: ~x.crosses_above(15), [10, 20, 0, 20]) == [0, 3]


def test_trigger_does_not_run_from_one_instrument_into_the_next() -> None:
    assert firings(lambda x: x.crosses_above(15), [10, 10, 10], [20, 20, 20]) == []


def test_trigger_when_several_fire_calls_by_symbol() -> None:
    assert firings(lambda x: x.crosses_above(15), [10, 20], [10, 20]) == [(1, A), (1, B)]


def test_trigger_before_warmup_is_silent_even_when_negated() -> None:
    class Warm(Watching):
        def setup(self) -> None:
            super().setup()
            mean = self.indicator(ta.sma, 3)
            self.when(~mean.above(1_000), self.note)

    strategy = type("Warm", (Warm,), {"make": staticmethod(lambda x: x.above(1_000))})()
    panel = a_panel({A: [10] * 6})
    run_all(a_host(strategy, panel), panel)

    assert strategy.fired == [(2, A)]


def test_trigger_when_used_as_a_truth_value_says_what_to_write() -> None:
    with raises(StrategyError, "&, |, ~", "crossed_above"):
        bars(lambda x: x.above(15) and x.below(25))
