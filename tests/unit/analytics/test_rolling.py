"""A moving Sharpe ratio is the Sharpe ratio of each window."""

from __future__ import annotations

import numpy as np
import pytest

from maemae.analytics.returns import sharpe
from maemae.analytics.rolling import rolling_sharpe


def test_rolling_sharpe_is_the_sharpe_of_each_window() -> None:
    returns = np.sin(np.arange(50) * 1.7) / 100

    found = rolling_sharpe(returns, 20)

    assert np.isnan(found[:19]).all()
    for end in range(20, 51):
        assert found[end - 1] == pytest.approx(sharpe(returns[end - 20 : end]))


def test_rolling_sharpe_when_shorter_than_its_window_says_nothing() -> None:
    assert np.isnan(rolling_sharpe(np.full(5, 0.01), 20)).all()


def test_rolling_sharpe_without_spread_says_nothing() -> None:
    assert np.isnan(rolling_sharpe(np.zeros(30), 20)).all()
