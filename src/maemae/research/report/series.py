"""The daily series of a report, and the panels of its chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.drawdown import underwater
from maemae.analytics.returns import Floats, daily_returns, wealth
from maemae.analytics.rolling import WINDOW, rolling_sharpe
from maemae.domain.text import Language
from maemae.research.report import chart, figures
from maemae.research.report.chart import Scale, Tick
from maemae.research.report.model import RunReport
from maemae.research.report.words import words_in


class Series(msgspec.Struct, frozen=True, eq=False):
    """
    What the chart draws, a value for each session.

    Attributes:
        equity: Equity at the close [n, won].
        returns: Daily returns net of flows [n, ratio].
        drawdown: Distance from the high, net of flows [n, ratio <= 0].
        exposure: Holdings over equity [n, ratio]; 0 where equity is not positive.
        sharpe: Sharpe ratio of the last half year [n, NaN before].
        benchmark: Scaled to the starting equity [n, won]; None without one.
    """

    equity: Floats
    returns: Floats
    drawdown: Floats
    exposure: Floats
    sharpe: Floats
    benchmark: Floats | None


class Stroke(msgspec.Struct, frozen=True):
    """One path and its CSS class."""

    d: str
    kind: str


class Panel(msgspec.Struct, frozen=True):
    """
    One plot above the common time axis.

    Attributes:
        kind: CSS class; decides the height.
        heading: What is drawn.
        note: Figures beside the heading.
        strokes: Paths, the lowest first.
        ticks: Labels of the value axis [percent from the top].
        mark: A labelled point: percent from the left, percent from the top.
    """

    kind: str
    heading: str
    note: str
    strokes: Sequence[Stroke]
    ticks: Sequence[Tick]
    mark: tuple[float, Tick] | None = None


def series_of(report: RunReport) -> Series:
    """Return the series of a report."""
    equity = np.array(report.equity, np.int64)
    flows = np.array(report.flows or [0] * len(report.equity), np.int64)
    start = report.summary.start_equity
    returns = daily_returns(start, equity, flows)
    funded = equity > 0
    invested = np.array(report.invested, np.float64)
    benchmark = None
    if report.benchmark is not None:
        levels = np.array(report.benchmark.values, np.float64)
        benchmark = levels / levels[0] * start
    return Series(
        equity=equity.astype(np.float64),
        returns=returns,
        drawdown=underwater(wealth(returns))[1:],
        exposure=np.where(funded, invested / np.where(funded, equity, 1), 0.0),
        sharpe=rolling_sharpe(returns),
        benchmark=benchmark,
    )


def panels_of(report: RunReport, series: Series, language: Language) -> list[Panel]:
    """Return equity, drawdown, exposure and, for a run long enough, the rolling Sharpe ratio."""
    panels = [
        _equity_panel(report, series, language),
        _drawdown_panel(report, series, language),
        _exposure_panel(report, series, language),
    ]
    if not np.isnan(series.sharpe).all():
        panels.append(_sharpe_panel(series, language))
    return panels


def crosshair_rows(report: RunReport, series: Series, language: Language) -> list[list[object]]:
    """Return for each drawn session its place [percent] and the texts a pointer shows."""
    size = len(report.days)
    rows: list[list[object]] = []
    for n in chart.thin(series.equity).tolist():
        row: list[object] = [
            round(chart.across(n, size), 3),
            figures.day(report.days[n]),
            figures.won(report.equity[n], language),
            figures.percent(float(series.drawdown[n])),
            figures.percent(float(series.exposure[n]), 0),
            figures.number(float(series.sharpe[n]), 2),
        ]
        if series.benchmark is not None:
            row.append(figures.won(float(series.benchmark[n]), language))
        rows.append(row)
    return rows


def _equity_panel(report: RunReport, series: Series, language: Language) -> Panel:
    start = report.summary.start_equity
    drawn = [series.equity, np.array([float(start)])]
    if series.benchmark is not None:
        drawn.append(series.benchmark)
    scale, values = chart.growth_scale(np.concatenate(drawn))
    tone = "up" if report.summary.profit >= 0 else "down"
    t = words_in(language)
    strokes = [
        Stroke(chart.area(series.equity, scale, scale.low), f"area {tone}"),
        Stroke(chart.line(np.array([float(start)]), scale), "start"),
    ]
    if series.benchmark is not None:
        strokes.append(Stroke(chart.line(series.benchmark, scale), "benchmark"))
    strokes.append(Stroke(chart.line(series.equity, scale), f"line {tone}"))
    return Panel(
        kind="equity",
        heading=t["equity"],
        note=t["log_scale"] if scale.is_log else "",
        strokes=strokes,
        ticks=[Tick(scale.at(value), figures.short_won(value, language)) for value in values],
    )


def _drawdown_panel(report: RunReport, series: Series, language: Language) -> Panel:
    deepest = int(np.argmin(series.drawdown))
    depth = float(series.drawdown[deepest])
    lower, values = chart.nice_scale(np.array([0.0, min(depth, -0.01)]), count=2)
    scale = Scale(lower.low, 0.0)
    at = chart.across(deepest, len(report.days))
    label = Tick(scale.at(depth), figures.percent(depth, 1), chart.anchor_at(at))
    t = words_in(language)
    return Panel(
        kind="drawdown",
        heading=t["drawdown"],
        note=f"{t['lowest']} {figures.percent(depth)}",
        strokes=[
            Stroke(chart.area(series.drawdown, scale, 0.0), "area fall"),
            Stroke(chart.line(series.drawdown, scale), "line fall"),
        ],
        ticks=_percent_ticks(values, scale),
        mark=(at, label) if depth else None,
    )


def _exposure_panel(report: RunReport, series: Series, language: Language) -> Panel:
    top = float(series.exposure.max())
    scale, values = chart.nice_scale(np.array([0.0, top if top > _FULL else 1.0]), count=2)
    t = words_in(language)
    mean = figures.percent(report.summary.exposure, 0)
    highest = figures.percent(report.summary.max_exposure, 0)
    return Panel(
        kind="exposure",
        heading=t["exposure"],
        note=f"{t['mean']} {mean} · {t['highest']} {highest}",
        strokes=[
            Stroke(chart.area(series.exposure, scale, 0.0), "area held"),
            Stroke(chart.line(series.exposure, scale), "line held"),
        ],
        ticks=_percent_ticks(values, scale),
    )


def _sharpe_panel(series: Series, language: Language) -> Panel:
    scale, values = chart.nice_scale(np.append(series.sharpe, [0.0]), count=2)
    known = series.sharpe[~np.isnan(series.sharpe)]
    t = words_in(language)
    below = float(np.mean(known < 0))
    zero = np.array([0.0])
    return Panel(
        kind="sharpe",
        heading=t["rolling_sharpe"].format(window=WINDOW),
        note=f"{t['median']} {figures.number(float(np.median(known)), 2)} · "
        f"{t['below_zero']} {figures.percent(below, 0)}",
        strokes=[
            Stroke(chart.line(zero, scale), "start"),
            Stroke(chart.line(series.sharpe, scale), "line ratio"),
        ],
        ticks=[Tick(scale.at(value), figures.number(value, 1)) for value in values],
    )


_FULL: Final = 1.02
"""Exposure up to which the axis ends at 100 %; what was paid for costs lifts it a little above."""


def _percent_ticks(values: Sequence[float], scale: Scale) -> list[Tick]:
    digits = 0 if all(abs(value * 100 - round(value * 100)) < 1e-6 for value in values) else 1
    return [Tick(scale.at(value), figures.percent(value, digits)) for value in values]
