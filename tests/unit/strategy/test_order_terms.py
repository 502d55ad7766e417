"""What an author says of exits, waits, parts and sizes becomes the intent that the core knows."""

from __future__ import annotations

import doctest
import math
from collections.abc import Callable
from datetime import date, time
from types import ModuleType
from typing import Any

import pytest

from maemae import Hold, Strategy, sizing, split, start, won
from maemae.domain import exit_terms
from maemae.domain.errors import InvalidValueError, StrategyError, StrategyRaisedError
from maemae.domain.exit_terms import ExitTerms, Trail
from maemae.domain.instant import HOUR, MINUTE, kst_nanos
from maemae.domain.intent import (
    Intent,
    OrderIntent,
    ParentIntent,
    Risk,
    TargetWeights,
    WithdrawIntent,
)
from maemae.domain.parent import Crossing, Slice
from maemae.strategy import exits
from maemae.strategy import sizing as sizing_module
from maemae.strategy.start import Start
from tests.hand_made_bars import Bar, daily, panel_of
from tests.market import SYMBOLS
from tests.strategy_runs import a_host

A = SYMBOLS[0]
DAY = date(2025, 9, 1)
DAILY = [daily(DAY, 10_000), daily(date(2025, 9, 2), 10_100)]
FIVE = [Bar(kst_nanos(DAY, time(9)), kst_nanos(DAY, time(9, 5)), (10_000,) * 4)]


def wished(act: Callable[[Strategy], object], bars: list[Bar] | None = None) -> list[Intent]:
    """Return what a strategy wishes that does one thing after the first bar."""

    class Once(Strategy):
        def setup(self) -> None:
            self.every("bar", self.step)

        def step(self) -> None:
            act(self)

    return a_host(Once(), panel_of({A: bars or DAILY})).run(0)


def bought(terms: dict[str, Any], bars: list[Bar] | None = None) -> OrderIntent:
    given = {"shares": 10, **terms} if "risk" not in terms else terms
    (wish,) = wished(lambda me: me.buy(A, **given), bars)
    assert isinstance(wish, OrderIntent)
    return wish


def parent(terms: dict[str, Any], side: str = "buy") -> ParentIntent:
    (wish,) = wished(lambda me: getattr(me, side)(A, shares=10, **terms))
    assert isinstance(wish, ParentIntent)
    return wish


def test_plain_buy_carries_nothing_of_it() -> None:
    wish = bought({"stop_loss": 0.03})
    assert (wish.stop_loss, wish.exits) == (30_000, None)


def test_distances_in_won_and_a_trail_become_terms() -> None:
    wish = bought({"stop_loss": won(149.2), "take_profit": won(300), "trail": 0.05, "cooldown": 3})
    assert (wish.stop_loss, wish.take_profit) == (None, None)
    assert wish.exits == ExitTerms(150, 300, Trail(ppm=50_000), None, 3)


@pytest.mark.parametrize(
    ("bars", "hold", "expected"),
    [
        (DAILY, Hold(bars=5), exit_terms.Hold(sessions=5)),
        (DAILY, Hold(bars=5, sessions=3), exit_terms.Hold(sessions=3)),
        (FIVE, Hold(bars=5), exit_terms.Hold(lasts=25 * MINUTE)),
        (FIVE, Hold(until="15:15"), exit_terms.Hold(until=15 * HOUR + 15 * MINUTE)),
        (FIVE, Hold(sessions=0, until=time(9, 30)), exit_terms.Hold(0, 9 * HOUR + 30 * MINUTE)),
    ],
)
def test_hold_is_told_in_sessions_or_trading_time(
    bars: list[Bar], hold: Hold, expected: exit_terms.Hold
) -> None:
    wish = bought({"hold": hold}, bars)
    assert wish.exits is not None
    assert wish.exits.hold == expected


