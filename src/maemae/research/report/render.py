"""Writes a run as one HTML file that needs nothing else: no network, no other file."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from maemae.domain.text import Language
from maemae.research.report import figures, view
from maemae.research.report.chart import WIDTH, day_ticks
from maemae.research.report.model import RunReport
from maemae.research.report.series import crosshair_rows, panels_of, series_of
from maemae.research.report.words import MONTHS, words_in

_PACKAGE: Final = "maemae.research.report"
_FOLDER: Final = "templates"


def render(report: RunReport, language: Language = Language.KO) -> str:
    """
    Return the report as one HTML document.

    Everything that came from outside is escaped, and the document's own security policy allows
    no request and no script or style but the two written into it.
    """
    series = series_of(report)
    summary = report.summary
    earned, lost = view.symbol_rows(report.trades, language)
    css, js = _resource("report.css"), _resource("report.js")
    return (
        _environment(language)
        .get_template("report.html")
        .render(
            report=report,
            summary=summary,
            lang="ko" if language is Language.KO else "en",
            t=words_in(language),
            policy=_policy(css, js),
            css=css,
            js=js,
            tone=figures.direction(summary.profit),
            head_figures=view.head_figures(summary, language),
            groups=view.figure_groups(summary, language),
            panels=panels_of(report, series, language),
            width=WIDTH,
            day_ticks=day_ticks(report.days, language),
            crosshair=crosshair_rows(report, series, language),
            months=MONTHS.in_language(language).split(),
            heat_map=view.heat_map(report, series, language),
            earned=earned,
            lost=lost,
            trades=view.trade_table(report.trades, language),
            definitions=view.definitions(language),
        )
    )


def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE, _FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = figures.day
    environment.filters["number"] = figures.number
    environment.filters["won"] = lambda value: figures.won(value, language)
    environment.filters["signed_won"] = lambda value: figures.won(value, language, signed=True)
    environment.filters["signed_percent"] = lambda value: figures.percent(value, signed=True)
    environment.filters["say"] = lambda text: text.in_language(language)
    return environment


def _resource(name: str) -> str:
    return files(_PACKAGE).joinpath(_FOLDER, name).read_text(encoding="utf-8")


def _policy(css: str, js: str) -> str:
    return f"default-src 'none'; style-src {_digest(css)}; script-src {_digest(js)}"


def _digest(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
