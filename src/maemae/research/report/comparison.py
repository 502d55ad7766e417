"""Writes several runs side by side as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.drawdown import underwater
from maemae.analytics.returns import Floats, wealth
from maemae.domain.errors import InvalidValueError
from maemae.domain.text import Language
from maemae.research.report import chart, figures, view
from maemae.research.report.chart import WIDTH, Scale, Tick, day_ticks
from maemae.research.report.model import RunReport
from maemae.research.report.names import names_of
from maemae.research.report.render import page
from maemae.research.report.series import Panel, Stroke, series_of
from maemae.research.report.view import Figure
from maemae.research.report.words import words_in

MOST_RUNS: Final = 8
"""Runs on one page; more cannot be told apart by their colors."""


class Run(msgspec.Struct, frozen=True, eq=False):
    """
    One run of the page.

    Attributes:
        name: What it is called: the strategy, and its parameters where that is not enough.
        kind: CSS class of its color.
        returns: On the sessions that all runs have [n, ratio].
    """

    name: str
    kind: str
    report: RunReport
    returns: Floats


class Row(msgspec.Struct, frozen=True):
    """One figure of every run; the best is marked where one is better than another."""

    label: str
    cells: Sequence[Figure]
    best: int | None


def render_comparison(reports: Sequence[RunReport], language: Language = Language.KO) -> str:
    """
    Return runs side by side as one HTML document.

    Curves and correlations are over the sessions that all runs have; figures are those of
    each whole run.

    Args:
        reports: Two runs or more, at most `MOST_RUNS`.
        language: Of every word.

    Raises:
        InvalidValueError: There are too few or too many, or they share no session.
    """
    _require_some(reports)
    days = _common_days(reports)
    runs = [
        Run(name, f"run{n + 1}", report, _returns_on(report, days))
        for n, (name, report) in enumerate(zip(names_of(reports), reports, strict=True))
    ]
    return page(
        "comparison.html",
        language,
        ("theme.js", "comparison.js"),
        t=words_in(language),
        runs=runs,
        days=days,
        panels=_panels(runs, language),
        width=WIDTH,
        day_ticks=day_ticks(days, language),
        rows=_rows(runs, language),
        correlations=_correlations(runs),
    )


def _require_some(reports: Sequence[RunReport]) -> None:
    if not 2 <= len(reports) <= MOST_RUNS:
        raise InvalidValueError(
            f"비교에는 실행이 2~{MOST_RUNS}개 필요합니다: {len(reports)}개.",
            f"A comparison needs 2 to {MOST_RUNS} runs, not {len(reports)}.",
        )


def _common_days(reports: Sequence[RunReport]) -> list[date]:
    common = set(reports[0].days).intersection(*(report.days for report in reports[1:]))
    if not common:
        raise InvalidValueError(
            "비교할 실행들에 함께 있는 거래일이 없습니다. 기간을 맞추세요.",
            "The runs share no session. Give them the same period.",
        )
    return sorted(common)


def _returns_on(report: RunReport, days: Sequence[date]) -> Floats:
    kept = set(days)
    where = np.array([day in kept for day in report.days])
    returns: Floats = series_of(report).returns[where]
    return returns


def _panels(runs: Sequence[Run], language: Language) -> list[Panel]:
    t = words_in(language)
    curves = [wealth(run.returns)[1:] * 100 for run in runs]
    falls = [underwater(wealth(run.returns))[1:] for run in runs]
    high, values = chart.nice_scale(np.concatenate([*curves, [100.0]]))
    deep, depths = chart.nice_scale(np.concatenate([*falls, [0.0, -0.01]]), count=3)
    fall = Scale(deep.low, 0.0)
    return [
        Panel(
            kind="equity",
            heading=t["comparison_curves"],
            note="",
            strokes=[
                Stroke(chart.line(np.array([100.0]), high), "start"),
                *(
                    Stroke(chart.line(curve, high), f"line {run.kind}")
                    for run, curve in zip(runs, curves, strict=True)
                ),
            ],
            ticks=[Tick(high.at(value), figures.number(value)) for value in values],
        ),
        Panel(
            kind="drawdown",
            heading=t["comparison_falls"],
            note="",
            strokes=[
                Stroke(chart.line(depth, fall), f"line {run.kind}")
                for run, depth in zip(runs, falls, strict=True)
            ],
            ticks=[Tick(fall.at(value), figures.percent(value, 0)) for value in depths],
        ),
    ]


def _rows(runs: Sequence[Run], language: Language) -> list[Row]:
    """Return the figures of every run by group; the same labels in the same order for all."""
    columns = []
    for run in runs:
        groups = view.figure_groups(run.report, language)
        head = Figure(
            words_in(language)["total_return"],
            figures.percent(run.report.summary.total_return, signed=True),
            figures.direction(run.report.summary.total_return),
        )
        columns.append({one.label: one for one in [head, *(f for g in groups for f in g.figures)]})
    better = _better(runs, language)
    labels = [label for label in columns[0] if all(label in column for column in columns)]
    return [
        Row(label, [column[label] for column in columns], better.get(label)) for label in labels
    ]


def _better(runs: Sequence[Run], language: Language) -> dict[str, int]:
    """Return which run is best by each figure of which more is better."""
    t, best = words_in(language), {}
    for name in ("total_return", "cagr", "sharpe", "sortino", "calmar", "max_drawdown"):
        values = [getattr(run.report.summary, name) for run in runs]
        if all(value is not None for value in values) and len(set(values)) > 1:
            best[t[name]] = max(range(len(values)), key=values.__getitem__)
    return best


def _correlations(runs: Sequence[Run]) -> list[list[tuple[str, str]]]:
    """Return each pair's correlation in words, and the CSS class of its shade."""
    with np.errstate(invalid="ignore", divide="ignore"):
        table = np.atleast_2d(np.corrcoef([run.returns for run in runs]))
    return [
        [(figures.number(float(value), 2), _shade(float(value))) for value in row] for row in table
    ]


def _shade(value: float) -> str:
    if not np.isfinite(value):
        return "none"
    step = min(5, int(abs(value) * 5) + 1)
    return f"{'up' if value > 0 else 'down'} s{step}"
