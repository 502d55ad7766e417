"""
Does the strategy look ahead? Its past is computed again with the future cut off.

What a strategy wished up to a bar must not change when the bars after it disappear. This finds
whoever reads later bars of the run, in whatever way; it cannot find a file that was written
with knowledge of the future, or parameters that were chosen with it.
"""

from __future__ import annotations

from typing import Final

from maemae.domain.errors import LookAheadError
from maemae.domain.instant import kst_datetime
from maemae.domain.intent import Intent, OrderIntent
from maemae.domain.text import Text
from maemae.research.backtest import BacktestPlan, backtest
from maemae.research.honesty.verdict import Check, Verdict
from maemae.research.honesty.wishes import Maker, WishJournal
from maemae.strategy.panel import Panel

CUTS: Final = 8
"""How often the future is cut off."""

_FIRST: Final = 0.2  # share of the bars before the earliest cut


def check_look_ahead(make: Maker, panel: Panel, plan: BacktestPlan, cuts: int = CUTS) -> Verdict:
    """
    Compare what was wished with and without the future.

    Args:
        make: Makes the strategy.
        panel: Bars of the run.
        plan: Cash, costs, assumptions, limits.
        cuts: How many times the future is cut off.

    Raises:
        StrategyError: The strategy failed for another reason.
    """
    try:
        whole = _wishes(make, panel, plan)
        for length in _lengths(len(panel), cuts):
            end = int(panel.known[length - 1])
            blind = _wishes(make, panel.until(length), plan)
            found = _difference([wish for wish in whole if wish.at <= end], blind, end)
            if found is not None:
                return Verdict(Check.LOOK_AHEAD, passed=False, text=found)
    except LookAheadError as error:
        return Verdict(Check.LOOK_AHEAD, passed=False, text=error.text)
    if not whole:
        return Verdict(Check.LOOK_AHEAD, passed=None, text=_NOTHING)
    return Verdict(
        Check.LOOK_AHEAD,
        passed=True,
        text=Text(
            f"미래를 {cuts}번 잘라 내고 다시 계산해도 주문 의사 {len(whole):,}건이 그대로입니다.",
            f"With the future cut off {cuts} times, all {len(whole):,} wishes stayed as they were.",
        ),
    )


def _wishes(make: Maker, panel: Panel, plan: BacktestPlan) -> list[Intent]:
    journal = WishJournal()
    backtest(make(), panel, plan, journal=journal)
    return journal.wishes


def _lengths(bars: int, cuts: int) -> list[int]:
    """Return lengths from a fifth of the bars to all but one; the last bars differ most."""
    first = max(1, int(bars * _FIRST))
    last = max(first, bars - 1)
    step = (last - first) / max(cuts - 1, 1)
    return sorted({first + round(step * n) for n in range(cuts)})


def _difference(whole: list[Intent], blind: list[Intent], end: int) -> Text | None:
    for one, other in zip(whole, blind, strict=False):
        if one != other:
            return _says(min(one, other, key=_at), end)
    if len(whole) != len(blind):
        longer = whole if len(whole) > len(blind) else blind
        return _says(longer[min(len(whole), len(blind))], end)
    return None


def _says(wish: Intent, end: int) -> Text:
    at, cut = kst_datetime(wish.at), kst_datetime(end)
    what = wish.symbol if isinstance(wish, OrderIntent) else type(wish).__name__
    return Text(
        f"{at:%Y-%m-%d %H:%M} 의 주문 의사({what})가 {cut:%Y-%m-%d} 뒤의 봉을 잘라 내면 "
        "달라집니다. 전략이 미래를 봅니다.",
        f"A wish of {at:%Y-%m-%d %H:%M} ({what}) changes when the bars after {cut:%Y-%m-%d} are "
        "cut off. The strategy looks ahead.",
    )


def _at(wish: Intent) -> int:
    return wish.at


_NOTHING: Final = Text(
    "주문 의사가 하나도 없어 판단할 수 없습니다.", "There was no wish at all to judge by."
)
