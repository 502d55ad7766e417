"""Mean reversion buys a sharp fall within a rise, and sells once it has come back."""

from __future__ import annotations

from maemae.domain.intent import Everything, OrderIntent, Weight
from maemae.domain.position import Position
from maemae.domain.terms import Side
from maemae.strategies.mean_reversion import MeanReversion
from tests.strategy_runs import A, FakeBook, a_host, a_panel, run_all

RISE = [*range(1_000, 3_000, 50)]
FALL = [2_850, 2_650]
BACK = [2_800, 2_950, 3_050]


def orders(closes: list[int], book: FakeBook | None = None) -> list[OrderIntent]:
    panel = a_panel({A: closes})
    host = a_host(MeanReversion(trend=20), panel, book)
    wished = [each for intents in run_all(host, panel) for each in intents]
    return [each for each in wished if isinstance(each, OrderIntent)]


def test_fall_within_a_rise_is_bought_for_a_tenth_with_a_stop() -> None:
    (bought,) = orders(RISE + FALL)

    assert (bought.side, bought.size, bought.stop_loss) == (Side.BUY, Weight(100_000), 80_000)


def test_fall_within_a_fall_is_left_alone() -> None:
    assert orders([*range(3_000, 1_000, -50), 900, 800]) == []


def test_holding_is_sold_when_it_has_come_back_and_never_added_to() -> None:
    held = FakeBook({A: Position(qty=10, cost=10_000, opened_at=1)})

    (sold,) = orders(RISE + FALL + BACK, held)

    assert (sold.side, sold.size) == (Side.SELL, Everything())
