"""What follows from a fill happens at the time of the fill, whatever else was looked at."""

from __future__ import annotations

from maemae import Strategy
from tests.hand_made_bars import DAYS, daily, panel_of, run, trades
from tests.market import SYMBOLS

QUIET, BOUGHT = SYMBOLS[:2]


def buy_both(strategy: Strategy) -> None:
    strategy.buy(QUIET, shares=1, stop_loss=0.5)
    strategy.buy(BOUGHT, shares=10)


def test_exit_upon_a_fill_when_another_guard_is_quiet_is_the_same_order_in_either_driver() -> None:
    falling = [daily(DAYS[2], 9_300, 9_300, 8_900, 9_000), daily(DAYS[3], 9_000)]
    panel = panel_of(
        {
            QUIET: [daily(day, 10_000, 10_100, 9_900, 10_000) for day in DAYS],
            BOUGHT: [daily(DAYS[0], 10_000), daily(DAYS[1], 10_000), *falling],
        }
    )
    acts = {0: buy_both, 1: lambda s: s.buy(BOUGHT, shares=10, limit=9_000, stop_loss=0.01)}

    sparse, dense = run(panel, acts), run(panel, acts, dense=True)

    assert [qty for _, qty, _ in trades(sparse)] == [1, 10, 10, -20]
    assert sparse.order_hash == dense.order_hash
