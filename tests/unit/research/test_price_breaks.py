"""Sessions that open where the close before cannot lead are counted."""

from __future__ import annotations

from maemae import Strategy
from maemae.domain.terms import PriceBasis
from maemae.research.price_breaks import PriceBreaks, price_breaks
from maemae.strategy.panel import Panel
from tests.hand_made_bars import DAYS, daily, panel_of, run
from tests.market import LISTED, SYMBOLS

A, B, C = SYMBOLS[:3]


def split_panel(basis: PriceBasis = PriceBasis.RAW) -> Panel:
    """Return three instruments: two split on the third day, one rises to its limit."""
    split = [daily(day, 50_000 if place < 2 else 10_000) for place, day in enumerate(DAYS)]
    limit_up = [daily(day, 10_000 if place < 2 else 13_000) for place, day in enumerate(DAYS)]
    return panel_of({A: split, B: split, C: limit_up}, basis)


def test_breaks_are_counted_among_the_traded_and_as_held_where_a_position_went_through() -> None:
    panel = split_panel()

    def buy(strategy: Strategy) -> None:
        strategy.buy(A, shares=1)
        strategy.buy(C, shares=1)

    result = run(panel, {0: buy})

    assert {fill.symbol for fill in result.fills} == {A, C}
    assert price_breaks(panel, result.fills, LISTED) == PriceBreaks(found=1, held=1)


def test_breaks_when_the_position_came_later_were_not_held() -> None:
    panel = split_panel()

    result = run(panel, {2: lambda s: s.buy(A, shares=1)})

    assert len(result.fills) == 1
    assert price_breaks(panel, result.fills, LISTED) == PriceBreaks(found=1, held=0)


def test_breaks_of_adjusted_prices_are_none() -> None:
    panel = split_panel(PriceBasis.ADJUSTED)

    result = run(panel, {0: lambda s: s.buy(A, shares=1)})

    assert result.fills
    assert price_breaks(panel, result.fills, LISTED) == PriceBreaks(found=0, held=0)
