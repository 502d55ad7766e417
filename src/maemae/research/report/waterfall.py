"""From the profit before costs to the profit: what each cost took away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from maemae.analytics.costs import Costs
from maemae.domain.text import Language
from maemae.research.report import figures
from maemae.research.report.model import RunReport
from maemae.research.report.words import words_in

_ROOM: Final = 1.0  # least width of a bar [percent]


class Step(msgspec.Struct, frozen=True):
    """
    One row.

    Attributes:
        x, width: Its bar [percent of the plane].
        share: Of the profit before costs, in words; empty where that says nothing.
        tone: CSS class of the bar and the sum.
    """

    label: str
    amount: str
    share: str
    x: float
    width: float
    tone: str
    is_sum: bool


class Waterfall(msgspec.Struct, frozen=True):
    """Rows from top to bottom, where zero lies [percent], and what else is to be known."""

    steps: Sequence[Step]
    zero: float
    notes: Sequence[tuple[str, str]]


def waterfall_of(report: RunReport, language: Language) -> Waterfall | None:
    """Return the waterfall of a run; None if its costs were not measured or nothing was traded."""
    costs, profit = report.costs, report.summary.profit
    if costs is None or not report.summary.fills:
        return None
    t = words_in(language)
    gross = profit + costs.total
    levels = [0, gross]
    for cost in (costs.commission, costs.tax, costs.slippage):
        levels.append(levels[-1] - cost)
    low, high = min(0, *levels), max(0, *levels)
    reach = max(high - low, 1)

    def row(label: str, begin: int, end: int, *, is_sum: bool) -> Step:
        change = end - begin
        left = (min(begin, end) - low) / reach * 100
        return Step(
            label=label,
            amount=figures.won(change, language, signed=True),
            share="" if is_sum or gross <= 0 else figures.percent(-change / gross, 1),
            x=round(min(left, 100 - _ROOM), 3),
            width=round(max(abs(change) / reach * 100, _ROOM), 3),
            tone=figures.direction(change),
            is_sum=is_sum,
        )

    names = ("commission", "tax", "slippage")
    steps = [row(t["gross"], 0, gross, is_sum=True)]
    steps += [
        row(t[name], levels[n + 1], levels[n + 2], is_sum=False) for n, name in enumerate(names)
    ]
    steps.append(row(t["net"], 0, profit, is_sum=True))
    return Waterfall(steps, round(-low / reach * 100, 3), _notes(report, costs, language))


def _notes(report: RunReport, costs: Costs, language: Language) -> list[tuple[str, str]]:
    t, traded = words_in(language), report.summary.traded
    notes = [(t["gap"], figures.won(costs.gap, language, signed=True))]
    if traded:
        notes.append((t["cost_rate"], figures.percent(costs.total / traded, 3)))
        if report.summary.profit > 0:
            notes.append((t["break_even"], figures.percent(report.summary.profit / traded, 3)))
    if report.capacity is not None:
        notes.append((t["capacity"], figures.short_won(report.capacity.capital, language)))
        notes.append((t["participation"], figures.percent(report.capacity.high, 3)))
    return notes
