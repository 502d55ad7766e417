"""Writes a run as one HTML file that needs nothing else: no network, no other file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from maemae.domain.text import Language
from maemae.research.report import figures, part_tables, view
from maemae.research.report.chart import WIDTH, day_ticks
from maemae.research.report.model import RunReport
from maemae.research.report.series import Series, crosshair_rows, panels_of, series_of
from maemae.research.report.spread import spread_of
from maemae.research.report.symbol_plot import symbol_plots
from maemae.research.report.waterfall import waterfall_of
from maemae.research.report.words import ASSUMPTION_TITLES, MONTHS, words_in

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
    return page(
        "report.html",
        language,
        ("theme.js", "report.js"),
        t=words_in(language),
        report=report,
        summary=summary,
        tone=figures.direction(summary.profit),
        head_figures=view.head_figures(summary, language),
        groups=view.figure_groups(report, language),
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
        **_deeper(report, series, language),
    )


def _deeper(report: RunReport, series: Series, language: Language) -> dict[str, object]:
    """Return what the lower sections show."""
    parts = report.parts
    in_market = (series.exposure > 0) | (series.returns != 0)
    return {
        "spread": spread_of(series.returns[in_market], language),
        "waterfall": waterfall_of(report, language),
        "plots": symbol_plots(report.charts, [figures.day(day) for day in report.days], language),
        "relation": part_tables.relation_group(report, series, language),
        "years": part_tables.period_table(parts.years, language),
        "month_table": part_tables.period_table(parts.months, language),
        "symbol_table": part_tables.owner_table(parts.symbols, language),
        "sleeves": part_tables.owner_table(parts.sleeves, language),
    }


def page(template: str, language: Language, scripts: Sequence[str] = (), **shown: object) -> str:
    """
    Return a template as one document, with its style, its scripts and its security policy.

    Args:
        template: One that extends `frame.html`.
        language: Of every word.
        scripts: Files beside the templates, in the order in which they run.
        shown: What the template names.
    """
    css, js = resource("report.css"), "".join(resource(script) for script in scripts)
    return (
        environment(language)
        .get_template(template)
        .render(
            lang="ko" if language is Language.KO else "en",
            policy=policy(css, js),
            css=css,
            js=js,
            **shown,
        )
    )


def environment(language: Language) -> Environment:
    """Return the environment of the templates: everything escaped, nothing undefined."""
    made = Environment(
        loader=PackageLoader(_PACKAGE, _FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["day"] = figures.day
    made.filters["number"] = figures.number
    made.filters["won"] = lambda value: figures.won(value, language)
    made.filters["signed_won"] = lambda value: figures.won(value, language, signed=True)
    made.filters["signed_percent"] = lambda value: figures.percent(value, signed=True)
    made.filters["say"] = lambda text: text.in_language(language)
    made.filters["title_of"] = lambda name: _title_of(name, language)
    return made


def _title_of(model: str, language: Language) -> str:
    """Return what a model of the simulated market is about."""
    title = ASSUMPTION_TITLES.get(model)
    return model if title is None else title.in_language(language)


def resource(name: str) -> str:
    """Return a file beside the templates."""
    return files(_PACKAGE).joinpath(_FOLDER, name).read_text(encoding="utf-8")


def policy(css: str, js: str) -> str:
    """Return the security policy of a document with this style and script."""
    return f"default-src 'none'; style-src {_digest(css)}; script-src {_digest(js)}"


def _digest(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"
