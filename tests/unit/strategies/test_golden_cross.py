"""Golden cross buys the turn upwards and leaves at the turn downwards."""

from __future__ import annotations

from maemae.domain.ids import Symbol
from maemae.domain.intent import Everything, OrderIntent, Weight
from maemae.domain.position import Position
from maemae.domain.terms import Side
from maemae.strategies.golden_cross import GoldenCross
from tests.strategy_runs import A, B, FakeBook, a_host, a_panel, run_all

# fast 2 and slow 10: one fall, one rise, one fall
FALL_RISE_FALL = [*range(2_000, 1_000, -50), *range(1_000, 2_000, 50), *range(2_000, 1_000, -50)]


class HoldingAll(FakeBook):
    """A book that holds ten shares of whatever it is asked for."""

    def position(self, symbol: Symbol) -> Position:
        return Position(qty=10, cost=10_000, opened_at=1)


def test_golden_cross_buys_once_and_sells_once() -> None:
    panel = a_panel({A: FALL_RISE_FALL, B: [1_000] * 60})
    wished = run_all(a_host(GoldenCross(fast=2, slow=10), panel, HoldingAll()), panel)

    bought, sold = (each for intents in wished for each in intents)

    assert isinstance(bought, OrderIntent)
    assert isinstance(sold, OrderIntent)
    assert (bought.symbol, bought.side, bought.size) == (A, Side.BUY, Weight(100_000))
    assert (bought.stop_loss, bought.take_profit) == (30_000, 90_000)
    assert (sold.symbol, sold.side, sold.size) == (A, Side.SELL, Everything())
    assert bought.at < sold.at


def test_golden_cross_when_nothing_is_held_sells_nothing() -> None:
    panel = a_panel({A: FALL_RISE_FALL})
    wished = run_all(a_host(GoldenCross(fast=2, slow=10), panel), panel)

    assert [
        each.side for intents in wished for each in intents if isinstance(each, OrderIntent)
    ] == [Side.BUY]


def test_golden_cross_before_warmup_is_silent() -> None:
    panel = a_panel({A: FALL_RISE_FALL})

    assert a_host(GoldenCross(), panel).wakes.min() >= 29
