"""The buys of a rebalancing are sized at the same prices by either driver."""

from __future__ import annotations

from datetime import date

import pytest

from maemae import Strategy
from maemae.krx.calendar import sessions
from tests.hand_made_bars import daily, panel_of, run, trades
from tests.market import SYMBOLS

HELD, SOLD, WANTED = SYMBOLS[:3]
SESSIONS = sessions(date(2025, 9, 1), date(2025, 9, 8))


def rebalance(strategy: Strategy) -> None:
    strategy.sell(HELD, limit=12_900)
    strategy.target_weights({WANTED: 0.5}, within=None)


def buy_two(strategy: Strategy) -> None:
    strategy.buy(HELD, shares=300, stop_loss=0.3)
    strategy.buy(SOLD, shares=300)


@pytest.mark.parametrize("dense", [False, True])
def test_buys_when_a_holding_opens_higher_are_shares_of_the_equity_of_then(*, dense: bool) -> None:
    """What is held but not rebalanced counts at its price of the moment, not of the day before."""
    rising = [daily(day, 10_000 if place < 3 else 11_000) for place, day in enumerate(SESSIONS)]
    flat = [daily(day, 10_000) for day in SESSIONS]

    panel = panel_of({HELD: rising, SOLD: flat, WANTED: flat})
    result = run(panel, {0: buy_two, 2: rebalance}, dense=dense)

    assert trades(result) == [
        (HELD, 300, 10_000), (SOLD, 300, 10_000), (SOLD, -300, 10_000), (WANTED, 514, 10_000),
    ]  # fmt: skip
