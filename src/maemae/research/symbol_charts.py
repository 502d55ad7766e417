"""The instruments that mattered in a run, with its fills on their prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from maemae.analytics.breakdown import Part
from maemae.core.actions import FillBooked
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_date
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.research.closes import session_closes
from maemae.research.curve import holdings, place_of
from maemae.research.report.model import Mark, SymbolChart
from maemae.simulation.corporate_actions import Change
from maemae.strategy.panel import Panel

MOST: Final = 8
"""Instruments that a report draws: half of them the best, half the worst."""


def symbol_charts(
    panel: Panel,
    days: Sequence[date],
    fills: Sequence[FillBooked],
    parts: Sequence[Part],
    names: tuple[Mapping[Symbol, str], Mapping[str, Text]],
    changes: Sequence[Change] = (),
) -> list[SymbolChart]:
    """
    Return the charts of the instruments that earned and lost most.

    Args:
        panel: Bars of the run.
        days: Its sessions.
        fills: Every booking, in order.
        parts: Its instruments, the most profitable first.
        names: Names of instruments, and sentences of why something was sold.
        changes: What corporate actions did, in order.
    """
    chosen = list(parts) if len(parts) <= MOST else [*parts[: MOST // 2], *parts[-MOST // 2 :]]
    closes = session_closes(panel)
    traded: defaultdict[Symbol, list[FillBooked]] = defaultdict(list)
    for fill in fills:
        traded[fill.symbol].append(fill)
    held = holdings(days, fills, changes)
    called, reasons = names
    charts = []
    for part in chosen:
        symbol = Symbol(part.key)
        marks = [_mark(fill, days, reasons) for fill in traded[symbol]]
        charts.append(
            SymbolChart(
                symbol=symbol,
                name=called.get(symbol, ""),
                closes=closes[panel.row(symbol)].tolist(),
                held=(held[symbol] > 0).tolist(),
                marks=marks,
                pnl=part.profit,
                trades=part.trades.count,
            )
        )
    return charts


def _mark(fill: FillBooked, days: Sequence[date], reasons: Mapping[str, Text]) -> Mark:
    is_buy = fill.qty > 0
    cause = str(fill.cause.value)
    return Mark(
        session=place_of(days, kst_date(fill.at)),
        side=Side.BUY if is_buy else Side.SELL,
        px=fill.px,
        qty=abs(fill.qty),
        why=_NOTHING if is_buy else reasons.get(cause, Text(cause, cause)),
    )


_NOTHING: Final = Text("", "")
