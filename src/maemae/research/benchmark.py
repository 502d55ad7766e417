"""What a run is compared with: the instruments it could have held, or a series from a file."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.text import Language, Text
from maemae.research.closes import told_closes
from maemae.research.report.model import Benchmark
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.strategy.panel import Panel

EVERYTHING: Final = Text("대상 종목을 같은 금액씩 사서 보유", "holding the whole universe equally")
"""Name of the benchmark that any run has, where all of them traded on its first day."""


def equal_holding(panel: Panel, language: Language = Language.KO) -> Benchmark | None:
    """
    Return what the same money in every instrument, bought once and kept, became.

    Bought is at the close of the first session, whatever traded by then; no costs. Names that
    were listed later are missing, and so are those that the data has forgotten.

    Returns:
        Its level at each session's close; None if nothing traded in the first session.
    """
    closes = told_closes(panel)
    bought = closes[closes[:, 0] > 0]
    if not len(bought):
        return None
    levels = (bought / bought[:, :1]).mean(axis=0)
    name = EVERYTHING
    if len(bought) < len(closes):
        name = Text(
            f"첫날 거래된 {len(bought):,}종목을 같은 금액씩 사서 보유",
            f"holding the {len(bought):,} of {len(closes):,} symbols of the first day equally",
        )
    return Benchmark(name.in_language(language), levels.tolist())


def single_holding(panel: Panel, days: Sequence[date], symbol: Symbol, name: str) -> Benchmark:
    """
    Return the closes of one instrument as a benchmark.

    Args:
        panel: Bars with that instrument; they may begin before the run.
        days: Sessions of the run.
        symbol: The instrument.
        name: What it is called.

    Raises:
        InvalidValueError: It has no price at the first session of the run.
    """
    axis = CalendarAxis(panel)
    known = [axis.session_date(session) for session in range(len(axis.starts))]
    closes = told_closes(panel)[panel.row(symbol)].tolist()
    return _laid(name, known, closes, days)


def benchmark_from_file(path: Path, days: Sequence[date]) -> Benchmark:
    """
    Return a series of a CSV file with a heading and, in each row, a day and a level.

    Columns are `date` (2024-01-02) and `close`; others are left alone. A day that is missing
    keeps the level before it.

    Raises:
        InvalidValueError: The file cannot be read, has not these columns, or begins after the run.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [
                (date.fromisoformat(row["date"]), float(row["close"]))
                for row in csv.DictReader(file)
            ]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise InvalidValueError(
            f"비교 지수 파일 {path} 을(를) 읽을 수 없습니다 ({error}). date(2024-01-02)와 close "
            "열이 있는 CSV 를 주세요.",
            f"The benchmark file {path} cannot be read ({error}). Give a CSV with columns date "
            "(2024-01-02) and close.",
        ) from error
    rows.sort()
    return _laid(path.stem, [day for day, _ in rows], [level for _, level in rows], days)


def _laid(
    name: str, known: Sequence[date], levels: Sequence[float], days: Sequence[date]
) -> Benchmark:
    """Return a series on other days, each with the newest level by then."""
    places = [bisect_right(known, day) - 1 for day in days]
    found = [float(levels[place]) if place >= 0 else 0.0 for place in places]
    if not all(level > 0 for level in found):
        raise InvalidValueError(
            f"비교 대상 {name} 에는 첫 거래일 {days[0]} 의 값이 없습니다. 더 일찍 시작하는 것을 "
            "고르세요.",
            f"The benchmark {name} has no level on the first session {days[0]}. Choose one that "
            "begins earlier.",
        )
    return Benchmark(name, found)
