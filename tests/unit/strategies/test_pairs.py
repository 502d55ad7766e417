"""Pairs holds the one of two alike names that fell behind, until it has caught up."""

from __future__ import annotations

import numpy as np
import pytest

from maemae.domain.ids import Symbol
from maemae.domain.intent import TargetWeights
from maemae.domain.position import Position
from maemae.strategies.pairs import Pairs
from tests.strategy_runs import A, B, C, FakeBook, a_host, a_panel, run_all

BARS = 60


def closes(behind: float) -> dict[Symbol, list[int]]:
    """Return A and B that move alike until B falls behind at the end, and C that does not."""
    shared = np.cumsum(np.sin(np.arange(BARS) * 0.9)) / 40
    own = np.sin(np.arange(BARS) * 2.3) / 400
    lag = np.zeros(BARS)
    lag[-8:] = np.linspace(0, behind, 8)
    other = np.cumsum(np.cos(np.arange(BARS) * 1.7)) / 40
    return {
        A: (100_000 * np.exp(shared)).astype(int).tolist(),
        B: (50_000 * np.exp(shared + own - lag)).astype(int).tolist(),
        C: (80_000 * np.exp(other)).astype(int).tolist(),
    }


def last_weights(behind: float, book: FakeBook | None = None) -> dict[Symbol, int]:
    panel = a_panel(closes(behind))
    host = a_host(Pairs(lookback=40, pairs=1, entry=2.0), panel, book)
    wishes = [each for intents in run_all(host, panel) for each in intents]
    assert all(isinstance(each, TargetWeights) for each in wishes)
    (*_, last) = wishes
    assert isinstance(last, TargetWeights)
    return dict(last.weights)


@pytest.mark.parametrize(("behind", "held"), [(0.1, B), (-0.1, A)])
def test_laggard_of_the_pair_is_held(behind: float, held: Symbol) -> None:
    assert last_weights(behind) == {held: 1_000_000}


def test_pair_that_is_together_is_not_held() -> None:
    assert last_weights(0.0) == {}


def test_laggard_that_is_held_is_kept_while_it_is_still_behind() -> None:
    held = FakeBook({B: Position(qty=10, cost=10_000, opened_at=1)})

    assert last_weights(0.004) == {}
    assert last_weights(0.004, held) == {B: 1_000_000}


def test_names_are_in_one_pair_only() -> None:
    four = {**closes(0.1), Symbol("000040"): closes(0.2)[B]}
    panel = a_panel(four)
    host = a_host(Pairs(lookback=40, pairs=2, entry=0.5), panel)

    for intents in run_all(host, panel):
        for wish in intents:
            assert isinstance(wish, TargetWeights)
            assert len(wish.weights) <= 2
            assert sum(parts for _, parts in wish.weights) <= 1_000_000


def test_single_name_makes_no_pair() -> None:
    panel = a_panel({A: closes(0)[A]})

    assert not any(run_all(a_host(Pairs(lookback=40), panel), panel))
