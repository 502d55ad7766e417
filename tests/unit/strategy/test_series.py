"""An indicator that looks ahead, fails or returns the wrong thing is caught before the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from maemae.domain.errors import LookAheadError, StrategyError, StrategyRaisedError
from maemae.strategy import ta
from maemae.strategy.author import Strategy
from maemae.strategy.kernel import Floats, Kernel
from maemae.strategy.series import Spec
from tests.strategy_runs import A, B, a_host, a_panel, raises, run_all

WALK = (50_000 + 10 * np.cumsum(np.random.default_rng(3).integers(-9, 10, 3_000))).tolist()
PANEL = a_panel({A: WALK}, minutes=True)
ODD_CALLS: Iterator[int] = iter(range(10**6))


def kernel_of(function: Callable[[Floats], Floats], warmup: int = 1) -> Kernel:
    function.__name__ = "mine"
    return ta.kernel(warmup=lambda: warmup)(function)


def prepare(kernel: Kernel, *args: float, of: str | None = None) -> None:
    class Uses(Strategy):
        def setup(self) -> None:
            self.indicator(kernel, *args, of=of)

    a_host(Uses(), PANEL)


def blockwise_high(close: Floats) -> Floats:
    blocks = [np.full(390, block.max()) for block in np.split(close, range(390, len(close), 390))]
    return np.concatenate(blocks)[: len(close)]


def behind_the_view(close: Floats) -> Floats:
    whole = close if close.base is None else np.asarray(close.base, np.float64).reshape(-1)
    tomorrow: Floats = np.append(whole, whole[-1])[1 : len(close) + 1]
    return tomorrow


def last_bar_only(close: Floats) -> Floats:
    values = close.copy()
    values[:-1] += close[-1] % 70
    return values


LOOKING_AHEAD: dict[str, Callable[[Floats], Floats]] = {
    "tomorrow": lambda close: np.roll(close, -1),
    "mean of all": lambda close: close - close.mean(),
    "highest of all": lambda close: close / close.max(),
    "centered": lambda close: np.convolve(close, np.ones(5) / 5, mode="same"),
    "from the end": lambda close: np.maximum.accumulate(close[::-1])[::-1].copy(),
    "block of the day": blockwise_high,
    "behind the view": behind_the_view,
    "one bar": last_bar_only,
    "another answer each time": lambda close: close + next(ODD_CALLS),
}


@pytest.mark.parametrize("name", LOOKING_AHEAD)
def test_indicator_when_it_looks_ahead_is_named(name: str) -> None:
    with raises(LookAheadError, "mine()", "looks ahead"):
        prepare(kernel_of(LOOKING_AHEAD[name], warmup=5))


def test_indicator_when_it_sees_only_the_past_is_accepted() -> None:
    prepare(kernel_of(lambda close: np.maximum.accumulate(close)))
    prepare(kernel_of(lambda close: close))  # its own input, which is read-only


def test_indicator_when_not_a_number_in_the_past_is_accepted() -> None:
    prepare(kernel_of(lambda close: np.where(close % 20 == 0, np.nan, close)))


def test_indicator_when_of_another_length_is_refused() -> None:
    with raises(StrategyError, "mine()", "length 3000", "(2999,)"):
        prepare(kernel_of(lambda close: close[1:]))


def test_indicator_when_it_raises_is_named_with_the_symbol() -> None:
    with raises(StrategyRaisedError, "mine()", A, "ZeroDivisionError"):
        prepare(kernel_of(lambda close: close * (1 // 0)))


def test_indicator_when_it_writes_into_the_bars_fails() -> None:
    def writes(close: Floats) -> Floats:
        close[0] = 0
        return close

    with raises(StrategyRaisedError, "mine()", "read-only"):
        prepare(kernel_of(writes))


def test_indicator_when_its_period_is_impossible_is_named() -> None:
    with raises(StrategyError, "sma", "0 bars"):
        prepare(ta.sma, 0)
    with raises(StrategyRaisedError, "bbands(5, -1e+99)", "Bad Parameter"):
        prepare(ta.bbands, 5, -1e99)


@pytest.mark.parametrize("bars", [0, -1])
def test_indicator_when_its_warmup_is_no_bar_is_refused(bars: int) -> None:
    with raises(StrategyError, "mine", "Return an int >= 1"):
        prepare(kernel_of(lambda close: close, warmup=bars))


def test_indicator_when_of_an_unknown_field_names_the_nearest() -> None:
    with raises(StrategyError, "clsoe", "Did you mean close?"):
        prepare(ta.sma, 10, of="clsoe")


def test_indicator_when_the_function_is_no_kernel_says_what_to_write() -> None:
    class Plain(Strategy):
        def setup(self) -> None:
            untyped: Any = np.cumsum  # as an author without a type checker would
            self.indicator(untyped)

    with raises(StrategyError, "cumsum", "@ta.kernel"):
        a_host(Plain(), PANEL)


def test_kernel_when_bars_are_too_few_is_not_called() -> None:
    def fails_when_short(close: Floats) -> Floats:
        if len(close) < 4:
            raise AssertionError(len(close))
        return close

    class Uses(Strategy):
        def setup(self) -> None:
            self.value = self.indicator(kernel_of(fails_when_short, warmup=4))
            self.every("bar", self.look)

        def look(self) -> None:
            self.seen = dict(self.value.latest())

    strategy = Uses()
    a_host(strategy, a_panel({A: [10, 20, 30, 40, 50], B: [0, 0, 30, 40, 50]})).run(4)

    assert strategy.seen == {A: 50.0}


def test_kernel_when_it_fills_its_warmup_is_blanked_there() -> None:
    class Uses(Strategy):
        def setup(self) -> None:
            self.value = self.indicator(kernel_of(lambda close: close, warmup=3))
            self.every("bar", self.look)
            self.seen: list[float] = []

        def look(self) -> None:
            self.seen.append(self.value[A])

    strategy = Uses()
    panel = a_panel({A: [10, 20, 30, 40]})
    run_all(a_host(strategy, panel), panel)

    np.testing.assert_equal(strategy.seen, [np.nan, np.nan, 30.0, 40.0])


def test_label_says_what_was_asked_for() -> None:
    assert Spec(ta.sma, ("close",), (10,), ()).label == "sma(10)"
    assert Spec(ta.sma, ("high",), (10,), ()).label == "sma(10, of=high)"
    assert Spec(ta.bbands, ("close",), (20,), (("width", 2.5),), 2).label == (
        "bbands(20, width=2.5).lower"
    )
