"""A page about a dataset: how much of it there is, and where it looks wrong."""

from __future__ import annotations

from typing import Final

import polars as pl

from maemae.catalogue.statistics import TROUBLE, Statistics, Totals
from maemae.domain.text import Language
from maemae.research.report import figures
from maemae.research.report.data_words import data_words_in
from maemae.research.report.render import page

MOST_SYMBOLS: Final = 50
"""Series that the page shows, the most troubled first."""


def render_statistics(found: Statistics, language: Language = Language.KO) -> str:
    """Return a page about a dataset as one HTML document."""
    manifest, t = found.manifest, data_words_in(language)
    troubled = found.symbols.filter(pl.sum_horizontal(TROUBLE) > 0)
    shown = troubled.head(MOST_SYMBOLS)
    return page(
        "data.html",
        language,
        t=t,
        manifest=manifest,
        facts=_facts(found, t),
        years=[_row(each, t) for each in (*found.years, found.whole)],
        symbols=list(shown.iter_rows(named=True)),
        more=troubled.height - shown.height,
    )


def _facts(found: Statistics, t: dict[str, str]) -> list[tuple[str, str]]:
    manifest, whole = found.manifest, found.whole
    return [
        (t["period"], f"{figures.day(manifest.first)} – {figures.day(manifest.last)}"),
        (t["basis"], t[manifest.basis.value]),
        (t["bar"], manifest.interval),
        (t["symbols"], figures.number(whole.symbols)),
        (t["bars"], figures.number(whole.bars)),
        (t["size"], f"{found.stored / 1e6:,.1f} MB"),
        (t["source"], manifest.source),
    ]


def _row(each: Totals, t: dict[str, str]) -> tuple[str, list[str]]:
    counts = (each.sessions, each.symbols, each.bars)
    faults = (each.missing, each.zero_volume, each.jumps)
    cells = [figures.number(one) for one in counts]
    cells.append(figures.percent(each.covered, 1))
    return each.label or t["all"], cells + [figures.number(one) for one in faults]
