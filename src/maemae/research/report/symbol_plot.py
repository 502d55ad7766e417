"""The trades of one instrument on its price."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import msgspec
import numpy as np

from maemae.domain.terms import Side
from maemae.domain.text import Language
from maemae.research.report import chart, figures
from maemae.research.report.chart import Tick
from maemae.research.report.model import Mark, SymbolChart
from maemae.research.report.words import words_in

_POINTS: Final = 500
_MAX_MARKS: Final = 300


class Arrow(msgspec.Struct, frozen=True):
    """A fill: place [percent from the left and the top], its CSS class, its words."""

    x: float
    y: float
    kind: str
    words: str


class Span(msgspec.Struct, frozen=True):
    """A stretch of sessions over which shares were held [percent from the left]."""

    x: float
    width: float


class SymbolPlot(msgspec.Struct, frozen=True):
    """
    What is drawn of an instrument.

    Attributes:
        label: Its name, or else its code.
        pnl, tone: What it earned, and the CSS class of that.
        note: Trades, and what is left out.
        price: Path of the closes.
        spans: Where shares were held.
        arrows: Fills.
        ticks: Labels of the price axis [percent from the top].
    """

    label: str
    symbol: str
    pnl: str
    tone: str
    note: str
    price: str
    spans: Sequence[Span]
    arrows: Sequence[Arrow]
    ticks: Sequence[Tick]


def symbol_plots(
    charts: Sequence[SymbolChart], days: Sequence[str], language: Language
) -> list[SymbolPlot]:
    """Return the plots of instruments; `days` are the sessions in words."""
    return [_plot(one, days, language) for one in charts]


def _plot(one: SymbolChart, days: Sequence[str], language: Language) -> SymbolPlot:
    t, size = words_in(language), len(one.closes)
    closes = np.array(one.closes, np.float64)
    closes[closes <= 0] = np.nan
    prices = [float(mark.px) for mark in one.marks]
    scale, values = chart.growth_scale(np.append(closes, prices) if prices else closes)
    shown = one.marks[-_MAX_MARKS:]
    note = f"{t['closed_trades']} {figures.number(one.trades)}"
    if len(shown) < len(one.marks):
        note += f" · {t['last_marks'].format(shown=len(shown), all=len(one.marks))}"
    if scale.is_log:
        note += f" · {t['log_scale']}"
    return SymbolPlot(
        label=one.name or one.symbol,
        symbol=one.symbol if one.name else "",
        pnl=figures.won(one.pnl, language, signed=True),
        tone=figures.direction(one.pnl),
        note=note,
        price=chart.line(closes, scale, _POINTS),
        spans=_spans(one.held),
        arrows=[
            Arrow(
                x=round(chart.across(mark.session, size), 3),
                y=round(scale.at(mark.px), 3),
                kind="buy" if mark.side is Side.BUY else "sell",
                words=_words(mark, days, language),
            )
            for mark in shown
        ],
        ticks=[Tick(scale.at(value), figures.number(value)) for value in values],
    )


def _words(mark: Mark, days: Sequence[str], language: Language) -> str:
    t = words_in(language)
    side = t["bought"] if mark.side is Side.BUY else t["sold"]
    why = mark.why.in_language(language)
    text = (
        f"{days[mark.session]} {side} {figures.number(mark.qty)}{t['shares']} "
        f"@ {figures.won(mark.px, language)}"
    )
    return f"{text} · {why}" if why else text


def _spans(held: Sequence[bool]) -> list[Span]:
    size, spans, begin = len(held), [], 0
    for is_held, run in groupby(held):
        length = len(list(run))
        if is_held:
            left = chart.across(begin, size)
            right = chart.across(min(begin + length, size - 1), size)
            spans.append(Span(round(left, 3), round(max(right - left, 0.1), 3)))
        begin += length
    return spans
