"""Asset allocation gives more to what is calm, nothing to what falls, and keeps the rest."""

from __future__ import annotations

import numpy as np
import pytest

from maemae.domain.ids import Symbol
from maemae.domain.intent import TargetWeights
from maemae.strategies.asset_allocation import AssetAllocation
from tests.strategy_runs import A, B, C, a_host, a_panel, run_all

BARS = 60
WAVE = np.sin(np.arange(BARS) * 1.1)


def rising(size: float) -> list[int]:
    return [int(100_000 * level) for level in np.exp(np.arange(BARS) * 0.004 + WAVE * size)]


def last_weights(closes: dict[Symbol, list[int]], hold: int) -> dict[Symbol, float]:
    panel = a_panel(closes)
    host = a_host(AssetAllocation(trend=20, calm=20, hold=hold), panel)
    (*_, last) = (each for intents in run_all(host, panel) for each in intents)
    assert isinstance(last, TargetWeights)
    return {symbol: parts / 1_000_000 for symbol, parts in last.weights}


def test_calm_asset_gets_more() -> None:
    weights = last_weights({A: rising(0.01), B: rising(0.002)}, 2)

    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-5)
    assert weights[B] > 3 * weights[A]


def test_falling_asset_gets_nothing_and_its_share_stays_cash() -> None:
    falling = rising(0.004)[::-1]

    assert last_weights({A: rising(0.004), B: falling}, 2) == {A: pytest.approx(0.5, abs=1e-5)}


def test_calmest_are_chosen_when_there_are_more_than_wanted() -> None:
    weights = last_weights({A: rising(0.01), B: rising(0.002), C: rising(0.004)}, 2)

    assert set(weights) == {B, C}


def test_everything_that_falls_leaves_only_cash() -> None:
    assert last_weights({A: rising(0.004)[::-1]}, 2) == {}
