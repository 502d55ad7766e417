"""How the daily returns are spread, as bars, beside a normal distribution of the same width."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.distribution import Histogram, distribution, histogram
from maemae.analytics.returns import Floats
from maemae.domain.text import Language
from maemae.research.report import chart, figures
from maemae.research.report.chart import Scale, Tick
from maemae.research.report.words import words_in

_LABELS: Final = 3  # on each side of zero
_MIN_RETURNS: Final = 20


class Bar(msgspec.Struct, frozen=True):
    """One bin: left border, width and height [percent of the plane], its CSS class, its words."""

    x: float
    width: float
    height: float
    tone: str
    words: str


class Spread(msgspec.Struct, frozen=True):
    """
    The histogram and what is said beside it.

    Attributes:
        bars: Left to right.
        normal: Path of the normal distribution.
        ticks: Labels under it [percent from the left].
        notes: Figures with their names.
    """

    bars: Sequence[Bar]
    normal: str
    ticks: Sequence[Tick]
    notes: Sequence[tuple[str, str]]


def spread_of(returns: Floats, language: Language) -> Spread | None:
    """Return how daily returns are spread; None for too few, or for ones that never move."""
    if returns.size < _MIN_RETURNS or float(np.std(returns)) == 0:
        return None
    bins = histogram(returns)
    curve = _normal(returns, bins)
    top = max(*bins.counts, float(curve.max()))
    return Spread(
        bars=_bars(bins, top, language),
        normal=chart.line(curve, Scale(0.0, top)),
        ticks=_ticks(bins),
        notes=_notes(returns, language),
    )


def _bars(bins: Histogram, top: float, language: Language) -> list[Bar]:
    width = 100 / len(bins.counts)
    middle = len(bins.counts) // 2
    word = words_in(language)["sessions"]
    bars = []
    for n, count in enumerate(bins.counts):
        if count:
            between = " – ".join(
                figures.percent(edge, 1, signed=True) for edge in bins.edges[n : n + 2]
            )
            tone = "flat" if n == middle else "up" if n > middle else "down"
            bars.append(
                Bar(
                    x=round(n * width + width * 0.08, 3),
                    width=round(width * 0.84, 3),
                    height=round(count / top * 100, 3),
                    tone=tone,
                    words=f"{between}: {figures.number(count)}{word}",
                )
            )
    return bars


def _normal(returns: Floats, bins: Histogram) -> Floats:
    """Return how many returns a normal distribution would put around each of many places."""
    normal = NormalDist(float(returns.mean()), float(returns.std(ddof=1)))
    width = bins.edges[1] - bins.edges[0]
    places = np.linspace(bins.edges[0], bins.edges[-1], 161)
    return np.array([normal.pdf(place) for place in places.tolist()]) * width * returns.size


def _ticks(bins: Histogram) -> list[Tick]:
    reach = bins.edges[-1]
    step = next(
        step
        for power in range(-5, 3)
        for step in (10.0**power, 2 * 10.0**power, 5 * 10.0**power)
        if reach / step < _LABELS + 1
    )
    digits = 0 if step >= 0.01 else 1 if step >= 0.001 else 2
    count = int(reach / step)
    values = [n * step for n in range(-count, count + 1)]
    places = [(value + reach) / (2 * reach) * 100 for value in values]
    return [
        Tick(round(at, 3), figures.percent(value, digits, signed=True), chart.anchor_at(at))
        for at, value in zip(places, values, strict=True)
    ]


def _notes(returns: Floats, language: Language) -> list[tuple[str, str]]:
    t, shape = words_in(language), distribution(returns)
    return [
        (t["positive_days"], figures.percent(shape.positive, 1)),
        (t["value_at_risk"], figures.percent(shape.value_at_risk, signed=True)),
        (t["expected_shortfall"], figures.percent(shape.expected_shortfall, signed=True)),
        (t["skew"], figures.number(shape.skew, 2, signed=True)),
        (t["kurtosis"], figures.number(shape.kurtosis, 1)),
    ]
