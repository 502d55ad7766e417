"""A finished run in a notebook: it shows itself, and hands its tables on."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Final

import numpy as np
import polars as pl

from maemae.analytics.summary import Summary
from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.domain.text import Language
from maemae.research.backtest import BacktestResult
from maemae.research.export.tables import Tables, tables_of
from maemae.research.report import chart, figures, view
from maemae.research.report.chart import WIDTH
from maemae.research.report.file import write_report
from maemae.research.report.model import RunReport

_COLORS: Final = {"up": "#d0253a", "down": "#1d5fd1"}


class Result:
    """
    A backtest that has been run.

    Money is in won, ratios are fractions of one, times are Korean. In Jupyter it shows itself.

    Attributes:
        run: The run itself: curve, trades, fills, final book.
        summary: Its figures; see `maemae.analytics.summary.Summary` for each definition.

    Args:
        report: What a report of the run shows.
        run: The run.
        language: Of everything it says.
    """

    def __init__(
        self, report: RunReport, run: BacktestResult, language: Language = Language.KO
    ) -> None:
        self.run = run
        self._report = report
        self._language = language

    @property
    def summary(self) -> Summary:
        """The figures of the run."""
        return self._report.summary

    @property
    def remarks(self) -> list[str]:
        """Critique of the run in sentences, what is serious first."""
        return [remark.text.in_language(self._language) for remark in self._report.remarks]

    @property
    def tables(self) -> Tables:
        """Every table of the run by name; see `maemae.research.export.tables.tables_of`."""
        return tables_of(self._report, self.run.executions, self._language)

    def to_polars(self, table: str = "trades") -> pl.DataFrame:
        """
        Return one table: figures, equity, trades, fills, years, months, symbols or sleeves.

        Raises:
            InvalidValueError: There is no such table.
        """
        tables = self.tables
        if table not in tables:
            names = ", ".join(tables)
            raise InvalidValueError(
                f"{table} 라는 표는 없습니다. {names} 가운데 고르세요.",
                f"There is no table {table}. Choose from {names}.",
            )
        return tables[table]

    def to_pandas(self, table: str = "trades") -> object:
        """
        Return one table as a pandas DataFrame; see `to_polars`.

        Raises:
            ConfigError: pandas is not installed.
        """
        frame = self.to_polars(table)
        columns = {name: frame[name].to_list() for name in frame.columns}
        frame_of: Callable[[object], object] = _library("pandas", "pandas").DataFrame
        return frame_of(columns)

    def report(self, path: str | Path) -> Path:
        """
        Write the tear sheet as one HTML file and return where it is.

        Raises:
            ConfigError: Jinja2 is not installed.
            StorageError: The file cannot be written.
        """
        _library("jinja2", "maemae[report]")
        render = import_module("maemae.research.report.render").render
        write_report(Path(path), render(self._report, self._language))
        return Path(path)

    def export(self, path: str | Path) -> list[Path]:
        """
        Write the tables to `run.xlsx`, or beside `run.csv` or `run.parquet`.

        Raises:
            ConfigError: xlsxwriter is not installed.
            InvalidValueError: The name says no format that is known.
            StorageError: A file cannot be written.
        """
        _library("xlsxwriter", "maemae[report]")
        write = import_module("maemae.research.export.files").write_tables
        written: list[Path] = write(Path(path), self.tables)
        return written

    def __repr__(self) -> str:
        summary = self.summary
        return (
            f"<Result {self._report.title}: {figures.percent(summary.total_return, signed=True)}, "
            f"Sharpe {figures.number(summary.sharpe, 2)}, {summary.trades.count} trades>"
        )

    def _repr_html_(self) -> str:
        report, language = self._report, self._language
        rows = "".join(
            "<td style='padding:2px 22px 2px 0;text-align:left'>"
            f"<span style='opacity:.65'>{escape(one.label)}</span><br>"
            f"<b style='{_color(one.tone)}'>{escape(one.value)}</b></td>"
            for one in view.head_figures(report.summary, language)
        )
        summary = report.summary
        period = f"{figures.day(summary.first_day)} – {figures.day(summary.last_day)}"
        remarks = "".join(f"<li>{escape(remark)}</li>" for remark in self.remarks)
        tone = figures.direction(summary.profit)
        return (
            "<div style='max-width:760px'>"
            f"<p style='margin:0'><b>{escape(report.title)}</b> "
            f"<span style='opacity:.65'>{escape(period)}</span></p>"
            f"<p style='font-size:28px;margin:2px 0 6px;font-weight:700;{_color(tone)}'>"
            f"{figures.percent(summary.total_return, signed=True)}</p>"
            f"{self._sparkline(tone)}"
            f"<table style='border:0'><tr>{rows}</tr></table>"
            f"<ul style='margin:8px 0 0;padding-left:18px'>{remarks}</ul></div>"
        )

    def _sparkline(self, tone: str) -> str:
        equity = np.array(self._report.equity, np.float64)
        scale, _ = chart.nice_scale(np.append(equity, float(self.summary.start_equity)))
        path = chart.line(equity, scale, 400)
        stroke = _COLORS.get(tone, "currentColor")
        return (
            f"<svg viewBox='0 0 {WIDTH} 100' preserveAspectRatio='none' "
            f"style='width:100%;height:90px'><path d='{path}' fill='none' stroke='{stroke}' "
            "stroke-width='1.5' vector-effect='non-scaling-stroke'/></svg>"
        )


def _color(tone: str) -> str:
    return f"color:{_COLORS[tone]}" if tone in _COLORS else ""


def _library(name: str, install: str) -> ModuleType:
    if find_spec(name) is None:
        raise ConfigError(
            f"{name} 이(가) 필요합니다. `pip install '{install}'` 로 설치하세요.",
            f"This needs {name}. Install it with `pip install '{install}'`.",
        )
    return import_module(name)
