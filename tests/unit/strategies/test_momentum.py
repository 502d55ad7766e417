"""Momentum holds the strongest names in equal weights and looks again each month."""

from __future__ import annotations

from datetime import date

from maemae.domain.ids import Symbol
from maemae.domain.intent import TargetWeights
from maemae.strategies.momentum import Momentum
from tests.strategy_runs import a_host, a_panel, run_all

NAMES = [Symbol(f"{number:06d}") for number in range(8)]
CLOSES = {name: [10_000 + rank * day for day in range(60)] for rank, name in enumerate(NAMES)}
CLOSES[NAMES[7]][-1] = 0  # the strongest did not trade on the last day
PANEL = a_panel(CLOSES, first=date(2024, 1, 2))


def test_momentum_rebalances_at_the_close_of_each_months_first_session() -> None:
    wished = run_all(a_host(Momentum(lookback=20, hold=5), PANEL), PANEL)

    days = [day for day, intents in zip(PANEL.dates, wished, strict=True) if intents]

    assert days == [date(2024, 1, 2), date(2024, 2, 1), date(2024, 3, 4)]


def test_momentum_holds_the_strongest_in_equal_weights() -> None:
    wished = run_all(a_host(Momentum(lookback=20, hold=5), PANEL), PANEL)

    (february,) = wished[PANEL.dates.index(date(2024, 2, 1))]

    assert isinstance(february, TargetWeights)
    assert february.weights == tuple((name, 200_000) for name in NAMES[3:])
    assert february.within == 30_000


def test_momentum_before_warmup_holds_nothing() -> None:
    wished = run_all(a_host(Momentum(lookback=20, hold=5), PANEL), PANEL)

    (january,) = wished[0]

    assert isinstance(january, TargetWeights)
    assert january.weights == ()
