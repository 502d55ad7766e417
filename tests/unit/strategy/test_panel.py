"""A panel grows by a time, and the shorter one does not notice."""

from __future__ import annotations

import numpy as np

from maemae.domain.errors import BadBarsError
from maemae.strategy.panel import FIELDS
from tests.strategy_runs import A, B, a_panel, raises

PANEL = a_panel({A: [10, 20, 0], B: [1, 2, 3]})
LAST = {name: getattr(PANEL, name)[:, 2].tolist() for name in FIELDS}
OPENED, KNOWN = PANEL.opened.tolist(), PANEL.known.tolist()


def test_panel_when_it_is_followed_is_the_longer_one() -> None:
    short = PANEL.until(2)

    grown = short.followed_by(OPENED[2], KNOWN[2], LAST)

    for name in (*FIELDS, "opened", "known"):
        assert np.array_equal(getattr(grown, name), getattr(PANEL, name))
    assert (len(short), len(grown)) == (2, 3)


def test_panel_when_it_is_followed_by_an_earlier_time_raises() -> None:
    with raises(BadBarsError, "do not rise"):
        PANEL.followed_by(OPENED[2], KNOWN[2], LAST)


def test_panel_when_it_is_followed_by_too_few_bars_raises() -> None:
    with raises(BadBarsError, "each of the 2 symbols"):
        PANEL.followed_by(KNOWN[2], KNOWN[2] + 1, {**LAST, "low": [5]})
