"""Volatility breakout buys beyond open plus k times yesterday's range, and sells a day later."""

from __future__ import annotations

import numpy as np

from maemae.domain.ids import Symbol
from maemae.domain.instant import DAY, MINUTE
from maemae.domain.intent import OrderIntent, Weight
from maemae.domain.position import Position
from maemae.domain.terms import PriceBasis, Side
from maemae.strategies.volatility_breakout import VolatilityBreakout
from maemae.strategy.panel import Panel
from tests.strategy_runs import A, B, FakeBook, a_host, a_panel, run_all

FLAT = [1_000] * 4
OUT = [1_000, 1_005, 1_011, 1_012]  # beyond 1,000 + half of the 20 won of the day before


def minutes(closes: dict[Symbol, list[int]]) -> Panel:
    """Return days of four bars each; the first bar of a day opens at its close."""
    panel = a_panel(closes, minutes=True)
    number = np.arange(len(panel))
    shift = number // 4 * DAY + number % 4 * MINUTE - number * MINUTE
    fields = {name: getattr(panel, name) for name in ("open", "high", "low", "close", "volume")}
    return Panel(panel.symbols, panel.opened + shift, panel.known + shift, fields, PriceBasis.RAW)


def wished(
    closes: dict[Symbol, list[int]], book: FakeBook | None = None, hold: int = 10
) -> list[tuple[int, Symbol, Side]]:
    panel = minutes(closes)
    host = a_host(VolatilityBreakout(bars=4, hold=hold), panel, book)
    return [
        (k, each.symbol, each.side)
        for k, intents in enumerate(run_all(host, panel))
        for each in intents
        if isinstance(each, OrderIntent)
    ]


def test_break_out_is_bought_on_its_bar_once() -> None:
    assert wished({A: FLAT + OUT}) == [(6, A, Side.BUY)]


def test_first_day_has_no_day_before_it() -> None:
    assert wished({A: OUT}) == []


def test_holding_is_sold_after_the_next_day_s_first_bar() -> None:
    held = FakeBook({A: Position(qty=10, cost=10_000, opened_at=1)})

    assert wished({A: FLAT + FLAT}, held) == [(0, A, Side.SELL), (4, A, Side.SELL)]


def test_day_has_room_for_so_many_and_each_gets_its_share() -> None:
    panel = minutes({A: FLAT + OUT, B: FLAT + OUT})
    host = a_host(VolatilityBreakout(bars=4, hold=1), panel)

    (bought,) = (each for intents in run_all(host, panel) for each in intents)

    assert isinstance(bought, OrderIntent)
    assert (bought.symbol, bought.size) == (A, Weight(1_000_000))
    assert len(wished({A: FLAT + OUT, B: FLAT + OUT}, hold=2)) == 2
