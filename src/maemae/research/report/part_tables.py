"""Tables of the parts of a run, and of how it relates to its benchmark."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from maemae.analytics.benchmark import relation, returns_of_levels
from maemae.analytics.breakdown import Part
from maemae.domain.text import Language
from maemae.research.report import figures
from maemae.research.report.model import RunReport
from maemae.research.report.series import Series
from maemae.research.report.view import Figure, Group
from maemae.research.report.words import words_in


class PartLine(msgspec.Struct, frozen=True):
    """One row of a table of parts, each figure with its CSS class."""

    key: str
    cells: Sequence[Figure]


def period_table(parts: Sequence[Part], language: Language) -> list[PartLine]:
    """Return the rows of periods, newest first."""
    return [PartLine(part.key, _period_cells(part, language)) for part in reversed(parts)]


def owner_table(parts: Sequence[Part], language: Language) -> list[PartLine]:
    """Return the rows of symbols or sleeves."""
    return [PartLine(part.key, _owner_cells(part, language)) for part in parts]


def relation_group(report: RunReport, series: Series, language: Language) -> Group | None:
    """Return the figures against the benchmark; None without one, or for a single session."""
    if report.benchmark is None or series.returns.size < 2:
        return None
    levels = np.array(report.benchmark.values, np.float64)
    found = relation(series.returns[1:], returns_of_levels(levels))
    t = words_in(language)
    rows = [
        _change(t["benchmark_return"], found.total_return),
        _change(t["excess"], found.excess),
        _change(t["alpha"], found.alpha),
        Figure(t["beta"], figures.number(found.beta, 2)),
        Figure(t["correlation"], figures.number(found.correlation, 2)),
        Figure(t["tracking_error"], figures.percent(found.tracking_error)),
        Figure(t["information_ratio"], figures.number(found.information_ratio, 2)),
        Figure(
            t["capture"],
            f"{figures.percent(found.up_capture, 0)} / {figures.percent(found.down_capture, 0)}",
        ),
    ]
    return Group(f"{t['against']} {report.benchmark.name}", rows)


def _change(label: str, value: float | None) -> Figure:
    return Figure(label, figures.percent(value, signed=True), figures.direction(value))


def _period_cells(part: Part, language: Language) -> list[Figure]:
    t = words_in(language)
    return [
        _change(t["return_ratio"], part.total_return),
        Figure(
            t["profit"],
            figures.number(part.profit, signed=True),
            figures.direction(part.profit),
        ),
        Figure(
            t["max_drawdown"],
            figures.percent(part.max_drawdown, 1),
            "down" if part.max_drawdown else "",
        ),
        Figure(t["sharpe"], figures.number(part.sharpe, 2)),
        *_trade_cells(part, language),
    ]


def _owner_cells(part: Part, language: Language) -> list[Figure]:
    t = words_in(language)
    return [
        Figure(
            t["profit"],
            figures.number(part.profit, signed=True),
            figures.direction(part.profit),
        ),
        *_trade_cells(part, language),
    ]


def _trade_cells(part: Part, language: Language) -> list[Figure]:
    t, costs = words_in(language), part.costs
    return [
        Figure(t["closed_trades"], figures.number(part.trades.count)),
        Figure(t["win_rate"], figures.percent(part.trades.win_rate, 0)),
        Figure(t["commission"], figures.number(costs.commission)),
        Figure(t["tax"], figures.number(costs.tax)),
        Figure(t["slippage"], figures.number(costs.slippage)),
    ]
