"""
Charts as SVG, drawn by hand.

A path lives in a plane of `WIDTH` x 100 that the page stretches to its own size; text and grid
lines are placed in percent of that plane, so that they keep their size on every screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from math import ceil, floor, log, log10
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.returns import Floats, Ints
from maemae.domain.text import Language
from maemae.research.report.words import MONTHS

WIDTH: Final = 1_000
MAX_POINTS: Final = 1_500
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_ENGLISH: Final = MONTHS.en.split()
_MAX_LABELS: Final = 12
_MAX_NARROW_LABELS: Final = 5
_EDGE: Final = 4.0
_MANY_TIMES: Final = 5.0
_MAX_LEVELS: Final = 8
_NO_SPREAD: Final = 1e-9


class Scale(msgspec.Struct, frozen=True):
    """
    Maps a value to percent from the top; `low` lies at 100, `high` at 0.

    On one that `is_log`, equal distances are equal ratios; values are above 0 then.
    """

    low: float
    high: float
    is_log: bool = False

    def at(self, value: float) -> float:
        """Return where a value lies [percent from the top]."""
        if self.is_log:
            return log(self.high / value) / log(self.high / self.low) * 100
        return (self.high - value) / (self.high - self.low) * 100


class Tick(msgspec.Struct, frozen=True):
    """
    One label of an axis.

    Attributes:
        at: Where [percent from the left or the top].
        label: What it says.
        anchor: SVG text-anchor that keeps the label inside the plane.
        major: Whether a narrow screen shows it too.
    """

    at: float
    label: str
    anchor: str = "middle"
    major: bool = True


def thin(values: Floats, limit: int = MAX_POINTS) -> Ints:
    """
    Return the positions to draw: all, or of each bucket its lowest and its highest value.

    The first and the last value always stay, and so does every spike.

    Args:
        values: The series [n, float64].
        limit: Most positions to return, at least 4.

    Returns:
        Positions [<= limit, int64, ascending].
    """
    size = values.size
    if size <= limit:
        return np.arange(size, dtype=np.int64)
    edges = np.linspace(0, size, (limit - 2) // 2 + 1).astype(np.int64)
    kept = {0, size - 1}
    for begin, end in pairwise(edges.tolist()):
        kept.add(begin + int(np.argmin(values[begin:end])))
        kept.add(begin + int(np.argmax(values[begin:end])))
    return np.array(sorted(kept), np.int64)


def across(position: int, size: int) -> float:
    """Return where a session lies [percent from the left]; a single one lies in the middle."""
    return 50.0 if size == 1 else position / (size - 1) * 100


def anchor_at(at: float) -> str:
    """Return the text-anchor that keeps a label at a place [percent] inside the plane."""
    if at < _EDGE:
        return "start"
    return "end" if at > 100 - _EDGE else "middle"


def nice_scale(values: Floats, count: int = 4) -> tuple[Scale, list[float]]:
    """
    Return a scale that holds every value, and round values to label on it.

    A series without spread gets room above and below, so nothing divides by zero.
    """
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if high - low <= _NO_SPREAD * max(abs(low), abs(high), 1.0):
        room = max(abs(low) * 0.05, 1.0)
        low, high = low - room, high + room
    step = _nice_step((high - low) / count)
    first, last = floor(low / step), ceil(high / step)
    return Scale(first * step, last * step), [n * step for n in range(first, last + 1)]


def growth_scale(values: Floats) -> tuple[Scale, list[float]]:
    """
    Return a scale for what grows by ratios, such as a price, and round values to label on it.

    It is logarithmic where the highest value is many times the lowest: on a plain one everything
    before the last rise would lie flat.
    """
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if low <= 0 or high < low * _MANY_TIMES:
        return nice_scale(values)
    exponents = range(floor(log10(low)) - 1, ceil(log10(high)) + 2)  # rounding may shift one
    levels = [digit * 10.0**exponent for exponent in exponents for digit in (1, 2, 5)]
    first = max(place for place, level in enumerate(levels) if level <= low)
    last = min(place for place, level in enumerate(levels) if level >= high)
    shown = levels[first : last + 1]
    if len(shown) > _MAX_LEVELS:
        decades = [level for level in shown if log10(level).is_integer()]
        return Scale(shown[0], shown[-1], is_log=True), decades
    return Scale(shown[0], shown[-1], is_log=True), shown


def line(values: Floats, scale: Scale, limit: int = MAX_POINTS) -> str:
    """
    Return the `d` of a line through the values, thinned; one value gives a level line.

    Where values are NaN the line is broken.
    """
    runs = _known_runs(values)
    if values.size == 1 and runs:
        return f"M0,{_short(scale.at(float(values[0])))}H{WIDTH}"
    return "".join(
        "M" + "L".join(f"{x},{y}" for x, y in _points(values, scale, run, limit)) for run in runs
    )


def area(values: Floats, scale: Scale, base: float) -> str:
    """Return the `d` of the surface between the values and a level."""
    level = _short(scale.at(base))
    if values.size == 1:
        return f"{line(values, scale)}L{WIDTH},{level}L0,{level}Z"
    parts = []
    for run in _known_runs(values):
        points = _points(values, scale, run, MAX_POINTS)
        path = "M" + "L".join(f"{x},{y}" for x, y in points)
        parts.append(f"{path}L{points[-1][0]},{level}L{points[0][0]},{level}Z")
    return "".join(parts)


def day_ticks(days: Sequence[date], language: Language) -> list[Tick]:
    """Return labels under the first sessions of months or years, or under days of a short run."""
    months = _first_sessions(days)
    if len(months) <= 2:
        every = max(1, ceil(len(days) / 6))
        chosen = list(range(0, len(days), every))
        names = [_day_name(days[n], language) for n in chosen]
        return _spread(chosen, names, len(days))
    stride = next(
        (s for s in (1, 2, 3, 6, 12) if len(months) / s <= _MAX_LABELS),
        12 * ceil(len(months) / 12 / _MAX_LABELS),
    )
    chosen = [n for n in months if _month_index(days[n]) % stride == 0]
    names = [_month_name(days[n], language) for n in chosen]
    if chosen and all(days[n].month != 1 for n in chosen):
        names[0] = _year_month_name(days[chosen[0]], language)
    return _spread(chosen, names, len(days))


def _known_runs(values: Floats) -> list[range]:
    """Return the stretches without a NaN."""
    known = np.concatenate(([False], ~np.isnan(values), [False]))
    edges = np.flatnonzero(known[1:] != known[:-1]).tolist()
    return [range(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True)]


def _points(values: Floats, scale: Scale, run: range, limit: int) -> list[tuple[str, str]]:
    size = values.size
    kept = thin(values[run.start : run.stop], limit) + run.start
    return [
        (_short(across(n, size) * WIDTH / 100), _short(scale.at(float(values[n]))))
        for n in kept.tolist()
    ]


def _nice_step(raw: float) -> float:
    magnitude = 10.0 ** floor(log10(raw))
    return next(step * magnitude for step in _STEPS if step * magnitude >= raw * (1 - 1e-9))


def _first_sessions(days: Sequence[date]) -> list[int]:
    """Return the first session of each month; the run's own first only if its month began there."""
    return [
        n
        for n, one in enumerate(days)
        if (n == 0 and one.day <= 5) or (n > 0 and one.month != days[n - 1].month)
    ]


def _spread(chosen: Sequence[int], names: Sequence[str], size: int) -> list[Tick]:
    """Place labels; of many, a narrow screen shows every second, fourth or eighth."""
    every = next((n for n in (1, 2, 4) if len(chosen) / n <= _MAX_NARROW_LABELS), 8)
    places = [across(position, size) for position in chosen]
    return [
        Tick(at, name, anchor_at(at), major=rank % every == 0)
        for rank, (at, name) in enumerate(zip(places, names, strict=True))
    ]


def _month_index(one: date) -> int:
    return one.year * 12 + one.month - 1


def _month_name(one: date, language: Language) -> str:
    if one.month == 1:
        return f"{one.year}년" if language is Language.KO else str(one.year)
    return f"{one.month}월" if language is Language.KO else _ENGLISH[one.month - 1]


def _year_month_name(one: date, language: Language) -> str:
    if language is Language.KO:
        return f"{one.year}년 {one.month}월"
    return f"{_ENGLISH[one.month - 1]} {one.year}"


def _day_name(one: date, language: Language) -> str:
    if language is Language.KO:
        return f"{one.month}월 {one.day}일"
    return f"{_ENGLISH[one.month - 1]} {one.day}"


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