@pytest.mark.parametrize(
    "terms",
    [
        {"hold": Hold()},
        {"hold": Hold(until="25:00")},
        {"trial": 0.05},
        {"risk": 0.01},
        {"risk": 0.01, "take_profit": 0.1},
        {"split": split.equal(2), "strat": 1},
    ],
)
def test_terms_that_cannot_be_are_refused_in_words(terms: dict[str, Any]) -> None:
    with pytest.raises(StrategyRaisedError):
        bought(terms)


def test_unknown_word_names_the_nearest() -> None:
    with pytest.raises(StrategyRaisedError, match=r"knows no trial\. Did you mean trail\?"):
        bought({"trial": 0.05})


@pytest.mark.parametrize(
    "make",
    [
        lambda: won(math.nan),
        lambda: won(0),
        lambda: start.above(-1),
        lambda: split.ladder(1.5, 0.2),
        lambda: split.twap(3, minutes=0),
        lambda: sizing.for_volatility(0.1, math.nan),
        lambda: sizing.for_cash(1_000, 0),
    ],
)
def test_numbers_out_of_range_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValueError):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: split.equal(1),
        lambda: split.equal(101),
        lambda: split.ladder(0.01, 0.02, weights=(1,)),
        lambda: split.twap(61, minutes=1),
    ],
)
def test_splits_that_cannot_be_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(StrategyError):
        make()


def test_risk_with_a_stop_is_a_size() -> None:
    assert bought({"risk": 0.01, "stop_loss": won(200)}).size == Risk(10_000)
    assert bought({"risk": 0.01, "trail": 0.1}).size == Risk(10_000)


def test_order_that_waits_for_a_price_or_goes_in_parts_is_a_parent() -> None:
    wish = parent({"start": start.above(10_500), "sessions": 5})
    assert (wish.crossing, wish.starts_at, wish.sessions) == (Crossing(10_500, above=True), 0, 5)
    rungs = parent({"split": split.ladder(0.01, 9_800, weights=(1, 3))}).slices
    assert rungs == (Slice(1, beyond=10_000), Slice(3, price=9_800))
    assert (
        parent({"split": split.twap(3, minutes=30)}, "sell").slices
        == (Slice(after=10 * MINUTE),) * 3
    )
    assert parent({"split": split.equal(2)}).slices == (Slice(follows=True),) * 2


@pytest.mark.parametrize(
    ("wait", "clock", "expected"),
    [
        (start.at("10:30"), time(9), time(10, 30)),
        (start.opening(), time(8), time(9)),
        (start.closing(), time(12), time(15, 20)),
    ],
)
def test_start_is_the_next_such_instant(wait: Start, clock: time, expected: time) -> None:
    assert wait.instant(kst_nanos(DAY, clock)) == kst_nanos(DAY, expected)
    late = kst_nanos(DAY, time(16))
    assert wait.instant(late) == kst_nanos(date(2025, 9, 2), expected)


def test_withdrawal_and_band_are_wishes_too() -> None:
    (withdrawn,) = wished(lambda me: me.withdraw(A))
    assert isinstance(withdrawn, WithdrawIntent)
    (weights,) = wished(lambda me: me.target_weights({A: 0.5}, band=0.02))
    assert isinstance(weights, TargetWeights)
    assert weights.band == 20_000


def test_wishes_to_buy_later_come_after_sales() -> None:
    def both(strategy: Strategy) -> None:
        strategy.buy(A, shares=1, start=start.above(1))
        strategy.sell(A, shares=1)

    first, second = wished(both)
    assert isinstance(first, OrderIntent)
    assert isinstance(second, ParentIntent)


def test_sizes_by_cash_percent_risk_and_volatility() -> None:
    assert sizing.for_cash(1_000_000, 71_500) == 13
    assert sizing.percent(10_000_000, 0.1, 71_500) == 13
    assert sizing.at_risk(10_000_000, 0.01, 2_500) == 40
    assert sizing.for_volatility(0.1, 0.001) == 1.0
    assert sizing.for_volatility(0.16, 0.02, bars_a_year=256) == pytest.approx(0.5)


@pytest.mark.parametrize("module", [sizing_module, exits])
def test_examples_in_docstrings_are_true(module: ModuleType) -> None:
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0
